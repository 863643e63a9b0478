//! Users, groups, roles and managed policies with all that hangs on them, as the API shows them.

use trent_domain::{Group, IdentityPolicies, Role, User};
use trent_engine::{Context, Fault};
use trent_model::iam::{GroupDetail, ManagedPolicyDetail, PolicyDetail, RoleDetail, UserDetail};

use super::links::Uses;
use super::managed::{self, Managed};
use super::{groups, last_used, policy, show, tags, trust};

/// A user.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn user(user: &User, context: &Context<'_>) -> Result<UserDetail, Fault> {
    let groups = groups::of_user(user, context).await?;
    Ok(UserDetail {
        arn: Some(user.arn()),
        attached_managed_policies: Some(managed::attached(&user.policies, context).await?),
        create_date: Some(show::seconds(user.created)),
        group_list: Some(groups.iter().map(|entry| entry.group.name.to_string()).collect()),
        path: Some(user.path.to_string()),
        permissions_boundary: show::boundary(user.boundary.as_deref()),
        tags: Some(tags::shown(&user.tags)),
        user_id: Some(user.id.to_string()),
        user_name: Some(user.name.to_string()),
        user_policy_list: Some(inline(&user.policies)),
    })
}

/// A group.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn group(group: &Group, context: &Context<'_>) -> Result<GroupDetail, Fault> {
    Ok(GroupDetail {
        arn: Some(group.arn()),
        attached_managed_policies: Some(managed::attached(&group.policies, context).await?),
        create_date: Some(show::seconds(group.created)),
        group_id: Some(group.id.to_string()),
        group_name: Some(group.name.to_string()),
        group_policy_list: Some(inline(&group.policies)),
        path: Some(group.path.to_string()),
    })
}

/// A role. There are no instances, so none has a profile.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn role(role: &Role, context: &Context<'_>) -> Result<RoleDetail, Fault> {
    let trust = trust::shown(role, context).await?;
    Ok(RoleDetail {
        arn: Some(role.arn()),
        assume_role_policy_document: Some(policy::shown(&trust)),
        attached_managed_policies: Some(managed::attached(&role.policies, context).await?),
        create_date: Some(show::seconds(role.created)),
        instance_profile_list: Some(Vec::new()),
        path: Some(role.path.to_string()),
        permissions_boundary: show::boundary(role.boundary.as_deref()),
        role_id: Some(role.id.to_string()),
        role_last_used: Some(last_used::of_role(role, context).await?),
        role_name: Some(role.name.to_string()),
        role_policy_list: Some(inline(&role.policies)),
        tags: Some(tags::shown(&role.tags)),
    })
}

/// A managed policy with its versions.
pub(crate) fn policy(managed: &Managed, uses: Uses) -> ManagedPolicyDetail {
    let shown = show::policy(managed, uses);
    ManagedPolicyDetail {
        arn: shown.arn,
        attachment_count: shown.attachment_count,
        create_date: shown.create_date,
        default_version_id: shown.default_version_id,
        description: shown.description,
        is_attachable: shown.is_attachable,
        path: shown.path,
        permissions_boundary_usage_count: shown.permissions_boundary_usage_count,
        policy_id: shown.policy_id,
        policy_name: shown.policy_name,
        policy_version_list: Some(show::versions(managed)),
        update_date: shown.update_date,
    }
}

fn inline(policies: &IdentityPolicies) -> Vec<PolicyDetail> {
    let shown = |(name, text): (&String, &String)| PolicyDetail {
        policy_document: Some(policy::shown(text)),
        policy_name: Some(name.clone()),
    };
    policies.inline.iter().map(shown).collect()
}
