//! The operations Trent has.

use trent_engine::Catalog;

use trent_model::{Operation, iam as model};

use crate::iam::{
    absent, access_keys, account, attached, boundaries, context_keys, groups, inline, policies, providers,
    rename, roles, simulate, tagging, users,
};
use crate::wire::{empty, json, query};
use crate::{kms, organizations, sts as token};

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
        .with::<kms::ReplicateKey>(json())
        .with::<kms::RetireGrant>(empty())
        .with::<kms::RevokeGrant>(empty())
        .with::<kms::RotateKeyOnDemand>(json())
        .with::<kms::ScheduleKeyDeletion>(json())
        .with::<kms::Sign>(json())
        .with::<kms::TagResource>(empty())
        .with::<kms::UntagResource>(empty())
        .with::<kms::UpdateAlias>(empty())
        .with::<kms::UpdateKeyDescription>(empty())
        .with::<kms::UpdatePrimaryRegion>(empty())
        .with::<kms::Verify>(json())
        .with::<kms::VerifyMac>(json())
        .of_api(trent_model::kms::OPERATIONS.iter().map(|operation| operation.name))
}

/// The IAM operations there are, and the names of those that are not.
#[must_use]
pub fn iam() -> Catalog {
    let entities = trusting(managed_policies(inline_policies(people(Catalog::default()))));
    let catalog = inquiries(absences(entities));
    catalog.of_api(named(model::OPERATIONS, model::OTHERS))
}

/// The STS operations there are, and the names of those that are not.
#[must_use]
pub fn sts() -> Catalog {
    Catalog::default()
        .with::<token::AssumeRole>(query())
        .with::<token::AssumeRoleWithWebIdentity>(query())
        .with::<token::DecodeAuthorizationMessage>(query())
        .with::<token::GetAccessKeyInfo>(query())
        .with::<token::GetCallerIdentity>(query())
        .with::<token::GetFederationToken>(query())
        .with::<token::GetSessionToken>(query())
        .of_api(named(trent_model::sts::OPERATIONS, trent_model::sts::OTHERS))
}

/// The Organizations operations there are, and the names of those that are not.
#[must_use]
pub fn organizations() -> Catalog {
    Catalog::default()
        .with::<organizations::CloseAccount>(empty())
        .with::<organizations::CreateAccount>(json())
        .with::<organizations::CreateOrganization>(json())
        .with::<organizations::DescribeAccount>(json())
        .with::<organizations::DescribeCreateAccountStatus>(json())
        .with::<organizations::DescribeOrganization>(json())
        .with::<organizations::ListAWSServiceAccessForOrganization>(json())
        .with::<organizations::ListAccounts>(json())
        .with::<organizations::ListCreateAccountStatus>(json())
        .with::<organizations::ListParents>(json())
        .with::<organizations::ListRoots>(json())
        .with::<organizations::ListTagsForResource>(json())
        .with::<organizations::TagResource>(empty())
        .with::<organizations::UntagResource>(empty())
        .of_api(named(trent_model::organizations::OPERATIONS, trent_model::organizations::OTHERS))
}

/// The names of an API that is pinned in part.
fn named(
    pinned: &'static [Operation],
    others: &'static [&'static str],
) -> impl Iterator<Item = &'static str> {
    pinned.iter().map(|operation| operation.name).chain(others.iter().copied())
}

fn trusting(catalog: Catalog) -> Catalog {
    catalog
        .with::<roles::CreateRole>(query())
        .with::<roles::GetRole>(query())
        .with::<roles::ListRoles>(query())
        .with::<roles::UpdateRole>(query())
        .with::<roles::UpdateRoleDescription>(query())
        .with::<roles::UpdateAssumeRolePolicy>(query())
        .with::<roles::DeleteRole>(query())
        .with::<providers::AddClientIDToOpenIDConnectProvider>(query())
        .with::<providers::CreateOpenIDConnectProvider>(query())
        .with::<providers::DeleteOpenIDConnectProvider>(query())
        .with::<providers::GetOpenIDConnectProvider>(query())
        .with::<providers::ListOpenIDConnectProviders>(query())
        .with::<providers::ListOpenIDConnectProviderTags>(query())
        .with::<providers::RemoveClientIDFromOpenIDConnectProvider>(query())
        .with::<providers::TagOpenIDConnectProvider>(query())
        .with::<providers::UpdateOpenIDConnectProviderThumbprint>(query())
        .with::<providers::UntagOpenIDConnectProvider>(query())
}

fn people(catalog: Catalog) -> Catalog {
    catalog
        .with::<users::CreateUser>(query())
        .with::<users::GetUser>(query())
        .with::<users::ListUsers>(query())
        .with::<rename::Rename<model::UpdateUserRequest>>(query())
        .with::<users::DeleteUser>(query())
        .with::<tagging::TagEntity<model::TagUserRequest>>(query())
        .with::<tagging::UntagEntity<model::UntagUserRequest>>(query())
        .with::<tagging::ListTags<model::ListUserTagsRequest>>(query())
        .with::<access_keys::CreateAccessKey>(query())
        .with::<access_keys::ListAccessKeys>(query())
        .with::<access_keys::UpdateAccessKey>(query())
        .with::<access_keys::DeleteAccessKey>(query())
        .with::<access_keys::GetAccessKeyLastUsed>(query())
        .with::<groups::CreateGroup>(query())
        .with::<groups::GetGroup>(query())
        .with::<groups::ListGroups>(query())
        .with::<rename::Rename<model::UpdateGroupRequest>>(query())
        .with::<groups::DeleteGroup>(query())
        .with::<groups::AddUserToGroup>(query())
        .with::<groups::RemoveUserFromGroup>(query())
        .with::<groups::ListGroupsForUser>(query())
        .with::<tagging::TagEntity<model::TagRoleRequest>>(query())
        .with::<tagging::UntagEntity<model::UntagRoleRequest>>(query())
        .with::<tagging::ListTags<model::ListRoleTagsRequest>>(query())
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

fn managed_policies(catalog: Catalog) -> Catalog {
    catalog
        .with::<policies::CreatePolicy>(query())
        .with::<policies::GetPolicy>(query())
        .with::<policies::ListPolicies>(query())
        .with::<policies::DeletePolicy>(query())
        .with::<policies::CreatePolicyVersion>(query())
        .with::<policies::GetPolicyVersion>(query())
        .with::<policies::ListPolicyVersions>(query())
        .with::<policies::DeletePolicyVersion>(query())
        .with::<policies::SetDefaultPolicyVersion>(query())
        .with::<policies::ListEntitiesForPolicy>(query())
        .with::<tagging::TagPolicy>(query())
        .with::<tagging::UntagPolicy>(query())
        .with::<tagging::ListPolicyTags>(query())
        .with::<attached::AttachPolicy<model::AttachUserPolicyRequest>>(query())
        .with::<attached::AttachPolicy<model::AttachGroupPolicyRequest>>(query())
        .with::<attached::AttachPolicy<model::AttachRolePolicyRequest>>(query())
        .with::<attached::DetachPolicy<model::DetachUserPolicyRequest>>(query())
        .with::<attached::DetachPolicy<model::DetachGroupPolicyRequest>>(query())
        .with::<attached::DetachPolicy<model::DetachRolePolicyRequest>>(query())
        .with::<attached::ListAttachedPolicies<model::ListAttachedUserPoliciesRequest>>(query())
        .with::<attached::ListAttachedPolicies<model::ListAttachedGroupPoliciesRequest>>(query())
        .with::<attached::ListAttachedPolicies<model::ListAttachedRolePoliciesRequest>>(query())
        .with::<boundaries::PutBoundary<model::PutUserPermissionsBoundaryRequest>>(query())
        .with::<boundaries::PutBoundary<model::PutRolePermissionsBoundaryRequest>>(query())
        .with::<boundaries::DeleteBoundary<model::DeleteUserPermissionsBoundaryRequest>>(query())
        .with::<boundaries::DeleteBoundary<model::DeleteRolePermissionsBoundaryRequest>>(query())
}

/// What can be asked about policies, and about the account as a whole.
fn inquiries(catalog: Catalog) -> Catalog {
    catalog
        .with::<account::GetAccountAuthorizationDetails>(query())
        .with::<account::GetAccountSummary>(query())
        .with::<context_keys::GetContextKeysForCustomPolicy>(query())
        .with::<context_keys::GetContextKeysForPrincipalPolicy>(query())
        .with::<simulate::SimulateCustomPolicy>(query())
        .with::<simulate::SimulatePrincipalPolicy>(query())
}

/// What there is to say about things that Trent has none of.
fn absences(catalog: Catalog) -> Catalog {
    catalog
        .with::<absent::NoneOfAccount<model::ListAccountAliasesRequest>>(query())
        .with::<absent::NoneOfAccount<model::ListVirtualMFADevicesRequest>>(query())
        .with::<absent::NoneOfUser<model::ListMFADevicesRequest>>(query())
        .with::<absent::NoneOfUser<model::ListSigningCertificatesRequest>>(query())
        .with::<absent::NoneOfUser<model::ListSSHPublicKeysRequest>>(query())
        .with::<absent::NoneOfUser<model::ListServiceSpecificCredentialsRequest>>(query())
        .with::<absent::ListInstanceProfilesForRole>(query())
        .with::<absent::LoginProfile<model::GetLoginProfileRequest>>(query())
        .with::<absent::LoginProfile<model::DeleteLoginProfileRequest>>(query())
}
