"""What a refused request is told, to the letter: who asked, for what, of which resource, and why not."""

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from identities import ALL, ROOT, allow, assume, deny, guarded_key, refusal, text, trust, unique
from trent import ACCOUNT, REGION
from wire import NO_SUCH_KEY, OF_CIPHERTEXT, OUT_OF_REACH

ACCOUNT_MAY = {**allow("kms:*"), "Principal": {"AWS": ROOT}}
TOKEN = "The security token included in the request is invalid."


def kms_told(message):
    return 400, "AccessDeniedException", message


def query_told(message):
    return 403, "AccessDenied", message


def who(arn, action, on=None):
    return f"User: {arn} is not authorized to perform: {action}" + (f" on resource: {on}" if on else "")


def silent(policy, action):
    return f"because no {policy} allows the {action} action"


def explicit(policy):
    return f"with an explicit deny in {policy}"


@pytest.fixture(params=["user", "session", "federated"])
def make(request, callers):
    return getattr(callers, request.param)


def encrypt(caller, key, **more):
    return refusal(caller.client().encrypt, KeyId=key, Plaintext=b"x", **more)


def key_and_caller(kms, caller):
    """A key that leaves everything to identity policies, and how messages about it begin."""
    key = guarded_key(kms, ACCOUNT_MAY)
    return key, who(caller.arn, "kms:Encrypt", key)


def test_no_identity_policy_allows(kms, make):
    caller = make()
    key, start = key_and_caller(kms, caller)
    assert encrypt(caller, key) == kms_told(f"{start} {silent('identity-based policy', 'kms:Encrypt')}")


def test_an_identity_policy_denies(kms, make):
    caller = make(ALL, deny("kms:Encrypt"))
    key, start = key_and_caller(kms, caller)
    assert encrypt(caller, key) == kms_told(f"{start} {explicit('an identity-based policy')}")


def test_no_key_policy_allows(kms, make):
    caller = make(ALL)
    key = guarded_key(kms)
    told = f"{who(caller.arn, 'kms:Encrypt', key)} {silent('resource-based policy', 'kms:Encrypt')}"
    assert encrypt(caller, key) == kms_told(told)


def test_the_key_policy_denies(kms, make):
    caller = make(ALL)
    key = guarded_key(kms, ACCOUNT_MAY, {**deny("kms:Encrypt"), "Principal": "*"})
    told = f"{who(caller.arn, 'kms:Encrypt', key)} {explicit('a resource-based policy')}"
    assert encrypt(caller, key) == kms_told(told)


@pytest.mark.parametrize("kind", ["user", "session"])
def test_boundaries(kms, callers, kind):
    make = getattr(callers, kind)
    caller = make(ALL, boundary=[allow("kms:Decrypt")])
    key, start = key_and_caller(kms, caller)
    assert encrypt(caller, key) == kms_told(f"{start} {silent('permissions boundary', 'kms:Encrypt')}")
    caller = make(ALL, boundary=[ALL, deny("kms:Encrypt")])
    start = who(caller.arn, "kms:Encrypt", key)
    assert encrypt(caller, key) == kms_told(f"{start} {explicit('a permissions boundary')}")


@pytest.mark.parametrize("kind", ["session", "federated"])
def test_session_policies(kms, callers, kind):
    make = getattr(callers, kind)
    caller = make(ALL, session=[allow("kms:Decrypt")])
    key, start = key_and_caller(kms, caller)
    assert encrypt(caller, key) == kms_told(f"{start} {silent('session policy', 'kms:Encrypt')}")
    caller = make(ALL, session=[ALL, deny("kms:Encrypt")])
    start = who(caller.arn, "kms:Encrypt", key)
    assert encrypt(caller, key) == kms_told(f"{start} {explicit('a session policy')}")


def test_root_is_told_the_same(kms, callers):
    root = callers.root()
    locked = {**allow("kms:*"), "Principal": {"AWS": callers.user().arn}}
    bypass = {"BypassPolicyLockoutSafetyCheck": True}
    key = kms.create_key(Policy=text(locked), **bypass)["KeyMetadata"]["Arn"]
    start = who(ROOT, "kms:Encrypt", key)
    assert encrypt(root, key) == kms_told(f"{start} {silent('resource-based policy', 'kms:Encrypt')}")
    policy = text(ACCOUNT_MAY, {**deny("kms:Encrypt"), "Principal": {"AWS": ROOT}})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    start = who(ROOT, "kms:Encrypt", key)
    assert encrypt(root, key) == kms_told(f"{start} {explicit('a resource-based policy')}")


def test_tags_of_a_key_that_is_to_be_made(make):
    """No resource is named: the key is not there yet, and what makes it may do so."""
    caller = make(allow("kms:CreateKey"))
    told = f"{who(caller.arn, 'kms:TagResource')} {silent('identity-based policy', 'kms:TagResource')}"
    tags = [{"TagKey": "a", "TagValue": "b"}]
    assert refusal(caller.client().create_key, Tags=tags) == kms_told(told)


def test_of_several_denials_one_is_told(kms, callers):
    """That of the key's policy first, then as they are asked."""
    caller = callers.session(ALL, deny("kms:*"), boundary=[deny("*")], session=[deny("*")])
    key, start = key_and_caller(kms, caller)
    assert encrypt(caller, key) == kms_told(f"{start} {explicit('an identity-based policy')}")


def test_a_condition_that_does_not_hold(kms, make):
    only = {"Condition": {"StringEquals": {"kms:EncryptionContext:team": "blue"}}}
    caller = make(allow("kms:Encrypt", **only))
    key, start = key_and_caller(kms, caller)
    told = kms_told(f"{start} {silent('identity-based policy', 'kms:Encrypt')}")
    assert encrypt(caller, key) == encrypt(caller, key, EncryptionContext={"team": "red"}) == told
    caller.client().encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "blue"})
    # A key policy's condition.
    caller = make()
    key = guarded_key(kms, {**allow("kms:Encrypt", **only), "Principal": {"AWS": ROOT}})
    start = who(caller.arn, "kms:Encrypt", key)
    assert encrypt(caller, key) == kms_told(f"{start} {silent('resource-based policy', 'kms:Encrypt')}")


def test_what_is_asked_of_no_key(callers):
    for caller in (callers.user(), callers.session(), callers.federated()):
        kms = caller.client()
        for call, action, members in (
            (kms.list_keys, "kms:ListKeys", {}),
            (kms.list_aliases, "kms:ListAliases", {}),
            (kms.create_key, "kms:CreateKey", {}),
            (kms.generate_random, "kms:GenerateRandom", {"NumberOfBytes": 8}),
        ):
            told = f"{who(caller.arn, action, '*')} {silent('identity-based policy', action)}"
            assert refusal(call, **members) == kms_told(told)


def test_an_alias_is_asked_for_itself_and_its_keys(kms, callers):
    key = guarded_key(kms, ACCOUNT_MAY)
    name = f"alias/{unique('denied')}"
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:{name}"
    new = {"AliasName": name, "TargetKeyId": key}

    def told(caller, action, on):
        return kms_told(f"{who(caller.arn, action, on)} {silent('identity-based policy', action)}")

    nobody, on_alias = callers.user(), callers.user(allow("kms:*", alias))
    assert refusal(nobody.client().create_alias, **new) == told(nobody, "kms:CreateAlias", alias)
    assert refusal(on_alias.client().create_alias, **new) == told(on_alias, "kms:CreateAlias", key)
    kms.create_alias(**new)
    for call, action, members in (("update_alias", "kms:UpdateAlias", new), ("delete_alias", "kms:DeleteAlias", {})):
        members = {**members, "AliasName": name}
        assert refusal(getattr(nobody.client(), call), **members) == told(nobody, action, alias)
        assert refusal(getattr(on_alias.client(), call), **members) == told(on_alias, action, key)
    # A key that is named by its alias is the key.
    assert encrypt(nobody, name) == encrypt(nobody, alias) == told(nobody, "kms:Encrypt", key)


def test_a_grant_that_does_not_fit(kms, callers):
    caller = callers.user()
    key = guarded_key(kms, {**allow("kms:*"), "Principal": {"AWS": callers.user().arn}})
    kms.create_grant(
        KeyId=key,
        GranteePrincipal=caller.arn,
        Operations=["Encrypt"],
        Constraints={"EncryptionContextEquals": {"team": "blue"}},
    )
    silence = silent("resource-based policy", "kms:Encrypt")
    assert encrypt(caller, key) == kms_told(f"{who(caller.arn, 'kms:Encrypt', key)} {silence}")
    caller.client().encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "blue"})
    action = "kms:DescribeKey"
    told = f"{who(caller.arn, action, key)} {silent('resource-based policy', action)}"
    assert refusal(caller.client().describe_key, KeyId=key) == kms_told(told)


def test_who_may_not_retire_a_grant(kms, callers):
    caller, grantee = callers.user(), callers.user()
    key = guarded_key(kms, ACCOUNT_MAY)
    made = kms.create_grant(KeyId=key, GranteePrincipal=grantee.arn, Operations=["Encrypt"])
    action = "kms:RetireGrant"
    for somebody in (caller, grantee):
        told = kms_told(f"{who(somebody.arn, action, key)} {silent('resource-based policy', action)}")
        kms_of = somebody.client()
        assert refusal(kms_of.retire_grant, KeyId=key, GrantId=made["GrantId"]) == told
        assert refusal(kms_of.retire_grant, GrantToken=made["GrantToken"]) == told
    forbidden = callers.user(ALL, deny(action))
    told = kms_told(f"{who(forbidden.arn, action, key)} {explicit('an identity-based policy')}")
    assert refusal(forbidden.client().retire_grant, GrantToken=made["GrantToken"]) == told


@pytest.mark.parametrize("kind", ["user", "session", "federated", "root"])
def test_another_accounts_key_may_as_well_not_exist(kms, strangers, callers, kind):
    caller = callers.root() if kind == "root" else getattr(strangers, kind)(ALL)
    if kind == "root":
        theirs = strangers.trent.client(credentials=strangers.session(ALL).credentials)
        key = theirs.create_key()["KeyMetadata"]["Arn"]
    else:
        key = guarded_key(kms, ACCOUNT_MAY)
    missing = f"{key.rsplit('/', 1)[0]}/{NO_SUCH_KEY}"
    for one in (key, missing, f"{key.rsplit(':', 1)[0]}:alias/{unique('none')}"):
        told = kms_told(f"{who(caller.arn, 'kms:Encrypt')} on this resource {OUT_OF_REACH}")
        assert encrypt(caller, one) == told
        told = kms_told(f"{who(caller.arn, 'kms:DescribeKey')} on this resource {OUT_OF_REACH}")
        assert refusal(caller.client().describe_key, KeyId=one) == told


def test_another_accounts_key_is_hidden_whatever_is_missing(kms, strangers, elsewhere):
    open_key = guarded_key(kms, {**allow("kms:*"), "Principal": {"AWS": elsewhere.root}})
    for caller in (
        strangers.user(),
        strangers.user(ALL, deny("kms:Encrypt")),
        strangers.user(ALL, boundary=[deny("*")]),
    ):
        told = kms_told(f"{who(caller.arn, 'kms:Encrypt')} on this resource {OUT_OF_REACH}")
        assert encrypt(caller, open_key) == told
    # What no other account may do at all.
    caller = strangers.user(ALL)
    told = kms_told(f"{who(caller.arn, 'kms:GetKeyPolicy')} on this resource {OUT_OF_REACH}")
    assert refusal(caller.client().get_key_policy, KeyId=open_key) == told


def ciphertext(kms, key):
    return kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def test_a_ciphertext_that_names_the_key(kms, callers, strangers):
    """Nobody is told the key's ARN by a ciphertext."""
    key = guarded_key(kms, ACCOUNT_MAY)
    blob = ciphertext(kms, key)
    own, other = callers.user(), guarded_key(kms, ACCOUNT_MAY)
    silence = silent("identity-based policy", "kms:Decrypt")
    assert refusal(own.client().decrypt, CiphertextBlob=blob) == kms_told(
        f"{who(own.arn, 'kms:Decrypt')} {OF_CIPHERTEXT} {silence}"
    )
    # With the key named as well, the key is the resource.
    assert refusal(own.client().decrypt, CiphertextBlob=blob, KeyId=key) == kms_told(
        f"{who(own.arn, 'kms:Decrypt', key)} {silence}"
    )
    silence = silent("identity-based policy", "kms:ReEncryptFrom")
    assert refusal(own.client().re_encrypt, CiphertextBlob=blob, DestinationKeyId=other) == kms_told(
        f"{who(own.arn, 'kms:ReEncryptFrom')} {OF_CIPHERTEXT} {silence}"
    )
    foreign = strangers.user(ALL)
    told = kms_told(f"{who(foreign.arn, 'kms:Decrypt')} {OF_CIPHERTEXT} {OUT_OF_REACH}")
    assert refusal(foreign.client().decrypt, CiphertextBlob=blob) == told
    target = foreign.client().create_key()["KeyMetadata"]["Arn"]
    told = kms_told(f"{who(foreign.arn, 'kms:ReEncryptFrom')} {OF_CIPHERTEXT} {OUT_OF_REACH}")
    assert refusal(foreign.client().re_encrypt, CiphertextBlob=blob, DestinationKeyId=target) == told
    # The destination is named by the request.
    source = ciphertext(foreign.client(), target)
    told = kms_told(f"{who(foreign.arn, 'kms:ReEncryptTo')} on this resource {OUT_OF_REACH}")
    assert refusal(foreign.client().re_encrypt, CiphertextBlob=source, DestinationKeyId=key) == told


def test_iam_names_who_what_and_why(callers, world):
    name, _, _ = world.user()

    def told(caller, why, action="iam:GetUser", on=f"user {name}"):
        return query_told(f"{who(caller.arn, action, on)} {why}")

    for caller in (callers.user(), callers.session()):
        iam = caller.client("iam")
        assert refusal(iam.get_user, UserName=name) == told(caller, silent("identity-based policy", "iam:GetUser"))
        silence = silent("identity-based policy", "iam:ListUsers")
        assert refusal(iam.list_users) == told(caller, silence, "iam:ListUsers", f"arn:aws:iam::{ACCOUNT}:user/")
    for caller, why in (
        (callers.user(ALL, deny("iam:GetUser")), explicit("an identity-based policy")),
        (callers.session(ALL, boundary=[allow("kms:*")]), silent("permissions boundary", "iam:GetUser")),
        (callers.session(ALL, session=[ALL, deny("iam:*")]), explicit("a session policy")),
    ):
        assert refusal(caller.client("iam").get_user, UserName=name) == told(caller, why)


def test_sts_names_who_and_what(callers, strangers, world):
    """Why a role may not be assumed is not told: its trust policy may be another account's."""
    _, role = world.role(trust(callers.user().arn))
    missing = role + "-not"
    for caller in (callers.user(ALL), callers.session(ALL), callers.user(ALL, deny("sts:*")), strangers.user(ALL)):
        sts = caller.client("sts")
        for one in (role, missing):
            assert refusal(assume, sts=sts, arn=one) == query_told(who(caller.arn, "sts:AssumeRole", one))
    caller = callers.user()
    action, on = "sts:GetFederationToken", f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    told = query_told(f"{who(caller.arn, action, on)} {silent('identity-based policy', action)}")
    assert refusal(caller.client("sts").get_federation_token, Name="guest") == told


def test_organizations_names_who_what_and_why(callers):
    caller = callers.user()
    action = "organizations:ListAccounts"
    told = kms_told(f"{who(caller.arn, action, '*')} {silent('identity-based policy', action)}")
    assert refusal(caller.client("organizations").list_accounts) == told


def test_who_is_nobody(trent):
    """Unsigned, or signed with a key that is none."""
    def unsigned(service):
        config = Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1})
        return boto3.client(service, region_name=REGION, endpoint_url=trent.endpoint, config=config)

    unknown = {"AccessKeyId": "AKIA" + "A" * 16, "SecretAccessKey": "s" * 40}
    status, name, message = refusal(unsigned("kms").list_keys)
    assert (status, name) == (400, "MissingAuthenticationTokenException") and "Authentication Token" in message
    for service in ("iam", "sts"):
        call = getattr(unsigned(service), {"iam": "list_users", "sts": "get_caller_identity"}[service])
        assert refusal(call)[:2] == (403, "MissingAuthenticationToken")
        call = getattr(trent.client(service, credentials=unknown), {"iam": "list_users", "sts": "get_caller_identity"}[service])
        assert refusal(call) == (403, "InvalidClientTokenId", TOKEN)
    assert refusal(trent.client(credentials=unknown).list_keys) == (400, "UnrecognizedClientException", TOKEN)
