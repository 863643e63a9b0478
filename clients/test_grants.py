"""Grants: permissions beside the key policy, made, found and ended by boto3."""

import json

import pytest

from trent import ACCOUNT
from wire import NO_SUCH_KEY, key_arn, refusal

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
DENIED = "AccessDeniedException"


def close(kms, key, *actions):
    """Leaves only grants to permit these actions."""
    statement = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "NotAction": list(actions), "Resource": "*"}
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))


def grant(kms, key, *operations, **members):
    members = {"GranteePrincipal": ROOT, **members}
    return kms.create_grant(KeyId=key, Operations=list(operations), **members)


def listed(kms, key, **filters):
    return kms.list_grants(KeyId=key, **filters)["Grants"]


def test_a_grant_is_made_used_listed_and_revoked(kms, key):
    close(kms, key, "kms:Encrypt", "kms:Decrypt")
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x")[0] == DENIED
    made = grant(kms, key, "Encrypt", "Decrypt", Name="app")
    assert len(made["GrantId"]) == 64 and int(made["GrantId"], 16)
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    (entry,) = listed(kms, key)
    assert entry.pop("CreationDate").tzinfo
    assert entry == {
        "KeyId": key_arn(key),
        "GrantId": made["GrantId"],
        "Name": "app",
        "GranteePrincipal": ROOT,
        "IssuingAccount": ROOT,
        "Operations": ["Encrypt", "Decrypt"],
    }
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])
    assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == DENIED
    assert listed(kms, key) == []


def test_constraints_hold(kms, key):
    close(kms, key, "kms:GenerateDataKey")
    pair = {"tenant": "blue"}
    grant(kms, key, "GenerateDataKey", Constraints={"EncryptionContextEquals": pair})
    data_key = {"KeyId": key, "KeySpec": "AES_256"}
    assert kms.generate_data_key(EncryptionContext=pair, **data_key)["Plaintext"]
    for other in ({}, {"tenant": "red"}, {**pair, "more": "1"}):
        assert refusal(kms.generate_data_key, EncryptionContext=other, **data_key)[0] == DENIED
    grant(kms, key, "GenerateDataKey", Constraints={"EncryptionContextSubset": pair})
    assert kms.generate_data_key(EncryptionContext={**pair, "more": "1"}, **data_key)["Plaintext"]


@pytest.mark.parametrize(
    "spec, usage, operations",
    [
        ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT", ["ReEncryptFrom", "ReEncryptTo", "GenerateDataKeyPair"]),
        ("RSA_2048", "ENCRYPT_DECRYPT", ["Encrypt", "ReEncryptTo", "GetPublicKey"]),
        ("ECC_NIST_P256", "SIGN_VERIFY", ["Sign", "Verify", "GetPublicKey"]),
        ("ECC_NIST_P256", "KEY_AGREEMENT", ["DeriveSharedSecret", "GetPublicKey"]),
        ("HMAC_256", "GENERATE_VERIFY_MAC", ["GenerateMac", "VerifyMac"]),
    ],
)
def test_each_kind_of_key_has_its_operations(kms, spec, usage, operations):
    key = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["KeyId"]
    operations = [*operations, "CreateGrant", "RetireGrant", "DescribeKey"]
    grant(kms, key, *operations)
    assert listed(kms, key)[0]["Operations"] == operations
    other = "GenerateMac" if usage != "GENERATE_VERIFY_MAC" else "Sign"
    members = {"KeyId": key, "GranteePrincipal": ROOT, "Operations": ["DescribeKey", other]}
    assert refusal(kms.create_grant, **members)[0] == "ValidationException"


def test_retries_with_a_name_make_one_grant(kms, key):
    first = grant(kms, key, "Encrypt", Name="once")
    second = grant(kms, key, "Encrypt", Name="once")
    assert first["GrantId"] == second["GrantId"] and first["GrantToken"] != second["GrantToken"]
    assert grant(kms, key, "Decrypt", Name="once")["GrantId"] != first["GrantId"]
    kms.retire_grant(GrantToken=first["GrantToken"])
    assert refusal(kms.retire_grant, GrantToken=second["GrantToken"])[0] == "InvalidGrantTokenException"


def test_a_grant_is_retired_by_token_arn_or_id(kms, key):
    made = [grant(kms, key, "Encrypt", RetiringPrincipal=ROOT) for _ in range(3)]
    kms.retire_grant(GrantToken=made[0]["GrantToken"])
    kms.retire_grant(KeyId=key_arn(key), GrantId=made[1]["GrantId"])
    kms.retire_grant(KeyId=key, GrantId=made[2]["GrantId"])
    assert listed(kms, key) == []


def test_grants_may_be_retired_by_whom_they_name(kms):
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(2)]
    made = {grant(kms, key, "Encrypt", RetiringPrincipal=ROOT)["GrantId"] for key in keys for _ in range(3)}
    pages = kms.get_paginator("list_retirable_grants").paginate(RetiringPrincipal=ROOT, PaginationConfig={"PageSize": 2})
    found = [entry for page in pages for entry in page["Grants"] if entry["KeyId"] in map(key_arn, keys)]
    assert {entry["GrantId"] for entry in found} == made and len(found) == 6
    assert all(entry["RetiringPrincipal"] == ROOT for entry in found)


def test_pages_and_filters(kms, key):
    made = {grant(kms, key, "Encrypt")["GrantId"] for _ in range(9)}
    service = {"GranteeServicePrincipal": "backup.amazonaws.com", "RetiringPrincipal": ROOT}
    source = {"SourceArn": f"arn:aws:backup:us-east-1:{ACCOUNT}:vault:v"}
    of_service = kms.create_grant(KeyId=key, Operations=["Decrypt"], Constraints=source, **service)["GrantId"]
    paginator = kms.get_paginator("list_grants")
    pages = list(paginator.paginate(KeyId=key, PaginationConfig={"PageSize": 4}))
    assert [len(page["Grants"]) for page in pages] == [4, 4, 2]
    assert {entry["GrantId"] for page in pages for entry in page["Grants"]} == made | {of_service}
    assert {entry["GrantId"] for entry in listed(kms, key, GranteePrincipal=ROOT)} == made
    (entry,) = listed(kms, key, GrantId=of_service)
    assert entry["GranteeServicePrincipal"] == "backup.amazonaws.com" and "GranteePrincipal" not in entry
    assert entry["Constraints"] == source


def test_grants_outlive_a_restart(start):
    server = start()
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    close(kms, key, "kms:Encrypt")
    made = grant(kms, key, "Encrypt", Name="n")
    server.restart()
    kms = server.client()
    assert kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[made["GrantToken"]])["CiphertextBlob"]
    assert grant(kms, key, "Encrypt", Name="n")["GrantId"] == made["GrantId"]


def test_states_that_take_no_grants(kms, key):
    made = grant(kms, key, "Encrypt")
    kms.disable_key(KeyId=key)
    members = {"KeyId": key, "GranteePrincipal": ROOT, "Operations": ["Encrypt"]}
    assert refusal(kms.create_grant, **members) == ("DisabledException", f"{key_arn(key)} is disabled.")
    assert len(listed(kms, key)) == 1
    kms.revoke_grant(KeyId=key, GrantId=made["GrantId"])


def test_what_names_nothing_is_refused(kms, raw, key):
    members = {"KeyId": key, "GranteePrincipal": ROOT, "Operations": ["Encrypt"]}
    assert refusal(kms.create_grant, **{**members, "KeyId": "alias/a"})[0] == "InvalidArnException"
    assert refusal(kms.create_grant, **{**members, "KeyId": NO_SUCH_KEY})[0] == "NotFoundException"
    nobody = f"arn:aws:iam::{ACCOUNT}:user/nobody"
    for member in ("GranteePrincipal", "RetiringPrincipal"):
        expected = ("InvalidArnException", f"ARN does not refer to a valid principal: {nobody}")
        assert refusal(kms.create_grant, **{**members, member: nobody}) == expected
    unknown = "0" * 64
    for call in (kms.revoke_grant, kms.retire_grant):
        assert refusal(call, KeyId=key, GrantId=unknown) == ("NotFoundException", f"Grant ID {unknown} not found")
        assert refusal(call, KeyId=key, GrantId="x")[0] == "InvalidGrantIdException"
    for token in ("x", "AAAA", "é"):
        assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x", GrantTokens=[token])[0] == "InvalidGrantTokenException"
    assert refusal(raw.create_grant, **{**members, "Operations": []})[0] == "ValidationException"


def test_the_trail_tells_of_grants(trent, kms, key):
    made = grant(kms, key, "Encrypt", Name="told")
    kms.retire_grant(GrantToken=made["GrantToken"])
    records = [r for r in trent.records() if any(key_arn(key) == x["ARN"] for x in r.get("resources") or [])]
    created = next(r for r in records if r["eventName"] == "CreateGrant")
    assert created["responseElements"] == {"grantId": made["GrantId"], "keyId": key_arn(key)}
    assert created["requestParameters"]["name"] == "told" and not created["readOnly"]
    retired = next(r for r in records if r["eventName"] == "RetireGrant")
    assert retired["requestParameters"] is None
    assert retired["additionalEventData"] == {"grantId": made["GrantId"]}
    assert made["GrantToken"] not in json.dumps(records)
