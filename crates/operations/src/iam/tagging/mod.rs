//! Tags of users, roles and managed policies.

mod list;
mod list_policy;
mod tag;
mod tag_policy;
mod untag;
mod untag_policy;

pub(crate) use list::ListTags;
pub(crate) use list_policy::ListPolicyTags;
pub(crate) use tag::TagEntity;
pub(crate) use tag_policy::TagPolicy;
pub(crate) use untag::UntagEntity;
pub(crate) use untag_policy::UntagPolicy;
