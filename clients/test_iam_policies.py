"""Groups, inline and managed policies, boundaries: what they say counts, as long as it is said."""

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from botocore.exceptions import ClientError

from iam import ALL, Person, arn, document, missing, refused, text
from identities import unique
from trent import ACCOUNT, REGION

ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
LIST_USERS = text(("Allow", "iam:ListUsers", "*"))


@pytest.fixture(scope="module")
def iam(trent):
    return trent.client("iam")


@pytest.fixture
def person(trent, iam):
    return Person(trent, iam)


@pytest.fixture
def group(iam):
    name = unique("group")
    iam.create_group(GroupName=name)
    return name


@pytest.fixture
def policy(iam):
    """A managed policy, by ARN."""
    return iam.create_policy(PolicyName=unique("policy"), PolicyDocument=LIST_USERS)["Policy"]["Arn"]


class Inline:
    """The inline policies of one kind of entity."""

    def __init__(self, iam, kind, name):
        self.iam, self.kind, self.entity = iam, kind, {f"{kind}Name": name}

    def call(self, verb, what="policy", **arguments):
        return getattr(self.iam, f"{verb}_{self.kind.lower()}_{what}")(**self.entity, **arguments)


@pytest.fixture(params=["User", "Group"])
def inline(request, iam, person, group):
    return Inline(iam, request.param, {"User": person.name, "Group": group}[request.param])


def test_inline_policies_are_kept_to_the_letter(inline):
    written = '{ "Version":"2012-10-17",\n "Statement": {"Effect":"Allow","Action":"kms:*","Resource":"*"} }'
    inline.call("put", PolicyName="b", PolicyDocument=ALL)
    inline.call("put", PolicyName="a", PolicyDocument=written)
    answer = inline.call("get", PolicyName="a")
    # The SDK decodes and parses what is percent-encoded on the wire.
    assert answer["PolicyDocument"] == json.loads(written) and answer["PolicyName"] == "a"
    assert inline.call("list", "policies")["PolicyNames"] == ["a", "b"]
    first = inline.call("list", "policies", MaxItems=1)
    assert first["IsTruncated"] and inline.call("list", "policies", Marker=first["Marker"])["PolicyNames"] == ["b"]
    inline.call("put", PolicyName="a", PolicyDocument=LIST_USERS)
    assert inline.call("get", PolicyName="a")["PolicyDocument"] == json.loads(LIST_USERS)
    inline.call("delete", PolicyName="a")
    for verb in ("get", "delete"):
        told = f"The {inline.kind.lower()} policy with name a cannot be found."
        missing(lambda verb=verb: inline.call(verb, PolicyName="a"), told)


def test_what_is_no_policy_is_refused(inline, iam):
    bad = [
        "not json",
        "{}",
        text(("allow", "kms:*", "*")),
        json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*"}]}),
        text(("Allow", "noprefix", "*")),
    ]
    for written in bad:
        put = lambda written=written: inline.call("put", PolicyName="p", PolicyDocument=written)  # noqa: E731
        refused(put, "MalformedPolicyDocument", 400)
        refused(iam.create_policy, "MalformedPolicyDocument", 400, PolicyName="p", PolicyDocument=written)


def test_inline_policies_have_a_size_together(inline):
    most = {"User": 2048, "Group": 5120}[inline.kind]
    half = text(("Allow", "kms:*", "x" * (most // 2)), ("Allow", "kms:*", "arn:aws:kms:*"))
    half = half.replace("x" * (most // 2), "arn:aws:kms:::" + "x" * (most // 2 - 300))
    inline.call("put", PolicyName="a", PolicyDocument=half.replace("arn:aws:kms:*", "*") + " " * 5000)
    whole = half.replace("arn:aws:kms:*", "*").replace("xxx", "xxxxx")
    told = f"Maximum policy size of {most} bytes exceeded for {inline.kind.lower()} {list(inline.entity.values())[0]}"
    refused(lambda: inline.call("put", PolicyName="b", PolicyDocument=whole), "LimitExceeded", 409, told)
    assert inline.call("list", "policies")["PolicyNames"] == ["a"]


def test_a_managed_policy_is_what_it_was_made(iam):
    name, tags = unique("Policy"), [{"Key": "a", "Value": "b"}]
    made = iam.create_policy(
        PolicyName=name, Path="/p/", PolicyDocument=ALL, Description="what for", Tags=tags
    )["Policy"]
    assert re.fullmatch(r"ANPA[A-Z2-7]{17}", made["PolicyId"])
    assert made["Arn"] == arn("policy", name, "/p/")
    assert (made["DefaultVersionId"], made["AttachmentCount"], made["IsAttachable"]) == ("v1", 0, True)
    got = iam.get_policy(PolicyArn=made["Arn"])["Policy"]
    assert got == made | {"Description": "what for"}
    version = iam.get_policy_version(PolicyArn=made["Arn"], VersionId="v1")["PolicyVersion"]
    assert version["Document"] == json.loads(ALL) and version["IsDefaultVersion"]
    told = f"A policy called {name.lower()} already exists. Duplicate names are not allowed."
    refused(
        iam.create_policy, "EntityAlreadyExists", 409, told, PolicyName=name.lower(), PolicyDocument=ALL
    )
    iam.tag_policy(PolicyArn=made["Arn"], Tags=[{"Key": "c", "Value": "d"}])
    iam.untag_policy(PolicyArn=made["Arn"], TagKeys=["a"])
    assert iam.list_policy_tags(PolicyArn=made["Arn"])["Tags"] == [{"Key": "c", "Value": "d"}]
    # The ARN has the path in it.
    missing(iam.get_policy, f"Policy {arn('policy', name)} was not found.", PolicyArn=arn("policy", name))


def test_versions_come_and_go_and_one_counts(iam, policy, person):
    mine = person.client()
    iam.attach_user_policy(UserName=person.name, PolicyArn=policy)
    mine.list_users()
    other = text(("Allow", "iam:ListGroups", "*"))
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=other)["PolicyVersion"]
    assert (made["VersionId"], made["IsDefaultVersion"]) == ("v2", False)
    mine.list_users()
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v2")
    refused(mine.list_users, "AccessDenied", 403)
    mine.list_groups()
    for number in (3, 4, 5):
        version = iam.create_policy_version(PolicyArn=policy, PolicyDocument=LIST_USERS, SetAsDefault=number == 4)
        assert version["PolicyVersion"]["VersionId"] == f"v{number}"
    told = (
        "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing "
        "version."
    )
    refused(iam.create_policy_version, "LimitExceeded", 409, told, PolicyArn=policy, PolicyDocument=ALL)
    told = "Cannot delete the default version of a policy."
    refused(iam.delete_policy_version, "DeleteConflict", 409, told, PolicyArn=policy, VersionId="v4")
    iam.delete_policy_version(PolicyArn=policy, VersionId="v5")
    versions = iam.list_policy_versions(PolicyArn=policy)["Versions"]
    assert [version["VersionId"] for version in versions] == ["v4", "v3", "v2", "v1"]
    assert "Document" not in versions[0]
    made = iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALL)["PolicyVersion"]
    assert made["VersionId"] == "v6", "numbers are not used again"
    missing(
        iam.get_policy_version,
        f"Policy {policy} version v5 does not exist or is not attachable.",
        PolicyArn=policy,
        VersionId="v5",
    )


def test_a_policy_goes_when_nobody_has_it(iam, policy, person):
    def conflict(told):
        refused(iam.delete_policy, "DeleteConflict", 409, told, PolicyArn=policy)

    attached = "Cannot delete a policy attached to entities."
    iam.attach_user_policy(UserName=person.name, PolicyArn=policy)
    conflict(attached)
    iam.detach_user_policy(UserName=person.name, PolicyArn=policy)
    iam.put_user_permissions_boundary(UserName=person.name, PermissionsBoundary=policy)
    conflict(attached)
    iam.delete_user_permissions_boundary(UserName=person.name)
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=ALL)
    conflict(
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. "
        "The default version is deleted with the policy."
    )
    iam.delete_policy_version(PolicyArn=policy, VersionId="v2")
    iam.delete_policy(PolicyArn=policy)
    missing(iam.get_policy, f"Policy {policy} was not found.", PolicyArn=policy)
    missing(
        iam.attach_user_policy,
        f"Policy {policy} does not exist or is not attachable.",
        UserName=person.name,
        PolicyArn=policy,
    )
    missing(
        iam.put_user_permissions_boundary,
        f"Scope ARN: {policy} does not exist or is not attachable.",
        UserName=person.name,
        PermissionsBoundary=policy,
    )


def test_the_policies_of_aws_are_there_and_nobodys_to_change(iam, person):
    got = iam.get_policy(PolicyArn=ADMINISTRATOR)["Policy"]
    assert (got["PolicyName"], got["DefaultVersionId"]) == ("AdministratorAccess", "v1")
    version = iam.get_policy_version(PolicyArn=ADMINISTRATOR, VersionId="v1")["PolicyVersion"]
    assert version["Document"] == document(("Allow", "*", "*"))
    told = "Policy is outside your own account."
    refused(iam.delete_policy, "AccessDenied", 403, told, PolicyArn=ADMINISTRATOR)
    refused(
        iam.create_policy_version, "AccessDenied", 403, told, PolicyArn=ADMINISTRATOR, PolicyDocument=ALL
    )
    iam.attach_user_policy(UserName=person.name, PolicyArn=ADMINISTRATOR)
    person.client().list_users()


def test_who_has_a_policy_is_known(iam, policy, person, group):
    iam.attach_user_policy(UserName=person.name, PolicyArn=policy)
    iam.attach_user_policy(UserName=person.name, PolicyArn=policy)
    iam.attach_group_policy(GroupName=group, PolicyArn=policy)
    iam.put_user_permissions_boundary(UserName=person.name, PermissionsBoundary=policy)
    got = iam.get_policy(PolicyArn=policy)["Policy"]
    assert (got["AttachmentCount"], got["PermissionsBoundaryUsageCount"]) == (2, 1)
    entities = iam.list_entities_for_policy(PolicyArn=policy)
    assert entities["PolicyUsers"] == [{"UserName": person.name, "UserId": person.user["UserId"]}]
    assert [one["GroupName"] for one in entities["PolicyGroups"]] == [group]
    pages = iam.get_paginator("list_entities_for_policy").paginate(
        PolicyArn=policy, PaginationConfig={"PageSize": 1}
    )
    assert [len(page["PolicyUsers"]) + len(page["PolicyGroups"]) for page in pages] == [1, 1]
    bounded = iam.list_entities_for_policy(PolicyArn=policy, PolicyUsageFilter="PermissionsBoundary")
    assert (len(bounded["PolicyUsers"]), bounded["PolicyGroups"]) == (1, [])
    assert iam.list_entities_for_policy(PolicyArn=policy, EntityFilter="Group")["PolicyUsers"] == []
    name = policy.rsplit("/", 1)[1]
    assert iam.list_attached_user_policies(UserName=person.name)["AttachedPolicies"] == [
        {"PolicyName": name, "PolicyArn": policy}
    ]
    assert iam.list_attached_group_policies(GroupName=group, PathPrefix="/x/")["AttachedPolicies"] == []
    iam.detach_user_policy(UserName=person.name, PolicyArn=policy)
    missing(iam.detach_user_policy, f"Policy {policy} was not found.", UserName=person.name, PolicyArn=policy)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["AttachmentCount"] == 1


def test_policies_are_listed(iam, policy, person):
    def listed(**arguments):
        pages = iam.get_paginator("list_policies").paginate(PaginationConfig={"PageSize": 3}, **arguments)
        return [one["Arn"] for page in pages for one in page["Policies"]]

    own, aws = listed(Scope="Local"), listed(Scope="AWS")
    assert policy in own and ADMINISTRATOR in aws
    assert own == sorted(own, key=lambda one: one.rsplit("/", 1)[1].lower())
    assert listed() == own + aws
    assert policy not in listed(OnlyAttached=True)
    iam.put_user_permissions_boundary(UserName=person.name, PermissionsBoundary=policy)
    assert policy in listed(PolicyUsageFilter="PermissionsBoundary")
    assert policy not in listed(PolicyUsageFilter="PermissionsPolicy")


def test_ten_policies_may_be_attached(iam, person):
    made = [iam.create_policy(PolicyName=unique("p"), PolicyDocument=ALL)["Policy"]["Arn"] for _ in range(11)]
    for one in made[:10]:
        iam.attach_user_policy(UserName=person.name, PolicyArn=one)
    told = "Cannot exceed quota for PoliciesPerUser: 10"
    refused(iam.attach_user_policy, "LimitExceeded", 409, told, UserName=person.name, PolicyArn=made[10])
    assert iam.get_policy(PolicyArn=made[10])["Policy"]["AttachmentCount"] == 0
    too_large = text(("Allow", "kms:*", "arn:aws:kms:::" + "x" * 6144))
    told = "Cannot exceed quota for PolicySize: 6144"
    refused(iam.create_policy, "LimitExceeded", 409, told, PolicyName="large", PolicyDocument=too_large)


def test_groups_give_and_take(iam, person, group, policy):
    mine = person.client()
    refused(mine.list_users, "AccessDenied", 403)
    iam.add_user_to_group(GroupName=group, UserName=person.name)
    iam.add_user_to_group(GroupName=group, UserName=person.name)
    iam.attach_group_policy(GroupName=group, PolicyArn=policy)
    mine.list_users()
    iam.detach_group_policy(GroupName=group, PolicyArn=policy)
    refused(mine.list_users, "AccessDenied", 403)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=LIST_USERS)
    mine.list_users()
    iam.delete_group_policy(GroupName=group, PolicyName="p")
    refused(mine.list_users, "AccessDenied", 403)
    iam.put_group_policy(GroupName=group, PolicyName="p", PolicyDocument=LIST_USERS)
    told = "Cannot delete entity, must remove users from group first."
    refused(iam.delete_group, "DeleteConflict", 409, told, GroupName=group)
    mine.list_users()
    iam.remove_user_from_group(GroupName=group, UserName=person.name)
    refused(mine.list_users, "AccessDenied", 403)
    told = "Cannot delete entity, must delete policies first."
    refused(iam.delete_group, "DeleteConflict", 409, told, GroupName=group)
    iam.delete_group_policy(GroupName=group, PolicyName="p")
    iam.delete_group(GroupName=group)
    missing(iam.get_group, f"The group with name {group} cannot be found.", GroupName=group)


def test_groups_and_their_users_are_listed_by_name(iam, group):
    users = [unique(prefix) for prefix in ("b", "A", "c")]
    for name in users:
        iam.create_user(UserName=name)
        iam.add_user_to_group(GroupName=group, UserName=name)
    pages = list(iam.get_paginator("get_group").paginate(GroupName=group, PaginationConfig={"PageSize": 2}))
    assert [user["UserName"] for page in pages for user in page["Users"]] == [users[1], users[0], users[2]]
    assert pages[0]["Group"]["GroupName"] == group
    assert re.fullmatch(r"AGPA[A-Z2-7]{17}", pages[0]["Group"]["GroupId"])
    renamed = unique("renamed")
    iam.update_group(GroupName=group, NewGroupName=renamed, NewPath="/g/")
    (listed,) = iam.list_groups_for_user(UserName=users[0])["Groups"]
    assert listed["Arn"] == arn("group", renamed, "/g/")
    assert listed in iam.list_groups(PathPrefix="/g/")["Groups"]
    told = f"Group with name {renamed} already exists."
    refused(iam.create_group, "EntityAlreadyExists", 409, told, GroupName=renamed)


def test_a_user_is_in_ten_groups_at_most(iam, person):
    names = [unique("g") for _ in range(11)]
    for name in names:
        iam.create_group(GroupName=name)
    for name in names[:10]:
        iam.add_user_to_group(GroupName=name, UserName=person.name)
    told = "Cannot exceed quota for GroupsPerUser: 10"
    refused(iam.add_user_to_group, "LimitExceeded", 409, told, GroupName=names[10], UserName=person.name)
    assert iam.get_group(GroupName=names[10])["Users"] == []


def test_a_boundary_bounds(iam, person):
    narrow = iam.create_policy(PolicyName=unique("narrow"), PolicyDocument=text(("Allow", "iam:ListGroups", "*")))
    narrow, mine = narrow["Policy"]["Arn"], person.client()
    iam.put_user_policy(UserName=person.name, PolicyName="p", PolicyDocument=ALL)
    mine.list_users()
    iam.put_user_permissions_boundary(UserName=person.name, PermissionsBoundary=narrow)
    told = refused(mine.list_users, "AccessDenied", 403)
    assert told.endswith("because no permissions boundary allows the iam:ListUsers action")
    mine.list_groups()
    assert iam.get_user(UserName=person.name)["User"]["PermissionsBoundary"] == {
        "PermissionsBoundaryType": "Policy",
        "PermissionsBoundaryArn": narrow,
    }
    iam.put_user_permissions_boundary(UserName=person.name, PermissionsBoundary=ADMINISTRATOR)
    mine.list_users()
    iam.delete_policy(PolicyArn=narrow)
    iam.delete_user_permissions_boundary(UserName=person.name)
    refused(iam.delete_user_permissions_boundary, "NoSuchEntity", 404, UserName=person.name)


def test_a_policy_is_not_deleted_beside_its_attachment(iam, person):
    """Whoever comes first wins; nobody is left with a policy that does not exist."""
    for _ in range(15):
        one = iam.create_policy(PolicyName=unique("race"), PolicyDocument=ALL)["Policy"]["Arn"]
        calls = [
            lambda one=one: iam.attach_user_policy(UserName=person.name, PolicyArn=one),
            lambda one=one: iam.delete_policy(PolicyArn=one),
        ]
        with ThreadPoolExecutor(2) as pool:
            attached, deleted = pool.map(succeeds, calls)
        assert attached != deleted
        listed = iam.list_attached_user_policies(UserName=person.name)["AttachedPolicies"]
        assert (one in [policy["PolicyArn"] for policy in listed]) == attached
        if attached:
            iam.detach_user_policy(UserName=person.name, PolicyArn=one)
            iam.delete_policy(PolicyArn=one)


def test_a_group_is_not_deleted_beside_its_new_user(iam, person):
    for _ in range(15):
        name = unique("race")
        iam.create_group(GroupName=name)
        calls = [
            lambda name=name: iam.add_user_to_group(GroupName=name, UserName=person.name),
            lambda name=name: iam.delete_group(GroupName=name),
        ]
        with ThreadPoolExecutor(2) as pool:
            added, deleted = pool.map(succeeds, calls)
        assert added != deleted
        groups = [group["GroupName"] for group in iam.list_groups_for_user(UserName=person.name)["Groups"]]
        assert (name in groups) == added
        if added:
            iam.remove_user_from_group(GroupName=name, UserName=person.name)


def succeeds(call):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] in ("NoSuchEntity", "DeleteConflict"), error
        return False
    return True


def test_a_user_is_not_deleted_beside_its_new_access_key(iam):
    for _ in range(15):
        name = unique("race")
        iam.create_user(UserName=name)
        calls = [
            lambda name=name: iam.create_access_key(UserName=name),
            lambda name=name: iam.delete_user(UserName=name),
        ]
        with ThreadPoolExecutor(2) as pool:
            made, deleted = pool.map(succeeds, calls)
        assert made != deleted


def test_what_there_is_none_of(iam, person):
    name = person.name
    assert iam.list_mfa_devices(UserName=name)["MFADevices"] == []
    assert iam.list_mfa_devices()["MFADevices"] == []
    assert iam.list_virtual_mfa_devices()["VirtualMFADevices"] == []
    assert iam.list_signing_certificates(UserName=name)["Certificates"] == []
    assert iam.list_ssh_public_keys(UserName=name)["SSHPublicKeys"] == []
    assert iam.list_service_specific_credentials(UserName=name)["ServiceSpecificCredentials"] == []
    assert iam.list_account_aliases()["AccountAliases"] == []
    told = f"Login Profile for User {name} cannot be found."
    missing(iam.get_login_profile, told, UserName=name)
    missing(iam.delete_login_profile, told, UserName=name)


def test_the_account_is_summed_up(iam, person):
    before = iam.get_account_summary()["SummaryMap"]
    assert (before["UsersQuota"], before["AccessKeysPerUserQuota"]) == (5000, 2)
    iam.create_user(UserName=unique("one-more"))
    assert iam.get_account_summary()["SummaryMap"]["Users"] == before["Users"] + 1


def test_the_command_line_manages_identities(trent, iam):
    env = {**os.environ, **trent.env(), "AWS_DEFAULT_REGION": REGION, "AWS_PAGER": ""}

    def aws(*arguments):
        command = [sys.executable, "-m", "awscli", "iam", *arguments]
        done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout) if done.stdout else None

    name = unique("cli")
    made = aws("create-user", "--user-name", name, "--tags", "Key=a,Value=b")["User"]
    assert made["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    aws("put-user-policy", "--user-name", name, "--policy-name", "p", "--policy-document", ALL)
    got = aws("get-user-policy", "--user-name", name, "--policy-name", "p")
    assert got["PolicyDocument"] == json.loads(ALL)
    assert name in [user["UserName"] for user in aws("list-users", "--page-size", "2")["Users"]]
