"""Accounts: made, listed, opened through their role, closed."""

import pytest
from botocore.exceptions import ClientError

from identities import ALL, assume, code, refusal, text, trust, unique
from trent import ACCOUNT


@pytest.fixture(scope="module")
def orgs(trent):
    return trent.client("organizations")


def create(orgs, **more):
    name = unique("account")
    status = orgs.create_account(AccountName=name, Email=f"{name}@example.com", **more)["CreateAccountStatus"]
    assert status["State"] == "SUCCEEDED"
    return status


@pytest.fixture
def admin(trent):
    """A user of the first account who may do everything."""
    iam, name = trent.client("iam"), unique("admin")
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text(ALL))
    return iam.create_access_key(UserName=name)["AccessKey"]


def role_of(account, name="OrganizationAccountAccessRole"):
    return f"arn:aws:iam::{account}:role/{name}"


def enter(trent, key, account):
    return assume(trent.client("sts", credentials=key), role_of(account))["Credentials"]


def test_there_is_one_organization(orgs):
    organization = orgs.describe_organization()["Organization"]
    assert organization["MasterAccountId"] == ACCOUNT and organization["FeatureSet"] == "ALL"
    assert organization["Id"].startswith("o-")
    assert code(orgs.create_organization) == "AlreadyInOrganizationException"
    assert [root["Name"] for root in orgs.list_roots()["Roots"]] == ["Root"]
    assert orgs.list_aws_service_access_for_organization()["EnabledServicePrincipals"] == []


def test_an_account_is_made_and_found(orgs):
    status = create(orgs)
    asked = orgs.describe_create_account_status(CreateAccountRequestId=status["Id"])
    assert asked["CreateAccountStatus"] == status
    account = orgs.describe_account(AccountId=status["AccountId"])["Account"]
    assert (account["Status"], account["JoinedMethod"]) == ("ACTIVE", "CREATED")
    assert account["Name"] == status["AccountName"]
    pages = orgs.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 1})
    listed = [account["Id"] for page in pages for account in page["Accounts"]]
    assert {ACCOUNT, status["AccountId"]} <= set(listed) and listed == sorted(set(listed))
    statuses = orgs.list_create_account_status(States=["SUCCEEDED"])["CreateAccountStatuses"]
    assert status["Id"] in [status["Id"] for status in statuses]
    again = orgs.create_account(AccountName="x", Email=account["Email"].upper())["CreateAccountStatus"]
    assert (again["State"], again["FailureReason"]) == ("FAILED", "EMAIL_ALREADY_EXISTS")
    assert code(orgs.describe_account, AccountId="999999999999") == "AccountNotFoundException"
    missing = code(orgs.describe_create_account_status, CreateAccountRequestId=again["Id"])
    assert missing == "CreateAccountStatusNotFoundException"


def test_its_role_opens_it(trent, orgs, admin):
    account = create(orgs)["AccountId"]
    credentials = enter(trent, admin, account)
    assert trent.client("sts", credentials=credentials).get_caller_identity()["Account"] == account
    kms = trent.client(credentials=credentials)
    key = kms.create_key()["KeyMetadata"]
    assert key["AWSAccountId"] == account
    sealed = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"
    assert code(trent.client().describe_key, KeyId=key["Arn"]) == "AccessDeniedException"
    attached = trent.client("iam", credentials=credentials).list_attached_role_policies(
        RoleName="OrganizationAccountAccessRole"
    )["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AdministratorAccess"]


def test_another_account_needs_both_sides(trent, orgs, admin):
    account = create(orgs)["AccountId"]
    inside = trent.client("iam", credentials=enter(trent, admin, account))
    name = unique("user")
    user = inside.create_user(UserName=name)["User"]["Arn"]
    key = inside.create_access_key(UserName=name)["AccessKey"]
    iam, role = trent.client("iam"), unique("role")
    arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=trust(user))["Role"]["Arn"]
    shown = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]
    assert shown == {"AWS": user}
    sts = trent.client("sts", credentials=key)
    assert code(assume, sts=sts, arn=arn) == "AccessDenied"
    may = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": arn}
    inside.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text(may))
    assume(sts, arn)
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=trust(f"arn:aws:iam::{ACCOUNT}:root"))
    assert code(assume, sts=sts, arn=arn) == "AccessDenied"


def test_members_manage_nothing(trent, orgs, admin):
    account = create(orgs, RoleName="Other")["AccountId"]
    assert code(enter, trent=trent, key=admin, account=account) == "AccessDenied"
    credentials = assume(trent.client("sts", credentials=admin), role_of(account, "Other"))["Credentials"]
    member = trent.client("organizations", credentials=credentials)
    assert member.describe_organization()["Organization"]["MasterAccountId"] == ACCOUNT
    for call, arguments in [
        (member.create_account, {"AccountName": "x", "Email": "member@example.com"}),
        (member.list_accounts, {}),
        (member.close_account, {"AccountId": account}),
    ]:
        assert code(call, **arguments) == "AccessDeniedException"


def test_nobody_enters_a_closed_account(trent, orgs, admin):
    account = create(orgs)["AccountId"]
    kms = trent.client(credentials=enter(trent, admin, account))
    kms.list_keys()
    orgs.close_account(AccountId=account)
    assert orgs.describe_account(AccountId=account)["Account"]["Status"] == "SUSPENDED"
    assert code(enter, trent=trent, key=admin, account=account) == "AccessDenied"
    assert code(kms.list_keys) == "UnrecognizedClientException"
    assert code(orgs.close_account, AccountId=account) == "AccountAlreadyClosedException"
    assert code(orgs.close_account, AccountId=ACCOUNT) == "ConstraintViolationException"


def test_making_accounts_is_a_permission(trent):
    iam, name = trent.client("iam"), unique("user")
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    poor = trent.client("organizations", credentials=key)
    assert code(poor.create_account, AccountName="x", Email="p@example.com") == "AccessDeniedException"


def tags_of(orgs, account):
    listed = orgs.list_tags_for_resource(ResourceId=account)["Tags"]
    return {tag["Key"]: tag["Value"] for tag in listed}


def tag_list(**tags):
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def test_an_account_keeps_its_tags(orgs):
    account = create(orgs, Tags=tag_list(team="a", Team="b"))["AccountId"]
    assert tags_of(orgs, account) == {"team": "a", "Team": "b"}
    orgs.tag_resource(ResourceId=account, Tags=tag_list(team="c", stage=""))
    assert tags_of(orgs, account) == {"team": "c", "Team": "b", "stage": ""}
    orgs.untag_resource(ResourceId=account, TagKeys=["Team", "absent"])
    assert tags_of(orgs, account) == {"team": "c", "stage": ""}
    assert tags_of(orgs, create(orgs)["AccountId"]) == {}
    too_many = tag_list(**{f"k{number}": "" for number in range(49)})
    assert code(orgs.tag_resource, ResourceId=account, Tags=too_many) == "ConstraintViolationException"
    for reserved in ("aws:x", "AWS:x"):
        wrong = tag_list(**{reserved: "v"})
        assert code(orgs.tag_resource, ResourceId=account, Tags=wrong) == "InvalidInputException"
        name = unique("account")
        made = {"AccountName": name, "Email": f"{name}@example.com", "Tags": wrong}
        assert code(orgs.create_account, **made) == "InvalidInputException"
    assert tags_of(orgs, account) == {"team": "c", "stage": ""}
    orgs.tag_resource(ResourceId=ACCOUNT, Tags=tag_list(mine="yes"))
    assert tags_of(orgs, ACCOUNT) == {"mine": "yes"}
    orgs.untag_resource(ResourceId=ACCOUNT, TagKeys=["mine"])
    for resource in ("999999999999", orgs.list_roots()["Roots"][0]["Id"]):
        assert code(orgs.list_tags_for_resource, ResourceId=resource) == "TargetNotFoundException"


def test_every_account_is_under_the_root(orgs):
    account = create(orgs)["AccountId"]
    (root,) = orgs.list_roots()["Roots"]
    assert orgs.list_parents(ChildId=account)["Parents"] == [{"Id": root["Id"], "Type": "ROOT"}]
    assert code(orgs.list_parents, ChildId="999999999999") == "ChildNotFoundException"
    assert code(orgs.list_parents, ChildId=account, NextToken="x") == "InvalidInputException"


def test_tags_say_who_may_see_an_account(trent, orgs, admin):
    ours = create(orgs, Tags=tag_list(team="a"))["AccountId"]
    theirs = create(orgs, Tags=tag_list(team="b"))["AccountId"]
    iam, name = trent.client("iam"), unique("user")
    iam.create_user(UserName=name)
    may = {
        "Effect": "Allow",
        "Action": ["organizations:Describe*", "organizations:CreateAccount", "organizations:TagResource"],
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:ResourceTag/team": "a"}},
    }
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=text(may))
    theirs_to_see = trent.client("organizations", credentials=iam.create_access_key(UserName=name)["AccessKey"])
    theirs_to_see.describe_account(AccountId=ours)
    theirs_to_see.tag_resource(ResourceId=ours, Tags=tag_list(seen="yes"))
    with pytest.raises(ClientError) as refused:
        theirs_to_see.describe_account(AccountId=theirs)
    organization = orgs.describe_organization()["Organization"]["Id"]
    on = f"arn:aws:organizations::{ACCOUNT}:account/{organization}/{theirs}"
    assert f"organizations:DescribeAccount on resource: {on} because" in str(refused.value)
    # Making one with tags is tagging it, too.
    create(theirs_to_see, Tags=tag_list(team="a"))
    name = unique("account")
    made = {"AccountName": name, "Email": f"{name}@example.com", "Tags": tag_list(team="b")}
    assert code(theirs_to_see.create_account, **made) == "AccessDeniedException"
    # A member learns nothing of other accounts, not even whether they are there.
    member = trent.client("organizations", credentials=enter(trent, admin, ours))
    for account in (theirs, "999999999999"):
        assert code(member.list_tags_for_resource, ResourceId=account) == "AccessDeniedException"
        assert code(member.describe_account, AccountId=account) == "AccessDeniedException"


def test_a_key_may_be_opened_to_the_organization(trent, orgs, admin):
    organization = orgs.describe_organization()["Organization"]["Id"]
    root = orgs.list_roots()["Roots"][0]["Id"]
    member = trent.client(credentials=enter(trent, admin, create(orgs)["AccountId"]))

    def opened(**condition):
        statement = {"Effect": "Allow", "Principal": "*", "Action": "kms:DescribeKey", "Resource": "*"}
        own = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}
        policy = text({**statement, "Condition": condition}, own)
        return trent.client().create_key(Policy=policy)["KeyMetadata"]["Arn"]

    member.describe_key(KeyId=opened(StringEquals={"aws:PrincipalOrgID": organization}))
    path = {"aws:PrincipalOrgPaths": f"{organization}/{root}/*"}
    member.describe_key(KeyId=opened(**{"ForAnyValue:StringLike": path}))
    member.describe_key(KeyId=opened(StringEquals={"aws:ResourceAccount": ACCOUNT, "aws:ResourceOrgID": organization}))
    for condition in (
        {"StringEquals": {"aws:PrincipalOrgID": "o-elsewhere"}},
        {"StringNotEquals": {"aws:ResourceOrgID": organization}},
        {"StringEquals": {"aws:PrincipalAccount": ACCOUNT}},
    ):
        assert code(member.describe_key, KeyId=opened(**condition)) == "AccessDeniedException"


def test_what_trent_has_not_is_not_unknown(trent, orgs):
    told = "The operation {} is not supported by this version of Trent."
    refused = refusal(orgs.list_policies, Filter="SERVICE_CONTROL_POLICY")
    assert refused == (400, "UnsupportedOperationException", told.format("ListPolicies"))
    refused = refusal(trent.client("iam").list_server_certificates)
    assert refused == (400, "InvalidAction", told.format("ListServerCertificates"))
