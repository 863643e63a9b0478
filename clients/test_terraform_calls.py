"""What Terraform's AWS provider asks for each resource, in its order: what it makes it reads back until it is
as it was written, retries what it takes for delay, and finds nothing behind what it deletes.

The provider compares policies by what they mean, waits for errors of certain names and texts, and before it
deletes a user or a role asks for things that Trent has none of.
"""

import json
from types import SimpleNamespace

import pytest

from identities import ALL, ROOT, allow, code, refusal, text, unique
from trent import ACCOUNT, REGION


@pytest.fixture(scope="module")
def me(callers):
    """Whoever applies: an administrator, with the clients of the provider."""
    caller = callers.user(ALL)
    services = {service: caller.client(service) for service in ("kms", "iam", "sts", "organizations")}
    # What the provider asks first.
    assert services["sts"].get_caller_identity()["Arn"] == caller.arn
    return SimpleNamespace(arn=caller.arn, **services)


def pages(client, operation, member, **arguments):
    return [item for page in client.get_paginator(operation).paginate(**arguments) for item in page[member]]


def meaning(policy):
    """A policy without the spellings that mean the same."""
    policy = json.loads(policy) if isinstance(policy, str) else policy
    statements = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    return policy["Version"], [_meaning(statement) for statement in statements]


def _meaning(value):
    if isinstance(value, dict):
        return {key: _meaning(item) for key, item in value.items()}
    return sorted(map(str, value)) if isinstance(value, list) else [str(value)]


def tag_map(tags, key="Key", value="Value"):
    return {tag[key]: tag[value] for tag in tags}


# The resource `aws_kms_key`, with the policy that its documentation gives.


def key_policy(administrators, users):
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
    administer = "Create Describe Enable List Put Update Revoke Disable Get Delete TagResource UntagResource".split()
    administer = [f"kms:{verb}" if verb.endswith("Resource") else f"kms:{verb}*" for verb in administer]
    administer += ["kms:ScheduleKeyDeletion", "kms:CancelKeyDeletion"]

    def statement(sid, principals, actions, **more):
        return {**allow(actions), "Sid": sid, "Principal": {"AWS": principals}, **more}

    return json.dumps({
        "Version": "2012-10-17",
        "Id": "key-consolepolicy-3",
        "Statement": [
            statement("Enable IAM User Permissions", ROOT, "kms:*"),
            statement("Allow access for Key Administrators", administrators, administer),
            statement("Allow use of the key", users, use),
            statement(
                "Allow attachment of persistent resources",
                users,
                ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"],
                Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}},
            ),
        ],
    })  # fmt: skip


def read_key(kms, key):
    found = SimpleNamespace(metadata=kms.describe_key(KeyId=key)["KeyMetadata"])
    found.policy = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
    found.rotation = kms.get_key_rotation_status(KeyId=key)
    found.tags = tag_map(pages(kms, "list_resource_tags", "Tags", KeyId=key), "TagKey", "TagValue")
    return found


def test_a_key(me, callers):
    kms = me.kms
    roles = [callers.session().role for _ in range(2)]
    policy = key_policy(callers.user().arn, roles)
    made = {"BypassPolicyLockoutSafetyCheck": False, "KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}
    tags = [{"TagKey": "Name", "TagValue": "main"}, {"TagKey": "stage", "TagValue": "test"}]
    # A principal that is not there yet is waited for.
    early = policy.replace(roles[0], f"arn:aws:iam::{ACCOUNT}:role/{unique('not-yet')}")
    assert code(kms.create_key, Policy=early, **made) == "MalformedPolicyDocumentException"
    key = kms.create_key(Policy=policy, Description="main", Tags=tags, **made)["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    found = read_key(kms, key)
    assert meaning(found.policy) == meaning(policy)
    assert found.metadata["Enabled"] and found.metadata["Description"] == "main"
    assert not found.metadata["MultiRegion"]
    assert (found.rotation["KeyRotationEnabled"], found.rotation["RotationPeriodInDays"]) == (True, 180)
    assert found.tags == {"Name": "main", "stage": "test"}

    changed = key_policy([callers.user().arn, callers.user().arn], roles[1])
    kms.disable_key_rotation(KeyId=key)
    kms.update_key_description(KeyId=key, Description="")
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=changed, BypassPolicyLockoutSafetyCheck=False)
    kms.untag_resource(KeyId=key, TagKeys=["stage"])
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Name", "TagValue": "other"}])
    kms.disable_key(KeyId=key)
    found = read_key(kms, key)
    assert meaning(found.policy) == meaning(changed)
    assert (found.metadata["Enabled"], found.metadata["Description"]) == (False, "")
    assert not found.rotation["KeyRotationEnabled"] and found.tags == {"Name": "other"}

    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"
    _, name, message = refusal(kms.schedule_key_deletion, KeyId=key)
    assert name == "KMSInvalidStateException" and "is pending deletion" in message


def test_a_key_that_does_not_rotate_is_read_all_the_same(me):
    made = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY", "BypassPolicyLockoutSafetyCheck": False}
    key = me.kms.create_key(**made)["KeyMetadata"]["KeyId"]
    found = read_key(me.kms, key)
    assert found.metadata["KeySpec"] == "ECC_NIST_P256" and not found.rotation["KeyRotationEnabled"]
    assert found.tags == {}


def test_an_alias(me):
    kms, name = me.kms, f"alias/{unique('terraform')}"

    def read():
        found = pages(kms, "list_aliases", "Aliases", PaginationConfig={"PageSize": 7})
        return [(alias["AliasArn"], alias["TargetKeyId"]) for alias in found if alias["AliasName"] == name]

    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    assert code(kms.delete_alias, AliasName=name) == "NotFoundException" and read() == []
    kms.create_alias(AliasName=name, TargetKeyId=keys[0])
    assert read() == [(f"arn:aws:kms:{REGION}:{ACCOUNT}:{name}", keys[0])]
    kms.update_alias(AliasName=name, TargetKeyId=keys[1])
    assert read()[0][1] == keys[1]
    kms.delete_alias(AliasName=name)
    assert read() == []


def test_a_grant(me, callers):
    kms = me.kms
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    grantee, retiring = callers.session().role, callers.user().arn
    wish = {
        "KeyId": key,
        "GranteePrincipal": grantee,
        "RetiringPrincipal": retiring,
        "Operations": ["Encrypt", "Decrypt", "GenerateDataKey"],
        "Constraints": {"EncryptionContextEquals": {"Department": "Finance"}},
    }

    def read(grant):
        found = pages(kms, "list_grants", "Grants", KeyId=key, PaginationConfig={"PageSize": 100})
        return [entry for entry in found if entry["GrantId"] == grant]

    early = {**wish, "GranteePrincipal": f"{grantee}-not-yet"}
    assert code(kms.create_grant, **early) == "InvalidArnException"
    for end in (kms.revoke_grant, kms.retire_grant):
        grant = kms.create_grant(Name=unique("grant"), **wish)["GrantId"]
        [entry] = read(grant)
        assert {member: entry[member] for member in wish if member != "KeyId"} == {
            member: value for member, value in wish.items() if member != "KeyId"
        }
        end(KeyId=key, GrantId=grant)
        assert read(grant) == []
        assert code(end, KeyId=key, GrantId=grant) == "NotFoundException"


@pytest.fixture
def policy(me):
    document = text(ALL)
    made = {"PolicyName": unique("policy"), "Path": "/tf/", "Description": "", "PolicyDocument": document}
    return me.iam.create_policy(**made, Tags=[{"Key": "a", "Value": "b"}])["Policy"]["Arn"]


def test_a_user(me, policy):
    iam, name = me.iam, unique("user")
    made = {"Path": "/team/", "UserName": name, "PermissionsBoundary": policy, "Tags": [{"Key": "a", "Value": "b"}]}
    iam.create_user(**made)
    user = iam.get_user(UserName=name)["User"]
    assert user["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert tag_map(user["Tags"]) == tag_map(iam.list_user_tags(UserName=name)["Tags"]) == {"a": "b"}
    renamed = unique("renamed")
    iam.update_user(UserName=name, NewUserName=renamed, NewPath="/")
    assert code(iam.get_user, UserName=name) == "NoSuchEntity"
    name = renamed
    iam.delete_user_permissions_boundary(UserName=name)
    iam.untag_user(UserName=name, TagKeys=["a"])
    user = iam.get_user(UserName=name)["User"]
    assert "PermissionsBoundary" not in user and not user.get("Tags")

    # What there is of a user elsewhere, as `force_destroy` removes it.
    iam.create_access_key(UserName=name)
    group = unique("group")
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    delete_user(iam, name)
    assert code(iam.get_user, UserName=name) == code(iam.delete_user, UserName=name) == "NoSuchEntity"
    iam.delete_group(GroupName=group)


def delete_user(iam, name):
    for group in pages(iam, "list_groups_for_user", "Groups", UserName=name):
        iam.remove_user_from_group(GroupName=group["GroupName"], UserName=name)
    for key in pages(iam, "list_access_keys", "AccessKeyMetadata", UserName=name):
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    assert pages(iam, "list_ssh_public_keys", "SSHPublicKeys", UserName=name) == []
    assert pages(iam, "list_virtual_mfa_devices", "VirtualMFADevices", AssignmentStatus="Assigned") == []
    assert pages(iam, "list_mfa_devices", "MFADevices", UserName=name) == []
    assert code(iam.delete_login_profile, UserName=name) == "NoSuchEntity"
    assert pages(iam, "list_signing_certificates", "Certificates", UserName=name) == []
    assert iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"] == []
    iam.delete_user(UserName=name)


def test_an_access_key(me, callers):
    iam, name = me.iam, unique("user")
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    key = made["AccessKeyId"]
    assert made["SecretAccessKey"] and made["CreateDate"]

    def read():
        found = pages(iam, "list_access_keys", "AccessKeyMetadata", UserName=name)
        return {one["AccessKeyId"]: one["Status"] for one in found}

    assert read() == {key: "Active"}
    iam.update_access_key(UserName=name, AccessKeyId=key, Status="Inactive")
    assert read() == {key: "Inactive"}
    # `terraform import` asks whose it is.
    assert iam.get_access_key_last_used(AccessKeyId=key)["UserName"] == name
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    assert read() == {}
    delete_user(iam, name)
    assert code(iam.list_access_keys, UserName=name) == "NoSuchEntity"


def trusting(*principals):
    principal = {"AWS": list(principals) if len(principals) > 1 else principals[0]}
    statement = {"Sid": "", "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_role(me, callers, policy):
    iam, name = me.iam, unique("role")
    trust = trusting(callers.user().arn, ROOT)
    made = {"Path": "/", "RoleName": name, "MaxSessionDuration": 7200, "Description": "d"}
    made["PermissionsBoundary"] = policy
    early = trusting(f"arn:aws:iam::{ACCOUNT}:user/{unique('not-yet')}")
    for call, members in (
        (iam.create_role, {**made, "AssumeRolePolicyDocument": early}),
        (iam.create_role, {**made, "AssumeRolePolicyDocument": trusting("arn:aws:iam::999999999999:root")}),
    ):
        _, refused, message = refusal(call, **members)
        assert refused == "MalformedPolicyDocument" and "Invalid principal in policy" in message
    iam.create_role(**made, AssumeRolePolicyDocument=trust, Tags=[{"Key": "a", "Value": "b"}])
    role = read_role(iam, name)
    assert role.entity["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/{name}"
    assert meaning(role.entity["AssumeRolePolicyDocument"]) == meaning(trust)
    assert (role.inline, role.attached, tag_map(role.entity["Tags"])) == ({}, [], {"a": "b"})

    trust = trusting(ROOT)
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust)
    iam.update_role_description(RoleName=name, Description="other")
    iam.update_role(RoleName=name, MaxSessionDuration=3600)
    iam.delete_role_permissions_boundary(RoleName=name)
    iam.untag_role(RoleName=name, TagKeys=["a"])
    document = text(ALL)
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document)
    iam.attach_role_policy(RoleName=name, PolicyArn=policy)
    role = read_role(iam, name)
    assert meaning(role.entity["AssumeRolePolicyDocument"]) == meaning(trust)
    assert (role.entity["Description"], role.entity["MaxSessionDuration"]) == ("other", 3600)
    assert "PermissionsBoundary" not in role.entity and not role.entity.get("Tags")
    assert role.attached == [policy] and meaning(role.inline["inline"]) == meaning(document)

    assert code(iam.delete_role, RoleName=name) == "DeleteConflict"
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    for attached in role.attached:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached)
        assert code(iam.detach_role_policy, RoleName=name, PolicyArn=attached) == "NoSuchEntity"
    for inline in role.inline:
        iam.delete_role_policy(RoleName=name, PolicyName=inline)
        assert code(iam.delete_role_policy, RoleName=name, PolicyName=inline) == "NoSuchEntity"
    iam.delete_role(RoleName=name)
    for call in (iam.get_role, iam.list_instance_profiles_for_role, iam.list_attached_role_policies, iam.delete_role):
        assert code(call, RoleName=name) == "NoSuchEntity"


def read_role(iam, name):
    names = pages(iam, "list_role_policies", "PolicyNames", RoleName=name)
    attached = pages(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
    return SimpleNamespace(
        entity=iam.get_role(RoleName=name)["Role"],
        inline={one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in names},
        attached=[one["PolicyArn"] for one in attached],
    )


def test_a_managed_policy(me, policy):
    iam = me.iam

    def read():
        found = iam.get_policy(PolicyArn=policy)["Policy"]
        version = iam.get_policy_version(PolicyArn=policy, VersionId=found["DefaultVersionId"])["PolicyVersion"]
        return found, version["Document"]

    def versions():
        return pages(iam, "list_policy_versions", "Versions", PolicyArn=policy)

    found, _ = read()
    assert (found["AttachmentCount"], found["Path"], tag_map(found["Tags"])) == (0, "/tf/", {"a": "b"})
    assert iam.list_policy_tags(PolicyArn=policy)["Tags"] == found["Tags"]
    for number in range(6):
        document = text(allow([f"kms:List{number}", "kms:*"]))
        if len(versions()) == 5:
            others = [version for version in versions() if not version["IsDefaultVersion"]]
            oldest = min(others, key=lambda version: version["CreateDate"])
            iam.delete_policy_version(PolicyArn=policy, VersionId=oldest["VersionId"])
        made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=document, SetAsDefault=False)
        iam.set_default_policy_version(PolicyArn=policy, VersionId=made["PolicyVersion"]["VersionId"])
        assert meaning(read()[1]) == meaning(document)
    for version in versions():
        if not version["IsDefaultVersion"]:
            iam.delete_policy_version(PolicyArn=policy, VersionId=version["VersionId"])
    iam.delete_policy(PolicyArn=policy)
    for call in (iam.get_policy, iam.list_policy_versions, iam.delete_policy):
        assert code(call, PolicyArn=policy) == "NoSuchEntity"


def test_an_account(me, trent):
    organizations, name = me.organizations, unique("account")
    made = organizations.create_account(
        AccountName=name, Email=f"{name}@example.com", Tags=[{"Key": "team", "Value": "a"}]
    )["CreateAccountStatus"]
    status = organizations.describe_create_account_status(CreateAccountRequestId=made["Id"])["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    account = status["AccountId"]
    found = organizations.describe_account(AccountId=account)["Account"]
    assert (found["Name"], found["Status"], found["JoinedMethod"]) == (name, "ACTIVE", "CREATED")
    [root] = organizations.list_roots()["Roots"]
    assert pages(organizations, "list_parents", "Parents", ChildId=account) == [{"Id": root["Id"], "Type": "ROOT"}]

    def tags():
        return tag_map(pages(organizations, "list_tags_for_resource", "Tags", ResourceId=account))

    assert tags() == {"team": "a"}
    organizations.untag_resource(ResourceId=account, TagKeys=["team"])
    organizations.tag_resource(ResourceId=account, Tags=[{"Key": "cost", "Value": "1"}])
    assert tags() == {"cost": "1"}
    organizations.close_account(AccountId=account)
    assert organizations.describe_account(AccountId=account)["Account"]["Status"] == "SUSPENDED"


def test_the_organization(me):
    organizations = me.organizations
    found = organizations.describe_organization()["Organization"]
    assert found["FeatureSet"] == "ALL"
    assert found["MasterAccountId"] in [one["Id"] for one in pages(organizations, "list_accounts", "Accounts")]
    assert pages(organizations, "list_roots", "Roots")[0]["PolicyTypes"] == []
    services = pages(organizations, "list_aws_service_access_for_organization", "EnabledServicePrincipals")
    assert services == []
