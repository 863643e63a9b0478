//! The records of IAM, decoded once and with their policies parsed.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use trent_domain::{
    Account, FederatingUser, Group, IdentityPolicies, ManagedPolicy, OidcProvider, Principal, PrincipalKind,
    Role, UniqueId, User,
};
use trent_policy::Document;

use crate::StoreError;
use crate::caller::Who;
use crate::entries::decode;
use crate::policies::Policies;
use crate::records::Record;

/// A user.
pub struct UserEntry {
    /// The stored record.
    pub user: User,
    /// The record's version.
    pub version: u64,
    /// The user as a caller.
    pub(crate) who: Arc<Who>,
    pub(crate) inline: Vec<Arc<Document>>,
}

impl UserEntry {
    /// The user as the one behind a federated user.
    #[must_use]
    pub fn as_federating(&self) -> FederatingUser {
        let User { id, name, path, .. } = &self.user;
        FederatingUser { id: *id, name: name.clone(), path: path.clone() }
    }
}

impl Record for UserEntry {
    fn decode(plaintext: &[u8], version: u64, policies: &Policies) -> Result<Self, StoreError> {
        let user: User = decode(plaintext)?;
        let User { id, name, path, .. } = user.clone();
        let principal = Principal { account: user.account, kind: PrincipalKind::User { id, name, path } };
        let inline = parsed(&user.policies, policies)?;
        Ok(Self { who: Arc::new(Who::new(principal)), user, version, inline })
    }
}

/// A role.
pub struct RoleEntry {
    /// The stored record.
    pub role: Role,
    /// The record's version.
    pub version: u64,
    /// Its ARN, spelled once.
    pub arn: Arc<str>,
    /// Its trust policy, parsed.
    pub trust: Arc<Document>,
    pub(crate) inline: Vec<Arc<Document>>,
}

impl Record for RoleEntry {
    fn decode(plaintext: &[u8], version: u64, policies: &Policies) -> Result<Self, StoreError> {
        let role: Role = decode(plaintext)?;
        let trust =
            policies.trust(&role.trust_policy).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let inline = parsed(&role.policies, policies)?;
        Ok(Self { arn: role.arn().into(), role, version, trust, inline })
    }
}

/// A group.
pub struct GroupEntry {
    /// The stored record.
    pub group: Group,
    /// The record's version.
    pub version: u64,
    pub(crate) inline: Vec<Arc<Document>>,
}

impl Record for GroupEntry {
    fn decode(plaintext: &[u8], version: u64, policies: &Policies) -> Result<Self, StoreError> {
        let group: Group = decode(plaintext)?;
        let inline = parsed(&group.policies, policies)?;
        Ok(Self { group, version, inline })
    }
}

/// A managed policy.
pub struct ManagedPolicyEntry {
    /// The stored record.
    pub policy: ManagedPolicy,
    /// The record's version.
    pub version: u64,
    /// Its ARN, spelled once.
    pub arn: Arc<str>,
    /// The version that counts, parsed.
    pub document: Arc<Document>,
}

impl Record for ManagedPolicyEntry {
    fn decode(plaintext: &[u8], version: u64, policies: &Policies) -> Result<Self, StoreError> {
        let policy: ManagedPolicy = decode(plaintext)?;
        let damaged = |why: String| StoreError::Damaged(why);
        let current =
            policy.default_version().ok_or_else(|| damaged(format!("{} has no version", policy.id)))?;
        let document = policies.identity(&current.document).map_err(|error| damaged(error.to_string()))?;
        Ok(Self { arn: policy.arn().into(), version, document, policy })
    }
}

/// Whose a name is.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct NameEntry {
    /// The unique id.
    pub id: UniqueId,
    /// The record's version.
    #[serde(skip)]
    pub version: u64,
}

impl NameEntry {
    /// The entry that gives a name to `id`.
    #[must_use]
    pub const fn of(id: UniqueId) -> Self {
        Self { id, version: 0 }
    }
}

impl Record for NameEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        decode::<Self>(plaintext).map(|entry| Self { version, ..entry })
    }
}

/// An OpenID Connect provider.
pub struct ProviderEntry {
    /// The stored record.
    pub provider: OidcProvider,
    /// The record's version.
    pub version: u64,
}

impl Record for ProviderEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self { provider: decode(plaintext)?, version })
    }
}

/// An account.
pub struct AccountEntry {
    /// The stored record.
    pub account: Account,
    /// The record's version.
    pub version: u64,
}

impl Record for AccountEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self { account: decode(plaintext)?, version })
    }
}

/// An entry of a list: the path says all, the record is empty.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct Link {
    /// The record's version.
    #[serde(skip)]
    pub version: u64,
}

impl Record for Link {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        decode::<Self>(plaintext).map(|_| Self { version })
    }
}

fn parsed(given: &IdentityPolicies, policies: &Policies) -> Result<Vec<Arc<Document>>, StoreError> {
    let documents = given.inline.values().map(|text| policies.identity(text));
    documents.collect::<Result<_, _>>().map_err(|error| StoreError::Damaged(error.to_string()))
}
