"""Users and their access keys."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from iam import ALL, Person, arn, missing, refused, text
from identities import unique
from trent import ACCOUNT


@pytest.fixture(scope="module")
def iam(trent):
    return trent.client("iam")


@pytest.fixture
def user(iam):
    name = unique("user")
    iam.create_user(UserName=name)
    return name


def no_user(name):
    return f"The user with name {name} cannot be found."


def test_a_user_is_what_it_was_made(iam):
    name = unique("User")
    tags = [{"Key": "Team", "Value": "a b"}, {"Key": "x", "Value": ""}]
    made = iam.create_user(UserName=name, Path="/a/b/", Tags=tags)["User"]
    assert re.fullmatch(r"AIDA[A-Z2-7]{17}", made["UserId"])
    assert made["Arn"] == arn("user", name, "/a/b/")
    assert (made["Path"], made["UserName"], made["Tags"]) == ("/a/b/", name, tags)
    assert iam.get_user(UserName=name)["User"] == made
    # Found ignoring case, shown as it was made.
    assert iam.get_user(UserName=name.upper())["User"] == made


def test_names_are_unique_whatever_their_case(iam, user):
    again = user.upper()
    refused(iam.create_user, "EntityAlreadyExists", 409, f"User with name {again} already exists.", UserName=again)


def test_who_is_not_there_is_not_found(iam):
    for call in (
        iam.get_user,
        iam.delete_user,
        iam.list_access_keys,
        iam.create_access_key,
        iam.list_user_tags,
        iam.list_user_policies,
        iam.list_attached_user_policies,
        iam.list_groups_for_user,
        iam.list_mfa_devices,
        iam.get_login_profile,
        iam.list_signing_certificates,
        iam.list_ssh_public_keys,
        iam.list_service_specific_credentials,
    ):
        missing(call, no_user("nobody"), UserName="nobody")


def test_names_and_paths_are_checked(iam, trent):
    raw = trent.client("iam", parameter_validation=False)
    only = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
    misnamed = f"The specified value for userName is invalid. {only}"
    refused(raw.create_user, "ValidationError", 400, misnamed, UserName="a b")
    refused(raw.get_role, "ValidationError", 400, misnamed.replace("user", "role"), RoleName="team/role")
    told = refused(raw.create_user, "ValidationError", 400, UserName="n" * 64 + "/")
    assert told.endswith("at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64")
    told = refused(raw.create_user, "ValidationError", 400, UserName="a", Path="no-slash")
    assert told.startswith("The specified value for path is invalid. It must begin and end with / ")
    told = refused(raw.create_user, "ValidationError", 400)
    assert told.startswith("1 validation error detected: Value null at 'userName'")


def test_lists_are_paged_by_name_under_a_path(iam):
    path = f"/{unique('list')}/"
    names = [unique(prefix) for prefix in ("c", "B", "a", "D", "e")]
    for name in names:
        iam.create_user(UserName=name, Path=path)
    ordered = sorted(names, key=str.lower)
    first = iam.list_users(PathPrefix=path, MaxItems=2)
    assert first["IsTruncated"] and [user["UserName"] for user in first["Users"]] == ordered[:2]
    pages = iam.get_paginator("list_users").paginate(PathPrefix=path, PaginationConfig={"PageSize": 2})
    assert [user["UserName"] for page in pages for user in page["Users"]] == ordered
    assert not iam.list_users(PathPrefix=path)["IsTruncated"]
    # Lists leave out tags, and a marker is good for its own list.
    assert "Tags" not in first["Users"][0]
    refused(iam.list_users, "ValidationError", 400, "Invalid Marker.", Marker=first["Marker"], PathPrefix="/x/")


def test_a_rename_keeps_the_id_and_frees_the_name(iam, user):
    before = iam.get_user(UserName=user)["User"]
    name = unique("renamed")
    iam.update_user(UserName=user, NewUserName=name, NewPath="/new/")
    after = iam.get_user(UserName=name)["User"]
    assert (after["UserId"], after["Arn"]) == (before["UserId"], arn("user", name, "/new/"))
    missing(iam.get_user, no_user(user), UserName=user)
    other = iam.create_user(UserName=user)["User"]
    assert other["UserId"] != before["UserId"]
    refused(iam.update_user, "EntityAlreadyExists", 409, UserName=name, NewUserName=user)
    # Another letter case of one's own name is free.
    iam.update_user(UserName=name, NewUserName=name.upper())
    assert iam.get_user(UserName=name)["User"]["UserName"] == name.upper()


def test_tags_are_set_and_removed_whatever_their_case(iam, user):
    iam.tag_user(UserName=user, Tags=[{"Key": "Cost", "Value": "1"}, {"Key": "b", "Value": "2"}])
    iam.tag_user(UserName=user, Tags=[{"Key": "cost", "Value": "3"}])
    assert iam.list_user_tags(UserName=user)["Tags"] == [
        {"Key": "b", "Value": "2"},
        {"Key": "cost", "Value": "3"},
    ]
    iam.untag_user(UserName=user, TagKeys=["COST", "missing"])
    assert iam.list_user_tags(UserName=user)["Tags"] == [{"Key": "b", "Value": "2"}]
    twice = [{"Key": "x", "Value": ""}, {"Key": "X", "Value": ""}]
    refused(
        iam.tag_user,
        "InvalidInput",
        400,
        "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        UserName=user,
        Tags=twice,
    )
    iam.tag_user(UserName=user, Tags=[{"Key": f"k{n}", "Value": ""} for n in range(49)])
    refused(iam.tag_user, "LimitExceeded", 409, UserName=user, Tags=[{"Key": "one more", "Value": ""}])
    pages = iam.get_paginator("list_user_tags").paginate(UserName=user, PaginationConfig={"PageSize": 7})
    assert len([tag for page in pages for tag in page["Tags"]]) == 50


def test_root_is_a_user_without_a_name(iam):
    root = iam.get_user()["User"]
    assert (root["Arn"], root["UserId"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)


def test_access_keys_work_until_they_are_switched_off_or_deleted(trent, iam):
    person = Person(trent, iam)
    key = person.key
    assert re.fullmatch(r"AKIA[A-Z2-7]{16}", key["AccessKeyId"])
    assert re.fullmatch(r"[A-Za-z0-9/+]{40}", key["SecretAccessKey"])
    iam.put_user_policy(UserName=person.name, PolicyName="all", PolicyDocument=ALL)
    mine = person.client()
    assert mine.get_user()["User"] == person.user
    assert [one["AccessKeyId"] for one in mine.list_access_keys()["AccessKeyMetadata"]] == [key["AccessKeyId"]]
    iam.update_access_key(UserName=person.name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    refused(mine.get_user, "InvalidClientTokenId", 403, "The security token included in the request is invalid.")
    (listed,) = iam.list_access_keys(UserName=person.name)["AccessKeyMetadata"]
    assert (listed["Status"], listed["UserName"]) == ("Inactive", person.name)
    iam.update_access_key(UserName=person.name, AccessKeyId=key["AccessKeyId"], Status="Active")
    mine.get_user()
    iam.delete_access_key(UserName=person.name, AccessKeyId=key["AccessKeyId"])
    refused(mine.get_user, "InvalidClientTokenId", 403)
    missing(
        iam.delete_access_key,
        f"The Access Key with id {key['AccessKeyId']} cannot be found.",
        UserName=person.name,
        AccessKeyId=key["AccessKeyId"],
    )


def test_access_keys_survive_a_rename(trent, iam):
    person = Person(trent, iam)
    iam.put_user_policy(UserName=person.name, PolicyName="all", PolicyDocument=ALL)
    name = unique("renamed")
    iam.update_user(UserName=person.name, NewUserName=name)
    used = iam.get_access_key_last_used(AccessKeyId=person.key["AccessKeyId"])
    assert used["UserName"] == name
    assert used["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}
    assert person.client().get_user()["User"]["UserName"] == name


def test_it_is_told_when_an_access_key_was_last_used(start):
    server = start()
    iam = server.client("iam")
    person = Person(server, iam)

    def used():
        return iam.get_access_key_last_used(AccessKeyId=person.key["AccessKeyId"])["AccessKeyLastUsed"]

    assert used() == {"ServiceName": "N/A", "Region": "N/A"}
    before = datetime.now(UTC).replace(microsecond=0)
    # Who is refused has used the key, too.
    with pytest.raises(ClientError):
        person.client("kms").list_keys()
    told = used()
    assert (told["ServiceName"], told["Region"]) == ("kms", "us-east-1")
    assert before <= told["LastUsedDate"] <= datetime.now(UTC)
    server.restart()
    iam = server.client("iam")
    assert used() == told
    person.trent = server
    person.client("sts").get_caller_identity()
    assert used()["ServiceName"] == "sts"
    root = server.env()["AWS_ACCESS_KEY_ID"]
    assert iam.get_access_key_last_used(AccessKeyId=root)["AccessKeyLastUsed"]["ServiceName"] == "iam"


def made_at_once(iam, **owner):
    """The access keys that eight requests at the same moment get."""

    def create(_):
        try:
            return iam.create_access_key(**owner)["AccessKey"]["AccessKeyId"]
        except iam.exceptions.LimitExceededException as error:
            assert error.response["Error"]["Message"] == "Cannot exceed quota for AccessKeysPerUser: 2"

    with ThreadPoolExecutor(8) as pool:
        return [key for key in pool.map(create, range(8)) if key]


def test_a_user_has_two_access_keys_at_most_also_when_asked_at_once(iam, user):
    made = made_at_once(iam, UserName=user)
    assert len(made) == 2
    listed = iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert sorted(key["AccessKeyId"] for key in listed) == sorted(made)


def test_so_has_the_root_user(start):
    iam = start().client("iam")
    for _ in range(5):
        (made,) = made_at_once(iam)
        assert len(iam.list_access_keys()["AccessKeyMetadata"]) == 2
        iam.delete_access_key(AccessKeyId=made)


def test_nobody_uses_the_access_keys_of_others(trent, iam, user):
    person = Person(trent, iam)
    key = person.key["AccessKeyId"]
    told = f"The Access Key with id {key} cannot be found."
    missing(iam.delete_access_key, told, UserName=user, AccessKeyId=key)
    missing(iam.update_access_key, told, UserName=user, AccessKeyId=key, Status="Inactive")
    missing(iam.delete_access_key, told, AccessKeyId=key)


def test_root_can_have_another_access_key(trent, iam):
    key = iam.create_access_key()["AccessKey"]
    mine = trent.client("iam", credentials=key)
    assert mine.get_user()["User"]["UserId"] == ACCOUNT
    assert key["AccessKeyId"] in [one["AccessKeyId"] for one in iam.list_access_keys()["AccessKeyMetadata"]]
    mine.delete_access_key(AccessKeyId=key["AccessKeyId"])
    refused(mine.get_user, "InvalidClientTokenId", 403)


def test_a_user_goes_when_nothing_hangs_on_it(trent, iam):
    person = Person(trent, iam)
    name, group = person.name, unique("group")
    iam.create_group(GroupName=group)
    iam.add_user_to_group(GroupName=group, UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=ALL)
    policy = "arn:aws:iam::aws:policy/AdministratorAccess"
    iam.attach_user_policy(UserName=name, PolicyArn=policy)
    iam.put_user_permissions_boundary(UserName=name, PermissionsBoundary=policy)
    mine = person.client()

    def conflict(what):
        refused(iam.delete_user, "DeleteConflict", 409, f"Cannot delete entity, must {what} first.", UserName=name)

    conflict("delete access keys")
    key = person.key["AccessKeyId"]
    assert mine.list_users()["Users"]
    iam.delete_access_key(UserName=name, AccessKeyId=key)
    conflict("remove users from group")
    iam.remove_user_from_group(GroupName=group, UserName=name)
    conflict("detach all policies")
    iam.detach_user_policy(UserName=name, PolicyArn=policy)
    conflict("delete policies")
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_user(UserName=name)
    missing(iam.get_user, no_user(name), UserName=name)
    assert not [u for u in iam.list_entities_for_policy(PolicyArn=policy)["PolicyUsers"] if u["UserName"] == name]
    assert iam.create_user(UserName=name)["User"]["UserId"] != person.user["UserId"]
    assert iam.list_groups_for_user(UserName=name)["Groups"] == []


def test_without_policies_nothing_is_allowed_and_nothing_told(trent, iam, user):
    mine = Person(trent, iam).client()
    me = f"arn:aws:iam::{ACCOUNT}:user/"
    for call, action, on, arguments in (
        (mine.get_user, "GetUser", f"user {user}", {"UserName": user}),
        # Whether there is such a user is told to nobody who may not ask.
        (mine.get_user, "GetUser", "user nobody", {"UserName": "nobody"}),
        (mine.create_user, "CreateUser", arn("user", "new", "/p/"), {"UserName": "new", "Path": "/p/"}),
        (mine.create_user, "CreateUser", arn("user", user), {"UserName": user}),
        (mine.get_role, "GetRole", "role none", {"RoleName": "none"}),
        (mine.get_group, "GetGroup", "group none", {"GroupName": "none"}),
        (mine.list_users, "ListUsers", arn("user", ""), {}),
        (mine.list_roles, "ListRoles", arn("role", "", "/p/"), {"PathPrefix": "/p/"}),
        (mine.list_groups, "ListGroups", arn("group", ""), {}),
        (mine.list_policies, "ListPolicies", "policy path /", {}),
        (mine.list_account_aliases, "ListAccountAliases", "*", {}),
        (mine.get_account_summary, "GetAccountSummary", "*", {}),
        (mine.get_policy, "GetPolicy", f"policy {arn('policy', 'none')}", {"PolicyArn": arn("policy", "none")}),
        (mine.create_policy, "CreatePolicy", "policy p", {"PolicyName": "p", "PolicyDocument": ALL}),
    ):
        told = refused(call, "AccessDenied", 403, **arguments)
        assert told.startswith(f"User: {me}")
        assert told.endswith(
            f"is not authorized to perform: iam:{action} on resource: {on} because no identity-based policy allows the "
            f"iam:{action} action"
        )


def test_conditions_see_tags_and_boundaries(trent, iam):
    person = Person(trent, iam)
    boundary = "arn:aws:iam::aws:policy/AdministratorAccess"
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": ["iam:CreateUser", "iam:TagUser"],
                "Resource": arn("user", "*", "/team/"),
                "Condition": {
                    "StringEquals": {"aws:RequestTag/team": "a"},
                    "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]},
                },
            },
            {
                "Effect": "Allow",
                "Action": "iam:DeleteUser",
                "Resource": "*",
                "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}},
            },
            {
                "Effect": "Allow",
                "Action": "iam:AttachUserPolicy",
                "Resource": "*",
                "Condition": {"ArnEquals": {"iam:PolicyARN": boundary}},
            },
            {
                "Effect": "Deny",
                "Action": "iam:CreateUser",
                "Resource": "*",
                "Condition": {"StringNotEquals": {"iam:PermissionsBoundary": boundary}},
            },
        ],
    }
    iam.put_user_policy(UserName=person.name, PolicyName="p", PolicyDocument=json.dumps(policy))
    mine, name = person.client(), unique("made")
    tags = [{"Key": "team", "Value": "a"}]
    given = {"UserName": name, "Path": "/team/", "Tags": tags, "PermissionsBoundary": boundary}
    for wrong in (
        {"Path": "/"},
        {"Tags": [{"Key": "team", "Value": "b"}]},
        {"Tags": [*tags, {"Key": "x", "Value": ""}]},
        {"PermissionsBoundary": "arn:aws:iam::aws:policy/IAMFullAccess"},
    ):
        refused(mine.create_user, "AccessDenied", 403, **{**given, **wrong})
    made = mine.create_user(**given)["User"]
    assert made["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    other = "arn:aws:iam::aws:policy/IAMFullAccess"
    refused(mine.attach_user_policy, "AccessDenied", 403, UserName=name, PolicyArn=other)
    mine.attach_user_policy(UserName=name, PolicyArn=boundary)
    iam.detach_user_policy(UserName=name, PolicyArn=boundary)
    refused(mine.delete_user, "AccessDenied", 403, UserName=person.name)
    mine.delete_user(UserName=name)


def test_the_trail_shows_what_was_made_and_no_secret(start):
    server = start()
    iam = server.client("iam")
    iam.create_user(UserName="alice", Path="/p/")
    secret = iam.create_access_key(UserName="alice")["AccessKey"]
    iam.list_users()
    server.stop()
    records = {record["eventName"]: record for record in server.records()}
    made = records["CreateUser"]
    assert made["eventSource"] == "iam.amazonaws.com" and made["awsRegion"] == "us-east-1"
    assert made["requestParameters"] == {"path": "/p/", "userName": "alice"}
    assert made["responseElements"]["user"]["arn"] == arn("user", "alice", "/p/")
    assert (made["readOnly"], records["ListUsers"]["readOnly"]) == (False, True)
    key = records["CreateAccessKey"]["responseElements"]["accessKey"]
    assert set(key) == {"accessKeyId", "createDate", "status", "userName"}
    assert secret["SecretAccessKey"] not in str(list(server.records()))


def test_identities_are_there_after_a_restart(start):
    server = start()
    iam = server.client("iam")
    person = Person(server, iam)
    iam.put_user_policy(UserName=person.name, PolicyName="p", PolicyDocument=text(("Allow", "iam:GetUser", "*")))
    server.kill()
    server.start(server.listen_address())
    mine = person.client()
    assert mine.get_user()["User"] == person.user
    refused(mine.list_users, "AccessDenied", 403)
