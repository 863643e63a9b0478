"""Encrypt, Decrypt and ReEncrypt."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest

from wire import alias_arn, key_arn, refusal

CORRUPT = ("InvalidCiphertextException", "")
OTHER_KEY = (
    "IncorrectKeyException",
    "The key ID in the request does not identify a CMK that can perform this operation.",
)


@pytest.fixture
def other(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.fixture
def alias(kms, key):
    name = f"alias/encryption-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    return name


@pytest.fixture
def forms(key, alias):
    """All the ways to name a key."""
    return [key, key_arn(key), alias, alias_arn(alias)]


def seal(kms, key, plaintext=b"attack at dawn", **context):
    return kms.encrypt(KeyId=key, Plaintext=plaintext, EncryptionContext=context)["CiphertextBlob"]


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 255, 4095, 4096])
def test_every_size_comes_back(kms, key, size):
    plaintext = secrets.token_bytes(size)
    blob = seal(kms, key, plaintext)
    assert len(blob) <= 6144
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == plaintext


def test_encrypt_names_the_key_and_the_algorithm(kms, forms, key):
    for form in forms:
        answer = kms.encrypt(KeyId=form, Plaintext=b"x", EncryptionAlgorithm="SYMMETRIC_DEFAULT")
        assert answer.pop("CiphertextBlob")
        del answer["ResponseMetadata"]
        assert answer == {"KeyId": key_arn(key), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}


def test_decrypt_names_the_key_the_material_and_the_algorithm(kms, forms, key):
    material = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    for members in ({}, *({"KeyId": form} for form in forms)):
        answer = kms.decrypt(CiphertextBlob=seal(kms, key), **members)
        del answer["ResponseMetadata"]
        assert answer == {
            "KeyId": key_arn(key),
            "Plaintext": b"attack at dawn",
            "EncryptionAlgorithm": "SYMMETRIC_DEFAULT",
            "KeyMaterialId": material,
        }


def test_one_plaintext_never_gives_the_same_blob_twice(kms, key):
    blobs = {seal(kms, key) for _ in range(50)}
    assert len(blobs) == 50
    assert len({blob[-30:] for blob in blobs}) == 50


@pytest.mark.parametrize(
    "context",
    [{"a": "b"}, {"": ""}, {"a": ""}, {"b": "1", "a": "2"}, {"ключ": "🗝"}, {"k" * 1000: "v" * 1000}]
    + [{str(number): str(number) for number in range(100)}],
    ids=["one", "empty strings", "empty value", "two", "unicode", "long", "many"],
)
def test_a_context_opens_what_it_closed(kms, key, context):
    blob = seal(kms, key, **context)
    backwards = dict(reversed(context.items()))
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=backwards)["Plaintext"] == b"attack at dawn"


def test_an_empty_context_is_none(kms, key):
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={})["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={})["Plaintext"] == b"x"


@pytest.mark.parametrize(
    "wrong",
    [{}, {"a": "B"}, {"A": "b"}, {"a": "b", "c": "d"}, {"ab": ""}, {"": "ab"}, {"a": "b "}, {"b": "a"}],
)
def test_any_other_context_opens_nothing(kms, key, wrong):
    blob = seal(kms, key, a="b")
    assert refusal(kms.decrypt, CiphertextBlob=blob, EncryptionContext=wrong) == CORRUPT


def test_borders_between_context_strings_count(kms, key):
    blob = seal(kms, key, a="bc", d="e")
    for wrong in ({"ab": "c", "d": "e"}, {"a": "b", "cd": "e"}, {"abc": "de"}, {"a": "bcd", "e": ""}):
        assert refusal(kms.decrypt, CiphertextBlob=blob, EncryptionContext=wrong) == CORRUPT


def test_a_changed_bit_anywhere_is_refused(kms, key):
    blob = seal(kms, key)

    def outcome(position):
        changed = bytearray(blob)
        changed[position] ^= 1
        return refusal(kms.decrypt, CiphertextBlob=bytes(changed), KeyId=key)

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(outcome, range(len(blob))))
    assert set(outcomes) <= {CORRUPT, OTHER_KEY}
    assert outcomes.count(CORRUPT) >= len(blob) - 40


def test_a_shorter_or_longer_blob_is_refused(kms, key):
    blob = seal(kms, key)
    for wrong in (blob[:-1], blob[1:], blob + b"\0", blob + blob, blob[: len(blob) // 2], blob[:1], b"\0" * 6144):
        assert refusal(kms.decrypt, CiphertextBlob=wrong) == CORRUPT


def test_parts_of_two_blobs_do_not_mix(kms, key):
    first, second = seal(kms, key, b"first message"), seal(kms, key, b"other message")
    for cut in range(len(first) - 45, len(first), 4):
        assert refusal(kms.decrypt, CiphertextBlob=first[:cut] + second[cut:]) == CORRUPT


def test_naming_another_key_is_refused(kms, key, other, alias):
    blob = seal(kms, key)
    for form in (other, key_arn(other)):
        assert refusal(kms.decrypt, CiphertextBlob=blob, KeyId=form) == OTHER_KEY
        assert refusal(kms.re_encrypt, CiphertextBlob=blob, SourceKeyId=form, DestinationKeyId=key) == OTHER_KEY


def test_re_encrypt_moves_a_secret_to_another_key(kms, key, other):
    moved = kms.re_encrypt(CiphertextBlob=seal(kms, key), DestinationKeyId=other)
    opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], KeyId=other)
    assert opened["Plaintext"] == b"attack at dawn"
    assert refusal(kms.decrypt, CiphertextBlob=moved["CiphertextBlob"], KeyId=key) == OTHER_KEY


def test_re_encrypt_names_both_keys_materials_and_algorithms(kms, key, other):
    materials = [kms.describe_key(KeyId=each)["KeyMetadata"]["CurrentKeyMaterialId"] for each in (key, other)]
    answer = kms.re_encrypt(CiphertextBlob=seal(kms, key), DestinationKeyId=other)
    assert answer.pop("CiphertextBlob")
    del answer["ResponseMetadata"]
    assert answer == {
        "SourceKeyId": key_arn(key),
        "KeyId": key_arn(other),
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
        "SourceKeyMaterialId": materials[0],
        "DestinationKeyMaterialId": materials[1],
    }


def test_re_encrypt_takes_every_form_of_both_keys(kms, forms, other):
    name = f"alias/destination-{other}"
    kms.create_alias(AliasName=name, TargetKeyId=other)
    for source in forms:
        for destination in (other, key_arn(other), name, alias_arn(name)):
            moved = kms.re_encrypt(
                CiphertextBlob=seal(kms, forms[0]), SourceKeyId=source, DestinationKeyId=destination
            )
            assert moved["KeyId"] == key_arn(other)
            assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"attack at dawn"


def test_re_encrypt_changes_the_context_of_one_key(kms, key):
    moved = kms.re_encrypt(
        CiphertextBlob=seal(kms, key, a="old"),
        SourceEncryptionContext={"a": "old"},
        DestinationEncryptionContext={"a": "new"},
        DestinationKeyId=key,
    )["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=moved, EncryptionContext={"a": "new"})["Plaintext"] == b"attack at dawn"
    assert refusal(kms.decrypt, CiphertextBlob=moved, EncryptionContext={"a": "old"}) == CORRUPT


def test_re_encrypt_needs_the_context_of_the_source(kms, key, other):
    members = {"CiphertextBlob": seal(kms, key, a="b"), "DestinationKeyId": other}
    for context in ({}, {"a": "c"}):
        assert refusal(kms.re_encrypt, SourceEncryptionContext=context, **members) == CORRUPT


def test_re_encrypt_needs_both_keys_enabled(kms, key, other):
    blob = seal(kms, key)
    for disabled in (key, other):
        kms.disable_key(KeyId=disabled)
        assert refusal(kms.re_encrypt, CiphertextBlob=blob, DestinationKeyId=other) == (
            "DisabledException",
            f"{key_arn(disabled)} is disabled.",
        )
        kms.enable_key(KeyId=disabled)
    assert kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=other)["KeyId"] == key_arn(other)


def test_many_clients_at_once_do_not_mix_up_answers(kms, key, other):
    def round_trip(number):
        plaintext = f"message {number}".encode()
        blob = seal(kms, (key, other)[number % 2], plaintext, number=str(number))
        return kms.decrypt(CiphertextBlob=blob, EncryptionContext={"number": str(number)})["Plaintext"] == plaintext

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(round_trip, range(200)))
