//! What several operations have in common.
//!
//! Users, groups, roles and managed policies are alike in most things: they have a name, a path and
//! an ARN; most hold policies and carry tags. [`entity`] says so in traits, so that what is done to
//! all of them is written once.

pub(crate) mod about;
pub(crate) mod audit;
pub(crate) mod caller;
pub(crate) mod create;
pub(crate) mod delete;
pub(crate) mod detail;
pub(crate) mod entity;
pub(crate) mod fault;
pub(crate) mod groups;
pub(crate) mod holder;
pub(crate) mod last_used;
pub(crate) mod links;
pub(crate) mod list;
pub(crate) mod managed;
pub(crate) mod named;
pub(crate) mod page;
pub(crate) mod policy;
pub(crate) mod provider;
pub(crate) mod rename;
pub(crate) mod show;
pub(crate) mod tags;
pub(crate) mod trust;
pub(crate) mod update;
