"""Dry runs: everything but the deed."""

import json

import pytest

from wire import NO_SUCH_KEY, key_arn, missing, refusal

WOULD_WORK = ("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")
OPERATIONS = ["encrypt", "decrypt", "re_encrypt", "generate_data_key", "generate_data_key_without_plaintext"]


@pytest.fixture
def members(kms, key):
    """Inputs that would work."""
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
    return {
        "encrypt": {"KeyId": key, "Plaintext": b"x"},
        "decrypt": {"KeyId": key, "CiphertextBlob": blob, "EncryptionContext": {"a": "b"}},
        "re_encrypt": {
            "CiphertextBlob": blob,
            "SourceKeyId": key,
            "SourceEncryptionContext": {"a": "b"},
            "DestinationKeyId": key,
        },
        "generate_data_key": {"KeyId": key, "KeySpec": "AES_256"},
        "generate_data_key_without_plaintext": {"KeyId": key, "NumberOfBytes": 64},
    }


def dry(kms, operation, members, **changes):
    return refusal(getattr(kms, operation), DryRun=True, **{**members[operation], **changes})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_would_work_says_so(kms, members, operation):
    assert dry(kms, operation, members) == WOULD_WORK


@pytest.mark.parametrize("operation", OPERATIONS)
def test_false_is_no_dry_run(kms, members, operation):
    assert getattr(kms, operation)(DryRun=False, **members[operation])["KeyId"].startswith("arn:aws:kms:")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_disabled_key_is_found_out(kms, key, members, operation):
    kms.disable_key(KeyId=key)
    assert dry(kms, operation, members) == ("DisabledException", f"{key_arn(key)} is disabled.")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_missing_permission_is_found_out(kms, key, members, operation):
    policy = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    deny = {"Effect": "Deny", "Principal": "*", "Resource": "*"}
    deny["Action"] = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*"]
    policy["Statement"].append(deny)
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    code, message = dry(kms, operation, members)
    assert code == "AccessDeniedException"
    assert message.endswith(" with an explicit deny in a resource-based policy")


@pytest.mark.parametrize(
    ("operation", "member"),
    [(operation, "KeyId") for operation in OPERATIONS if operation != "re_encrypt"]
    + [("re_encrypt", "SourceKeyId"), ("re_encrypt", "DestinationKeyId")],
)
def test_a_missing_key_is_found_out(kms, members, operation, member):
    expected = ("NotFoundException", f"Key '{key_arn(NO_SUCH_KEY)}' does not exist")
    assert dry(kms, operation, members, **{member: NO_SUCH_KEY}) == expected


@pytest.mark.parametrize("operation", ["decrypt", "re_encrypt"])
def test_a_ciphertext_that_would_not_open_is_found_out(kms, members, operation):
    context = {"decrypt": "EncryptionContext", "re_encrypt": "SourceEncryptionContext"}[operation]
    blob = members[operation]["CiphertextBlob"]
    changed = blob[:-1] + bytes([blob[-1] ^ 1])
    for change in ({context: {}}, {"CiphertextBlob": changed}, {"CiphertextBlob": b"no blob"}):
        assert dry(kms, operation, members, **change) == ("InvalidCiphertextException", "")


@pytest.mark.parametrize(("operation", "member"), [("decrypt", "KeyId"), ("re_encrypt", "SourceKeyId")])
def test_a_wrong_key_is_found_out(kms, members, operation, member):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert dry(kms, operation, members, **{member: other})[0] == "IncorrectKeyException"


@pytest.mark.parametrize("operation", ["generate_data_key", "generate_data_key_without_plaintext"])
def test_a_wrong_size_is_found_out(kms, members, operation):
    both = {"KeySpec": "AES_256", "NumberOfBytes": 32}
    assert dry(kms, operation, members, **both) == (
        "ValidationException",
        "Please specify either number of bytes or key spec.",
    )


@pytest.mark.parametrize(("operation", "member"), [("decrypt", "KeyId"), ("re_encrypt", "SourceKeyId")])
def test_permission_alone_can_be_asked_for_without_a_ciphertext(raw, key, members, operation, member):
    del members[operation]["CiphertextBlob"]
    ignoring = {"DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    assert dry(raw, operation, members, **ignoring) == WOULD_WORK
    raw.disable_key(KeyId=key)
    assert dry(raw, operation, members, **ignoring)[0] == "DisabledException"
    del members[operation][member]
    path = member[:1].lower() + member[1:]
    assert dry(raw, operation, members, **ignoring) == (
        "ValidationException",
        f"1 validation error detected: {missing(path)}",
    )


@pytest.mark.parametrize("operation", ["decrypt", "re_encrypt"])
def test_a_ciphertext_is_ignored_by_dry_runs_only(raw, members, operation):
    call, given = getattr(raw, operation), members[operation]
    blob = given.pop("CiphertextBlob")
    for dry_run in ({}, {"DryRun": False}):
        code, _ = refusal(call, DryRunModifiers=["IGNORE_CIPHERTEXT"], **dry_run, **given)
        assert code == "ValidationException"
    assert call(CiphertextBlob=blob, **given)["KeyId"]
