//! The operations Trent has.

use trent_engine::Catalog;

use trent_model::iam as model;

use crate::iam::{access_keys, groups, inline, rename, tagging, users};
use crate::kms;
use crate::wire::{empty, json, query};

/// All KMS operations, and the names of those that are still to come.
#[must_use]
pub fn kms() -> Catalog {
    Catalog::default()
        .with::<kms::CancelKeyDeletion>(json())
        .with::<kms::CreateAlias>(empty())
        .with::<kms::CreateGrant>(json())
        .with::<kms::CreateKey>(json())
        .with::<kms::Decapsulate>(json())
        .with::<kms::Decrypt>(json())
        .with::<kms::DeleteAlias>(empty())
        .with::<kms::DeleteImportedKeyMaterial>(json())
        .with::<kms::DeriveSharedSecret>(json())
        .with::<kms::DescribeKey>(json())
        .with::<kms::DisableKey>(empty())
        .with::<kms::DisableKeyRotation>(empty())
        .with::<kms::EnableKey>(empty())
        .with::<kms::EnableKeyRotation>(empty())
        .with::<kms::Encapsulate>(json())
        .with::<kms::Encrypt>(json())
        .with::<kms::GenerateDataKey>(json())
        .with::<kms::GenerateDataKeyPair>(json())
        .with::<kms::GenerateDataKeyPairWithoutPlaintext>(json())
        .with::<kms::GenerateDataKeyWithoutPlaintext>(json())
        .with::<kms::GenerateMac>(json())
        .with::<kms::GenerateRandom>(json())
        .with::<kms::GetKeyLastUsage>(json())
        .with::<kms::GetKeyPolicy>(json())
        .with::<kms::GetKeyRotationStatus>(json())
        .with::<kms::GetParametersForImport>(json())
        .with::<kms::GetPublicKey>(json())
        .with::<kms::ImportKeyMaterial>(json())
        .with::<kms::ListAliases>(json())
        .with::<kms::ListGrants>(json())
        .with::<kms::ListKeyPolicies>(json())
        .with::<kms::ListKeyRotations>(json())
        .with::<kms::ListKeys>(json())
        .with::<kms::ListResourceTags>(json())
        .with::<kms::ListRetirableGrants>(json())
        .with::<kms::PutKeyPolicy>(empty())
        .with::<kms::ReEncrypt>(json())
        .with::<kms::RetireGrant>(empty())
        .with::<kms::RevokeGrant>(empty())
        .with::<kms::RotateKeyOnDemand>(json())
        .with::<kms::ScheduleKeyDeletion>(json())
        .with::<kms::Sign>(json())
        .with::<kms::TagResource>(empty())
        .with::<kms::UntagResource>(empty())
        .with::<kms::UpdateAlias>(empty())
        .with::<kms::UpdateKeyDescription>(empty())
        .with::<kms::Verify>(json())
        .with::<kms::VerifyMac>(json())
        .of_api(trent_model::kms::OPERATIONS.iter().map(|operation| operation.name))
}

/// The IAM operations there are, and the names of those that are not.
#[must_use]
pub fn iam() -> Catalog {
    let catalog = inline_policies(people(Catalog::default()));
    catalog.of_api(trent_model::iam::OPERATIONS.iter().map(|operation| operation.name))
}

fn people(catalog: Catalog) -> Catalog {
    catalog
        .with::<users::CreateUser>(form())
        .with::<users::GetUser>(form())
        .with::<users::ListUsers>(form())
        .with::<rename::Rename<model::UpdateUserRequest>>(form())
        .with::<users::DeleteUser>(form())
        .with::<tagging::TagEntity<model::TagUserRequest>>(form())
        .with::<tagging::UntagEntity<model::UntagUserRequest>>(form())
        .with::<tagging::ListTags<model::ListUserTagsRequest>>(form())
        .with::<access_keys::CreateAccessKey>(form())
        .with::<access_keys::ListAccessKeys>(form())
        .with::<access_keys::UpdateAccessKey>(form())
        .with::<access_keys::DeleteAccessKey>(form())
        .with::<access_keys::GetAccessKeyLastUsed>(form())
        .with::<groups::CreateGroup>(form())
        .with::<groups::GetGroup>(form())
        .with::<groups::ListGroups>(form())
        .with::<rename::Rename<model::UpdateGroupRequest>>(form())
        .with::<groups::DeleteGroup>(form())
        .with::<groups::AddUserToGroup>(form())
        .with::<groups::RemoveUserFromGroup>(form())
        .with::<groups::ListGroupsForUser>(form())
        .with::<tagging::TagEntity<model::TagRoleRequest>>(form())
        .with::<tagging::UntagEntity<model::UntagRoleRequest>>(form())
        .with::<tagging::ListTags<model::ListRoleTagsRequest>>(form())
}

fn inline_policies(catalog: Catalog) -> Catalog {
    catalog
        .with::<inline::PutPolicy<model::PutUserPolicyRequest>>(query())
        .with::<inline::PutPolicy<model::PutGroupPolicyRequest>>(query())
        .with::<inline::PutPolicy<model::PutRolePolicyRequest>>(query())
        .with::<inline::GetPolicy<model::GetUserPolicyRequest>>(query())
        .with::<inline::GetPolicy<model::GetGroupPolicyRequest>>(query())
        .with::<inline::GetPolicy<model::GetRolePolicyRequest>>(query())
        .with::<inline::ListPolicies<model::ListUserPoliciesRequest>>(query())
        .with::<inline::ListPolicies<model::ListGroupPoliciesRequest>>(query())
        .with::<inline::ListPolicies<model::ListRolePoliciesRequest>>(query())
        .with::<inline::DeletePolicy<model::DeleteUserPolicyRequest>>(query())
        .with::<inline::DeletePolicy<model::DeleteGroupPolicyRequest>>(query())
        .with::<inline::DeletePolicy<model::DeleteRolePolicyRequest>>(query())
}
