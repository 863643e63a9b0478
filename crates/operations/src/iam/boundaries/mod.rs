//! Permissions boundaries of users and roles.

mod delete;
mod put;

pub(crate) use delete::DeleteBoundary;
pub(crate) use put::PutBoundary;
