//! Identities: users, groups, roles, managed policies, identity providers, accounts.
//!
//! Records name each other by unique id, never by name: a rename touches one index entry, and
//! whoever is made later under an old name gets nothing that the former had.

mod account;
mod group;
mod id;
mod managed_policy;
mod name;
mod policies;
mod principal;
mod provider;
mod role;
mod user;

pub use account::{Account, AccountStatus, Organization};
pub use group::Group;
pub use id::{IdKind, UniqueId, access_key_id};
pub use managed_policy::{ManagedPolicy, PolicyVersion};
pub use name::{IamName, IamPath, InvalidName};
pub use policies::IdentityPolicies;
pub use principal::{FederatingUser, Principal, PrincipalKind};
pub use provider::OidcProvider;
pub use role::Role;
pub use user::User;

use crate::{AccountId, PARTITION};

/// The ARN of an entity with a path: `arn:aws:iam::ACCOUNT:KIND/PATH/NAME`.
#[must_use]
pub fn entity_arn(account: AccountId, kind: IdKind, path: &IamPath, name: &str) -> String {
    format!("arn:{PARTITION}:iam::{account}:{}{path}{name}", kind.as_str())
}
