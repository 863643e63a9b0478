//! Managed policies of users, groups and roles.

mod attach;
mod detach;
mod list;

pub(crate) use attach::AttachPolicy;
pub(crate) use detach::DetachPolicy;
pub(crate) use list::ListAttachedPolicies;

use trent_model::iam::{
    AttachGroupPolicyRequest, AttachRolePolicyRequest, AttachUserPolicyRequest, DetachGroupPolicyRequest,
    DetachRolePolicyRequest, DetachUserPolicyRequest,
};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Holder};

/// An input about one holder and one managed policy.
pub(crate) trait NamesPolicy: About<Answer = (), Entry: Entity<Stored: Holder>> {
    /// The policy's ARN.
    fn arn(&self) -> &str;
}

macro_rules! names_policy {
    ($($input:ident),+) => {$(
        impl NamesPolicy for $input {
            fn arn(&self) -> &str {
                &self.policy_arn
            }
        }
    )+};
}
names_policy!(
    AttachUserPolicyRequest,
    AttachGroupPolicyRequest,
    AttachRolePolicyRequest,
    DetachUserPolicyRequest,
    DetachGroupPolicyRequest,
    DetachRolePolicyRequest
);
