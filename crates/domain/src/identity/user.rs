//! Users.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IamName, IamPath, IdKind, IdentityPolicies, UniqueId, entity_arn};
use crate::{AccountId, Tags};

/// The stored record of a user. Access keys are records of their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// The account it belongs to.
    pub account: AccountId,
    /// `AIDA…`; never reused.
    pub id: UniqueId,
    /// Unique in the account, whatever its letter case.
    pub name: IamName,
    /// Its path.
    pub path: IamPath,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
    /// Its policies.
    pub policies: IdentityPolicies,
    /// The groups it is in.
    pub groups: BTreeSet<UniqueId>,
    /// The ARN of its permissions boundary.
    pub boundary: Option<String>,
}

impl User {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        entity_arn(self.account, IdKind::User, &self.path, self.name.as_str())
    }
}
