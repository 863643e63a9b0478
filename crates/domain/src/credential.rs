//! Access keys: what proves who calls.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, UniqueId};

/// The kinds of owner of an access key that lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OwnerKind {
    /// The root user of the account.
    Root,
    /// A user. The key is kept under its id, so that it survives a rename and no namesake gets it.
    User {
        /// `AIDA…`.
        id: UniqueId,
    },
}

/// Whose an access key is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Owner {
    /// The account.
    pub account: AccountId,
    /// Who in the account.
    pub kind: OwnerKind,
}

impl Owner {
    /// The root user of an account.
    #[must_use]
    pub const fn root(account: AccountId) -> Self {
        Self { account, kind: OwnerKind::Root }
    }

    /// A user of an account.
    #[must_use]
    pub const fn user(account: AccountId, id: UniqueId) -> Self {
        Self { account, kind: OwnerKind::User { id } }
    }

    /// What the owner's access keys are listed under: the user's id, or the account number.
    #[must_use]
    pub fn id(&self) -> String {
        match self.kind {
            OwnerKind::Root => self.account.to_string(),
            OwnerKind::User { id } => id.to_string(),
        }
    }
}

/// Whether an access key may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum CredentialStatus {
    /// It may.
    Active,
    /// It may not, until it is made active again.
    Inactive,
}

impl CredentialStatus {
    /// The name of this status on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Inactive => "Inactive",
        }
    }
}

/// The public part of an access key; the engine keeps the secret beside it in a type of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// `AKIA…`, 20 characters.
    pub access_key_id: String,
    /// Whose key it is.
    #[serde(rename = "principal")]
    pub owner: Owner,
    /// Whether it may be used.
    pub status: CredentialStatus,
    /// When it was made.
    pub created: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stores of the first version hold.
    #[test]
    fn the_first_access_keys_still_read() {
        let account = AccountId::from_number(0).unwrap();
        let text = serde_json::json!({
            "access_key_id": "AKIAIOSFODNN7EXAMPLE",
            "principal": {"account": "000000000000", "kind": {"type": "Root"}},
            "status": "Active",
            "created": "2026-01-01T00:00:00Z",
        });
        let credential: Credential = serde_json::from_value(text.clone()).unwrap();
        assert_eq!(credential.owner, Owner::root(account));
        assert_eq!(serde_json::to_value(credential).unwrap(), text);
    }
}
