"""Grants as those see them whom they name: users, roles, sessions, federated users, accounts."""

import pytest

from identities import ALL, ROOT, allow, code, deny, guarded_key, refusal, text, unique
from trent import ACCOUNT
from wire import NO_SUCH_KEY

DENIED = "AccessDeniedException"
CONTEXT = {"EncryptionContext": {"team": "blue", "app": "a"}}


@pytest.fixture
def key(kms):
    """A key that root alone may use."""
    return guarded_key(kms)


def grant(kms, key, grantee, *operations, **members):
    return kms.create_grant(KeyId=key, GranteePrincipal=grantee, Operations=list(operations), **members)


def encrypt(caller, key, **more):
    return caller.client().encrypt(KeyId=key, Plaintext=b"x", **more)["CiphertextBlob"]


def refused(caller, key, **more):
    return code(caller.client().encrypt, KeyId=key, Plaintext=b"x", **more) == DENIED


class Named:
    """A caller, and the name by which a grant is to reach it."""

    def __init__(self, caller, name):
        self.caller, self.name = caller, name


def named(callers, kind, *statements):
    caller = {
        "user": callers.user,
        "role": callers.session,
        "session": callers.session,
        "federated": callers.federated,
    }[kind](*statements)
    return Named(caller, caller.role if kind == "role" else caller.arn)


KINDS = ["user", "role", "session", "federated"]


@pytest.mark.parametrize("kind", KINDS)
def test_a_grant_gives_and_its_end_takes(kms, key, callers, kind):
    one, other = named(callers, kind), named(callers, kind).caller
    assert refused(one.caller, key)
    made = grant(kms, key, one.name, "Encrypt", "Decrypt", "DescribeKey")
    [entry] = kms.list_grants(KeyId=key, GranteePrincipal=one.name)["Grants"]
    assert (entry["GrantId"], entry["GranteePrincipal"]) == (made["GrantId"], one.name)
    theirs = one.caller.client()
    blob = encrypt(one.caller, key)
    encrypt(one.caller, key, GrantTokens=[made["GrantToken"]])
    assert theirs.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert theirs.describe_key(KeyId=key)["KeyMetadata"]["Arn"] == key
    # It gives nothing else, and nobody else anything, whatever token they hold.
    assert code(theirs.generate_data_key, KeyId=key, KeySpec="AES_256") == DENIED
    assert code(theirs.list_grants, KeyId=key) == DENIED
    assert refused(other, key, GrantTokens=[made["GrantToken"]])
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert refused(one.caller, key)
    stale = {"KeyId": key, "Plaintext": b"x", "GrantTokens": [made["GrantToken"]]}
    assert code(theirs.encrypt, **stale) == "InvalidGrantTokenException"


def test_a_roles_grant_is_every_sessions_and_a_sessions_its_own(kms, key, callers):
    first = callers.session()
    second = callers.again(first, "second")
    made = grant(kms, key, first.arn, "Encrypt")
    encrypt(first, key)
    assert refused(second, key)
    # A session of the same name is the same principal.
    encrypt(callers.again(first, "session"), key)
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    made = grant(kms, key, first.role, "Encrypt")
    encrypt(first, key)
    encrypt(second, key)
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert refused(first, key) and refused(second, key)


@pytest.mark.parametrize("short", [False, True], ids=["ARN", "number"])
def test_an_accounts_grant_goes_as_far_as_its_identities(kms, key, callers, strangers, elsewhere, short):
    for some, account in ((callers, ACCOUNT), (strangers, elsewhere.account)):
        name = account if short else f"arn:aws:iam::{account}:root"
        made = grant(kms, key, name, "Encrypt")
        assert kms.list_grants(KeyId=key)["Grants"][0]["GranteePrincipal"] == f"arn:aws:iam::{account}:root"
        encrypt(some.user(allow("kms:Encrypt", key)), key)
        encrypt(some.session(ALL), key)
        for nobody in (
            some.user(),
            some.session(ALL, boundary=[allow("iam:*")]),
            some.federated(ALL, session=[deny("*")]),
        ):
            assert refused(nobody, key)
        kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
        assert refused(some.user(ALL), key)


@pytest.mark.parametrize("kind", KINDS)
def test_another_accounts_identity_needs_nothing_of_its_own(kms, key, strangers, kind):
    """A grant that names it is enough; a key policy would not be."""
    one = named(strangers, kind)
    made = grant(kms, key, one.name, "Encrypt")
    encrypt(one.caller, key)
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert refused(one.caller, key)


def test_whoever_denies_is_heard(kms, callers):
    for caller in (
        callers.user(deny("kms:Encrypt")),
        callers.session(deny("kms:*")),
        callers.session(ALL, boundary=[ALL, deny("kms:Encrypt")]),
        callers.session(ALL, session=[ALL, deny("kms:Encrypt")]),
    ):
        key = guarded_key(kms)
        grant(kms, key, caller.role or caller.arn, "Encrypt")
        assert refused(caller, key)
    caller = callers.user()
    key = guarded_key(kms, {**deny("kms:Encrypt"), "Principal": {"AWS": caller.arn}})
    grant(kms, key, caller.arn, "Encrypt")
    assert refused(caller, key)


@pytest.mark.parametrize("kind", KINDS)
def test_constraints_hold_for_each(kms, key, callers, kind):
    one = named(callers, kind)
    subset = {"EncryptionContextSubset": {"team": "blue"}}
    made = grant(kms, key, one.name, "Encrypt", "Decrypt", "DescribeKey", Constraints=subset)
    blob = encrypt(one.caller, key, **CONTEXT)
    assert one.caller.client().decrypt(CiphertextBlob=blob, **CONTEXT)["Plaintext"] == b"x"
    for other in ({}, {"EncryptionContext": {"team": "red"}}, {"EncryptionContext": {"Team": "blue"}}):
        assert refused(one.caller, key, **other)
    one.caller.client().describe_key(KeyId=key)
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    grant(kms, key, one.name, "Encrypt", Constraints={"EncryptionContextEquals": {"team": "blue"}})
    assert refused(one.caller, key, **CONTEXT)
    encrypt(one.caller, key, EncryptionContext={"team": "blue"})


@pytest.mark.parametrize("kind", KINDS)
def test_who_may_retire(kms, key, callers, kind):
    one, other = named(callers, kind), named(callers, kind).caller

    def retire(caller, made, by_token=True):
        by = {"GrantToken": made["GrantToken"]} if by_token else {"KeyId": key, "GrantId": made["GrantId"]}
        caller.client().retire_grant(**by)

    # The grantee, when that is one of the operations.
    silent = grant(kms, key, one.name, "Encrypt")
    assert code(one.caller.client().retire_grant, GrantToken=silent["GrantToken"]) == DENIED
    for by_token in (True, False):
        made = grant(kms, key, one.name, "Encrypt", "RetireGrant")
        assert code(other.client().retire_grant, KeyId=key, GrantId=made["GrantId"]) == DENIED
        encrypt(one.caller, key)
        retire(one.caller, made, by_token)
        assert [entry["GrantId"] for entry in kms.list_grants(KeyId=key)["Grants"]] == [silent["GrantId"]]
    # Whoever is named for it.
    made = grant(kms, key, other.arn, "Encrypt", RetiringPrincipal=one.name)
    assert code(other.client().retire_grant, GrantToken=made["GrantToken"]) == DENIED
    retire(one.caller, made)
    # The account of whoever made it, as far as policies of its identities go.
    made = grant(kms, key, other.arn, "Encrypt")
    assert code(callers.user().client().retire_grant, GrantToken=made["GrantToken"]) == DENIED
    retire(callers.user(allow("kms:RetireGrant")), made)
    assert refused(other, key)


def test_another_account_retires_what_names_it(kms, key, callers, strangers, elsewhere):
    grantee, theirs = callers.user(), strangers.user()
    made = grant(kms, key, grantee.arn, "Encrypt", RetiringPrincipal=theirs.arn)
    assert [g["GrantId"] for g in _retirable(strangers, theirs.arn)] == [made["GrantId"]]
    theirs.client().retire_grant(KeyId=key, GrantId=made["GrantId"])
    assert refused(grantee, key)
    made = grant(kms, key, grantee.arn, "Encrypt", RetiringPrincipal=elsewhere.root)
    nobody = strangers.user()
    assert "on this resource because" in refusal(nobody.client().retire_grant, GrantToken=made["GrantToken"])[2]
    strangers.user(allow("kms:RetireGrant", key)).client().retire_grant(GrantToken=made["GrantToken"])
    assert kms.list_grants(KeyId=key)["Grants"] == []


def _retirable(some, principal):
    lister = some.user(allow("kms:ListRetirableGrants"))
    return lister.client().list_retirable_grants(RetiringPrincipal=principal)["Grants"]


def test_what_is_granted_is_passed_on_within_its_limits(kms, key, callers):
    middle, last = callers.session(), callers.user()
    pair = {"team": "blue"}
    grant(kms, key, middle.role, "CreateGrant", "Encrypt", "Decrypt", Constraints={"EncryptionContextSubset": pair})
    theirs = middle.client()
    wider = [
        {"Operations": ["Encrypt"]},
        {"Operations": ["Encrypt"], "Constraints": {"EncryptionContextSubset": {"app": "a"}}},
        {"Operations": ["GenerateDataKey"], "Constraints": {"EncryptionContextEquals": pair}},
    ]
    for members in wider:
        assert code(theirs.create_grant, KeyId=key, GranteePrincipal=last.arn, **members) == DENIED
    exact = {"EncryptionContextEquals": CONTEXT["EncryptionContext"]}
    made = grant(theirs, key, last.arn, "Encrypt", Constraints=exact)
    encrypt(last, key, **CONTEXT)
    assert refused(last, key, EncryptionContext=pair)
    # Who passed it on does not thereby revoke it; its account retires it.
    assert code(theirs.revoke_grant, KeyId=key, GrantId=made["GrantId"]) == DENIED
    kms.retire_grant(KeyId=key, GrantId=made["GrantId"])
    assert refused(last, key, **CONTEXT)


def test_policies_say_which_grants_may_be_made(kms, callers):
    """What administrators of keys are allowed: grants of certain operations to certain principals."""
    grantee = callers.session()
    administrator = callers.user()
    may = {
        **allow("kms:CreateGrant"),
        "Principal": {"AWS": administrator.arn},
        "Condition": {
            "ForAllValues:StringEquals": {"kms:GrantOperations": ["Encrypt", "Decrypt"]},
            "StringEquals": {"kms:GranteePrincipal": grantee.role},
            "Null": {"kms:GrantOperations": "false"},
        },
    }
    key = guarded_key(kms, may)
    theirs = administrator.client()
    for name, operations in (
        (grantee.arn, ["Encrypt"]),
        (grantee.role, ["Encrypt", "DescribeKey"]),
        (grantee.role, ["CreateGrant"]),
    ):
        assert code(theirs.create_grant, KeyId=key, GranteePrincipal=name, Operations=operations) == DENIED
    grant(theirs, key, grantee.role, "Encrypt", "Decrypt")
    encrypt(grantee, key)
    for_services = {
        **allow(["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]),
        "Principal": {"AWS": administrator.arn},
        "Condition": {"Bool": {"kms:GrantIsForAWSResource": "true"}},
    }
    key = guarded_key(kms, for_services)
    assert code(theirs.create_grant, KeyId=key, GranteePrincipal=grantee.role, Operations=["Encrypt"]) == DENIED
    assert code(theirs.list_grants, KeyId=key) == DENIED


def test_a_grant_follows_its_user_and_not_a_namesake(kms, key, callers, world):
    name, arn, credentials = world.user()
    user = world.as_(credentials, "kms")
    made = grant(kms, key, arn, "Encrypt", RetiringPrincipal=arn)
    renamed = unique("renamed")
    world.iam.update_user(UserName=name, NewUserName=renamed)
    user.encrypt(KeyId=key, Plaintext=b"x")
    [entry] = kms.list_grants(KeyId=key)["Grants"]
    assert entry["GranteePrincipal"] == entry["RetiringPrincipal"] == arn.replace(name, renamed)
    world.iam.delete_access_key(UserName=renamed, AccessKeyId=credentials["AccessKeyId"])
    world.iam.delete_user(UserName=renamed)
    [entry] = kms.list_grants(KeyId=key)["Grants"]
    assert entry["GranteePrincipal"].startswith("AIDA")
    world.iam.create_user(UserName=renamed)
    again = world.iam.create_access_key(UserName=renamed)["AccessKey"]
    assert code(world.as_(again, "kms").encrypt, KeyId=key, Plaintext=b"x") == DENIED
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])


def test_whom_no_grant_names(kms, key, world):
    group = unique("group")
    world.iam.create_group(GroupName=group)
    for nobody in (
        f"arn:aws:iam::{ACCOUNT}:group/{group}",
        f"arn:aws:iam::{ACCOUNT}:role/none",
        "arn:aws:iam::999999999999:root",
        NO_SUCH_KEY,
    ):
        told = (400, "InvalidArnException", f"ARN does not refer to a valid principal: {nobody}")
        assert refusal(kms.create_grant, KeyId=key, GranteePrincipal=nobody, Operations=["Encrypt"]) == told


def test_root_is_granted_as_its_account(kms, callers):
    """A key whose policy leaves its root user out may still be granted to it."""
    administrator = callers.user(ALL)
    key = kms.create_key(
        Policy=text({**allow("kms:*"), "Principal": {"AWS": administrator.arn}}),
        BypassPolicyLockoutSafetyCheck=True,
    )["KeyMetadata"]["Arn"]
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == DENIED
    made = grant(administrator.client(), key, ROOT, "Encrypt")
    kms.encrypt(KeyId=key, Plaintext=b"x")
    administrator.client().revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert code(kms.encrypt, KeyId=key, Plaintext=b"x") == DENIED
