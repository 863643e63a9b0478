"""An operator's day with the AWS CLI alone: from the root user's key to a second account whose users and
roles share keys with the first."""

import base64
import json
from types import SimpleNamespace

import boto3
import pytest

from aws_cli import Aws
from identities import allow, deny, text, trust, unique
from trent import ACCOUNT

ROLE = "OrganizationAccountAccessRole"
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"


def identity(aws, profile):
    return aws(profile, "sts", "get-caller-identity")


def user(aws, profile, name, *options):
    """Makes a user with an access key, and a profile that signs with it; answers the ARN."""
    made = aws(profile, "iam", "create-user", "--user-name", name, *options)["User"]
    aws.signing(name, aws(profile, "iam", "create-access-key", "--user-name", name)["AccessKey"])
    return made["Arn"]


def create_policy(aws, profile, *statements):
    """The ARN of a new managed policy."""
    named = ("--policy-name", unique("policy"), "--policy-document", text(*statements))
    return aws(profile, "iam", "create-policy", *named)["Policy"]["Arn"]


@pytest.fixture(scope="module")
def aws(trent, tmp_path_factory):
    env = trent.env()
    aws = Aws(trent, tmp_path_factory.mktemp("operator") / "home")
    aws.signing("root", {"AccessKeyId": env["AWS_ACCESS_KEY_ID"], "SecretAccessKey": env["AWS_SECRET_ACCESS_KEY"]})
    return aws


@pytest.fixture(scope="module")
def admin(aws):
    """The profile of an administrator of the first account."""
    name = unique("admin")
    user(aws, "root", name)
    aws("root", "iam", "attach-user-policy", "--user-name", name, "--policy-arn", ADMINISTRATOR)
    return name


@pytest.fixture(scope="module")
def member(aws, admin):
    """A second account, and a profile that takes on its role."""
    name = unique("member")
    made = aws(
        "root", "organizations", "create-account", "--account-name", name, "--email", f"{name}@example.com"
    )["CreateAccountStatus"]
    asked = ("organizations", "describe-create-account-status", "--create-account-request-id", made["Id"])
    status = aws("root", *asked)["CreateAccountStatus"]
    assert status == made and status["State"] == "SUCCEEDED"
    account = status["AccountId"]
    role = f"arn:aws:iam::{account}:role/{ROLE}"
    aws.profile(name, role_arn=role, source_profile=admin, role_session_name="operator")
    return SimpleNamespace(profile=name, account=account, role=role)


def test_the_new_account_is_listed(aws, member):
    accounts = aws("root", "organizations", "list-accounts")["Accounts"]
    found = {account["Id"]: account["Status"] for account in accounts}
    assert found[ACCOUNT] == found[member.account] == "ACTIVE"


def test_everybody_is_told_who_they_are(aws, admin, member):
    root, mine, theirs = (identity(aws, profile) for profile in ("root", admin, member.profile))
    assert root == {"UserId": ACCOUNT, "Account": ACCOUNT, "Arn": f"arn:aws:iam::{ACCOUNT}:root"}
    assert mine["UserId"].startswith("AIDA") and mine["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{admin}"
    assert theirs["Account"] == member.account and theirs["UserId"].endswith(":operator")
    assert theirs["Arn"] == f"arn:aws:sts::{member.account}:assumed-role/{ROLE}/operator"


def test_the_role_is_taken_on_by_hand(aws, admin, member):
    command = ("sts", "assume-role", "--role-arn", member.role, "--role-session-name", "by-hand")
    answer = aws(admin, *command, "--duration-seconds", 900)
    profile = aws.signing(unique("session"), answer["Credentials"])
    assert identity(aws, profile)["Arn"] == answer["AssumedRoleUser"]["Arn"]


def test_a_boundary_bounds_what_a_user_is_given(aws, member):
    name = unique("developer")
    narrow = create_policy(aws, member.profile, allow(["kms:ListKeys", "kms:ListAliases"]), deny("kms:ListAliases"))
    arn = user(aws, member.profile, name, "--permissions-boundary", narrow, "--path", "/team/")
    assert identity(aws, name)["Arn"] == arn == f"arn:aws:iam::{member.account}:user/team/{name}"
    who = f"User: {arn} is not authorized to perform"

    def told(operation, command):
        said = aws.refused(name, "kms", command)
        start = f"An error occurred (AccessDeniedException) when calling the {operation} operation: "
        assert start in said
        return said.split(start)[1]

    silent = "because no identity-based policy allows the kms:ListKeys action"
    assert told("ListKeys", "list-keys") == f"{who}: kms:ListKeys on resource: * {silent}"
    attach = ("iam", "attach-user-policy", "--user-name", name, "--policy-arn", ADMINISTRATOR)
    aws(member.profile, *attach)
    assert "Keys" in aws(name, "kms", "list-keys")
    assert told("ListAliases", "list-aliases") == (
        f"{who}: kms:ListAliases on resource: * with an explicit deny in a permissions boundary"
    )
    assert told("CreateKey", "create-key") == (
        f"{who}: kms:CreateKey on resource: * because no permissions boundary allows the kms:CreateKey action"
    )
    aws(member.profile, "iam", "delete-user-permissions-boundary", "--user-name", name)
    aws(name, "kms", "list-aliases")


@pytest.fixture(scope="module")
def staff(aws, member):
    """In the second account: a user who may take on a role, and the role."""
    name, role = unique("user"), unique("app")
    arn = user(aws, member.profile, name)
    made = aws(
        member.profile, "iam", "create-role", "--role-name", role, "--assume-role-policy-document", trust(arn)
    )["Role"]
    profile = aws.profile(role, role_arn=made["Arn"], source_profile=name, role_session_name="app")
    return SimpleNamespace(user=arn, name=name, role=made["Arn"], role_name=role, profile=profile)


def create_key(aws, profile, *statements):
    policy = text(*statements)
    return aws(profile, "kms", "create-key", "--policy", policy)["KeyMetadata"]["Arn"]


def names(principal, actions):
    return {**allow(actions), "Principal": {"AWS": principal}}


@pytest.fixture
def message(tmp_path):
    path = tmp_path / "message"
    path.write_bytes(b"at dawn")
    return f"fileb://{path}"


def encrypt(key, message):
    return ("kms", "encrypt", "--key-id", key, "--plaintext", message)


def decrypt(encrypted, tmp_path):
    path = tmp_path / "blob"
    path.write_bytes(base64.b64decode(encrypted["CiphertextBlob"]))
    return ("kms", "decrypt", "--ciphertext-blob", f"fileb://{path}")


def test_a_key_is_used_by_whom_its_policy_names(aws, member, staff, message, tmp_path):
    key = create_key(
        aws,
        member.profile,
        names(f"arn:aws:iam::{member.account}:root", "kms:*"),
        names(staff.user, "kms:Encrypt"),
        names(staff.role, ["kms:Decrypt", "kms:DescribeKey"]),
    )
    shown = json.loads(aws(member.profile, "kms", "get-key-policy", "--key-id", key)["Policy"])
    assert [statement["Principal"]["AWS"] for statement in shown["Statement"][1:]] == [staff.user, staff.role]
    blob = aws(staff.name, *encrypt(key, message))
    opened = aws(staff.profile, *decrypt(blob, tmp_path))
    assert (base64.b64decode(opened["Plaintext"]), opened["KeyId"]) == (b"at dawn", key)
    assert aws.refused(staff.profile, *encrypt(key, message)).endswith(
        f"User: {identity(aws, staff.profile)['Arn']} is not authorized to perform: kms:Encrypt on resource: {key} "
        "because no identity-based policy allows the kms:Encrypt action"
    )
    inline = ("iam", "put-role-policy", "--role-name", staff.role_name, "--policy-name", "p")
    aws(member.profile, *inline, "--policy-document", text(allow("kms:Encrypt", key)))
    aws(staff.profile, *encrypt(key, message))


def test_another_accounts_key_takes_both_sides(aws, member, staff, message, tmp_path):
    """The first account's key, used from the second."""
    theirs = f"arn:aws:iam::{member.account}:root"
    own = names(f"arn:aws:iam::{ACCOUNT}:root", "kms:*")
    key = create_key(aws, "root", own)
    hidden = "on this resource because the resource does not exist in this Region, no resource-based policies allow"
    may = create_policy(aws, member.profile, allow(["kms:Encrypt", "kms:Decrypt"], key))
    aws(member.profile, "iam", "attach-role-policy", "--role-name", staff.role_name, "--policy-arn", may)
    # One's own account has said yes, the key's has not.
    assert hidden in aws.refused(staff.profile, *encrypt(key, message))
    policy = text(own, names(theirs, ["kms:Encrypt", "kms:Decrypt"]))
    aws("root", "kms", "put-key-policy", "--key-id", key, "--policy-name", "default", "--policy", policy)
    blob = aws(staff.profile, *encrypt(key, message))
    assert aws(staff.profile, *decrypt(blob, tmp_path))["KeyId"] == key
    # The key's account has said yes, one's own has not.
    assert hidden in aws.refused(staff.name, *encrypt(key, message))
    aws(member.profile, "iam", "detach-role-policy", "--role-name", staff.role_name, "--policy-arn", may)
    assert hidden in aws.refused(staff.profile, *encrypt(key, message))


def test_boto3_reads_the_same_profiles(aws, member, staff, monkeypatch):
    """The SDK takes on roles by itself, each from the session before it."""
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    for profile, arn in [
        (member.profile, f"arn:aws:sts::{member.account}:assumed-role/{ROLE}/operator"),
        (staff.profile, f"arn:aws:sts::{member.account}:assumed-role/{staff.role_name}/app"),
    ]:
        session = boto3.Session(profile_name=profile)
        assert session.get_credentials().method == "assume-role"
        assert session.client("sts").get_caller_identity()["Arn"] == arn
    session = boto3.Session(profile_name=member.profile)
    key = session.client("kms").create_key()["KeyMetadata"]
    assert key["AWSAccountId"] == member.account


def test_roles_are_chained_by_profiles(aws, admin, member):
    """A role of the second account that a role of the first may take on."""
    between, far = unique("between"), unique("far")
    made = ("iam", "create-role", "--assume-role-policy-document")
    near = aws(admin, *made, trust(f"arn:aws:iam::{ACCOUNT}:root"), "--role-name", between)["Role"]["Arn"]
    there = aws(member.profile, *made, trust(near), "--role-name", far)["Role"]["Arn"]
    aws.profile(between, role_arn=near, source_profile=admin)
    aws.profile(far, role_arn=there, source_profile=between, role_session_name="chained")
    refused = aws.refused(far, "sts", "get-caller-identity")
    assert "is not authorized to perform: sts:AssumeRole on resource: " + there in refused
    policy = text(allow("sts:AssumeRole", there))
    inline = ("iam", "put-role-policy", "--role-name", between, "--policy-name", "p", "--policy-document", policy)
    aws(admin, *inline)
    assert identity(aws, far)["Arn"] == f"arn:aws:sts::{member.account}:assumed-role/{far}/chained"


def test_a_closed_account_is_closed(aws, admin, member):
    """Last: nobody gets in any more, by whatever was given out."""
    name = unique("insider")
    user(aws, member.profile, name)
    assert identity(aws, name)["Account"] == member.account
    aws(admin, "organizations", "close-account", "--account-id", member.account)
    # The user's access key, the session that the CLI has kept, and a new one.
    for profile in (name, member.profile):
        assert "(InvalidClientTokenId)" in aws.refused(profile, "sts", "get-caller-identity")
    again = ("sts", "assume-role", "--role-arn", member.role, "--role-session-name", "again")
    assert "(AccessDenied)" in aws.refused(admin, *again)
