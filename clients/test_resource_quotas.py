"""How many there may be: the service's numbers, or those a server is told."""

import json

import pytest

from trent import ACCOUNT, StartFailure, Trent, eventually
from test_dev import advance
from wire import refusal

WEEK = 7 * 86400


def full(what, number):
    return "LimitExceededException", f"The {what}, {number}."


def no_room(number, region="us-east-1"):
    return full(f"account already has the maximum number of KMS keys in {region}", number)


def made(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


def test_keys_of_an_account_in_a_region(start):
    server = start("--dev", "--resource-quota", "keys=3", "--region", "us-east-1,eu-west-1")
    kms = server.client()
    first, second, _ = made(kms), made(kms), made(kms)
    assert refusal(kms.create_key) == no_room(3)
    assert [record.get("errorCode") for record in server.records()][-1] == "LimitExceededException"
    # Another Region has room of its own, and so has another account.
    assert made(server.client(region="eu-west-1"))
    other = server.client("organizations").create_account(AccountName="other", Email="other@example.com")
    other = other["CreateAccountStatus"]["AccountId"]
    role = f"arn:aws:iam::{other}:role/OrganizationAccountAccessRole"
    user = server.client("iam").create_user(UserName="visitor")["User"]["UserName"]
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    server.client("iam").put_user_policy(UserName=user, PolicyName="assume", PolicyDocument=policy)
    key = server.client("iam").create_access_key(UserName=user)["AccessKey"]
    session = server.client("sts", credentials=key).assume_role(RoleArn=role, RoleSessionName="visit")["Credentials"]
    assert made(server.client(credentials=session))
    # No state takes a key out of the count, nor does the end of the process.
    kms.disable_key(KeyId=first)
    kms.schedule_key_deletion(KeyId=second, PendingWindowInDays=7)
    server.kill()
    kms = server.start().client()
    assert refusal(kms.create_key) == no_room(3)
    advance(server, WEEK + 1)
    eventually(lambda: len(kms.list_keys()["Keys"]) == 2, what="the deletion")
    assert made(kms)
    assert refusal(kms.create_key) == no_room(3)


def test_aliases_and_grants_of_a_key(start):
    kms = start("--resource-quota", "aliases-per-key=2,grants-per-key=1").client()
    key = made(kms)
    kms.create_alias(AliasName="alias/a", TargetKeyId=key)
    kms.create_alias(AliasName="alias/b", TargetKeyId=key)
    assert refusal(kms.create_alias, AliasName="alias/c", TargetKeyId=key) == full(
        "key already has the maximum number of aliases", 2
    )
    grantee = f"arn:aws:iam::{ACCOUNT}:root"
    kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=["Encrypt"])
    assert refusal(kms.create_grant, KeyId=key, GranteePrincipal=grantee, Operations=["Decrypt"]) == full(
        "key already has the maximum number of grants", 1
    )


@pytest.mark.parametrize("quota", ["keys", "keys=0", "stores=3", "aws"])
def test_a_misspelt_quota_ends_the_start(tmp_path, quota):
    with pytest.raises(StartFailure) as caught:
        Trent(tmp_path / "data", "--resource-quota", quota).start()
    assert caught.value.code == 2 and "not a resource quota" in caught.value.output
