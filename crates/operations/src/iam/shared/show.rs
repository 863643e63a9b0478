//! Records as the API shows them.

use trent_domain::{Group, ManagedPolicy, PolicyVersion, Role, User};
use trent_engine::AwsManaged;
use trent_model::iam::{self, AttachedPermissionsBoundary, PermissionsBoundaryAttachmentType};

use super::links::Uses;
use super::managed::Managed;
use super::{policy, tags};
pub(crate) use crate::kms::shared::metadata::seconds;

/// When the managed policies of AWS were made.
const AWS_MANAGED_SINCE: trent_model::Timestamp = trent_model::Timestamp::from_millis(1_423_247_986_000);
/// The version that each of them has.
const AWS_VERSION: &str = "v1";

/// A user; lists leave out tags and boundary.
pub(crate) fn listed_user(user: &User) -> iam::User {
    let (path, name) = (user.path.to_string(), user.name.to_string());
    iam::User {
        arn: user.arn(),
        create_date: seconds(user.created),
        password_last_used: None,
        path,
        permissions_boundary: None,
        tags: None,
        user_id: user.id.to_string(),
        user_name: name,
    }
}

/// A user with all there is to know.
pub(crate) fn user(user: &User) -> iam::User {
    iam::User {
        permissions_boundary: boundary(user.boundary.as_deref()),
        tags: tags::shown_if_any(&user.tags),
        ..listed_user(user)
    }
}

/// A role; lists leave out tags and boundary. Its trust policy is `trust`, with principals as they
/// are shown.
pub(crate) fn listed_role(role: &Role, trust: &str) -> iam::Role {
    iam::Role {
        arn: role.arn(),
        assume_role_policy_document: Some(policy::shown(trust)),
        create_date: seconds(role.created),
        description: role.description.clone(),
        max_session_duration: i32::try_from(role.max_session).ok(),
        max_signin_session_duration: None,
        path: role.path.to_string(),
        permissions_boundary: None,
        role_id: role.id.to_string(),
        role_last_used: None,
        role_name: role.name.to_string(),
        source_role_template: None,
        tags: None,
    }
}

/// A role with all there is to know.
pub(crate) fn role(role: &Role, trust: &str) -> iam::Role {
    iam::Role {
        permissions_boundary: boundary(role.boundary.as_deref()),
        tags: tags::shown_if_any(&role.tags),
        ..listed_role(role, trust)
    }
}

/// A group.
pub(crate) fn group(group: &Group) -> iam::Group {
    iam::Group {
        arn: group.arn(),
        create_date: seconds(group.created),
        group_id: group.id.to_string(),
        group_name: group.name.to_string(),
        path: group.path.to_string(),
    }
}

/// A managed policy; lists leave out description and tags.
pub(crate) fn listed_policy(managed: &Managed, uses: Uses) -> iam::Policy {
    let policy = match managed {
        Managed::Own(entry) => own_policy(&entry.policy),
        Managed::Aws(aws) => aws_policy(aws),
    };
    iam::Policy {
        attachment_count: count(uses.attached),
        permissions_boundary_usage_count: count(uses.bounding),
        ..policy
    }
}

/// A managed policy with all there is to know.
pub(crate) fn policy(managed: &Managed, uses: Uses) -> iam::Policy {
    let (description, tags) = match managed {
        Managed::Own(entry) => (entry.policy.description.clone(), tags::shown(&entry.policy.tags)),
        Managed::Aws(aws) => (Some(aws.description.to_owned()), Vec::new()),
    };
    iam::Policy { description, tags: Some(tags), ..listed_policy(managed, uses) }
}

/// A managed policy that nobody has yet; the description is left out, as the service does.
pub(crate) fn new_policy(policy: &ManagedPolicy) -> iam::Policy {
    iam::Policy { attachment_count: Some(0), permissions_boundary_usage_count: Some(0), ..own_policy(policy) }
}

fn own_policy(policy: &ManagedPolicy) -> iam::Policy {
    iam::Policy {
        arn: Some(policy.arn()),
        create_date: Some(seconds(policy.created)),
        default_version_id: Some(format!("v{}", policy.default_version)),
        is_attachable: Some(true),
        path: Some(policy.path.to_string()),
        policy_id: Some(policy.id.to_string()),
        policy_name: Some(policy.name.to_string()),
        update_date: Some(seconds(policy.updated)),
        ..iam::Policy::default()
    }
}

fn aws_policy(aws: &AwsManaged) -> iam::Policy {
    iam::Policy {
        arn: Some(aws.arn.to_owned()),
        create_date: Some(AWS_MANAGED_SINCE),
        default_version_id: Some(AWS_VERSION.to_owned()),
        is_attachable: Some(true),
        path: Some("/".to_owned()),
        policy_id: aws.id().map(|id| id.to_string()),
        policy_name: Some(aws.name.to_owned()),
        update_date: Some(AWS_MANAGED_SINCE),
        ..iam::Policy::default()
    }
}

/// The versions of a managed policy, newest first, with their texts.
pub(crate) fn versions(managed: &Managed) -> Vec<iam::PolicyVersion> {
    match managed {
        Managed::Own(entry) => {
            let policy = &entry.policy;
            policy.versions.iter().rev().map(|one| version(one, policy.default_version)).collect()
        }
        Managed::Aws(aws) => vec![iam::PolicyVersion {
            create_date: Some(AWS_MANAGED_SINCE),
            document: Some(policy::shown(aws.document)),
            is_default_version: Some(true),
            version_id: Some(AWS_VERSION.to_owned()),
        }],
    }
}

/// A version of a managed policy, with its text.
pub(crate) fn version(version: &PolicyVersion, default: u32) -> iam::PolicyVersion {
    iam::PolicyVersion {
        create_date: Some(seconds(version.created)),
        document: Some(policy::shown(&version.document)),
        is_default_version: Some(version.number == default),
        version_id: Some(version.id()),
    }
}

/// A permissions boundary.
pub(crate) fn boundary(arn: Option<&str>) -> Option<AttachedPermissionsBoundary> {
    arn.map(|arn| AttachedPermissionsBoundary {
        permissions_boundary_arn: Some(arn.to_owned()),
        permissions_boundary_type: Some(PermissionsBoundaryAttachmentType::Policy),
    })
}

fn count(number: usize) -> Option<i32> {
    Some(i32::try_from(number).unwrap_or(i32::MAX))
}
