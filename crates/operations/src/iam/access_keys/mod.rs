//! Access keys of users, and of the root user.

mod create;
mod delete;
mod last_used;
mod list;
mod seed;
mod shared;
mod update;

pub(crate) use create::CreateAccessKey;
pub(crate) use delete::DeleteAccessKey;
pub(crate) use last_used::GetAccessKeyLastUsed;
pub(crate) use list::ListAccessKeys;
pub use seed::AccessKeySeed;
pub(crate) use seed::SeedAccessKey;
pub(crate) use update::UpdateAccessKey;
