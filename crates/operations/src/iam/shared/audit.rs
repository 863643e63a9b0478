//! `responseElements` of the audit trail: what was made, without its secrets.

use jiff::Timestamp;
use serde_json::{Value, json};
use trent_domain::{Credential, Group, ManagedPolicy, PolicyVersion, Role, User};
use trent_engine::Json;

use super::policy;

/// A new user.
pub(crate) fn user(user: &User) -> Json {
    shown(
        "user",
        json!({
            "arn": user.arn(),
            "createDate": time(user.created),
            "path": user.path.as_str(),
            "userId": user.id.as_str(),
            "userName": user.name.as_str(),
        }),
    )
}

/// A new role.
pub(crate) fn role(role: &Role, trust: &str) -> Json {
    shown(
        "role",
        json!({
            "arn": role.arn(),
            "assumeRolePolicyDocument": policy::shown(trust),
            "createDate": time(role.created),
            "path": role.path.as_str(),
            "roleId": role.id.as_str(),
            "roleName": role.name.as_str(),
        }),
    )
}

/// A new group.
pub(crate) fn group(group: &Group) -> Json {
    shown(
        "group",
        json!({
            "arn": group.arn(),
            "createDate": time(group.created),
            "groupId": group.id.as_str(),
            "groupName": group.name.as_str(),
            "path": group.path.as_str(),
        }),
    )
}

/// A new managed policy.
pub(crate) fn policy(policy: &ManagedPolicy) -> Json {
    shown(
        "policy",
        json!({
            "arn": policy.arn(),
            "attachmentCount": 0,
            "createDate": time(policy.created),
            "defaultVersionId": format!("v{}", policy.default_version),
            "isAttachable": true,
            "path": policy.path.as_str(),
            "permissionsBoundaryUsageCount": 0,
            "policyId": policy.id.as_str(),
            "policyName": policy.name.as_str(),
            "updateDate": time(policy.updated),
        }),
    )
}

/// A new version of a managed policy.
pub(crate) fn version(version: &PolicyVersion, is_default: bool) -> Json {
    shown(
        "policyVersion",
        json!({
            "createDate": time(version.created),
            "isDefaultVersion": is_default,
            "versionId": version.id(),
        }),
    )
}

/// A new access key: not its secret.
pub(crate) fn access_key(credential: &Credential, user_name: Option<&str>) -> Json {
    shown(
        "accessKey",
        json!({
            "accessKeyId": credential.access_key_id,
            "createDate": time(credential.created),
            "status": credential.status.as_str(),
            "userName": user_name,
        }),
    )
}

/// One element under its name.
pub(crate) fn shown(name: &str, element: Value) -> Json {
    Json(json!({ name: element }).to_string())
}

/// A time in the spelling of the trail: English text.
pub(crate) fn time(time: Timestamp) -> String {
    time.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}
