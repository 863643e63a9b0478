//! Groups, and who is in them.

mod add_user;
mod create;
mod delete;
mod get;
mod list;
mod list_for_user;
mod remove_user;

pub(crate) use add_user::AddUserToGroup;
pub(crate) use create::CreateGroup;
pub(crate) use delete::DeleteGroup;
pub(crate) use get::GetGroup;
pub(crate) use list::ListGroups;
pub(crate) use list_for_user::ListGroupsForUser;
pub(crate) use remove_user::RemoveUserFromGroup;
