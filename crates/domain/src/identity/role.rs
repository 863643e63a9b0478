//! Roles.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IamName, IamPath, IdKind, IdentityPolicies, UniqueId, entity_arn};
use crate::{AccountId, Tags};

/// The stored record of a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// The account it belongs to.
    pub account: AccountId,
    /// `AROA…`; never reused.
    pub id: UniqueId,
    /// Unique in the account, whatever its letter case.
    pub name: IamName,
    /// Its path.
    pub path: IamPath,
    /// When it was made.
    pub created: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// Who may assume it: a policy whose users and roles are kept as unique ids.
    pub trust_policy: String,
    /// The longest its sessions may last, in seconds.
    pub max_session: u32,
    /// Its tags.
    pub tags: Tags,
    /// Its policies.
    pub policies: IdentityPolicies,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
}

impl Role {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        entity_arn(self.account, IdKind::Role, &self.path, self.name.as_str())
    }
}
