//! Who calls: principals and the access keys that prove them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::AccountId;

/// The kinds of principal that can sign a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum PrincipalKind {
    /// The root user of the account.
    Root,
}

/// A principal of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// The account it belongs to.
    pub account: AccountId,
    /// What it is.
    pub kind: PrincipalKind,
}

impl Principal {
    /// The ARN that error messages and audit records call it by.
    #[must_use]
    pub fn arn(&self) -> String {
        match self.kind {
            PrincipalKind::Root => self.account.root_arn(),
        }
    }

    /// The unique identifier (`aws:userid`).
    #[must_use]
    pub fn user_id(&self) -> String {
        match self.kind {
            PrincipalKind::Root => self.account.to_string(),
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

/// The public part of an access key; the engine keeps the secret beside it in a type of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// `AKIA…`, 20 characters.
    pub access_key_id: String,
    /// Whose key it is.
    pub principal: Principal,
    /// Whether it may be used.
    pub status: CredentialStatus,
    /// When it was made.
    pub created: Timestamp,
}
