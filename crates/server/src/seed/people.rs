//! Users, groups, roles and managed policies: made and completed by the operations of IAM.

use std::collections::BTreeMap;
use std::sync::Arc;

use trent_domain::{AccountId, IamName, IdKind, IdentityPolicies, Path, Region, Tags, UniqueId};
use trent_engine::{
    Engine, Errand, GroupEntry, ManagedPolicyEntry, NameEntry, Principals, Record, Records, RoleEntry,
    StoreError, UserEntry, WireError,
};

use super::format::{Document, Group, ManagedPolicy, Role, User};
use super::input::Form;
use super::sower::{AGENT, Trouble};

/// The IAM of one account.
pub(super) struct People<'a> {
    pub(super) engine: &'a Engine,
    pub(super) records: &'a Records,
    pub(super) account: AccountId,
    /// Where IAM is.
    pub(super) region: &'a Region,
}

/// A user, group or role, for the calls that all three have.
struct Holder<'a> {
    kind: &'static str,
    name: &'a str,
}

/// What of a thing is other than the file has it.
type Differences = Vec<&'static str>;

impl People<'_> {
    /// A managed policy.
    pub(super) async fn policy(&self, given: &ManagedPolicy) -> Result<Differences, Trouble> {
        if let Some(found) = self.find::<ManagedPolicyEntry>(IdKind::Policy, &given.name).await? {
            let current = found.policy.default_version().map(|version| version.document.as_str());
            return Ok(differing(&[("document", current != Some(&given.document.0))]));
        }
        let form = Form::default()
            .with("PolicyName", Some(&given.name))
            .with("Path", given.path.as_ref())
            .with("Description", given.description.as_ref())
            .with("PolicyDocument", Some(&given.document.0));
        self.call("CreatePolicy", form).await?;
        Ok(Vec::new())
    }

    /// A group, with its policies.
    pub(super) async fn group(&self, given: &Group) -> Result<Differences, Trouble> {
        let found = self.find::<GroupEntry>(IdKind::Group, &given.name).await?;
        if found.is_none() {
            let form = Form::default().with("GroupName", Some(&given.name)).with("Path", given.path.as_ref());
            self.call("CreateGroup", form).await?;
        }
        let has = found.as_ref().map(|found| &found.group.policies);
        let holder = Holder { kind: "Group", name: &given.name };
        self.policies(&holder, &given.inline_policies, &given.attached_policies, has).await
    }

    /// A user, with its policies and groups.
    pub(super) async fn user(&self, given: &User) -> Result<Differences, Trouble> {
        let found = self.find::<UserEntry>(IdKind::User, &given.name).await?;
        let holder = Holder { kind: "User", name: &given.name };
        match &found {
            None => {
                let form = Form::default()
                    .with("UserName", Some(&given.name))
                    .with("Path", given.path.as_ref())
                    .with("PermissionsBoundary", given.permissions_boundary.as_ref())
                    .tags(&given.tags);
                self.call("CreateUser", form).await?;
            }
            Some(found) => self.tags(&holder, &given.tags, &found.user.tags).await?,
        }
        for name in &given.groups {
            let group = self.id(IdKind::Group, name).await?;
            let is_in =
                found.as_ref().is_some_and(|found| group.is_some_and(|id| found.user.groups.contains(&id)));
            if !is_in {
                let form = Form::default().with("GroupName", Some(name)).with("UserName", Some(&given.name));
                self.call("AddUserToGroup", form).await?;
            }
        }
        let has = found.as_ref().map(|found| &found.user.policies);
        self.policies(&holder, &given.inline_policies, &given.attached_policies, has).await
    }

    /// A role, with its policies.
    pub(super) async fn role(&self, given: &Role) -> Result<Differences, Trouble> {
        let found = self.find::<RoleEntry>(IdKind::Role, &given.name).await?;
        let holder = Holder { kind: "Role", name: &given.name };
        match &found {
            None => {
                let form = Form::default()
                    .with("RoleName", Some(&given.name))
                    .with("Path", given.path.as_ref())
                    .with("Description", given.description.as_ref())
                    .with("MaxSessionDuration", given.max_session_duration)
                    .with("PermissionsBoundary", given.permissions_boundary.as_ref())
                    .with("AssumeRolePolicyDocument", Some(&given.trust_policy.0))
                    .tags(&given.tags);
                self.call("CreateRole", form).await?;
            }
            Some(found) => self.tags(&holder, &given.tags, &found.role.tags).await?,
        }
        let has = found.as_ref().map(|found| &found.role.policies);
        let mut differ =
            self.policies(&holder, &given.inline_policies, &given.attached_policies, has).await?;
        if let Some(found) = found {
            let principals = Principals::new(self.records, self.account);
            let trust =
                principals.stored_policy(&given.trust_policy.0).await.map_err(|fault| fault.wire())?;
            differ.extend(differing(&[("trust_policy", trust.as_ref() != Some(&found.role.trust_policy))]));
        }
        Ok(differ)
    }

    /// Adds the policies that are missing.
    async fn policies(
        &self,
        holder: &Holder<'_>,
        inline: &BTreeMap<String, Document>,
        attached: &[String],
        has: Option<&IdentityPolicies>,
    ) -> Result<Differences, Trouble> {
        let mut differ = false;
        for (name, document) in inline {
            match has.and_then(|has| has.inline.get(name)) {
                Some(found) => differ |= *found != document.0,
                None => {
                    let form = Form::default()
                        .with("PolicyName", Some(name))
                        .with("PolicyDocument", Some(&document.0));
                    self.call_for(holder, "Put", "Policy", form).await?;
                }
            }
        }
        for arn in attached {
            if !has.is_some_and(|has| has.attached.contains(arn)) {
                let form = Form::default().with("PolicyArn", Some(arn));
                self.call_for(holder, "Attach", "Policy", form).await?;
            }
        }
        Ok(differing(&[("inline_policies", differ)]))
    }

    /// Adds the tags that are missing.
    async fn tags(
        &self,
        holder: &Holder<'_>,
        given: &BTreeMap<String, String>,
        has: &Tags,
    ) -> Result<(), Trouble> {
        let missing = given.iter().filter(|(key, _)| has.get(key).is_none()).collect::<Vec<_>>();
        if missing.is_empty() {
            return Ok(());
        }
        self.call_for(holder, "Tag", "", Form::default().tags(missing)).await
    }

    async fn call_for(
        &self,
        holder: &Holder<'_>,
        verb: &str,
        object: &str,
        form: Form,
    ) -> Result<(), Trouble> {
        let Holder { kind, name } = holder;
        self.call(&format!("{verb}{kind}{object}"), form.with(&format!("{kind}Name"), Some(name))).await
    }

    async fn call(&self, operation: &str, form: Form) -> Result<(), Trouble> {
        let errand = Errand { account: self.account, region: self.region, service: "iam", agent: AGENT };
        let answer: Result<Vec<u8>, WireError> = self.engine.run(&errand, operation, form.as_bytes()).await;
        answer.map(drop).map_err(Trouble::from)
    }

    async fn find<R: Record>(&self, kind: IdKind, name: &str) -> Result<Option<Arc<R>>, StoreError> {
        match self.id(kind, name).await? {
            Some(id) => self.records.get(&Path::entity(self.account, &id)).await,
            None => Ok(None),
        }
    }

    async fn id(&self, kind: IdKind, name: &str) -> Result<Option<UniqueId>, StoreError> {
        // What cannot be a name is refused by the operation that is asked to make it.
        let Ok(name) = name.parse::<IamName>() else { return Ok(None) };
        let entry = self.records.get::<NameEntry>(&Path::entity_name(self.account, kind, &name)).await?;
        Ok(entry.map(|entry| entry.id))
    }
}

fn differing(facts: &[(&'static str, bool)]) -> Differences {
    facts.iter().filter(|(_, differs)| *differs).map(|(what, _)| *what).collect()
}
