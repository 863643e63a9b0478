//! Inline policies of users, groups and roles.

mod delete;
mod get;
mod list;
mod put;

pub(crate) use delete::DeletePolicy;
pub(crate) use get::GetPolicy;
pub(crate) use list::ListPolicies;
pub(crate) use put::PutPolicy;
