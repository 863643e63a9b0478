//! Roles.

mod create;
mod delete;
mod get;
mod list;
mod update;
mod update_description;
mod update_trust;

pub(crate) use create::CreateRole;
pub(crate) use delete::DeleteRole;
pub(crate) use get::GetRole;
pub(crate) use list::ListRoles;
pub(crate) use update::UpdateRole;
pub(crate) use update_description::UpdateRoleDescription;
pub(crate) use update_trust::UpdateAssumeRolePolicy;
