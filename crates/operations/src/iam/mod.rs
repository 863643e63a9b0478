//! The operations of the IAM API.
//!
//! What can be done to users, groups and roles alike is written once, over the input: see
//! [`shared::about`].

pub(crate) mod absent;
pub(crate) mod access_keys;
pub(crate) mod account;
pub(crate) mod attached;
pub(crate) mod boundaries;
pub(crate) mod context_keys;
pub(crate) mod groups;
pub(crate) mod inline;
pub(crate) mod policies;
pub(crate) mod providers;
pub(crate) mod rename;
pub(crate) mod roles;
pub(crate) mod shared;
pub(crate) mod simulate;
pub(crate) mod tagging;
pub(crate) mod users;
