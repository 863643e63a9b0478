//! Managed policies of users, groups and roles.

mod attach;
mod detach;
mod list;

pub(crate) use attach::AttachPolicy;
pub(crate) use detach::DetachPolicy;
pub(crate) use list::ListAttachedPolicies;
