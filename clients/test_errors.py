"""Refusals: the exact names and messages of the service."""

import gzip
import json
from pathlib import Path

import boto3
import botocore
import pytest

from wire import NO_SUCH_KEY, OUT_OF_REACH, alias_arn, breaks, invalid, key_arn, lost_key, missing, refusal

OPERATIONS = """
    CreateKey DescribeKey ListKeys EnableKey DisableKey UpdateKeyDescription
    CreateAlias UpdateAlias DeleteAlias ListAliases TagResource UntagResource ListResourceTags
    PutKeyPolicy GetKeyPolicy ListKeyPolicies
    Encrypt Decrypt ReEncrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateRandom
""".split()

POLICY = '{"Version":"2012-10-17","Statement":[]}'
CONTEXT = {"a": "b"}
OTHER_KEY = "The key ID in the request does not identify a CMK that can perform this operation."

# A valid input of each operation; KEY and BLOB are filled in.
VALID = {
    "CreateKey": {},
    "DescribeKey": {"KeyId": "KEY"},
    "ListKeys": {},
    "EnableKey": {"KeyId": "KEY"},
    "DisableKey": {"KeyId": "KEY"},
    "UpdateKeyDescription": {"KeyId": "KEY", "Description": "d"},
    "CreateAlias": {"AliasName": "alias/errors", "TargetKeyId": "KEY"},
    "UpdateAlias": {"AliasName": "alias/errors", "TargetKeyId": "KEY"},
    "DeleteAlias": {"AliasName": "alias/errors"},
    "ListAliases": {},
    "TagResource": {"KeyId": "KEY", "Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"KeyId": "KEY", "TagKeys": ["a"]},
    "ListResourceTags": {"KeyId": "KEY"},
    "PutKeyPolicy": {"KeyId": "KEY", "Policy": POLICY},
    "GetKeyPolicy": {"KeyId": "KEY"},
    "ListKeyPolicies": {"KeyId": "KEY"},
    "Encrypt": {"KeyId": "KEY", "Plaintext": b"x"},
    "Decrypt": {"CiphertextBlob": "BLOB"},
    "ReEncrypt": {"CiphertextBlob": "BLOB", "DestinationKeyId": "KEY"},
    "GenerateDataKey": {"KeyId": "KEY", "KeySpec": "AES_256"},
    "GenerateDataKeyWithoutPlaintext": {"KeyId": "KEY", "KeySpec": "AES_256"},
    "GenerateRandom": {"NumberOfBytes": 1},
}

# The members that name keys: by id, ARN, alias or alias ARN, or by id and ARN alone.
BY_ANY_NAME = [
    ("DescribeKey", "KeyId"),
    ("Encrypt", "KeyId"),
    ("Decrypt", "KeyId"),
    ("ReEncrypt", "SourceKeyId"),
    ("ReEncrypt", "DestinationKeyId"),
    ("GenerateDataKey", "KeyId"),
    ("GenerateDataKeyWithoutPlaintext", "KeyId"),
]
BY_ID = [
    ("EnableKey", "KeyId"),
    ("DisableKey", "KeyId"),
    ("UpdateKeyDescription", "KeyId"),
    ("CreateAlias", "TargetKeyId"),
    ("UpdateAlias", "TargetKeyId"),
    ("ListAliases", "KeyId"),
    ("TagResource", "KeyId"),
    ("UntagResource", "KeyId"),
    ("ListResourceTags", "KeyId"),
    ("PutKeyPolicy", "KeyId"),
    ("GetKeyPolicy", "KeyId"),
    ("ListKeyPolicies", "KeyId"),
]
LOOKUPS = {
    "fake-key-id": "Invalid keyId 'fake-key-id'",
    NO_SUCH_KEY.replace("-", ""): f"Invalid keyId '{NO_SUCH_KEY.replace('-', '')}'",
    "mrk-fake-key-id": "Invalid keyId 'mrk-fake-key-id'",
    NO_SUCH_KEY: f"Key '{key_arn(NO_SUCH_KEY)}' does not exist",
    key_arn(NO_SUCH_KEY): f"Key '{key_arn(NO_SUCH_KEY)}' does not exist",
    f"mrk-{'0' * 32}": f"Key '{key_arn('mrk-' + '0' * 32)}' does not exist",
    key_arn(NO_SUCH_KEY, "eu-west-3"): "Invalid arn eu-west-3",
}


@pytest.fixture(scope="module")
def ask(raw):
    """Calls an operation with a valid input and some changes, on a key that all tests share."""
    key = raw.create_key()["KeyMetadata"]["KeyId"]
    blob = raw.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    raw.create_alias(AliasName="alias/errors", TargetKeyId=key)

    def refused(operation, drop=(), **changes):
        filled = {"KEY": key, "BLOB": blob}
        members = {
            name: filled.get(value, value) if isinstance(value, str) else value
            for name, value in VALID[operation].items()
            if name not in drop
        }
        call = getattr(raw, boto3.session.botocore.xform_name(operation))
        return refusal(call, **{**members, **changes})

    return refused


def model():
    path = sorted(Path(botocore.__file__).parent.glob("data/kms/*/service-2.json*"))[-1]
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return json.loads(text)


def violations():
    """One breach of every constraint that the model puts on a member of one of the operations."""
    described = model()
    shapes = described["shapes"]
    for operation in OPERATIONS:
        members = shapes[described["operations"][operation]["input"]["shape"]]
        for name in members.get("required", ()):
            yield pytest.param(operation, name, None, missing(lower(name)), id=f"{operation}-{name}-missing")
        for name, member in members["members"].items():
            for what, value, clause in breaches(shapes, member["shape"], lower(name)):
                yield pytest.param(operation, name, value, clause, id=f"{operation}-{name}-{what}")


def breaches(shapes, shape, path):
    described = shapes[shape]
    kind = described["type"]
    if kind == "list":
        inner = list(breaches(shapes, described["member"]["shape"], f"{path}.1.member"))
        yield from ((what, [value], clause) for what, value, clause in inner)
    elif kind in ("string", "blob", "integer"):
        hidden = kind == "blob" or described.get("sensitive", False)
        for what, value, constraint in scalar_breaches(described, kind):
            yield what, value, breaks(path, constraint, None if hidden else value)
    elif kind == "structure":
        for name, member in described["members"].items():
            whole = {each: "AES" for each in described.get("required", ())}
            for what, value, clause in breaches(shapes, member["shape"], f"{path}.{lower(name)}"):
                yield f"{name}-{what}", {**whole, name: value}, clause


def scalar_breaches(described, kind):
    if kind == "integer":
        if "min" in described:
            yield "low", described["min"] - 1, f"have value greater than or equal to {described['min']}"
        if "max" in described:
            yield "high", described["max"] + 1, f"have value less than or equal to {described['max']}"
        return
    letters = b"x" if kind == "blob" else "x"
    if described.get("min", 0) > 0 and "pattern" not in described:
        yield "short", letters * 0, f"have length greater than or equal to {described['min']}"
    if "max" in described and "enum" not in described:
        yield "long", letters * (described["max"] + 1), f"have length less than or equal to {described['max']}"
    if "enum" in described:
        yield "enum", "INVALID", "satisfy enum value set: ["
    if described.get("pattern") and "*" not in described["pattern"]:
        yield "pattern", "\u0394!", f"satisfy regular expression pattern: {described['pattern']}"


def lower(name):
    return name[:1].lower() + name[1:]


@pytest.mark.parametrize(("operation", "name", "value", "clause"), list(violations()))
def test_a_member_that_breaks_the_model(ask, operation, name, value, clause):
    members = {} if value is None else {name: value}
    code, message = ask(operation, drop=[name], **members)
    assert code == "ValidationException"
    expected = invalid(clause)
    # The order of the values is the service's own affair.
    assert message.startswith(expected) if clause.endswith("[") else message == expected


def test_all_breaches_of_one_input_are_told_at_once(ask):
    code, message = ask("Encrypt", drop=["KeyId"], Plaintext=b"", GrantTokens=[""])
    count, clauses = message.split(": ", 1)
    assert (code, count) == ("ValidationException", "3 validation errors detected")
    assert sorted(clauses.split("; ")) == [
        breaks("grantTokens.1.member", "have length greater than or equal to 1", ""),
        breaks("plaintext", "have length greater than or equal to 1"),
        missing("keyId"),
    ]


@pytest.mark.parametrize(
    ("operation", "members", "clause"),
    [
        ("GenerateRandom", {"NumberOfBytes": 0}, "Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must have value greater than or equal to 1"),
        ("GenerateRandom", {"NumberOfBytes": 1025}, "Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member must have value less than or equal to 1024"),
        ("Encrypt", {"Plaintext": b"x" * 4097}, "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"),
        ("TagResource", {"Tags": [{"TagKey": "k" * 129, "TagValue": ""}]}, f"Value '{'k' * 129}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128"),
        ("CreateKey", {"Tags": [{"TagKey": "k", "TagValue": "v" * 257}]}, f"Value '{'v' * 257}' at 'tags.1.member.tagValue' failed to satisfy constraint: Member must have length less than or equal to 256"),
        ("TagResource", {"Tags": [{"TagKey": "k", "TagValue": "v"}, {"TagKey": "k"}]}, "Value null at 'tags.2.member.tagValue' failed to satisfy constraint: Member must not be null"),
    ],
)  # fmt: skip
def test_the_recorded_examples(ask, operation, members, clause):
    assert ask(operation, **members) == ("ValidationException", f"1 validation error detected: {clause}")


@pytest.mark.parametrize("text", LOOKUPS)
@pytest.mark.parametrize(("operation", "member"), BY_ANY_NAME + BY_ID)
def test_no_such_key(ask, operation, member, text):
    assert ask(operation, **{member: text}) == ("NotFoundException", LOOKUPS[text])


@pytest.mark.parametrize("form", ["alias/none", alias_arn("alias/none")])
@pytest.mark.parametrize(("operation", "member"), BY_ANY_NAME)
def test_no_such_alias(ask, operation, member, form):
    message = f"Alias {alias_arn('alias/none')} is not found."
    assert ask(operation, **{member: form}) == ("NotFoundException", message)


@pytest.mark.parametrize("form", ["alias/errors", alias_arn("alias/errors"), "alias/none"])
@pytest.mark.parametrize(("operation", "member"), BY_ID)
def test_no_aliases_here(ask, operation, member, form):
    message = "Key Aliases are not supported for this operation."
    assert ask(operation, **{member: form}) == ("InvalidArnException", message)


@pytest.mark.parametrize("text", ["arn:aws:kms", f"arn:aws:s3:us-east-1:000000000000:key/{NO_SUCH_KEY}", "arn:aws:kms:us-east-1:000000000000:tree/x"])  # fmt: skip
@pytest.mark.parametrize(("operation", "member"), BY_ID)
def test_no_arn_of_a_key(ask, operation, member, text):
    assert ask(operation, **{member: text})[0] == "InvalidArnException"


@pytest.mark.parametrize(("operation", "member"), BY_ANY_NAME)
def test_a_key_of_another_account_is_denied_whether_it_exists_or_not(ask, operation, member):
    foreign = f"arn:aws:kms:us-east-1:111122223333:key/{NO_SUCH_KEY}"
    code, message = ask(operation, **{member: foreign})
    assert code == "AccessDeniedException"
    assert message.endswith(f" on this resource {OUT_OF_REACH}")


def test_a_blob_of_an_unknown_key_is_denied(start, raw):
    elsewhere = start().client()
    key = elsewhere.create_key()["KeyMetadata"]["KeyId"]
    blob = elsewhere.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    mine = raw.create_key()["KeyMetadata"]["KeyId"]
    assert refusal(raw.decrypt, CiphertextBlob=blob) == lost_key("Decrypt")
    assert refusal(raw.re_encrypt, CiphertextBlob=blob, DestinationKeyId=mine) == lost_key("ReEncryptFrom")


@pytest.mark.parametrize(("operation", "member"), BY_ANY_NAME[1:])
def test_a_disabled_key(ask, kms, key, operation, member):
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    sealed = {"CiphertextBlob": blob} if (operation, member) != ("ReEncrypt", "DestinationKeyId") else {}
    sealed = sealed if "CiphertextBlob" in VALID[operation] else {}
    assert ask(operation, **{member: key}, **sealed) == ("DisabledException", f"{key_arn(key)} is disabled.")


@pytest.mark.parametrize(
    ("operation", "member"),
    [
        ("Encrypt", "EncryptionAlgorithm"),
        ("Decrypt", "EncryptionAlgorithm"),
        ("ReEncrypt", "SourceEncryptionAlgorithm"),
        ("ReEncrypt", "DestinationEncryptionAlgorithm"),
    ],
)
def test_an_algorithm_of_other_keys(ask, operation, member):
    assert ask(operation, **{member: "RSAES_OAEP_SHA_256"}) == (
        "InvalidKeyUsageException",
        "Algorithm RSAES_OAEP_SHA_256 is incompatible with key spec SYMMETRIC_DEFAULT.",
    )


EITHER = "Please specify either number of bytes or key spec."
TAGS_51 = [{"TagKey": str(number), "TagValue": ""} for number in range(51)]
TWICE = [{"TagKey": "a", "TagValue": "1"}, {"TagKey": "a", "TagValue": "2"}]
RESERVED = "Tags beginning with aws: are reserved"
PREFIX = (
    'Alias must start with the prefix "alias/". Please see '
    "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
)
NOT_FOUND = f"Alias {alias_arn('alias/none')} is not found."
LOCKOUT = "The new key policy will not allow you to update the key policy in the future."
STRANGER = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
            for principal in ("arn:aws:iam::000000000000:root", "arn:aws:iam::000000000000:user/nobody")
        ],
    }
)


@pytest.mark.parametrize(
    ("operation", "drop", "members", "code", "message"),
    [
        ("Decrypt", [], {"CiphertextBlob": b"no blob"}, "InvalidCiphertextException", ""),
        ("Decrypt", [], {"EncryptionContext": CONTEXT}, "InvalidCiphertextException", ""),
        ("ReEncrypt", [], {"CiphertextBlob": b"no blob"}, "InvalidCiphertextException", ""),
        ("ReEncrypt", [], {"SourceEncryptionContext": CONTEXT}, "InvalidCiphertextException", ""),
        ("Decrypt", ["CiphertextBlob"], {}, "ValidationException", invalid(missing("ciphertextBlob"))),
        ("GenerateRandom", ["NumberOfBytes"], {}, "ValidationException", "NumberOfBytes is required."),
        ("GenerateDataKey", ["KeySpec"], {}, "ValidationException", EITHER),
        ("GenerateDataKey", [], {"NumberOfBytes": 32}, "ValidationException", EITHER),
        ("GenerateDataKeyWithoutPlaintext", ["KeySpec"], {}, "ValidationException", EITHER),
        ("GenerateDataKeyWithoutPlaintext", [], {"NumberOfBytes": 32}, "ValidationException", EITHER),
        ("CreateKey", [], {"KeySpec": "RSA_2048"}, "ValidationException", "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."),
        ("CreateKey", [], {"KeyUsage": "SIGN_VERIFY"}, "ValidationException", "KeyUsage SIGN_VERIFY is not compatible with KeySpec SYMMETRIC_DEFAULT"),
        ("CreateKey", [], {"KeySpec": "HMAC_256", "KeyUsage": "ENCRYPT_DECRYPT"}, "ValidationException", "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec HMAC_256"),
        ("CreateKey", [], {"KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"}, "ValidationException", "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated."),
        ("CreateKey", [], {"Tags": TWICE}, "TagException", "Duplicate tag keys"),
        ("TagResource", [], {"Tags": TWICE}, "TagException", "Duplicate tag keys"),
        ("CreateKey", [], {"Tags": TAGS_51}, "TagException", "Too many tags"),
        ("TagResource", [], {"Tags": TAGS_51}, "TagException", "Too many tags"),
        ("CreateKey", [], {"Tags": [{"TagKey": "aws:a", "TagValue": ""}]}, "TagException", RESERVED),
        ("TagResource", [], {"Tags": [{"TagKey": "AwS:a", "TagValue": ""}]}, "TagException", RESERVED),
        ("UntagResource", [], {"TagKeys": ["AWS:a"]}, "TagException", RESERVED),
        ("CreateAlias", [], {}, "AlreadyExistsException", f"An alias with the name {alias_arn('alias/errors')} already exists"),
        ("CreateAlias", [], {"AliasName": "errors"}, "ValidationException", PREFIX),
        ("CreateAlias", [], {"AliasName": "Alias/errors"}, "ValidationException", PREFIX),
        ("UpdateAlias", [], {"AliasName": "errors"}, "ValidationException", PREFIX),
        ("DeleteAlias", [], {"AliasName": "errors"}, "ValidationException", PREFIX),
        ("CreateAlias", [], {"AliasName": "alias/aws/s3"}, "NotAuthorizedException", ""),
        ("UpdateAlias", [], {"AliasName": "alias/none"}, "NotFoundException", NOT_FOUND),
        ("DeleteAlias", [], {"AliasName": "alias/none"}, "NotFoundException", NOT_FOUND),
        ("PutKeyPolicy", [], {}, "MalformedPolicyDocumentException", LOCKOUT),
        ("CreateKey", [], {"Policy": POLICY}, "MalformedPolicyDocumentException", LOCKOUT),
        ("PutKeyPolicy", [], {"Policy": STRANGER}, "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."),
        ("CreateKey", [], {"Policy": STRANGER}, "MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals."),
        ("PutKeyPolicy", [], {"PolicyName": "AWS_RAM"}, "ValidationException", "The AWS_RAM policy can only be managed by the RAM service"),
        ("GetKeyPolicy", [], {"PolicyName": "AWS_RAM"}, "NotFoundException", "No such policy exists"),
        ("GetKeyPolicy", [], {"PolicyName": "other"}, "NotFoundException", "No such policy exists"),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isalnum() else "",
)  # fmt: skip
def test_the_rules_of_an_operation(ask, operation, drop, members, code, message):
    assert ask(operation, drop, **members) == (code, message)


@pytest.mark.parametrize(
    "operation", ["Encrypt", "Decrypt", "ReEncrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]
)
def test_a_token_of_no_grant(ask, operation):
    assert ask(operation, GrantTokens=["nobody's"])[0] == "InvalidGrantTokenException"


def test_describe_key_does_not_mind_a_token_of_no_grant(raw, key):
    assert raw.describe_key(KeyId=key, GrantTokens=["nobody's"])["KeyMetadata"]["KeyId"] == key


@pytest.mark.parametrize("operation", ["CreateAlias", "UpdateAlias", "DeleteAlias"])
def test_nothing_behind_the_prefix_is_no_alias_name(ask, operation):
    assert ask(operation, AliasName="alias/")[0] in ("ValidationException", "InvalidAliasNameException")


@pytest.mark.parametrize("operation", ["ListKeys", "ListAliases", "ListResourceTags"])
def test_a_marker_of_nobody(ask, operation):
    assert ask(operation, Marker="nobody's")[0] == "InvalidMarkerException"


@pytest.mark.parametrize("operation", ["Decrypt", "ReEncrypt"])
def test_another_key_than_the_blob_names(ask, kms, key, operation):
    member = {"Decrypt": "KeyId", "ReEncrypt": "SourceKeyId"}[operation]
    assert ask(operation, **{member: key}) == ("IncorrectKeyException", OTHER_KEY)


def test_shapes_are_checked_before_keys(ask):
    assert ask("Encrypt", KeyId=NO_SUCH_KEY, Plaintext=b"")[0] == "ValidationException"


def test_permission_is_checked_before_the_state_of_a_key(ask, kms, key):
    deny = json.loads(kms.get_key_policy(KeyId=key)["Policy"])
    deny["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"})
    kms.put_key_policy(KeyId=key, Policy=json.dumps(deny))
    kms.disable_key(KeyId=key)
    assert ask("Encrypt", KeyId=key)[0] == "AccessDeniedException"


def test_every_operation_has_a_valid_input_here():
    assert sorted(VALID) == sorted(OPERATIONS)
