"""GenerateDataKey, GenerateDataKeyWithoutPlaintext and GenerateRandom."""

import math
from collections import Counter

import pytest

from wire import alias_arn, key_arn, refusal


@pytest.mark.parametrize(
    ("members", "size"),
    [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16)]
    + [({"NumberOfBytes": size}, size) for size in (1, 24, 64, 1023, 1024)],
    ids=str,
)
def test_a_data_key_has_the_size_asked_for_and_its_blob_opens(kms, key, members, size):
    made = kms.generate_data_key(KeyId=key, **members)
    assert len(made["Plaintext"]) == size
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    bare = kms.generate_data_key_without_plaintext(KeyId=key, **members)
    assert len(kms.decrypt(CiphertextBlob=bare["CiphertextBlob"])["Plaintext"]) == size


def test_the_answers_name_key_and_material(kms, key):
    material = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    bare = kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
    for answer, secret in ((made, {"Plaintext"}), (bare, set())):
        assert set(answer) - {"ResponseMetadata"} == {"CiphertextBlob", "KeyId", "KeyMaterialId"} | secret
        assert (answer["KeyId"], answer["KeyMaterialId"]) == (key_arn(key), material)


def test_a_key_may_be_named_by_alias_and_arn(kms, key):
    name = f"alias/data-keys-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    for form in (key_arn(key), name, alias_arn(name)):
        for call in (kms.generate_data_key, kms.generate_data_key_without_plaintext):
            assert call(KeyId=form, KeySpec="AES_128")["KeyId"] == key_arn(key)


def test_the_context_is_needed_to_open_a_data_key(kms, key):
    for call in (kms.generate_data_key, kms.generate_data_key_without_plaintext):
        blob = call(KeyId=key, KeySpec="AES_256", EncryptionContext={"file": "1"})["CiphertextBlob"]
        assert len(kms.decrypt(CiphertextBlob=blob, EncryptionContext={"file": "1"})["Plaintext"]) == 32
        assert refusal(kms.decrypt, CiphertextBlob=blob, EncryptionContext={"file": "2"}) == (
            "InvalidCiphertextException",
            "",
        )


def test_a_data_key_can_be_re_encrypted(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    moved = kms.re_encrypt(CiphertextBlob=made["CiphertextBlob"], DestinationKeyId=other)
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=other)["Plaintext"] == made["Plaintext"]


def test_no_data_key_comes_twice(kms, key):
    made = [kms.generate_data_key(KeyId=key, KeySpec="AES_128") for _ in range(50)]
    assert len({each["Plaintext"] for each in made}) == 50
    assert len({each["CiphertextBlob"] for each in made}) == 50


@pytest.mark.parametrize("size", [1, 32, 1024])
def test_random_bytes_have_the_size_asked_for(kms, size):
    answer = kms.generate_random(NumberOfBytes=size)
    assert len(answer["Plaintext"]) == size
    assert set(answer) - {"ResponseMetadata"} == {"Plaintext"}


def test_random_bytes_do_not_repeat_and_use_every_value(kms):
    chunks = [kms.generate_random(NumberOfBytes=1024)["Plaintext"] for _ in range(32)]
    assert len(set(chunks)) == 32
    counts = Counter(b"".join(chunks))
    entropy = -sum(count / 32768 * math.log2(count / 32768) for count in counts.values())
    assert len(counts) == 256
    assert entropy > 7.98
