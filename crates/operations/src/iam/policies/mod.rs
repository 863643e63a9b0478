//! Managed policies and their versions.

mod create;
mod create_version;
mod delete;
mod delete_version;
mod get;
mod get_version;
mod list;
mod list_entities;
mod list_versions;
mod set_default_version;

pub(crate) use create::CreatePolicy;
pub(crate) use create_version::CreatePolicyVersion;
pub(crate) use delete::DeletePolicy;
pub(crate) use delete_version::DeletePolicyVersion;
pub(crate) use get::GetPolicy;
pub(crate) use get_version::GetPolicyVersion;
pub(crate) use list::ListPolicies;
pub(crate) use list_entities::ListEntitiesForPolicy;
pub(crate) use list_versions::ListPolicyVersions;
pub(crate) use set_default_version::SetDefaultPolicyVersion;
