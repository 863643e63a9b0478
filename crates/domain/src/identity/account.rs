//! Accounts, as an organization knows them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, PARTITION, Tags};

/// Whether an account may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AccountStatus {
    /// It may.
    #[serde(rename = "ACTIVE")]
    Active,
    /// It may not any more.
    #[serde(rename = "SUSPENDED")]
    Suspended,
}

impl AccountStatus {
    /// The name of this status on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
        }
    }
}

/// The stored record of an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its number.
    pub id: AccountId,
    /// What it is called.
    pub name: String,
    /// The address it was made for.
    pub email: String,
    /// Whether it may be used.
    pub status: AccountStatus,
    /// When it was made.
    pub created: Timestamp,
    /// Whether it is the first one, which makes and manages the others.
    pub management: bool,
    /// Its tags.
    #[serde(default)]
    pub tags: Tags,
}

/// The organization that all accounts belong to. It is named after the account that manages it, so
/// that nothing has to be kept of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Organization {
    /// The account that manages the others.
    pub management: AccountId,
}

impl Organization {
    /// Its id.
    #[must_use]
    pub fn id(self) -> String {
        format!("o-{}", self.management)
    }

    /// The id of its root, under which all accounts are.
    #[must_use]
    pub fn root_id(self) -> String {
        format!("r-{}", self.management)
    }

    /// Where in it every account is, as policies write it: there are no units.
    #[must_use]
    pub fn path(self) -> String {
        format!("{}/{}/", self.id(), self.root_id())
    }

    /// Its ARN.
    #[must_use]
    pub fn arn(self) -> String {
        format!("arn:{PARTITION}:organizations::{}:organization/{}", self.management, self.id())
    }

    /// The ARN of something in it, such as its root or an account.
    #[must_use]
    pub fn arn_of(self, kind: &str, id: &str) -> String {
        format!("arn:{PARTITION}:organizations::{}:{kind}/{}/{id}", self.management, self.id())
    }
}
