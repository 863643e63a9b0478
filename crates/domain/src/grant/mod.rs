//! Grants: permissions on one key for one principal, beside all policies.
//!
//! What a grant may list follows from the kind of key ([`GrantOperation::is_for`]), what it admits
//! from its constraints ([`GrantConstraints::admit`]), and what may be granted under it from both
//! ([`Grant::covers`]).

mod constraints;
mod operation;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use constraints::{GrantConstraints, MAX_CONSTRAINT_CHARS, MAX_CONSTRAINT_PAIRS};
pub use operation::GrantOperation;

use crate::{AccountId, GrantId, KeyArn, KeyId, Region};

/// Somebody a grant names, in the form in which principals are kept: users and roles by unique id,
/// accounts, sessions and federated users by ARN, services by name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum GrantPrincipal {
    /// An account or one of its identities.
    Identity {
        /// The stored form.
        name: String,
        /// The account it belongs to, or is.
        account: AccountId,
    },
    /// A service.
    Service {
        /// Such as `backup.amazonaws.com`.
        name: String,
    },
}

impl GrantPrincipal {
    /// The stored form.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Identity { name, .. } | Self::Service { name } => name,
        }
    }
}

/// The stored record of a grant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The grant's identifier, never reused.
    pub id: GrantId,
    /// The account of the key.
    pub account: AccountId,
    /// The Region of the key.
    pub region: Region,
    /// The key.
    pub key: KeyId,
    /// Who is permitted.
    pub grantee: GrantPrincipal,
    /// Who else may retire it.
    pub retiring: Option<GrantPrincipal>,
    /// The account whose principal made it.
    pub issuer: AccountId,
    /// A name, which identifies nothing.
    pub name: Option<String>,
    /// What is permitted, as it was listed, each operation once.
    pub operations: Vec<GrantOperation>,
    /// Under which conditions.
    pub constraints: GrantConstraints,
    /// When it was made.
    pub created: Timestamp,
}

impl Grant {
    /// The ARN of the key.
    #[must_use]
    pub fn key_arn(&self) -> KeyArn {
        KeyArn { region: self.region.clone(), account: self.account, id: self.key }
    }

    /// The account in which this grant is listed as retirable, if it names who may retire it.
    #[must_use]
    pub fn retirable_in(&self) -> Option<AccountId> {
        self.retiring.as_ref().map(|retiring| match retiring {
            GrantPrincipal::Identity { account, .. } => *account,
            GrantPrincipal::Service { .. } => self.account,
        })
    }

    /// Whether whoever holds this grant, and nothing else, may grant `operations` under
    /// `constraints`: nothing that this one does not permit itself.
    #[must_use]
    pub fn covers(&self, operations: &[GrantOperation], constraints: &GrantConstraints) -> bool {
        operations.iter().all(|operation| self.operations.contains(operation))
            && self.constraints.contain(constraints)
    }
}
