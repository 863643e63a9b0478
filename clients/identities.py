"""Accounts, users, roles and their sessions, made for a test, and clients that sign as them."""

import json
import secrets

import pytest
from botocore.exceptions import ClientError

from trent import ACCOUNT, REGION

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALL = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def unique(prefix):
    """A name that no other test uses."""
    return f"{prefix}-{secrets.token_hex(4)}"


def allow(actions, resource="*", **more):
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def deny(actions, resource="*", **more):
    return {"Effect": "Deny", "Action": actions, "Resource": resource, **more}


def text(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal, actions="sts:AssumeRole", **more):
    actions = [actions] if isinstance(actions, str) else actions
    principal = {"AWS": principal} if isinstance(principal, (str, list)) else principal
    return text({"Effect": "Allow", "Principal": principal, "Action": actions, **more})


def refusal(call, **arguments):
    """Status, code and message with which a call is refused."""
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error = raised.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]


def code(call, **arguments):
    return refusal(call, **arguments)[1]


def assume(sts, arn, **more):
    return sts.assume_role(RoleArn=arn, RoleSessionName="session", **more)


def guarded_key(kms, *statements):
    """The ARN of a new key that root alone may use, and whoever `statements` allow to."""
    root = {**allow("kms:*"), "Principal": {"AWS": ROOT}, "Condition": {"ArnEquals": {"aws:PrincipalArn": ROOT}}}
    return kms.create_key(Policy=text(root, *statements))["KeyMetadata"]["Arn"]


class World:
    """An account, and whoever is needed in it."""

    def __init__(self, trent, iam, account=ACCOUNT):
        self.trent, self.iam, self.account = trent, iam, account
        self.root = f"arn:aws:iam::{account}:root"

    def user(self, *statements, **more):
        """A new user's name, ARN and access key."""
        name = unique("user")
        arn = self.iam.create_user(UserName=name, **more)["User"]["Arn"]
        if statements:
            self.iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text(*statements))
        return name, arn, self.iam.create_access_key(UserName=name)["AccessKey"]

    def role(self, policy, *statements, **more):
        """A new role's name and ARN."""
        name = unique("role")
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, **more)["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text(*statements))
        return name, role["Arn"]

    def policy(self, *statements):
        """The ARN of a new managed policy."""
        return self.iam.create_policy(PolicyName=unique("policy"), PolicyDocument=text(*statements))["Policy"]["Arn"]

    def as_(self, credentials, service="sts", region=REGION):
        return self.trent.client(service, credentials=credentials, region=region)


class Caller:
    """Somebody who asks: an ARN as messages have it, credentials, and for a session its role's ARN."""

    def __init__(self, trent, arn, credentials, role=None):
        self.trent, self.arn, self.credentials, self.role = trent, arn, credentials, role

    def client(self, service="kms"):
        return self.trent.client(service, credentials=self.credentials)


class Callers:
    """Makes callers of each kind; `statements` are what their own policies say."""

    def __init__(self, trent, world):
        self.trent, self.world = trent, world

    def user(self, *statements, boundary=None):
        more = {"PermissionsBoundary": self.world.policy(*boundary)} if boundary else {}
        _, arn, key = self.world.user(*statements, **more)
        return Caller(self.trent, arn, key)

    def session(self, *statements, boundary=None, session=None):
        more = {"PermissionsBoundary": self.world.policy(*boundary)} if boundary else {}
        name, arn = self.world.role(trust(self.world.root), *statements, **more)
        bounds = {"Policy": text(*session)} if session else {}
        answer = assume(self.world.as_(self.world.user(ALL)[2]), arn, **bounds)
        made = Caller(self.trent, answer["AssumedRoleUser"]["Arn"], answer["Credentials"], arn)
        assert made.arn == f"arn:aws:sts::{self.world.account}:assumed-role/{name}/session"
        return made

    def again(self, caller, name):
        """Another session of the same role."""
        sts = self.world.as_(self.world.user(ALL)[2])
        answer = sts.assume_role(RoleArn=caller.role, RoleSessionName=name)
        return Caller(self.trent, answer["AssumedRoleUser"]["Arn"], answer["Credentials"], caller.role)

    def federated(self, *statements, session=(ALL,)):
        _, _, key = self.world.user(allow("sts:GetFederationToken"), *statements)
        answer = self.world.as_(key).get_federation_token(Name=unique("guest"), Policy=text(*session))
        return Caller(self.trent, answer["FederatedUser"]["Arn"], answer["Credentials"])

    def root(self):
        env = self.trent.env()
        names = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY"}
        return Caller(self.trent, ROOT, {name: env[variable] for name, variable in names.items()})


def enter(world, account, role="OrganizationAccountAccessRole"):
    """Credentials of an account's role, taken on by a new administrator of the account of `world`."""
    _, _, key = world.user(ALL)
    return assume(world.as_(key), f"arn:aws:iam::{account}:role/{role}")["Credentials"]


def found(trent, world):
    """A new account, with a client of IAM that may do everything there."""
    name = unique("account")
    organizations = trent.client("organizations")
    made = organizations.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
    account = made["AccountId"]
    return World(trent, trent.client("iam", credentials=enter(world, account)), account)
