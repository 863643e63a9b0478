//! Accounts, users, roles, groups and policies, written straight into the store: what IAM would
//! have made of the requests of others.

use serde::Serialize;
use trent_domain::{
    Account, AccountId, AccountStatus, Credential, CredentialStatus, Group, IamPath, IdKind,
    IdentityPolicies, ManagedPolicy, Owner, Path, Role, Tags, UniqueId, User, access_key_id,
};
use trent_engine::{
    Changes, Clock as _, CredentialEntry, GroupEntry, Link, ManagedPolicyEntry, NameEntry, Record, RoleEntry,
    Session, UserEntry, encode,
};
use trent_sigv4::SecretAccessKey;

use crate::trent::{Failure, random};
use crate::{ACCOUNT, Credentials, Trent};

const SECRET: &str = "a secret of somebody whom only tests know";

/// Whom a role trusts does not matter here: sessions are made without asking it.
const TRUST: &str = r#"{"Statement":{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},
    "Action":"sts:AssumeRole"}}"#;

impl Trent {
    /// An account, and its root user's access key. [`ACCOUNT`] manages the others.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn account(&self, id: AccountId) -> Result<Credentials, Failure> {
        let account = Account {
            id,
            name: "test".to_owned(),
            email: format!("root@{id}.example"),
            status: AccountStatus::Active,
            created: self.clock.now(),
            management: id.to_string() == ACCOUNT,
            tags: Tags::default(),
        };
        let mut changes = Changes::default();
        changes.create(Path::account(id), record(&account)?);
        let credentials = self.access_key(Owner::root(id), &mut changes)?;
        self.records.commit(changes).await?;
        Ok(credentials)
    }

    /// A user with an access key; `edit` furnishes it.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn user(
        &self,
        account: AccountId,
        name: &str,
        edit: impl FnOnce(&mut User),
    ) -> Result<(User, Credentials), Failure> {
        let mut user = User {
            account,
            id: UniqueId::from_random(IdKind::User, random()?),
            name: name.parse()?,
            path: IamPath::default(),
            created: self.clock.now(),
            tags: Tags::default(),
            policies: IdentityPolicies::default(),
            groups: std::collections::BTreeSet::new(),
            boundary: None,
        };
        edit(&mut user);
        let mut changes = Changes::default();
        changes.create(Path::entity(account, &user.id), record(&user)?);
        let name = Path::entity_name(account, IdKind::User, &user.name);
        changes.create(name, record(&NameEntry::of(user.id))?);
        let credentials = self.access_key(Owner::user(account, user.id), &mut changes)?;
        self.records.commit(changes).await?;
        Ok((user, credentials))
    }

    /// Changes a user.
    ///
    /// # Errors
    /// When it is gone or cannot be stored.
    pub async fn edit_user(&self, id: &User, edit: impl FnOnce(&mut User)) -> Result<User, Failure> {
        let path = Path::entity(id.account, &id.id);
        let entry = self.stored::<UserEntry>(&path).await?;
        let mut user = entry.user.clone();
        edit(&mut user);
        let mut changes = Changes::default();
        changes.replace(path, entry.version, record(&user)?);
        if user.name != id.name {
            let (from, to) = (&id.name, &user.name);
            changes.delete(Path::entity_name(id.account, IdKind::User, from), 1);
            changes.create(Path::entity_name(id.account, IdKind::User, to), record(&NameEntry::of(id.id))?);
        }
        self.records.commit(changes).await?;
        Ok(user)
    }

    /// Removes a user and its name; its access key stays behind.
    ///
    /// # Errors
    /// When it is gone or cannot be removed.
    pub async fn remove_user(&self, user: &User) -> Result<(), Failure> {
        let path = Path::entity(user.account, &user.id);
        let version = self.stored::<UserEntry>(&path).await?.version;
        self.remove(path, version, Path::entity_name(user.account, IdKind::User, &user.name)).await
    }

    /// A role; `edit` furnishes it.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn role(
        &self,
        account: AccountId,
        name: &str,
        edit: impl FnOnce(&mut Role),
    ) -> Result<Role, Failure> {
        let mut role = Role {
            account,
            id: UniqueId::from_random(IdKind::Role, random()?),
            name: name.parse()?,
            path: IamPath::default(),
            created: self.clock.now(),
            description: None,
            trust_policy: TRUST.to_owned(),
            max_session: 3600,
            tags: Tags::default(),
            policies: IdentityPolicies::default(),
            boundary: None,
        };
        edit(&mut role);
        let name = Path::entity_name(account, IdKind::Role, &role.name);
        self.create(Path::entity(account, &role.id), &role, name, role.id).await?;
        Ok(role)
    }

    /// Removes a role and its name.
    ///
    /// # Errors
    /// When it is gone or cannot be removed.
    pub async fn remove_role(&self, role: &Role) -> Result<(), Failure> {
        let path = Path::entity(role.account, &role.id);
        let version = self.stored::<RoleEntry>(&path).await?.version;
        self.remove(path, version, Path::entity_name(role.account, IdKind::Role, &role.name)).await
    }

    /// A group with one inline policy.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn group(&self, account: AccountId, name: &str, policy: &str) -> Result<Group, Failure> {
        let inline = [("p".to_owned(), policy.to_owned())].into();
        let group = Group {
            account,
            id: UniqueId::from_random(IdKind::Group, random()?),
            name: name.parse()?,
            path: IamPath::default(),
            created: self.clock.now(),
            policies: IdentityPolicies { inline, attached: Vec::new() },
        };
        let name = Path::entity_name(account, IdKind::Group, &group.name);
        self.create(Path::entity(account, &group.id), &group, name, group.id).await?;
        Ok(group)
    }

    /// Replaces the inline policy of a group.
    ///
    /// # Errors
    /// When it is gone or cannot be stored.
    pub async fn edit_group(&self, group: &Group, policy: &str) -> Result<(), Failure> {
        let path = Path::entity(group.account, &group.id);
        let entry = self.stored::<GroupEntry>(&path).await?;
        let mut group = entry.group.clone();
        group.policies.inline = [("p".to_owned(), policy.to_owned())].into();
        let mut changes = Changes::default();
        changes.replace(path, entry.version, record(&group)?);
        Ok(self.records.commit(changes).await?)
    }

    /// A managed policy; answers its ARN.
    ///
    /// # Errors
    /// When it cannot be stored.
    pub async fn managed_policy(
        &self,
        account: AccountId,
        name: &str,
        document: &str,
    ) -> Result<ManagedPolicy, Failure> {
        let now = self.clock.now();
        let mut policy = ManagedPolicy {
            account,
            id: UniqueId::from_random(IdKind::Policy, random()?),
            name: name.parse()?,
            path: IamPath::default(),
            created: now,
            updated: now,
            description: None,
            tags: Tags::default(),
            versions: Vec::new(),
            default_version: 1,
            next_version: 1,
        };
        policy.add_version(document.to_owned(), true, now);
        let name = Path::entity_name(account, IdKind::Policy, &policy.name);
        self.create(Path::entity(account, &policy.id), &policy, name, policy.id).await?;
        Ok(policy)
    }

    /// Gives a managed policy a new default version.
    ///
    /// # Errors
    /// When it is gone or cannot be stored.
    pub async fn edit_policy(&self, policy: &ManagedPolicy, document: &str) -> Result<(), Failure> {
        let path = Path::entity(policy.account, &policy.id);
        let entry = self.stored::<ManagedPolicyEntry>(&path).await?;
        let mut policy = entry.policy.clone();
        policy.add_version(document.to_owned(), true, self.clock.now());
        let mut changes = Changes::default();
        changes.replace(path, entry.version, record(&policy)?);
        Ok(self.records.commit(changes).await?)
    }

    /// Credentials of a session.
    ///
    /// # Errors
    /// When they cannot be made.
    pub fn session(&self, session: &Session) -> Result<Credentials, Failure> {
        let minted = session.mint(random()?, &self.records).map_err(|fault| fault.wire().code)?;
        Ok(Credentials {
            access_key_id: minted.access_key_id,
            secret: minted.secret.to_string(),
            token: Some(minted.token),
        })
    }

    fn access_key(&self, owner: Owner, changes: &mut Changes) -> Result<Credentials, Failure> {
        let access_key_id = access_key_id(false, random()?);
        let credential = Credential {
            access_key_id: access_key_id.clone(),
            owner,
            status: CredentialStatus::Active,
            created: self.clock.now(),
        };
        let entry = CredentialEntry::new(credential, SecretAccessKey::from(SECRET.to_owned()));
        let path = Path::credential(&access_key_id).ok_or("not an access key id")?;
        changes.create(path, entry.to_record().map_err(|fault| fault.wire().code)?);
        changes.create(Path::access_key(&owner, &access_key_id), record(&Link::default())?);
        Ok(Credentials { access_key_id, secret: SECRET.to_owned(), token: None })
    }

    async fn create(
        &self,
        path: Path,
        value: &impl Serialize,
        name: Path,
        id: UniqueId,
    ) -> Result<(), Failure> {
        let mut changes = Changes::default();
        changes.create(path, record(value)?);
        changes.create(name, record(&NameEntry::of(id))?);
        Ok(self.records.commit(changes).await?)
    }

    async fn remove(&self, path: Path, version: u64, name: Path) -> Result<(), Failure> {
        let mut changes = Changes::default();
        changes.delete(path, version);
        let version = self.stored::<NameEntry>(&name).await?.version;
        changes.delete(name, version);
        Ok(self.records.commit(changes).await?)
    }

    async fn stored<R: Record>(&self, path: &Path) -> Result<std::sync::Arc<R>, Failure> {
        self.records.get(path).await?.ok_or_else(|| format!("there is nothing at {path}").into())
    }
}

fn record(value: &impl Serialize) -> Result<trent_crypto::SecretBytes, Failure> {
    Ok(encode(value).map_err(|fault| fault.wire().code)?)
}
