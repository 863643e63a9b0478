"""The policy simulator, held against what really happens; and what else is told about policies."""

import json

import pytest
from botocore.exceptions import ClientError

from iam import ALL, missing, refused
from identities import ROOT, allow, assume, deny, enter, text, trust, unique
from trent import ACCOUNT

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
POWER_USER = "arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser"


def entry(name, kind, *values):
    return {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": list(values)}


@pytest.fixture(scope="module")
def iam(trent):
    return trent.client("iam")


class Keys:
    """Keys under all sorts of policies, and what there is to do with them."""

    CONTEXT = {"Dept": "sales"}
    # What a request with this encryption context and this key says of itself.
    ENTRIES = [
        entry("kms:EncryptionContext:Dept", "string", "sales"),
        entry("kms:EncryptionContextKeys", "stringList", "Dept"),
        entry("aws:ResourceTag/team", "string", "red"),
    ]

    def __init__(self, kms):
        self.kms = kms

    def make(self, *statements):
        """A new key's ARN, and the text of its policy."""
        policy = text(*statements)
        key = self.kms.create_key(
            Policy=policy, BypassPolicyLockoutSafetyCheck=True, Tags=[{"TagKey": "team", "TagValue": "red"}]
        )["KeyMetadata"]["Arn"]
        return key, policy

    ACTIONS = {
        "kms:DescribeKey": lambda kms, key: kms.describe_key(KeyId=key),
        "kms:Encrypt": lambda kms, key: kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=Keys.CONTEXT),
        "kms:GenerateDataKey": lambda kms, key: kms.generate_data_key(
            KeyId=key, KeySpec="AES_256", EncryptionContext=Keys.CONTEXT
        ),
        "kms:GetKeyPolicy": lambda kms, key: kms.get_key_policy(KeyId=key, PolicyName="default"),
        "kms:UpdateKeyDescription": lambda kms, key: kms.update_key_description(KeyId=key, Description="d"),
    }

    def happens(self, kms, action, key):
        """Whether the call gets through."""
        try:
            self.ACTIONS[action](kms, key)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "AccessDeniedException", error
            return False
        return True

    @staticmethod
    def entries(action):
        """Condition keys of the request: without an encryption context there are no keys of one."""
        with_context = action in ("kms:Encrypt", "kms:GenerateDataKey")
        return [one for one in Keys.ENTRIES if with_context or "EncryptionContext" not in one["ContextKeyName"]]


@pytest.fixture(scope="module")
def keys(kms):
    return Keys(kms)


def to(principal, actions, effect="Allow"):
    """A statement of a key policy."""
    return {"Effect": effect, "Action": actions, "Principal": {"AWS": principal}, "Resource": "*"}


def decisions(answer):
    return {result["EvalActionName"]: result["EvalDecision"] for result in answer["EvaluationResults"]}


TAGGED = {"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}
IN_CONTEXT = {"StringEquals": {"kms:EncryptionContext:Dept": "sales"}}
OTHER_CONTEXT = {"StringNotEquals": {"kms:EncryptionContext:Dept": "sales"}}
NAMED = {"StringLike": {"aws:username": "user-*"}}

# What hangs on somebody: its statements, its tags.
HANGING = {
    "nothing": [],
    "everything": [allow("kms:*")],
    "some": [allow(["kms:Encrypt", "kms:Describe*"])],
    "all but": [{"Effect": "Allow", "NotAction": "kms:GetKeyPolicy", "Resource": "*"}],
    "denied": [allow("kms:*"), deny("kms:GenerateDataKey")],
    "elsewhere": [allow("kms:*", "arn:aws:kms:eu-west-1:*:key/*")],
    "by tag": [allow("kms:*", Condition=TAGGED)],
    "in context": [allow("kms:*", Condition=IN_CONTEXT)],
    "out of context": [allow("kms:*"), deny("kms:*", Condition=OTHER_CONTEXT)],
    "by name": [allow("kms:*", Condition=NAMED)],
}


@pytest.mark.parametrize("hanging", HANGING)
@pytest.mark.parametrize("boundary", [None, POWER_USER, ADMINISTRATOR])
def test_users_may_what_is_simulated(world, keys, iam, hanging, boundary):
    name, arn, access_key = world.user(*HANGING[hanging])
    iam.tag_user(UserName=name, Tags=[{"Key": "team", "Value": "red"}])
    if boundary is not None:
        iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=boundary)
    mine = world.as_(access_key, "kms")
    policies = {
        "account": [to(ROOT, "kms:*")],
        "some of the account": [to(ROOT, ["kms:Encrypt", "kms:GetKeyPolicy"])],
        "user": [to(arn, ["kms:Encrypt", "kms:UpdateKeyDescription"])],
        "denied": [to(arn, "kms:*"), to("*", "kms:Encrypt", "Deny")],
        "other user": [to(world.user()[1], "kms:*")],
    }
    seen = set()
    for whose, statements in policies.items():
        key, policy = keys.make(*statements)
        for action in Keys.ACTIONS:
            answer = iam.simulate_principal_policy(
                PolicySourceArn=arn,
                ActionNames=[action],
                ResourceArns=[key],
                ResourcePolicy=policy,
                ContextEntries=keys.entries(action),
            )
            (result,) = answer["EvaluationResults"]
            allowed = result["EvalDecision"] == "allowed"
            assert allowed == keys.happens(mine, action, key), (whose, action, result)
            (there,) = result["ResourceSpecificResults"]
            assert there["EvalResourceName"] == key and there["EvalResourceDecision"] == result["EvalDecision"]
            assert result["EvalDecisionDetails"] == {}
            assert ("PermissionsBoundaryDecisionDetail" in result) == (boundary is not None)
            assert bool(result["MatchedStatements"]) == (result["EvalDecision"] != "implicitDeny")
            seen.add(result["EvalDecision"])
    assert {"allowed", "explicitDeny"} <= seen


@pytest.mark.parametrize("hanging", HANGING)
@pytest.mark.parametrize("boundary", [None, POWER_USER])
def test_roles_may_what_is_simulated(trent, world, keys, iam, hanging, boundary):
    name, arn = world.role(trust(ROOT), *HANGING[hanging], Tags=[{"Key": "team", "Value": "red"}])
    if boundary is not None:
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
    user = world.user(allow("sts:AssumeRole", arn))
    mine = trent.client(credentials=assume(world.as_(user[2]), arn)["Credentials"])
    key, _ = keys.make(to(ROOT, "kms:*"))
    for action in Keys.ACTIONS:
        answer = iam.simulate_principal_policy(
            PolicySourceArn=arn, ActionNames=[action], ResourceArns=[key], ContextEntries=keys.entries(action)
        )
        (result,) = answer["EvaluationResults"]
        assert (result["EvalDecision"] == "allowed") == keys.happens(mine, action, key), (action, result)


def test_groups_and_managed_policies_count_as_they_do(world, keys, iam):
    name, arn, access_key = world.user()
    mine = world.as_(access_key, "kms")
    key, policy = keys.make(to(ROOT, "kms:*"))
    group = unique("group")
    group_arn = iam.create_group(GroupName=group)["Group"]["Arn"]
    managed = iam.create_policy(
        PolicyName=unique("managed"), PolicyDocument=text(deny("kms:Encrypt"))
    )["Policy"]["Arn"]
    steps = [
        lambda: iam.put_group_policy(
            GroupName=group, PolicyName="p", PolicyDocument=text(allow("kms:*"))
        ),
        lambda: iam.add_user_to_group(GroupName=group, UserName=name),
        lambda: iam.attach_group_policy(GroupName=group, PolicyArn=managed),
        lambda: iam.attach_user_policy(UserName=name, PolicyArn=ADMINISTRATOR),
        lambda: iam.remove_user_from_group(GroupName=group, UserName=name),
    ]
    told = []
    for step in steps:
        step()
        for action in Keys.ACTIONS:
            asked = dict(ActionNames=[action], ResourceArns=[key], ContextEntries=keys.entries(action))
            (result,) = iam.simulate_principal_policy(
                PolicySourceArn=arn, ResourcePolicy=policy, **asked
            )["EvaluationResults"]
            assert (result["EvalDecision"] == "allowed") == keys.happens(mine, action, key), (action, result)
            told += [one["SourcePolicyId"] for one in result["MatchedStatements"]]
    assert {"ResourcePolicy", f"group_{group}_p", managed.rsplit("/")[-1], "AdministratorAccess"} == set(told)
    answer = iam.simulate_principal_policy(PolicySourceArn=group_arn, ActionNames=["kms:Encrypt", "kms:Sign"])
    assert decisions(answer) == {"kms:Encrypt": "explicitDeny", "kms:Sign": "allowed"}
    # As if the managed policy were not attached.
    answer = iam.simulate_principal_policy(
        PolicySourceArn=group_arn, ActionNames=["kms:Encrypt"], PolicyExclusionList=[{"PolicyArn": managed}]
    )
    assert decisions(answer) == {"kms:Encrypt": "allowed"}


def test_another_accounts_keys_may_be_used_as_simulated(trent, world, elsewhere, keys, iam):
    theirs = trent.client(credentials=enter(world, elsewhere.account))
    for hanging, theirs_say in [("everything", True), ("some", True), ("nothing", True), ("everything", False)]:
        _, arn, access_key = world.user(*HANGING[hanging])
        mine = world.as_(access_key, "kms")
        statements = [to(elsewhere.root, "kms:*")] + ([to(arn, "kms:*")] if theirs_say else [])
        key, policy = Keys(theirs).make(*statements)
        for action in Keys.ACTIONS:
            (result,) = iam.simulate_principal_policy(
                PolicySourceArn=arn,
                ActionNames=[action],
                ResourceArns=[key],
                ResourcePolicy=policy,
                ContextEntries=keys.entries(action),
            )["EvaluationResults"]
            assert (result["EvalDecision"] == "allowed") == keys.happens(mine, action, key), (action, result)
            details = result["ResourceSpecificResults"][0]["EvalDecisionDetails"]
            assert details == result["EvalDecisionDetails"]
            assert details["Resource Policy"] == ("allowed" if theirs_say else "implicitDeny")
            assert set(details) == {"IAM Policy", "Resource Policy"}


def test_a_statement_is_told_with_its_place(iam):
    # As in the documentation of the simulator.
    policy = (
        '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*",'
        '"Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}'
    )
    asked = dict(PolicyInputList=[policy], ActionNames=["dynamodb:CreateBackup"])
    when = lambda date: [entry("aws:CurrentTime", "date", date)]  # noqa: E731
    (result,) = iam.simulate_custom_policy(**asked, ContextEntries=when("2019-04-25T11:00:00Z"))["EvaluationResults"]
    assert result == {
        "EvalActionName": "dynamodb:CreateBackup",
        "EvalResourceName": "*",
        "EvalDecision": "allowed",
        "MatchedStatements": [
            {
                "SourcePolicyId": "PolicyInputList.1",
                "SourcePolicyType": "IAM Policy",
                "StartPosition": {"Line": 1, "Column": 38},
                "EndPosition": {"Line": 1, "Column": 167},
            }
        ],
        "MissingContextValues": [],
    }
    (result,) = iam.simulate_custom_policy(**asked, ContextEntries=when("2014-04-25T11:00:00Z"))["EvaluationResults"]
    assert (result["EvalDecision"], result["MatchedStatements"]) == ("implicitDeny", [])


def test_what_is_missing_can_be_asked_for_and_given(iam, world):
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}, "Bool": {"aws:MultiFactorAuthPresent": "true"}}
    name, arn, _ = world.user(allow("kms:*", Condition=condition))
    needed = iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"]
    assert needed == ["aws:SourceIp", "aws:MultiFactorAuthPresent"]
    asked = dict(PolicySourceArn=arn, ActionNames=["kms:Decrypt"])
    (result,) = iam.simulate_principal_policy(**asked)["EvaluationResults"]
    # The simulating request comes from somewhere, too, but that is not what is asked.
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", needed)
    given = [entry("aws:SourceIp", "ip", "10.1.2.3"), entry("aws:MultiFactorAuthPresent", "boolean", "true")]
    (result,) = iam.simulate_principal_policy(**asked, ContextEntries=given)["EvaluationResults"]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])
    policy = iam.get_user_policy(UserName=name, PolicyName="p")["PolicyDocument"]
    custom = iam.get_context_keys_for_custom_policy(PolicyInputList=[json.dumps(policy)])
    assert custom["ContextKeyNames"] == needed


def test_pages_of_results_follow_each_other(iam, world):
    _, arn, _ = world.user(allow("kms:*"))
    actions = [f"kms:Action{number}" for number in range(7)] + ["iam:GetUser"]
    for operation, whose in [
        ("simulate_principal_policy", {"PolicySourceArn": arn}),
        ("simulate_custom_policy", {"PolicyInputList": [text(allow("kms:*"))]}),
    ]:
        pages = iam.get_paginator(operation).paginate(
            ActionNames=actions, **whose, PaginationConfig={"PageSize": 3}
        )
        pages = [page["EvaluationResults"] for page in pages]
        assert [len(page) for page in pages] == [3, 3, 2]
        results = [result for page in pages for result in page]
        assert [result["EvalActionName"] for result in results] == actions
        assert [result["EvalDecision"] for result in results] == ["allowed"] * 7 + ["implicitDeny"]


def test_who_simulates_needs_the_permission(trent, iam, world):
    _, target, _ = world.user()
    _, _, access_key = world.user(allow("iam:SimulateCustomPolicy"))
    mine = world.as_(access_key, "iam")
    assert decisions(mine.simulate_custom_policy(PolicyInputList=[ALL], ActionNames=["kms:Sign"])) == {
        "kms:Sign": "allowed"
    }
    for call in (mine.simulate_principal_policy, mine.get_context_keys_for_principal_policy):
        more = {"ActionNames": ["kms:Sign"]} if "simulate" in call.__name__ else {}
        told = refused(call, "AccessDenied", 403, PolicySourceArn=target, **more)
        assert f"on resource: {target} because no identity-based policy allows" in told
    refused(mine.get_account_authorization_details, "AccessDenied", 403)
    gone = f"arn:aws:iam::{ACCOUNT}:user/{unique('nobody')}"
    told = f"The user with name {gone.rsplit('/')[-1]} cannot be found."
    missing(iam.simulate_principal_policy, told, PolicySourceArn=gone, ActionNames=["kms:Sign"])


def test_the_trail_tells_who_was_simulated(trent, iam, world):
    _, arn, _ = world.user()
    secret = f"kms:{unique('Secret')}".replace("-", "")
    iam.simulate_principal_policy(
        PolicySourceArn=arn, ActionNames=["kms:Sign"], PolicyInputList=[text(allow(secret))]
    )
    simulated = [one for one in trent.records() if one["eventName"] == "SimulatePrincipalPolicy"]
    (record,) = [one for one in simulated if one["requestParameters"]["policySourceArn"] == arn]
    assert record["readOnly"] and record["requestParameters"]["actionNames"] == ["kms:Sign"]
    assert secret not in json.dumps(record)


def test_the_account_is_told_as_a_whole(start):
    server = start()
    iam = server.client("iam")
    own = iam.create_policy(PolicyName="own", Path="/p/", PolicyDocument=ALL, Description="what for")["Policy"]
    other = text(allow("kms:*"))
    iam.create_policy_version(PolicyArn=own["Arn"], PolicyDocument=other, SetAsDefault=True)
    group = iam.create_group(GroupName="g")["Group"]
    iam.put_group_policy(GroupName="g", PolicyName="inline", PolicyDocument=other)
    tags = [{"Key": "a", "Value": "b"}]
    user = iam.create_user(UserName="u", Tags=tags, PermissionsBoundary=own["Arn"])["User"]
    iam.add_user_to_group(GroupName="g", UserName="u")
    iam.attach_user_policy(UserName="u", PolicyArn=POWER_USER)
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=trust(user["Arn"]), Tags=tags)["Role"]
    iam.attach_role_policy(RoleName="r", PolicyArn=own["Arn"])
    iam.put_role_policy(RoleName="r", PolicyName="inline", PolicyDocument=ALL)

    whole = iam.get_account_authorization_details()
    assert not whole["IsTruncated"]
    power_user = {"PolicyName": POWER_USER.rsplit("/")[-1], "PolicyArn": POWER_USER}
    told = {key: whole["UserDetailList"][0][key] for key in ("Arn", "UserId", "UserName", "Path", "CreateDate")}
    assert told == {key: user[key] for key in told}
    (shown,) = whole["UserDetailList"]
    assert (shown["GroupList"], shown["Tags"], shown["UserPolicyList"]) == (["g"], tags, [])
    assert shown["AttachedManagedPolicies"] == [power_user]
    assert shown["PermissionsBoundary"]["PermissionsBoundaryArn"] == own["Arn"]
    (shown,) = whole["GroupDetailList"]
    assert shown == group | {
        "AttachedManagedPolicies": [],
        "GroupPolicyList": [{"PolicyName": "inline", "PolicyDocument": json.loads(other)}],
    }
    (shown,) = whole["RoleDetailList"]
    assert (shown["Arn"], shown["RoleId"]) == (role["Arn"], role["RoleId"])
    assert shown["AssumeRolePolicyDocument"] == json.loads(trust(user["Arn"]))
    assert shown["RolePolicyList"] == [{"PolicyName": "inline", "PolicyDocument": json.loads(ALL)}]
    assert shown["AttachedManagedPolicies"] == [{"PolicyName": "own", "PolicyArn": own["Arn"]}]
    assert (shown["InstanceProfileList"], shown["RoleLastUsed"], shown["Tags"]) == ([], {}, tags)
    mine, aws = whole["Policies"]
    assert (mine["Arn"], mine["Path"], mine["Description"]) == (own["Arn"], "/p/", "what for")
    assert (mine["AttachmentCount"], mine["PermissionsBoundaryUsageCount"]) == (1, 1)
    assert mine["DefaultVersionId"] == "v2"
    versions = {one["VersionId"]: (one["IsDefaultVersion"], one["Document"]) for one in mine["PolicyVersionList"]}
    assert versions == {"v1": (False, json.loads(ALL)), "v2": (True, json.loads(other))}
    assert (aws["Arn"], aws["AttachmentCount"], aws["DefaultVersionId"]) == (POWER_USER, 1, "v1")

    pages = iam.get_paginator("get_account_authorization_details")
    for size in (1, 2, 3):
        merged = pages.paginate(PaginationConfig={"PageSize": size}).build_full_result()
        lists = ("UserDetailList", "GroupDetailList", "RoleDetailList", "Policies")
        assert {name: merged[name] for name in lists} == {name: whole[name] for name in lists}
    some = iam.get_account_authorization_details(Filter=["Role", "AWSManagedPolicy"])
    assert (some["UserDetailList"], some["GroupDetailList"]) == ([], [])
    assert (some["RoleDetailList"], some["Policies"]) == (whole["RoleDetailList"], [aws])
