"""Keys: making, describing, listing and switching them."""

import re
import time
import uuid

import pytest

from trent import ACCOUNT
from wire import call, key_arn, refusal


def described(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]


def state(kms, key):
    metadata = described(kms, key)
    assert metadata["Enabled"] == (metadata["KeyState"] == "Enabled")
    return metadata["KeyState"]


def test_a_new_key_has_the_documented_metadata(kms):
    metadata = kms.create_key()["KeyMetadata"]
    created = metadata.pop("CreationDate")
    material = metadata.pop("CurrentKeyMaterialId")
    key = metadata["KeyId"]
    assert metadata == {
        "AWSAccountId": ACCOUNT,
        "KeyId": key,
        "Arn": key_arn(key),
        "Enabled": True,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": False,
    }
    assert str(uuid.UUID(key)) == key
    assert re.fullmatch("[0-9a-f]{64}", material)
    assert abs(created.timestamp() - time.time()) < 60


def test_describe_key_answers_what_create_key_answered(kms):
    metadata = kms.create_key(Description="ledger")["KeyMetadata"]
    assert described(kms, metadata["KeyId"]) == metadata


@pytest.mark.parametrize(
    "members",
    [
        {"KeySpec": "SYMMETRIC_DEFAULT"},
        {"CustomerMasterKeySpec": "SYMMETRIC_DEFAULT"},
        {"KeyUsage": "ENCRYPT_DECRYPT"},
        {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT", "Origin": "AWS_KMS", "MultiRegion": False},
        {"Tags": []},
    ],
)
def test_defaults_may_be_said_aloud(kms, members):
    metadata = kms.create_key(**members)["KeyMetadata"]
    assert (metadata["KeySpec"], metadata["KeyUsage"], metadata["Origin"]) == (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        "AWS_KMS",
    )


def test_each_creation_makes_another_key(kms):
    keys = [kms.create_key(Description="same")["KeyMetadata"] for _ in range(2)]
    assert keys[0]["KeyId"] != keys[1]["KeyId"]
    assert keys[0]["CurrentKeyMaterialId"] != keys[1]["CurrentKeyMaterialId"]


def test_a_key_is_found_by_id_arn_alias_and_alias_arn(kms, key):
    name = f"alias/found-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    for reference in (key, key_arn(key), name, key_arn(key).replace(f"key/{key}", name)):
        assert described(kms, reference)["KeyId"] == key


def test_list_keys_names_id_and_arn(kms, key):
    listed = [entry for page in kms.get_paginator("list_keys").paginate() for entry in page["Keys"]]
    assert {"KeyId": key, "KeyArn": key_arn(key)} in listed


def test_keys_of_ones_own_are_listed_unless_those_of_others_are_asked_for(start):
    server = start()
    key = server.client().create_key()["KeyMetadata"]["KeyId"]

    def listed(*owners):
        answer = call(server, "ListKeys", {"ResourceOwners": owners} if owners else {})
        return [entry["KeyId"] for entry in answer.json["Keys"]]

    assert listed() == listed("SELF") == listed("SELF", "OTHER_ACCOUNTS_VIA_RAM") == [key]
    assert listed("OTHER_ACCOUNTS_VIA_RAM") == []


def test_a_whole_list_is_not_truncated_and_has_no_marker(start):
    kms = start().client()
    assert kms.list_keys()["Keys"] == []
    kms.create_key()
    answer = kms.list_keys(Limit=1)
    assert answer["Truncated"] is False
    assert "NextMarker" not in answer


def test_list_keys_answers_100_unless_told_otherwise(start):
    kms = start().client()
    for _ in range(101):
        kms.create_key()
    answer = kms.list_keys()
    assert (len(answer["Keys"]), answer["Truncated"]) == (100, True)
    assert len(kms.list_keys(Limit=1000)["Keys"]) == 101


def test_disabled_and_enabled_again(kms, key):
    kms.disable_key(KeyId=key)
    assert state(kms, key) == "Disabled"
    kms.enable_key(KeyId=key_arn(key))
    assert state(kms, key) == "Enabled"


def test_switching_twice_is_the_same_as_once(kms, key):
    kms.enable_key(KeyId=key)
    assert state(kms, key) == "Enabled"
    for _ in range(2):
        kms.disable_key(KeyId=key)
    assert state(kms, key) == "Disabled"


def test_a_key_that_was_disabled_for_a_while_still_opens_what_it_closed(kms, key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    assert refusal(kms.decrypt, CiphertextBlob=blob)[0] == "DisabledException"
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"before"


def test_a_disabled_key_can_be_managed(kms, key):
    kms.disable_key(KeyId=key)
    kms.update_key_description(KeyId=key, Description="resting")
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    name = f"alias/resting-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    kms.update_alias(AliasName=name, TargetKeyId=key)
    kms.delete_alias(AliasName=name)
    kms.put_key_policy(KeyId=key, Policy=kms.get_key_policy(KeyId=key)["Policy"])
    assert kms.list_resource_tags(KeyId=key)["Tags"] == []
    assert described(kms, key)["Description"] == "resting"


@pytest.mark.parametrize("description", ["", "new", "ünïcode 🗝 \n\t\"quotes\" \\", "d" * 8192])
def test_a_description_is_kept_to_the_letter(kms, key, description):
    kms.update_key_description(KeyId=key, Description=description)
    assert described(kms, key)["Description"] == description
    assert kms.create_key(Description=description)["KeyMetadata"]["Description"] == description


def test_a_new_description_leaves_the_rest_alone(kms):
    before = kms.create_key(Description="old")["KeyMetadata"]
    kms.update_key_description(KeyId=before["KeyId"], Description="new")
    assert described(kms, before["KeyId"]) == {**before, "Description": "new"}


def test_keys_survive_a_restart(start):
    server = start()
    kms = server.client()
    metadata = kms.create_key(Description="durable")["KeyMetadata"]
    blob = kms.encrypt(KeyId=metadata["KeyId"], Plaintext=b"durable")["CiphertextBlob"]
    server.restart()
    assert described(kms, metadata["KeyId"]) == metadata
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"durable"


IMPORTABLE = ["SYMMETRIC_DEFAULT", "HMAC_256", "RSA_2048", "ECC_NIST_P256", "ECC_NIST_EDWARDS25519", "ECC_SECG_P256K1", "SM2"]
USAGES = {"SYMMETRIC_DEFAULT": "ENCRYPT_DECRYPT", "HMAC_256": "GENERATE_VERIFY_MAC"}


@pytest.mark.parametrize("spec", IMPORTABLE)
def test_a_key_for_imported_material_waits_for_it(kms, spec):
    usage = USAGES.get(spec, "SIGN_VERIFY")
    metadata = kms.create_key(KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")["KeyMetadata"]
    assert (metadata["Origin"], metadata["KeyState"], metadata["Enabled"]) == ("EXTERNAL", "PendingImport", False)
    assert "CurrentKeyMaterialId" not in metadata and "ExpirationModel" not in metadata
    pending = ("KMSInvalidStateException", f"{metadata['Arn']} is pending import.")
    assert refusal(kms.enable_key, KeyId=metadata["KeyId"]) == pending
    if spec == "SYMMETRIC_DEFAULT":
        assert refusal(kms.encrypt, KeyId=metadata["KeyId"], Plaintext=b"x") == pending
    elif spec != "HMAC_256":
        assert refusal(kms.get_public_key, KeyId=metadata["KeyId"]) == pending


@pytest.mark.parametrize("spec, usage", [("ML_DSA_65", "SIGN_VERIFY"), ("ML_KEM_768", "ENCAPSULATE_DECAPSULATE")])
def test_no_key_of_a_spec_that_cannot_be_imported_waits(kms, spec, usage):
    code, _ = refusal(kms.create_key, KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")
    assert code == "UnsupportedOperationException"
