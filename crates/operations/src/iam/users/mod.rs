//! Users.

mod create;
mod delete;
mod get;
mod list;

pub(crate) use create::CreateUser;
pub(crate) use delete::DeleteUser;
pub(crate) use get::GetUser;
pub(crate) use list::ListUsers;
