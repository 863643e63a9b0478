//! The policies of a caller, gathered for one request from cached records.
//!
//! Nothing is kept between requests: what is revoked is gone from the cache when the revoking call
//! returns, and so from here.

use std::sync::Arc;

use trent_domain::{AccountId, IamName, IdKind, IdentityPolicies, Path, PrincipalKind, Tags, UniqueId};
use trent_policy::{Document, PolicySet};

use super::{AwsManaged, GroupEntry, ManagedPolicyEntry, NameEntry, RoleEntry, UserEntry};
use crate::{Caller, Fault, Records, session};

/// What a caller may do by its own policies, and what bounds it.
#[derive(Default)]
pub(crate) struct Own {
    holder: Option<Holder>,
    identity: Vec<Arc<Document>>,
    boundary: Option<Arc<Document>>,
    session: Option<Vec<Arc<Document>>>,
}

/// Whose the identity policies are.
enum Holder {
    User(Arc<UserEntry>),
    Role(Arc<RoleEntry>),
}

impl Own {
    /// Gathers the policies of `caller`.
    ///
    /// # Errors
    /// When records cannot be read, or the caller is deleted meanwhile.
    pub(crate) async fn gather(caller: &Caller, records: &Records) -> Result<Self, Fault> {
        let gathering = Gathering { records, account: caller.principal.account };
        let mut own = match &caller.principal.kind {
            PrincipalKind::Root
            | PrincipalKind::FederatedUser { user: None, .. }
            | PrincipalKind::WebIdentity { .. } => Self::default(),
            PrincipalKind::User { id, .. } => gathering.user(id).await?,
            PrincipalKind::FederatedUser { user: Some(user), .. } => gathering.user(&user.id).await?,
            PrincipalKind::Session { role_id, .. } => gathering.role(role_id).await?,
        };
        if let Some(session) = &caller.session {
            own.session = gathering.session(caller, session).await?;
        }
        Ok(own)
    }

    /// Completes what the resource says to what decides.
    pub(crate) fn with<'a>(&'a self, resource: PolicySet<'a>) -> PolicySet<'a> {
        PolicySet {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            session: self.session.as_deref(),
            ..resource
        }
    }

    /// A tag of the user or role.
    pub(crate) fn tag(&self, key: &str) -> Option<&str> {
        let tags = match self.holder.as_ref()? {
            Holder::User(entry) => &entry.user.tags,
            Holder::Role(entry) => &entry.role.tags,
        };
        find_tag(tags, key)
    }

    /// All policies that hang on the caller.
    pub(crate) fn documents(&self) -> impl Iterator<Item = &Document> {
        let session = self.session.iter().flatten();
        self.identity.iter().chain(&self.boundary).chain(session).map(|document| &**document)
    }
}

/// A tag, whatever the letter case of its key.
pub(crate) fn find_tag<'a>(tags: &'a Tags, key: &str) -> Option<&'a str> {
    let found = tags.entries().iter().find(|entry| entry.key.eq_ignore_ascii_case(key));
    found.map(|entry| entry.value.as_str())
}

/// Takes the identity policies of somebody, one after the other.
pub(super) trait Collect: Send {
    fn take(&mut self, origin: Origin<'_>, document: Arc<Document>);
}

/// Where an identity policy hangs.
pub(super) enum Origin<'a> {
    /// On its holder, under a name.
    Inline { kind: IdKind, holder: &'a IamName, name: &'a str },
    /// On its holder, by ARN.
    Managed(&'a str),
}

/// Whoever decides needs no names.
impl Collect for Vec<Arc<Document>> {
    fn take(&mut self, _: Origin<'_>, document: Arc<Document>) {
        self.push(document);
    }
}

pub(super) struct Gathering<'a> {
    pub(super) records: &'a Records,
    pub(super) account: AccountId,
}

impl Gathering<'_> {
    async fn user(&self, id: &UniqueId) -> Result<Own, Fault> {
        let entry = self.records.get::<UserEntry>(&Path::entity(self.account, id)).await?;
        // It was there a moment ago, when the signature was judged.
        let entry = entry.ok_or(Fault::UnrecognizedClient)?;
        let mut identity = Vec::new();
        self.of_user(&entry, &mut identity).await?;
        let boundary = self.boundary(entry.user.boundary.as_deref()).await?;
        Ok(Own { holder: Some(Holder::User(entry)), identity, boundary, session: None })
    }

    async fn role(&self, id: &UniqueId) -> Result<Own, Fault> {
        let entry = self.records.get::<RoleEntry>(&Path::entity(self.account, id)).await?;
        let entry = entry.ok_or(Fault::UnrecognizedClient)?;
        let mut identity = Vec::new();
        self.of_role(&entry, &mut identity).await?;
        let boundary = self.boundary(entry.role.boundary.as_deref()).await?;
        Ok(Own { holder: Some(Holder::Role(entry)), identity, boundary, session: None })
    }

    /// The policies of a user and of its groups.
    pub(super) async fn of_user(&self, entry: &UserEntry, into: &mut impl Collect) -> Result<(), Fault> {
        let user = &entry.user;
        self.of_holder((IdKind::User, &user.name), (&user.policies, &entry.inline), into).await?;
        for group in &user.groups {
            let group = self.records.get::<GroupEntry>(&Path::entity(self.account, group)).await?;
            self.of_group(&*group.ok_or(Fault::Contention)?, into).await?;
        }
        Ok(())
    }

    /// The policies of a group.
    pub(super) async fn of_group(&self, entry: &GroupEntry, into: &mut impl Collect) -> Result<(), Fault> {
        let group = &entry.group;
        self.of_holder((IdKind::Group, &group.name), (&group.policies, &entry.inline), into).await
    }

    /// The policies of a role.
    pub(super) async fn of_role(&self, entry: &RoleEntry, into: &mut impl Collect) -> Result<(), Fault> {
        let role = &entry.role;
        self.of_holder((IdKind::Role, &role.name), (&role.policies, &entry.inline), into).await
    }

    /// The policies that hang on one holder itself; its inline ones are given parsed, too.
    async fn of_holder(
        &self,
        (kind, holder): (IdKind, &IamName),
        (policies, inline): (&IdentityPolicies, &[Arc<Document>]),
        into: &mut impl Collect,
    ) -> Result<(), Fault> {
        for (name, document) in policies.inline.keys().zip(inline) {
            into.take(Origin::Inline { kind, holder, name }, Arc::clone(document));
        }
        self.attached(&policies.attached, into).await
    }

    /// The session policies; `None` when they do not bound the session.
    async fn session(
        &self,
        caller: &Caller,
        session: &crate::Session,
    ) -> Result<Option<Vec<Arc<Document>>>, Fault> {
        // A federated user has what its session policies give, even if that is nothing.
        let federated = matches!(caller.principal.kind, PrincipalKind::FederatedUser { .. });
        if !federated && session.policies.is_empty() && session.policy_arns.is_empty() {
            return Ok(None);
        }
        let mut documents = session::documents(session, self.records.policies())?;
        self.attached(&session.policy_arns, &mut documents).await?;
        Ok(Some(documents))
    }

    pub(super) async fn boundary(&self, arn: Option<&str>) -> Result<Option<Arc<Document>>, Fault> {
        match arn {
            Some(arn) => self.managed(arn).await.map(Some),
            None => Ok(None),
        }
    }

    async fn attached(&self, arns: &[String], into: &mut impl Collect) -> Result<(), Fault> {
        for arn in arns {
            into.take(Origin::Managed(arn), self.managed(arn).await?);
        }
        Ok(())
    }

    /// A managed policy that somebody has. It can be missing only when it was taken away and deleted
    /// since its holder was read; what it denied must not be allowed for that moment.
    async fn managed(&self, arn: &str) -> Result<Arc<Document>, Fault> {
        if let Some(policy) = AwsManaged::by_arn(arn) {
            let parsed = self.records.policies().identity(policy.document);
            return parsed.map_err(|error| Fault::Internal(error.to_string()));
        }
        let entry = managed_policy(self.records, self.account, arn).await?;
        entry.map(|entry| Arc::clone(&entry.document)).ok_or(Fault::Contention)
    }
}

/// The managed policy of an account with this ARN.
///
/// # Errors
/// When records cannot be read.
pub async fn managed_policy(
    records: &Records,
    account: AccountId,
    arn: &str,
) -> Result<Option<Arc<ManagedPolicyEntry>>, Fault> {
    let name = arn.rsplit_once('/').and_then(|(_, name)| name.parse::<IamName>().ok());
    let Some(name) = name else { return Ok(None) };
    let path = Path::entity_name(account, IdKind::Policy, &name);
    let Some(named) = records.get::<NameEntry>(&path).await? else { return Ok(None) };
    let found = records.get::<ManagedPolicyEntry>(&Path::entity(account, &named.id)).await?;
    Ok(found.filter(|entry| *entry.arn == *arn))
}
