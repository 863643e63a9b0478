//! Identities in memory: the records of IAM, and what follows from them for a request.

mod aws_managed;
mod entries;
mod holdings;
pub(crate) mod organization;
mod own;
mod principals;

pub use aws_managed::{AWS_MANAGED, AwsManaged};
pub use entries::{
    AccountEntry, GroupEntry, Link, ManagedPolicyEntry, NameEntry, ProviderEntry, RoleEntry, UserEntry,
};
pub use holdings::{HeldPolicy, Holdings, PolicyOrigin};
pub use organization::accounts;
pub use own::managed_policy;
pub(crate) use own::{Own, find_tag};
pub use principals::Principals;
