//! Who may do what: the whole pipeline asked, and held against tables under review.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod cases;
mod conditions;
mod iam_permissions;
mod identifiers;
mod operations;
mod permissions;
