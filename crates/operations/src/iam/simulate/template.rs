//! What kind of resource an action works on, as the service authorization reference spells its ARN.
//!
//! Results for all resources together are named by it. An action that works on none, or on one of a
//! service that is not here, is named `*`.

const KEY: &str = "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}";
const ALIAS: &str = "arn:${Partition}:kms:${Region}:${Account}:alias/${Alias}";
const USER: &str = "arn:${Partition}:iam::${Account}:user/${UserNameWithPath}";
const GROUP: &str = "arn:${Partition}:iam::${Account}:group/${GroupNameWithPath}";
const ROLE: &str = "arn:${Partition}:iam::${Account}:role/${RoleNameWithPath}";
const POLICY: &str = "arn:${Partition}:iam::${Account}:policy/${PolicyNameWithPath}";
const PROVIDER: &str = "arn:${Partition}:iam::${Account}:oidc-provider/${OidcProviderName}";

/// The actions of KMS that work on no key, or on an alias with one.
const WITHOUT_KEY: &[&str] = &[
    "ConnectCustomKeyStore",
    "CreateCustomKeyStore",
    "CreateKey",
    "DeleteCustomKeyStore",
    "DescribeCustomKeyStores",
    "DisconnectCustomKeyStore",
    "GenerateRandom",
    "ListAliases",
    "ListKeys",
    "ListRetirableGrants",
    "UpdateCustomKeyStore",
];
const WITH_ALIAS: &[&str] = &["CreateAlias", "DeleteAlias", "UpdateAlias"];
/// Actions of KMS that are not called as an operation is.
const OF_SEVERAL: &[&str] = &["ReEncryptFrom", "ReEncryptTo", "SynchronizeMultiRegionKey"];

/// The actions of IAM by what they work on. One that works on several kinds stands with the first.
const OF_IAM: &[(&str, &[&str])] = &[
    (
        GROUP,
        &[
            "AddUserToGroup",
            "AttachGroupPolicy",
            "CreateGroup",
            "DeleteGroup",
            "DeleteGroupPolicy",
            "DetachGroupPolicy",
            "GetContextKeysForPrincipalPolicy",
            "GetGroup",
            "GetGroupPolicy",
            "ListAttachedGroupPolicies",
            "ListGroupPolicies",
            "PutGroupPolicy",
            "RemoveUserFromGroup",
            "SimulatePrincipalPolicy",
            "UpdateGroup",
        ],
    ),
    (
        ROLE,
        &[
            "AttachRolePolicy",
            "CreateRole",
            "DeleteRole",
            "DeleteRolePermissionsBoundary",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "GetRole",
            "GetRolePolicy",
            "ListAttachedRolePolicies",
            "ListInstanceProfilesForRole",
            "ListRolePolicies",
            "ListRoleTags",
            "PassRole",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "TagRole",
            "UntagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
            "UpdateRoleDescription",
        ],
    ),
    (
        USER,
        &[
            "AttachUserPolicy",
            "CreateAccessKey",
            "CreateUser",
            "DeleteAccessKey",
            "DeleteLoginProfile",
            "DeleteUser",
            "DeleteUserPermissionsBoundary",
            "DeleteUserPolicy",
            "DetachUserPolicy",
            "GetAccessKeyLastUsed",
            "GetLoginProfile",
            "GetUser",
            "GetUserPolicy",
            "ListAccessKeys",
            "ListAttachedUserPolicies",
            "ListGroupsForUser",
            "ListMFADevices",
            "ListSSHPublicKeys",
            "ListServiceSpecificCredentials",
            "ListSigningCertificates",
            "ListUserPolicies",
            "ListUserTags",
            "PutUserPermissionsBoundary",
            "PutUserPolicy",
            "TagUser",
            "UntagUser",
            "UpdateAccessKey",
            "UpdateUser",
        ],
    ),
    (
        POLICY,
        &[
            "CreatePolicy",
            "CreatePolicyVersion",
            "DeletePolicy",
            "DeletePolicyVersion",
            "GetPolicy",
            "GetPolicyVersion",
            "ListEntitiesForPolicy",
            "ListPolicyTags",
            "ListPolicyVersions",
            "SetDefaultPolicyVersion",
            "TagPolicy",
            "UntagPolicy",
        ],
    ),
    (
        PROVIDER,
        &[
            "AddClientIDToOpenIDConnectProvider",
            "CreateOpenIDConnectProvider",
            "DeleteOpenIDConnectProvider",
            "GetOpenIDConnectProvider",
            "ListOpenIDConnectProviderTags",
            "RemoveClientIDFromOpenIDConnectProvider",
            "TagOpenIDConnectProvider",
            "UntagOpenIDConnectProvider",
            "UpdateOpenIDConnectProviderThumbprint",
        ],
    ),
];

/// The actions of STS that work on a role.
const OF_STS: &[&str] =
    &["AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "SetSourceIdentity", "TagSession"];

/// The kind of resource that an action works on.
pub(super) fn of(action: &str) -> &'static str {
    let (service, name) = action.split_once(':').unwrap_or_default();
    let is_in = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let found = match service.to_ascii_lowercase().as_str() {
        "kms" if is_in(WITH_ALIAS) => Some(ALIAS),
        "kms" if is_in(WITHOUT_KEY) => None,
        "kms" => {
            let mut operations = trent_model::kms::OPERATIONS.iter().map(|operation| operation.name);
            let known = operations.any(|known| known.eq_ignore_ascii_case(name)) || is_in(OF_SEVERAL);
            known.then_some(KEY)
        }
        "iam" => OF_IAM.iter().find(|(_, names)| is_in(names)).map(|(template, _)| *template),
        "sts" if is_in(OF_STS) => Some(ROLE),
        _ => None,
    };
    found.unwrap_or("*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_told_by_what_they_work_on() {
        assert_eq!(of("kms:encrypt"), KEY);
        assert_eq!(of("KMS:ReEncryptTo"), KEY);
        assert_eq!(of("kms:UpdateAlias"), ALIAS);
        assert_eq!(of("iam:GetRole"), ROLE);
        assert_eq!(of("sts:AssumeRole"), ROLE);
        for any in ["kms:ListKeys", "kms:*", "kms:NoSuchThing", "iam:ListUsers", "s3:GetObject", ""] {
            assert_eq!(of(any), "*", "{any}");
        }
    }

    #[test]
    fn the_lists_name_operations_that_exist() {
        let exists = |name: &str| {
            let kms = trent_model::kms::OPERATIONS.iter().map(|operation| operation.name);
            let iam = trent_model::iam::OPERATIONS.iter().map(|operation| operation.name);
            kms.chain(iam).any(|known| known == name)
        };
        let listed = OF_IAM.iter().flat_map(|(_, names)| *names).chain(WITHOUT_KEY).chain(WITH_ALIAS);
        let unknown: Vec<_> = listed.filter(|name| !exists(name)).collect();
        assert_eq!(unknown, [&"PassRole"]);
    }
}
