//! Groups.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IamName, IamPath, IdKind, IdentityPolicies, UniqueId, entity_arn};
use crate::AccountId;

/// The stored record of a group. Who is in it is said by the records of users, and listed under
/// the group's path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The account it belongs to.
    pub account: AccountId,
    /// `AGPA…`; never reused.
    pub id: UniqueId,
    /// Unique in the account, whatever its letter case.
    pub name: IamName,
    /// Its path.
    pub path: IamPath,
    /// When it was made.
    pub created: Timestamp,
    /// Its policies.
    pub policies: IdentityPolicies,
}

impl Group {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        entity_arn(self.account, IdKind::Group, &self.path, self.name.as_str())
    }
}
