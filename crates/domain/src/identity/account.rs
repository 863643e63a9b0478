//! Accounts, as an organization knows them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AccountId;

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
}
