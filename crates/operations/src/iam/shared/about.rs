//! Inputs that name one user, group or role, for operations that are written once for all of them.

use trent_engine::{Audited, Demand, GroupEntry, RoleEntry, UserEntry};
use trent_model::iam;
use trent_model::query::Call;

use super::entity::{Entity, Stored};
use super::named::{Found, Named};

/// An input that names one user, group or role.
pub(crate) trait About: Call {
    /// Which of them.
    type Entry: Entity;
    /// The operation's name.
    const NAME: &'static str;
    /// The action that the caller must be allowed.
    const ACTION: &'static str;
    /// The member that names it, which the audit trail shows.
    const MEMBER: Audited = Audited::member(<Self::Entry as Entity>::Stored::MEMBER);

    /// What it is called.
    fn entity(&self) -> &str;

    /// The target.
    fn target(&self) -> Named<Self::Entry> {
        Named::new(self.entity())
    }

    /// The demand that all of them make.
    fn demand<'a>(&self, found: &'a Found<Self::Entry>) -> Demand<'a> {
        found.bounded_demand(Self::ACTION)
    }
}

macro_rules! about {
    ($($name:ident: $input:ident, $entry:ident, $member:ident;)+) => {$(
        impl About for iam::$input {
            type Entry = $entry;
            const NAME: &'static str = stringify!($name);
            const ACTION: &'static str = concat!("iam:", stringify!($name));

            fn entity(&self) -> &str {
                &self.$member
            }
        }
    )+};
}

about! {
    PutUserPolicy: PutUserPolicyRequest, UserEntry, user_name;
    PutGroupPolicy: PutGroupPolicyRequest, GroupEntry, group_name;
    PutRolePolicy: PutRolePolicyRequest, RoleEntry, role_name;
    GetUserPolicy: GetUserPolicyRequest, UserEntry, user_name;
    GetGroupPolicy: GetGroupPolicyRequest, GroupEntry, group_name;
    GetRolePolicy: GetRolePolicyRequest, RoleEntry, role_name;
    ListUserPolicies: ListUserPoliciesRequest, UserEntry, user_name;
    ListGroupPolicies: ListGroupPoliciesRequest, GroupEntry, group_name;
    ListRolePolicies: ListRolePoliciesRequest, RoleEntry, role_name;
    DeleteUserPolicy: DeleteUserPolicyRequest, UserEntry, user_name;
    DeleteGroupPolicy: DeleteGroupPolicyRequest, GroupEntry, group_name;
    DeleteRolePolicy: DeleteRolePolicyRequest, RoleEntry, role_name;
    AttachUserPolicy: AttachUserPolicyRequest, UserEntry, user_name;
    AttachGroupPolicy: AttachGroupPolicyRequest, GroupEntry, group_name;
    AttachRolePolicy: AttachRolePolicyRequest, RoleEntry, role_name;
    DetachUserPolicy: DetachUserPolicyRequest, UserEntry, user_name;
    DetachGroupPolicy: DetachGroupPolicyRequest, GroupEntry, group_name;
    DetachRolePolicy: DetachRolePolicyRequest, RoleEntry, role_name;
    ListAttachedUserPolicies: ListAttachedUserPoliciesRequest, UserEntry, user_name;
    ListAttachedGroupPolicies: ListAttachedGroupPoliciesRequest, GroupEntry, group_name;
    ListAttachedRolePolicies: ListAttachedRolePoliciesRequest, RoleEntry, role_name;
    PutUserPermissionsBoundary: PutUserPermissionsBoundaryRequest, UserEntry, user_name;
    PutRolePermissionsBoundary: PutRolePermissionsBoundaryRequest, RoleEntry, role_name;
    DeleteUserPermissionsBoundary: DeleteUserPermissionsBoundaryRequest, UserEntry, user_name;
    DeleteRolePermissionsBoundary: DeleteRolePermissionsBoundaryRequest, RoleEntry, role_name;
    TagUser: TagUserRequest, UserEntry, user_name;
    TagRole: TagRoleRequest, RoleEntry, role_name;
    UntagUser: UntagUserRequest, UserEntry, user_name;
    UntagRole: UntagRoleRequest, RoleEntry, role_name;
    ListUserTags: ListUserTagsRequest, UserEntry, user_name;
    ListRoleTags: ListRoleTagsRequest, RoleEntry, role_name;
    UpdateUser: UpdateUserRequest, UserEntry, user_name;
    UpdateGroup: UpdateGroupRequest, GroupEntry, group_name;
    DeleteUser: DeleteUserRequest, UserEntry, user_name;
    GetRole: GetRoleRequest, RoleEntry, role_name;
    DeleteRole: DeleteRoleRequest, RoleEntry, role_name;
    UpdateRole: UpdateRoleRequest, RoleEntry, role_name;
    UpdateRoleDescription: UpdateRoleDescriptionRequest, RoleEntry, role_name;
    UpdateAssumeRolePolicy: UpdateAssumeRolePolicyRequest, RoleEntry, role_name;
    DeleteGroup: DeleteGroupRequest, GroupEntry, group_name;
}
