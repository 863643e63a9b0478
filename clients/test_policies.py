"""Key policies: kept as text, checked as documents, obeyed."""

import json

import pytest

from trent import ACCOUNT
from wire import key_arn, refusal

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LOCKOUT = "The new key policy will not allow you to update the key policy in the future."


def statement(**changes):
    return {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*", **changes}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def all_but(action):
    """A statement that allows everything else."""
    granted = statement(NotAction=action)
    del granted["Action"]
    return granted


def policy(kms, key):
    return kms.get_key_policy(KeyId=key)["Policy"]


def test_a_new_key_has_the_default_policy(kms, key):
    answer = kms.get_key_policy(KeyId=key)
    assert answer["PolicyName"] == "default"
    assert json.loads(answer["Policy"]) == {
        "Version": "2012-10-17",
        "Id": "key-default-1",
        "Statement": [statement(Sid="Enable IAM User Permissions")],
    }


def test_the_only_policy_is_default(kms, key):
    answer = kms.list_key_policies(KeyId=key_arn(key))
    assert (answer["PolicyNames"], answer["Truncated"], "NextMarker" in answer) == (["default"], False, False)


def test_a_policy_is_kept_to_the_letter(kms, key):
    text = "\t\r\n" + document(statement(Sid="Kept As It Is")).replace(": ", " :\n ") + " "
    kms.put_key_policy(KeyId=key_arn(key), PolicyName="default", Policy=text)
    assert policy(kms, key) == text


def test_a_policy_may_be_given_at_creation(kms):
    text = document(statement(Sid="Mine"))
    key = kms.create_key(Policy=text)["KeyMetadata"]["KeyId"]
    assert policy(kms, key) == text


def test_the_policy_name_may_be_left_out(kms, key):
    text = document(statement(Sid="Unnamed"))
    kms.put_key_policy(KeyId=key, Policy=text)
    assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == text


def test_a_policy_of_32_kilobytes_fits(kms, key):
    text = document(statement()).ljust(32768)
    kms.put_key_policy(KeyId=key, Policy=text)
    assert policy(kms, key) == text


def test_a_longer_policy_is_refused(kms, key):
    before = policy(kms, key)
    text = document(statement()).ljust(32769)
    assert refusal(kms.put_key_policy, KeyId=key, Policy=text)[0] == "LimitExceededException"
    assert policy(kms, key) == before


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        "{}",
        '{"Version": "2012-10-17"}',
        '{"Version": "2011-01-01", "Statement": []}',
        document(statement(Effect="Perhaps")),
        document(statement(Principal=None)),
        document(statement(Surplus="member")),
        document(statement(Condition={"NoSuchOperator": {"kms:ViaService": "x"}})),
    ],
)
def test_what_is_no_policy_is_malformed(kms, key, text):
    before = policy(kms, key)
    assert refusal(kms.put_key_policy, KeyId=key, Policy=text)[0] == "MalformedPolicyDocumentException"
    assert refusal(kms.create_key, Policy=text)[0] == "MalformedPolicyDocumentException"
    assert policy(kms, key) == before


@pytest.mark.parametrize(
    "statements",
    [[], [statement(Action="kms:Encrypt")], [statement(), statement(Effect="Deny", Action="kms:PutKeyPolicy")]],
    ids=["empty", "without PutKeyPolicy", "denying PutKeyPolicy"],
)
def test_nobody_locks_himself_out_by_mistake(kms, key, statements):
    for call, members in ((kms.put_key_policy, {"KeyId": key}), (kms.create_key, {})):
        locked = {**members, "Policy": document(*statements)}
        assert refusal(call, **locked) == ("MalformedPolicyDocumentException", LOCKOUT)


def test_the_lockout_check_can_be_bypassed(kms, key):
    text = document(statement(Action=["kms:GetKeyPolicy", "kms:Encrypt"]))
    kms.put_key_policy(KeyId=key, Policy=text, BypassPolicyLockoutSafetyCheck=True)
    assert policy(kms, key) == text
    assert refusal(kms.put_key_policy, KeyId=key, Policy=document(statement()))[0] == "AccessDeniedException"


def test_what_a_policy_does_not_allow_is_denied_and_says_why(kms, key):
    kms.put_key_policy(KeyId=key, Policy=document(all_but("kms:Encrypt")))
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == (
        "AccessDeniedException",
        f"User: {ROOT} is not authorized to perform: kms:Encrypt on resource: {key_arn(key)} "
        "because no resource-based policy allows the kms:Encrypt action",
    )


def test_an_explicit_deny_wins_and_says_so(kms, key):
    kms.put_key_policy(KeyId=key, Policy=document(statement(), statement(Effect="Deny", Action="kms:Decrypt")))
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert refusal(kms.decrypt, KeyId=key, CiphertextBlob=blob) == (
        "AccessDeniedException",
        f"User: {ROOT} is not authorized to perform: kms:Decrypt on resource: {key_arn(key)} "
        "with an explicit deny in a resource-based policy",
    )


def test_a_new_policy_counts_from_the_next_request_on(kms, key):
    kms.encrypt(KeyId=key, Plaintext=b"x")
    denied = document(statement(), statement(Effect="Deny", Action="kms:Encrypt"))
    for _ in range(5):
        kms.put_key_policy(KeyId=key, Policy=denied)
        assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
        kms.put_key_policy(KeyId=key, Policy=document(statement()))
        kms.encrypt(KeyId=key, Plaintext=b"x")


def test_a_condition_on_the_encryption_context_is_obeyed(kms, key):
    only = statement(Action="kms:Encrypt", Condition={"StringEquals": {"kms:EncryptionContext:team": "blue"}})
    kms.put_key_policy(KeyId=key, Policy=document(all_but("kms:Encrypt"), only))
    kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"team": "blue"})
    for context in ({}, {"team": "red"}):
        assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext=context)[0] == "AccessDeniedException"


def test_a_policy_survives_a_restart(start):
    server = start()
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    text = document(statement(), statement(Effect="Deny", Action="kms:Encrypt"))
    kms.put_key_policy(KeyId=key, Policy=text)
    server.restart()
    assert policy(kms, key) == text
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
