//! One file per API operation, and the catalog that lists them.
//!
//! An operation's file says everything about it: what it loads, what the caller must be allowed,
//! which key states it bears, what the audit trail shows, and what it does. The pipeline in the
//! engine does the rest. To add one: write its file, name it in its folder's `mod.rs`, list it in
//! `catalog.rs`, strike it from the lists in `tests/`, and give it its rows in the tables there.

mod catalog;
mod iam;
mod kms;
mod organizations;
pub mod seed;
mod sts;
mod wire;

pub use catalog::{
    iam as iam_catalog, kms as kms_catalog, organizations as organizations_catalog, sts as sts_catalog,
};
