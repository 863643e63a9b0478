//! The operations of the IAM API.
//!
//! What can be done to users, groups and roles alike is written once, over the input: see
//! [`shared::about`].

pub(crate) mod inline;
pub(crate) mod shared;
