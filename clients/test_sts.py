"""Roles and the credentials of STS: who gets them, what bounds them, when they end."""

import json
import os
import subprocess
import sys

import pytest

from identities import ALL, ROOT, assume, code, refusal, text, trust, unique
from trent import ACCOUNT, REGION


@pytest.fixture(scope="module")
def iam(trent):
    return trent.client("iam")


def test_a_role_from_birth_to_death(iam, world):
    name, arn = world.role(trust(ROOT), Path="/team/", Description="d", Tags=[{"Key": "k", "Value": "v"}])
    assert arn == f"arn:aws:iam::{ACCOUNT}:role/team/{name}"
    role = iam.get_role(RoleName=name.upper())["Role"]
    assert role["RoleId"].startswith("AROA") and len(role["RoleId"]) == 21
    assert role["AssumeRolePolicyDocument"] == json.loads(trust(ROOT))
    assert (role["MaxSessionDuration"], role["Description"]) == (3600, "d")
    assert role["Tags"] == [{"Key": "k", "Value": "v"}]
    assert code(iam.create_role, RoleName=name.upper(), AssumeRolePolicyDocument=trust(ROOT)) == "EntityAlreadyExists"
    iam.update_role(RoleName=name, Description="other", MaxSessionDuration=7200)
    assert iam.get_role(RoleName=name)["Role"]["MaxSessionDuration"] == 7200
    assert iam.update_role_description(RoleName=name, Description="third")["Role"]["Description"] == "third"
    assert name in [role["RoleName"] for role in iam.list_roles(PathPrefix="/team/")["Roles"]]
    assert iam.list_instance_profiles_for_role(RoleName=name)["InstanceProfiles"] == []
    iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text(ALL))
    assert code(iam.delete_role, RoleName=name) == "DeleteConflict"
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    iam.delete_role(RoleName=name)
    assert refusal(iam.get_role, RoleName=name) == (
        404,
        "NoSuchEntity",
        f"The role with name {name} cannot be found.",
    )


@pytest.mark.parametrize(
    "policy",
    [
        "{",
        text(ALL),
        trust(f"arn:aws:iam::{ACCOUNT}:user/nobody-at-all"),
        trust("arn:aws:iam::999999999999:root"),
    ],
)
def test_what_is_no_trust_policy(iam, policy):
    name = unique("role")
    assert code(iam.create_role, RoleName=name, AssumeRolePolicyDocument=policy) == "MalformedPolicyDocument"


def test_principals_follow_their_names_and_not_their_namesakes(iam, world):
    name, user, key = world.user()
    role, arn = world.role(trust(user))
    assert iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"] == json.loads(trust(user))
    assume(world.as_(key), arn)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
    kept = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"]
    assert kept.startswith("AIDA")
    iam.create_user(UserName=name)
    again = iam.create_access_key(UserName=name)["AccessKey"]
    assert code(assume, sts=world.as_(again), arn=arn) == "AccessDenied"


def test_a_session_is_what_its_role_is(world, kms):
    _, _, key = world.user({"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"})
    name, arn = world.role(trust(ROOT), {"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"})
    answer = assume(world.as_(key), arn)
    user, credentials = answer["AssumedRoleUser"], answer["Credentials"]
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"
    assert user["Arn"] == session and user["AssumedRoleId"].endswith(":session")
    assert credentials["AccessKeyId"].startswith("ASIA")
    told = world.as_(credentials).get_caller_identity()
    assert (told["Arn"], told["UserId"], told["Account"]) == (session, user["AssumedRoleId"], ACCOUNT)
    world.as_(credentials, "kms").list_keys()
    assert code(world.as_(credentials, "kms").list_aliases) == "AccessDeniedException"
    assert code(world.as_(key, "kms").list_keys) == "AccessDeniedException"


def test_both_sides_agree_within_an_account(world):
    _, user, key = world.user()
    _, delegated = world.role(trust(ROOT))
    denied = refusal(assume, sts=world.as_(key), arn=delegated)
    assert denied == (
        403,
        "AccessDenied",
        f"User: {user} is not authorized to perform: sts:AssumeRole on resource: {delegated}",
    )
    missing = delegated + "-not"
    assert refusal(assume, sts=world.as_(key), arn=missing)[2] == denied[2].replace(delegated, missing)
    _, direct = world.role(trust(user))
    assume(world.as_(key), direct)
    _, _, forbidden = world.user({**ALL, "Effect": "Deny"})
    assert code(assume, sts=world.as_(forbidden), arn=delegated) == "AccessDenied"
    world.as_(forbidden).get_caller_identity()


def test_arns_that_are_no_roles(trent):
    sts = trent.client("sts")
    for bad in ["arn:aws:iam::1:role/x", f"arn:aws:iam::{ACCOUNT}:user/someone", "x" * 20]:
        assert refusal(assume, sts=sts, arn=bad)[1:] == ("ValidationError", f"{bad} is invalid")


def test_conditions_of_trust(world):
    _, _, key = world.user(ALL)
    sts = world.as_(key)
    condition = {"StringEquals": {"sts:ExternalId": "secret", "sts:RoleSessionName": "session"}}
    _, arn = world.role(trust(ROOT, Condition=condition))
    assert code(assume, sts=sts, arn=arn) == "AccessDenied"
    assert code(assume, sts=sts, arn=arn, ExternalId="other") == "AccessDenied"
    assume(sts, arn, ExternalId="secret")


def test_session_policies_take_away(world, iam):
    _, _, key = world.user(ALL)
    _, arn = world.role(trust(ROOT), ALL)
    only = text({"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"})
    answer = assume(world.as_(key), arn, Policy=only)
    assert 0 < answer["PackedPolicySize"] <= 100
    kms = world.as_(answer["Credentials"], "kms")
    kms.list_keys()
    assert code(kms.list_aliases) == "AccessDeniedException"
    managed = iam.create_policy(PolicyName=unique("policy"), PolicyDocument=only)["Policy"]["Arn"]
    kms = world.as_(assume(world.as_(key), arn, PolicyArns=[{"arn": managed}])["Credentials"], "kms")
    kms.list_keys()
    assert code(kms.list_aliases) == "AccessDeniedException"
    assert code(assume, sts=world.as_(key), arn=arn, Policy="{}") == "MalformedPolicyDocument"
    long = text(*[{**ALL, "Sid": f"S{n}"} for n in range(25)])[:-2] + " " * 400 + "]}"
    arns = [{"arn": managed}] * 10
    assert code(assume, sts=world.as_(key), arn=arn, Policy=long[:2048], PolicyArns=arns) == "PackedPolicyTooLarge"


def test_durations(world):
    _, _, key = world.user(ALL)
    sts = world.as_(key)
    _, arn = world.role(trust(ROOT), ALL, MaxSessionDuration=7200)
    assert code(assume, sts=sts, arn=arn, DurationSeconds=7201) == "ValidationError"
    chained = world.as_(assume(sts, arn, DurationSeconds=7200)["Credentials"])
    assume(chained, arn, DurationSeconds=3600)
    assert "role chaining" in refusal(assume, sts=chained, arn=arn, DurationSeconds=3601)[2]


def test_tags_and_source_identity_go_from_session_to_session(world):
    _, _, key = world.user(ALL)
    sts = world.as_(key)
    every = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
    gate = {"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}
    condition = {"StringEquals": {"aws:PrincipalTag/team": "a", "aws:SourceIdentity": "alice"}}
    _, arn = world.role(trust(ROOT, every), {**ALL, "Action": "sts:*"}, {**gate, "Condition": condition})
    _, closed = world.role(trust(ROOT))
    tags = [{"Key": "team", "Value": "a"}, {"Key": "job", "Value": "1"}]
    for refused in [{"Tags": tags}, {"SourceIdentity": "alice"}]:
        assert code(assume, sts=sts, arn=closed, **refused) == "AccessDenied"
    first = assume(sts, arn, Tags=tags, TransitiveTagKeys=["team"], SourceIdentity="alice")
    assert first["SourceIdentity"] == "alice"
    chained = world.as_(first["Credentials"])
    second = assume(chained, arn)
    world.as_(second["Credentials"], "kms").list_keys()
    assert code(assume, sts=chained, arn=closed) == "AccessDenied"
    assert code(assume, sts=chained, arn=arn, Tags=[{"Key": "TEAM", "Value": "b"}]) == "InvalidParameterValue"
    assert code(assume, sts=chained, arn=arn, SourceIdentity="bob") != "AccessDenied"
    assert code(world.as_(assume(sts, arn)["Credentials"], "kms").list_keys) == "AccessDeniedException"


def test_what_is_taken_from_a_role_is_gone_at_once(world, iam):
    _, _, key = world.user(ALL)
    name, arn = world.role(trust(ROOT), ALL)
    credentials = assume(world.as_(key), arn)["Credentials"]
    kms = world.as_(credentials, "kms")
    kms.list_keys()
    iam.update_assume_role_policy(RoleName=name, PolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:role/{name}"))
    assert code(assume, sts=world.as_(key), arn=arn) == "AccessDenied"
    kms.list_keys()
    iam.delete_role_policy(RoleName=name, PolicyName="p")
    assert code(kms.list_keys) == "AccessDeniedException"
    iam.delete_role(RoleName=name)
    assert code(kms.list_keys) == "UnrecognizedClientException"
    world.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(ROOT))
    assert code(kms.list_keys) == "UnrecognizedClientException"


def test_session_tokens_of_users(world):
    name, arn, key = world.user({"Effect": "Allow", "Action": ["kms:ListKeys", "iam:*"], "Resource": "*"})
    sts = world.as_(key)
    credentials = sts.get_session_token(DurationSeconds=900)["Credentials"]
    assert world.as_(credentials).get_caller_identity()["Arn"] == arn
    world.as_(credentials, "kms").list_keys()
    assert code(world.as_(credentials, "iam").list_users) == "InvalidClientTokenId"
    assert code(world.as_(credentials).get_session_token) == "AccessDenied"
    assert code(world.as_(credentials).get_federation_token, Name="someone") == "AccessDenied"
    assert code(sts.get_session_token, SerialNumber="arn:aws:iam::1:mfa/x", TokenCode="123456") == "AccessDenied"


def test_federated_users_have_what_both_give(world):
    _, _, key = world.user(ALL)
    sts = world.as_(key)
    only = text({"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"})
    answer = sts.get_federation_token(Name="guest", Policy=only)
    arn = f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    assert answer["FederatedUser"] == {"Arn": arn, "FederatedUserId": f"{ACCOUNT}:guest"}
    kms = world.as_(answer["Credentials"], "kms")
    kms.list_keys()
    assert code(kms.list_aliases) == "AccessDeniedException"
    nothing = world.as_(sts.get_federation_token(Name="guest")["Credentials"], "kms")
    assert code(nothing.list_keys) == "AccessDeniedException"
    _, _, poor = world.user()
    assert code(world.as_(poor).get_federation_token, Name="guest") == "AccessDenied"


def test_small_questions(trent, world):
    sts = trent.client("sts")
    _, _, key = world.user()
    assert sts.get_access_key_info(AccessKeyId=key["AccessKeyId"])["Account"] == ACCOUNT
    assert code(sts.get_access_key_info, AccessKeyId="AKIAAAAAAAAAAAAAAAAA") == "ValidationError"
    assert code(world.as_(key).get_access_key_info, AccessKeyId=key["AccessKeyId"]) == "AccessDenied"
    unreadable = code(sts.decode_authorization_message, EncodedMessage="x")
    assert unreadable == "InvalidAuthorizationMessageException"
    assert sts.get_caller_identity()["Arn"] == ROOT


def test_the_command_line_assumes_a_role(trent, world):
    _, _, key = world.user(ALL)
    name, arn = world.role(trust(ROOT), ALL)
    environment = {
        "PATH": os.environ["PATH"],
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": trent.endpoint,
    }
    command = [sys.executable, "-m", "awscli", "sts", "assume-role", "--role-session-name", "cli"]
    ran = subprocess.run([*command, "--role-arn", arn], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout)["AssumedRoleUser"]["Arn"].endswith(f"assumed-role/{name}/cli")


def test_no_secret_of_a_session_is_recorded(trent, world):
    _, _, key = world.user(ALL)
    name, arn = world.role(trust(ROOT), ALL)
    credentials = assume(world.as_(key), arn)["Credentials"]
    records = [record for record in trent.records() if record["eventName"] == "AssumeRole"]
    mine = [record for record in records if credentials["AccessKeyId"] in json.dumps(record)]
    assert mine and mine[0]["eventSource"] == "sts.amazonaws.com"
    assert mine[0]["requestParameters"]["roleArn"] == arn
    told = json.dumps(trent.records())
    assert credentials["SecretAccessKey"] not in told and credentials["SessionToken"] not in told
