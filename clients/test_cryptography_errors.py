"""What the cryptographic operations refuse and in which words, and what they answer otherwise."""

import hashlib
import json
import os

import pytest
from botocore import xform_name
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256

from every_key import ALGORITHMS, ASYMMETRIC, KINDS, LISTS, ML_KEM, NIST, OAEP, RSA, SPECS, USAGES, having
from outside import Sm2, raw_public

SUCCESS = ("none", None)
INVALID = "ValidationException"
UNFIT = "InvalidKeyUsageException"

# A key for each usage, none of them slow.
CHEAP = {
    "ENCRYPT_DECRYPT": "SM2",
    "SIGN_VERIFY": "ECC_NIST_P256",
    "GENERATE_VERIFY_MAC": "HMAC_256",
    "KEY_AGREEMENT": "ECC_NIST_P256",
    "ENCAPSULATE_DECAPSULATE": "ML_KEM_512",
}
SYMMETRIC = ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")


class Caller:
    """Makes requests as they are given, and tells their fate."""

    def __init__(self, client):
        self._client = client
        self._body = None
        client.meta.events.register("before-parse.kms", self._keep)

    def _keep(self, response_dict, **_):
        self._body = response_dict

    def answer(self, operation, **request):
        """The answer's fields, of which there are no more on the wire."""
        answer = getattr(self._client, xform_name(operation))(**request)
        del answer["ResponseMetadata"]
        assert set(json.loads(self._body["body"] or "{}")) == set(answer)
        return answer

    def fate(self, operation, **request):
        """Exception and message as they are on the wire; a message that is absent is None."""
        try:
            self.answer(operation, **request)
            return SUCCESS
        except self._client.exceptions.ClientError:
            assert self._body["status_code"] == 400
            error = json.loads(self._body["body"])
            assert set(error) <= {"__type", "message"}
            assert error.get("message") != ""
            return error["__type"], error.get("message")


@pytest.fixture(scope="module")
def caller(trent):
    return Caller(trent.client(parameter_validation=False))


@pytest.fixture(scope="module")
def requests(kms, every_key):
    """By operation: the usage it wants, and a request that succeeds."""
    secret = {"KeyId": every_key.id(*SYMMETRIC)}
    blob = kms.encrypt(Plaintext=b"secret", **secret)["CiphertextBlob"]
    sign = {"KeyId": cheap(every_key, "SIGN_VERIFY"), "SigningAlgorithm": "ECDSA_SHA_256", "Message": b"m"}
    mac = {"KeyId": cheap(every_key, "GENERATE_VERIFY_MAC"), "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    kem = {"KeyId": cheap(every_key, "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
    peer = every_key.public("ECC_NIST_P256", "KEY_AGREEMENT")
    agree = {"KeyId": cheap(every_key, "KEY_AGREEMENT"), "KeyAgreementAlgorithm": "ECDH", "PublicKey": peer}
    signature = kms.sign(**sign)["Signature"]
    tag = kms.generate_mac(**mac)["Mac"]
    ciphertext = kms.encapsulate(**kem)["SharedSecretCiphertextBlob"]
    pair = {**secret, "KeyPairSpec": "ECC_NIST_P256"}
    encryption, signing = "ENCRYPT_DECRYPT", "SIGN_VERIFY"
    return {
        "Encrypt": (encryption, {**secret, "Plaintext": b"secret"}),
        "Decrypt": (encryption, {**secret, "CiphertextBlob": blob}),
        "ReEncrypt": (encryption, {"DestinationKeyId": secret["KeyId"], "CiphertextBlob": blob}),
        "GenerateDataKey": (encryption, {**secret, "KeySpec": "AES_256"}),
        "GenerateDataKeyWithoutPlaintext": (encryption, {**secret, "KeySpec": "AES_256"}),
        "GenerateDataKeyPair": (encryption, pair),
        "GenerateDataKeyPairWithoutPlaintext": (encryption, pair),
        "Sign": (signing, sign),
        "Verify": (signing, {**sign, "Signature": signature}),
        "GenerateMac": ("GENERATE_VERIFY_MAC", mac),
        "VerifyMac": ("GENERATE_VERIFY_MAC", {**mac, "Mac": tag}),
        "DeriveSharedSecret": ("KEY_AGREEMENT", agree),
        "Encapsulate": ("ENCAPSULATE_DECAPSULATE", kem),
        "Decapsulate": ("ENCAPSULATE_DECAPSULATE", {**kem, "SharedSecretCiphertextBlob": ciphertext}),
    }


OPERATIONS = [
    "Encrypt",
    "Decrypt",
    "ReEncrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext",
    "Sign",
    "Verify",
    "GenerateMac",
    "VerifyMac",
    "DeriveSharedSecret",
    "Encapsulate",
    "Decapsulate",
]


def cheap(keys, usage):
    return keys.id(CHEAP[usage], usage)


def unfit(algorithm, spec):
    """US-2."""
    return UNFIT, f"Algorithm {algorithm} is incompatible with key spec {spec}."


def wrong_usage(arn, usage, operation):
    """US-1."""
    return UNFIT, f"{arn} key usage is {usage} which is not valid for {operation}."


def key_member(operation):
    return "DestinationKeyId" if operation == "ReEncrypt" else "KeyId"


# CreateKey


def test_illegal_pairs_of_spec_and_usage(caller):
    refused = {
        (spec, usage): (INVALID, f"KeyUsage {usage} is not compatible with KeySpec {spec}")
        for spec in SPECS
        for usage in USAGES
        if (spec, usage) not in KINDS
    }
    assert len(refused) == 72
    fates = {(spec, usage): caller.fate("CreateKey", KeySpec=spec, KeyUsage=usage) for spec, usage in refused}
    assert fates == refused


@pytest.mark.parametrize("spec", SPECS)
def test_only_symmetric_keys_have_a_usage_by_default(caller, spec):
    told = "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
    wanted = SUCCESS if spec == "SYMMETRIC_DEFAULT" else (INVALID, told)
    assert caller.fate("CreateKey", KeySpec=spec) == wanted


def test_the_deprecated_spec_stands_alone(caller):
    both = caller.fate("CreateKey", KeySpec="RSA_2048", CustomerMasterKeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    assert both == (
        INVALID,
        "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. "
        "CustomerMasterKeySpec is deprecated.",
    )
    made = caller.answer("CreateKey", CustomerMasterKeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")
    assert made["KeyMetadata"]["KeySpec"] == "ECC_NIST_P384"
    assert caller.fate("CreateKey", CustomerMasterKeySpec="ECC_NIST_P384", KeyUsage="ENCRYPT_DECRYPT") == (
        INVALID,
        "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P384",
    )


@pytest.mark.parametrize("member, value", [("KeySpec", "RSA_1024"), ("KeyUsage", "WRAP"), ("KeySpec", "rsa_2048")])
def test_values_outside_the_lists(caller, member, value):
    code, message = caller.fate("CreateKey", **{"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY", member: value})
    path = member[0].lower() + member[1:]
    assert code == INVALID
    assert message.startswith(
        f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
        "Member must satisfy enum value set: ["
    )


# DescribeKey


@pytest.mark.parametrize("spec, usage", KINDS)
def test_a_key_is_described_with_its_algorithms(caller, every_key, spec, usage):
    described = caller.answer("DescribeKey", KeyId=every_key.id(spec, usage))["KeyMetadata"]
    assert described == every_key.metadata(spec, usage)
    assert {name: described[name] for name in LISTS.values() if name in described} == {
        LISTS[usage]: KINDS[spec, usage]
    }
    assert (described["KeySpec"], described["KeyUsage"]) == (spec, usage)
    # The list behind the deprecated member ended before these.
    new = spec.startswith("ML_") or spec == "ECC_NIST_EDWARDS25519"
    assert described.get("CustomerMasterKeySpec") == (None if new else spec)
    assert ("CurrentKeyMaterialId" in described) == (spec == "SYMMETRIC_DEFAULT")


# Usage


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_wrong_usage(caller, every_key, requests, operation):
    wanted, request = requests[operation]
    for usage in USAGES:
        if usage == wanted:
            continue
        arn = every_key.arn(CHEAP[usage], usage)
        request = {**request, key_member(operation): arn}
        if operation == "Decrypt":
            # A blob of another key is refused for that first.
            request["CiphertextBlob"] = b"of no key in particular"
        assert caller.fate(operation, **request) == wrong_usage(arn, usage, operation)


def test_the_wrong_usage_of_the_source(caller, every_key):
    for usage in USAGES:
        if usage == "ENCRYPT_DECRYPT":
            continue
        arn = every_key.arn(CHEAP[usage], usage)
        fate = caller.fate(
            "ReEncrypt", CiphertextBlob=b"blob", SourceKeyId=arn, DestinationKeyId=every_key.id(*SYMMETRIC)
        )
        assert fate == wrong_usage(arn, usage, "ReEncrypt")


@pytest.mark.parametrize("operation", [name for name in OPERATIONS if name.startswith("GenerateDataKey")])
@pytest.mark.parametrize("spec", [*RSA, "SM2"])
def test_data_keys_are_wrapped_by_symmetric_keys_only(caller, every_key, requests, operation, spec):
    request = {**requests[operation][1], "KeyId": every_key.id(spec, "ENCRYPT_DECRYPT")}
    assert caller.fate(operation, **request)[0] == UNFIT


@pytest.mark.parametrize("spec, usage", [kind for kind in KINDS if kind not in ASYMMETRIC])
def test_secret_keys_have_no_public_key(caller, every_key, spec, usage):
    assert caller.fate("GetPublicKey", KeyId=every_key.id(spec, usage))[0] == "UnsupportedOperationException"


# Algorithms


@pytest.mark.parametrize("spec", [spec for spec, usage in KINDS if usage == "SIGN_VERIFY"])
def test_signing_algorithms_of_other_specs(caller, every_key, spec):
    key = every_key.id(spec, "SIGN_VERIFY")
    for algorithm in ALGORITHMS["SIGN_VERIFY"]:
        if algorithm in KINDS[spec, "SIGN_VERIFY"]:
            continue
        # What else is wrong comes later.
        for kind in ("RAW", "DIGEST", "EXTERNAL_MU"):
            request = {"KeyId": key, "Message": b"m", "MessageType": kind, "SigningAlgorithm": algorithm}
            assert caller.fate("Sign", **request) == unfit(algorithm, spec)
            assert caller.fate("Verify", Signature=b"s", **request) == unfit(algorithm, spec)


@pytest.mark.parametrize("spec", [spec for spec, usage in KINDS if usage == "GENERATE_VERIFY_MAC"])
def test_mac_algorithms_of_other_specs(caller, every_key, spec):
    key = every_key.id(spec, "GENERATE_VERIFY_MAC")
    for algorithm in ALGORITHMS["GENERATE_VERIFY_MAC"]:
        if algorithm in KINDS[spec, "GENERATE_VERIFY_MAC"]:
            continue
        request = {"KeyId": key, "Message": b"m", "MacAlgorithm": algorithm}
        assert caller.fate("GenerateMac", **request) == unfit(algorithm, spec)
        assert caller.fate("VerifyMac", Mac=b"m", **request) == unfit(algorithm, spec)


@pytest.mark.parametrize("spec", [spec for spec, usage in KINDS if usage == "ENCRYPT_DECRYPT"])
def test_encryption_algorithms_of_other_specs(caller, every_key, requests, spec):
    key, blob = every_key.id(spec, "ENCRYPT_DECRYPT"), requests["Decrypt"][1]["CiphertextBlob"]
    source = blob if spec == "SYMMETRIC_DEFAULT" else b"garbage"
    for algorithm in ALGORITHMS["ENCRYPT_DECRYPT"]:
        if algorithm in KINDS[spec, "ENCRYPT_DECRYPT"]:
            continue
        fates = {
            "Encrypt": caller.fate("Encrypt", KeyId=key, Plaintext=b"p", EncryptionAlgorithm=algorithm),
            "Decrypt": caller.fate("Decrypt", KeyId=key, CiphertextBlob=source, EncryptionAlgorithm=algorithm),
            "from": caller.fate(
                "ReEncrypt",
                SourceKeyId=key,
                CiphertextBlob=source,
                SourceEncryptionAlgorithm=algorithm,
                DestinationKeyId=every_key.id(*SYMMETRIC),
            ),
            "to": caller.fate(
                "ReEncrypt",
                CiphertextBlob=blob,
                DestinationKeyId=key,
                DestinationEncryptionAlgorithm=algorithm,
            ),
        }
        assert fates == dict.fromkeys(fates, unfit(algorithm, spec)), algorithm


@pytest.mark.parametrize("spec", [*RSA, "SM2"])
def test_asymmetric_keys_need_the_algorithm_named(caller, every_key, requests, spec):
    key, blob = every_key.id(spec, "ENCRYPT_DECRYPT"), requests["Decrypt"][1]["CiphertextBlob"]
    wanted = unfit("SYMMETRIC_DEFAULT", spec)
    assert caller.fate("Encrypt", KeyId=key, Plaintext=b"p") == wanted
    assert caller.fate("Decrypt", KeyId=key, CiphertextBlob=b"garbage") == wanted
    assert caller.fate("ReEncrypt", DestinationKeyId=key, CiphertextBlob=blob) == wanted


ENUMS = [
    ("Sign", "SigningAlgorithm"),
    ("Sign", "MessageType"),
    ("Verify", "SigningAlgorithm"),
    ("Encrypt", "EncryptionAlgorithm"),
    ("Decrypt", "EncryptionAlgorithm"),
    ("ReEncrypt", "SourceEncryptionAlgorithm"),
    ("ReEncrypt", "DestinationEncryptionAlgorithm"),
    ("GenerateMac", "MacAlgorithm"),
    ("VerifyMac", "MacAlgorithm"),
    ("DeriveSharedSecret", "KeyAgreementAlgorithm"),
    ("Encapsulate", "EncapsulationAlgorithm"),
    ("Decapsulate", "EncapsulationAlgorithm"),
    ("GenerateDataKeyPair", "KeyPairSpec"),
]


@pytest.mark.parametrize("operation, member", ENUMS)
def test_algorithms_that_nobody_knows(caller, requests, operation, member):
    code, message = caller.fate(operation, **{**requests[operation][1], member: "ROT_13"})
    path = member[0].lower() + member[1:]
    assert code == INVALID
    assert message.startswith(
        f"1 validation error detected: Value 'ROT_13' at '{path}' failed to satisfy constraint: "
        "Member must satisfy enum value set: ["
    )


def test_there_are_no_pairs_of_ml_dsa(caller, requests):
    request = {**requests["GenerateDataKeyPair"][1], "KeyPairSpec": "ML_DSA_44"}
    code, message = caller.fate("GenerateDataKeyPair", **request)
    assert code == INVALID
    assert message.startswith("1 validation error detected: Value 'ML_DSA_44' at 'keyPairSpec'")


REQUIRED = {
    "Encrypt": ["KeyId", "Plaintext"],
    "Decrypt": ["CiphertextBlob"],
    "ReEncrypt": ["DestinationKeyId", "CiphertextBlob"],
    "GenerateDataKey": ["KeyId"],
    "GenerateDataKeyWithoutPlaintext": ["KeyId"],
    "GenerateDataKeyPair": ["KeyId", "KeyPairSpec"],
    "GenerateDataKeyPairWithoutPlaintext": ["KeyId", "KeyPairSpec"],
    "Sign": ["KeyId", "Message", "SigningAlgorithm"],
    "Verify": ["KeyId", "Message", "Signature", "SigningAlgorithm"],
    "GenerateMac": ["KeyId", "Message", "MacAlgorithm"],
    "VerifyMac": ["KeyId", "Message", "MacAlgorithm", "Mac"],
    "DeriveSharedSecret": ["KeyId", "KeyAgreementAlgorithm", "PublicKey"],
    "Encapsulate": ["KeyId", "EncapsulationAlgorithm"],
    "Decapsulate": ["KeyId", "EncapsulationAlgorithm", "SharedSecretCiphertextBlob"],
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_what_must_be_there(caller, requests, operation):
    whole = requests[operation][1]
    for member in REQUIRED[operation]:
        request = {name: value for name, value in whole.items() if name != member}
        path = member[0].lower() + member[1:]
        assert caller.fate(operation, **request) == (
            INVALID,
            f"1 validation error detected: Value null at '{path}' failed to satisfy constraint: "
            "Member must not be null",
        )


BOUNDS = [
    ("Encrypt", "Plaintext", 4096),
    ("Decrypt", "CiphertextBlob", 6144),
    ("ReEncrypt", "CiphertextBlob", 6144),
    ("Sign", "Message", 4096),
    ("Verify", "Message", 4096),
    ("Verify", "Signature", 6144),
    ("GenerateMac", "Message", 4096),
    ("VerifyMac", "Message", 4096),
    ("VerifyMac", "Mac", 6144),
    ("DeriveSharedSecret", "PublicKey", 8192),
    ("Decapsulate", "SharedSecretCiphertextBlob", 6144),
]


@pytest.mark.parametrize("operation, member, longest", BOUNDS)
def test_lengths(caller, requests, operation, member, longest):
    path = member[0].lower() + member[1:]
    told = f"1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must have length "
    fates = [
        caller.fate(operation, **{**requests[operation][1], member: bytes(length)}) for length in (0, longest + 1)
    ]
    assert fates == [
        (INVALID, told + "greater than or equal to 1"),
        (INVALID, told + f"less than or equal to {longest}"),
    ]
    within = caller.fate(operation, **{**requests[operation][1], member: bytes(longest)})
    assert "validation error" not in (within[1] or "")


# Plaintexts and encryption contexts under asymmetric keys


@pytest.mark.parametrize("spec, algorithm", [case for case in having("ENCRYPT_DECRYPT") if case[0] in RSA])
def test_plaintexts_too_long_for_the_modulus(caller, every_key, spec, algorithm):
    longest = {
        "RSA_2048": {"RSAES_OAEP_SHA_1": 214, "RSAES_OAEP_SHA_256": 190},
        "RSA_3072": {"RSAES_OAEP_SHA_1": 342, "RSAES_OAEP_SHA_256": 318},
        "RSA_4096": {"RSAES_OAEP_SHA_1": 470, "RSAES_OAEP_SHA_256": 446},
    }[spec][algorithm]
    key = {"KeyId": every_key.id(spec, "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": algorithm}
    told = f"Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {longest} bytes."
    assert caller.fate("Encrypt", Plaintext=bytes(longest), **key) == SUCCESS
    assert caller.fate("Encrypt", Plaintext=bytes(longest + 1), **key) == (INVALID, told)
    assert caller.fate("Encrypt", Plaintext=bytes(4096), **key) == (INVALID, told)
    blob = caller.answer("Encrypt", KeyId=every_key.id(*SYMMETRIC), Plaintext=bytes(longest + 1))["CiphertextBlob"]
    moved = caller.fate(
        "ReEncrypt", CiphertextBlob=blob, DestinationKeyId=key["KeyId"], DestinationEncryptionAlgorithm=algorithm
    )
    assert moved == (INVALID, told)


def test_plaintexts_too_long_for_sm2(caller, every_key):
    key = {"KeyId": every_key.id("SM2", "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": "SM2PKE"}
    told = "Algorithm SM2PKE and key spec SM2 cannot encrypt data larger than 1024 bytes."
    assert caller.fate("Encrypt", Plaintext=bytes(1024), **key) == SUCCESS
    assert caller.fate("Encrypt", Plaintext=bytes(1025), **key) == (INVALID, told)


@pytest.mark.parametrize("spec, algorithm", [case for case in having("ENCRYPT_DECRYPT") if case[0] in (*RSA, "SM2")])
def test_asymmetric_keys_take_no_encryption_context(caller, every_key, requests, spec, algorithm):
    key = {"KeyId": every_key.id(spec, "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": algorithm}
    pairs, blob = {"EncryptionContext": {"a": "b"}}, requests["Decrypt"][1]["CiphertextBlob"]
    made = caller.answer("Encrypt", Plaintext=b"p", EncryptionContext={}, **key)["CiphertextBlob"]
    assert caller.fate("Encrypt", Plaintext=b"p", **key, **pairs)[0] == INVALID
    assert caller.fate("Decrypt", CiphertextBlob=made, **key, **pairs)[0] == INVALID
    assert caller.answer("Decrypt", CiphertextBlob=made, EncryptionContext={}, **key)["Plaintext"] == b"p"
    to = {"DestinationKeyId": key["KeyId"], "DestinationEncryptionAlgorithm": algorithm}
    fate = caller.fate("ReEncrypt", CiphertextBlob=blob, DestinationEncryptionContext={"a": "b"}, **to)
    assert fate[0] == INVALID
    source = {"SourceKeyId": key["KeyId"], "SourceEncryptionAlgorithm": algorithm}
    fate = caller.fate("ReEncrypt", CiphertextBlob=made, SourceEncryptionContext={"a": "b"}, **source, **to)
    assert fate[0] == INVALID


# Messages


def digest_length(algorithm):
    if algorithm == "SM2DSA":
        return 32
    return int(algorithm[-3:]) // 8


DIGESTED = [case for case in having("SIGN_VERIFY") if case[1] not in ("ED25519_SHA_512", "ML_DSA_SHAKE_256")]


@pytest.mark.parametrize("spec, algorithm", DIGESTED)
def test_digests_of_another_length(caller, every_key, spec, algorithm):
    right = digest_length(algorithm)
    key = {"KeyId": every_key.id(spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm, "MessageType": "DIGEST"}
    told = (INVALID, f"Digest is invalid length for algorithm {algorithm}.")
    for length in {1, 20, 28, 32, 48, 64, right - 1, right + 1, 4096} - {right}:
        assert caller.fate("Sign", Message=bytes(length), **key) == told, length
        assert caller.fate("Verify", Message=bytes(length), Signature=b"s", **key) == told, length
    assert caller.fate("Sign", Message=bytes(right), **key) == SUCCESS


@pytest.mark.parametrize("spec", ["ML_DSA_44", "ML_DSA_65", "ML_DSA_87"])
def test_mu_of_another_length(caller, every_key, spec):
    key = {"KeyId": every_key.id(spec, "SIGN_VERIFY"), "SigningAlgorithm": "ML_DSA_SHAKE_256"}
    for length in (1, 32, 63, 65):
        request = {"Message": bytes(length), "MessageType": "EXTERNAL_MU", **key}
        assert caller.fate("Sign", **request)[0] == INVALID
        assert caller.fate("Verify", Signature=b"s", **request)[0] == INVALID


@pytest.mark.parametrize("spec, algorithm", having("SIGN_VERIFY"))
def test_types_of_message_an_algorithm_does_not_take(caller, every_key, spec, algorithm):
    taken = {
        "ED25519_SHA_512": {"RAW"},
        "ED25519_PH_SHA_512": {"DIGEST"},
        "ML_DSA_SHAKE_256": {"RAW", "EXTERNAL_MU"},
    }.get(algorithm, {"RAW", "DIGEST"})
    for kind in {"RAW", "DIGEST", "EXTERNAL_MU"} - taken:
        for length in (32, 48, 64):
            request = {
                "KeyId": every_key.id(spec, "SIGN_VERIFY"),
                "SigningAlgorithm": algorithm,
                "MessageType": kind,
                "Message": bytes(length),
            }
            assert caller.fate("Sign", **request)[0] == INVALID, (kind, length)
            assert caller.fate("Verify", Signature=b"s", **request)[0] == INVALID, (kind, length)


def test_raw_is_the_type_of_message_by_default(caller, every_key):
    key = {"KeyId": every_key.id("ECC_NIST_P256", "SIGN_VERIFY"), "SigningAlgorithm": "ECDSA_SHA_256"}
    signature = caller.answer("Sign", Message=b"message", **key)["Signature"]
    digest = {"Message": hashlib.sha256(b"message").digest(), "MessageType": "DIGEST"}
    assert caller.fate("Verify", Signature=signature, **digest, **key) == SUCCESS
    edwards = every_key.id("ECC_NIST_EDWARDS25519", "SIGN_VERIFY")
    fate = caller.fate("Sign", KeyId=edwards, Message=bytes(64), SigningAlgorithm="ED25519_PH_SHA_512")
    assert fate[0] == INVALID


# Peers of a key agreement


def spki_of(key):
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def no_peers(spec, own):
    """What is no public key on the curve of `own`."""
    curves = {"ECC_NIST_P256": ec.SECP256R1(), "ECC_NIST_P384": ec.SECP384R1(), "ECC_NIST_P521": ec.SECP521R1()}
    for name, curve in curves.items():
        if name != spec:
            yield name, spki_of(ec.generate_private_key(curve))
    if spec != "SM2":
        yield "SM2", Sm2.public_key(Sm2.GENERATOR)
    yield "secp256k1", spki_of(ec.generate_private_key(ec.SECP256K1()))
    yield "Ed25519", spki_of(ed25519.Ed25519PrivateKey.generate())
    yield "RSA", spki_of(rsa.generate_private_key(65537, 1024))
    if spec != "SM2":
        yield "a private key", ec.generate_private_key(curves[spec]).private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    raw = raw_public(own)
    head = own[: -len(raw)]
    yield "nothing but the point", raw
    yield "a point beside the curve", own[:-1] + bytes([own[-1] ^ 1])
    yield "coordinates of zero", head + b"\x04" + bytes(len(raw) - 1)
    yield "coordinates above the prime", head + b"\x04" + b"\xff" * (len(raw) - 1)
    yield "a point cut short", own[:-1]
    yield "something behind it", own + b"\0"
    yield "PEM", b"-----BEGIN PUBLIC KEY-----\n"
    yield "one byte", b"\x30"
    yield "random bytes", os.urandom(len(own))


@pytest.mark.parametrize("spec", [*NIST, "SM2"])
def test_peers_that_are_none(caller, every_key, spec):
    key = {"KeyId": every_key.id(spec, "KEY_AGREEMENT"), "KeyAgreementAlgorithm": "ECDH"}
    own = every_key.public(spec, "KEY_AGREEMENT")
    assert caller.fate("DeriveSharedSecret", PublicKey=own, **key) == SUCCESS
    fates = {name: caller.fate("DeriveSharedSecret", PublicKey=peer, **key) for name, peer in no_peers(spec, own)}
    assert fates == dict.fromkeys(fates, (INVALID, None))


# Outcomes of the cryptography


@pytest.mark.parametrize("spec, algorithm", [case for case in having("ENCRYPT_DECRYPT") if case[0] in (*RSA, "SM2")])
def test_asymmetric_ciphertexts_do_not_open(caller, every_key, spec, algorithm):
    key = {"KeyId": every_key.id(spec, "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": algorithm}
    made = caller.answer("Encrypt", Plaintext=b"p", **key)["CiphertextBlob"]
    invalid = ("InvalidCiphertextException", None)
    for wrong in (made[:-1], made + b"\0", bytes(len(made)), b"x", made[:-1] + bytes([made[-1] ^ 1])):
        assert caller.fate("Decrypt", CiphertextBlob=wrong, **key) == invalid
        fate = caller.fate(
            "ReEncrypt",
            CiphertextBlob=wrong,
            SourceKeyId=key["KeyId"],
            SourceEncryptionAlgorithm=algorithm,
            DestinationKeyId=every_key.id(*SYMMETRIC),
        )
        assert fate == invalid
    # Nothing in it names the key.
    assert caller.fate("Decrypt", CiphertextBlob=made, EncryptionAlgorithm=algorithm) == invalid
    assert caller.fate("Decrypt", CiphertextBlob=made) == invalid
    assert caller.fate("Decrypt", CiphertextBlob=made, KeyId=every_key.id(*SYMMETRIC)) == invalid
    unnamed = {"CiphertextBlob": made, "DestinationKeyId": every_key.id(*SYMMETRIC)}
    assert caller.fate("ReEncrypt", SourceEncryptionAlgorithm=algorithm, **unnamed) == invalid


@pytest.mark.parametrize("spec", RSA)
def test_ciphertexts_of_another_key_or_hash(caller, every_key, spec):
    public = serialization.load_der_public_key(every_key.public(spec, "ENCRYPT_DECRYPT"))
    stranger = rsa.generate_private_key(65537, 2048).public_key()
    for used, other in ((SHA1, OAEP[1]), (SHA256, OAEP[0])):
        for key in (public, stranger):
            made = key.encrypt(b"p", padding.OAEP(padding.MGF1(used()), used(), None))
            request = {"KeyId": every_key.id(spec, "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": other}
            assert caller.fate("Decrypt", CiphertextBlob=made, **request) == ("InvalidCiphertextException", None)


def test_the_key_named_is_not_the_one_of_the_blob(caller, every_key, requests):
    blob = requests["Decrypt"][1]["CiphertextBlob"]
    told = (
        "IncorrectKeyException",
        "The key ID in the request does not identify a CMK that can perform this operation.",
    )
    other = caller.answer("CreateKey")["KeyMetadata"]["KeyId"]
    keys = [other, *(every_key.id(*kind) for kind in KINDS if kind != SYMMETRIC)]
    assert len(keys) == 28
    for key in keys:
        assert caller.fate("Decrypt", CiphertextBlob=blob, KeyId=key) == told
        fate = caller.fate(
            "ReEncrypt", CiphertextBlob=blob, SourceKeyId=key, DestinationKeyId=every_key.id(*SYMMETRIC)
        )
        assert fate == told


@pytest.mark.parametrize("spec, algorithm", having("SIGN_VERIFY"))
def test_signatures_that_are_none(caller, every_key, spec, algorithm):
    kind = "DIGEST" if algorithm == "ED25519_PH_SHA_512" else "RAW"
    key = {"KeyId": every_key.id(spec, "SIGN_VERIFY"), "SigningAlgorithm": algorithm, "MessageType": kind}
    signature = caller.answer("Sign", Message=bytes(64), **key)["Signature"]
    altered = signature[:-1] + bytes([signature[-1] ^ 1])
    for wrong in (altered, b"s", b"\x30\x00", signature[1:], signature + signature[:1], bytes(6144)):
        fate = caller.fate("Verify", Message=bytes(64), Signature=wrong, **key)
        assert fate == ("KMSInvalidSignatureException", None)
    fate = caller.fate("Verify", Message=b"\1" * 64, Signature=signature, **key)
    assert fate == ("KMSInvalidSignatureException", None)


@pytest.mark.parametrize("spec, algorithm", having("GENERATE_VERIFY_MAC"))
def test_tags_that_are_none(caller, every_key, spec, algorithm):
    key = {"KeyId": every_key.id(spec, "GENERATE_VERIFY_MAC"), "MacAlgorithm": algorithm}
    tag = caller.answer("GenerateMac", Message=b"m", **key)["Mac"]
    for message, wrong in ((b"m", tag[:-1]), (b"m", tag + b"\0"), (b"m", b"t"), (b"n", tag), (b"m", bytes(6144))):
        assert caller.fate("VerifyMac", Message=message, Mac=wrong, **key) == ("KMSInvalidMacException", None)


@pytest.mark.parametrize("spec", ML_KEM)
def test_encapsulations_of_another_length(caller, every_key, spec):
    key = {"KeyId": every_key.id(spec, "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
    right = {"ML_KEM_512": 768, "ML_KEM_768": 1088, "ML_KEM_1024": 1568}[spec]
    for length in {1, 768, 1088, 1568, right - 1, right + 1, 6144} - {right}:
        fate = caller.fate("Decapsulate", SharedSecretCiphertextBlob=bytes(length), **key)
        assert fate == ("InvalidCiphertextException", None)
    assert caller.fate("Decapsulate", SharedSecretCiphertextBlob=bytes(right), **key) == SUCCESS


# Dry runs

DRY = ("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.")


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_dry_run_of_what_would_succeed(caller, requests, operation):
    assert caller.fate(operation, DryRun=True, **requests[operation][1]) == DRY
    assert caller.fate(operation, DryRun=False, **requests[operation][1]) == SUCCESS


@pytest.mark.parametrize("kind", KINDS)
def test_dry_runs_with_every_kind_of_key(caller, every_key, kind):
    key = every_key.id(*kind)
    for algorithm in KINDS[kind]:
        for operation, request in dry_requests(caller, kind, key, algorithm):
            assert caller.fate(operation, DryRun=True, **request) == DRY, (operation, algorithm)


def dry_requests(caller, kind, key, algorithm):
    """Both halves of what a key does."""
    spec, usage = kind
    if usage == "ENCRYPT_DECRYPT":
        common = {"KeyId": key, "EncryptionAlgorithm": algorithm}
        made = caller.answer("Encrypt", Plaintext=b"p", **common)["CiphertextBlob"]
        yield "Encrypt", {"Plaintext": b"p", **common}
        yield "Decrypt", {"CiphertextBlob": made, **common}
    elif usage == "SIGN_VERIFY":
        message = "DIGEST" if algorithm == "ED25519_PH_SHA_512" else "RAW"
        common = {"KeyId": key, "SigningAlgorithm": algorithm, "Message": bytes(64), "MessageType": message}
        yield "Sign", common
        yield "Verify", {"Signature": caller.answer("Sign", **common)["Signature"], **common}
    elif usage == "GENERATE_VERIFY_MAC":
        common = {"KeyId": key, "MacAlgorithm": algorithm, "Message": b"m"}
        yield "GenerateMac", common
        yield "VerifyMac", {"Mac": caller.answer("GenerateMac", **common)["Mac"], **common}
    elif usage == "KEY_AGREEMENT":
        peer = caller.answer("GetPublicKey", KeyId=key)["PublicKey"]
        yield "DeriveSharedSecret", {"KeyId": key, "KeyAgreementAlgorithm": algorithm, "PublicKey": peer}
    else:
        common = {"KeyId": key, "EncapsulationAlgorithm": algorithm}
        made = caller.answer("Encapsulate", **common)["SharedSecretCiphertextBlob"]
        yield "Encapsulate", common
        yield "Decapsulate", {"SharedSecretCiphertextBlob": made, **common}


def test_a_dry_run_fails_as_the_run_would(caller, every_key, requests):
    def altered(operation, **members):
        return operation, {**requests[operation][1], **members}

    rsa_key = {"KeyId": every_key.id("RSA_2048", "ENCRYPT_DECRYPT")}
    long = {"Plaintext": bytes(191), "EncryptionAlgorithm": "RSAES_OAEP_SHA_256", **rsa_key}
    failing = [
        altered("Encrypt", EncryptionAlgorithm="RSAES_OAEP_SHA_1"),
        altered("Encrypt", **long),
        altered("Decrypt", CiphertextBlob=b"garbage"),
        altered("Decrypt", EncryptionContext={"a": "b"}),
        altered("Decrypt", CiphertextBlob=bytes(256), EncryptionAlgorithm="RSAES_OAEP_SHA_256", **rsa_key),
        altered("ReEncrypt", CiphertextBlob=b"garbage"),
        altered("ReEncrypt", DestinationEncryptionAlgorithm="SM2PKE"),
        altered("GenerateDataKey", NumberOfBytes=16),
        altered("GenerateDataKey", **rsa_key),
        altered("GenerateDataKeyWithoutPlaintext", **rsa_key),
        altered("GenerateDataKeyPair", **rsa_key),
        altered("GenerateDataKeyPairWithoutPlaintext", **rsa_key),
        altered("Sign", SigningAlgorithm="ECDSA_SHA_384"),
        altered("Sign", MessageType="DIGEST"),
        altered("Sign", MessageType="EXTERNAL_MU", Message=bytes(64)),
        altered("Sign", **rsa_key),
        altered("Verify", Signature=b"s"),
        altered("Verify", MessageType="DIGEST"),
        altered("GenerateMac", MacAlgorithm="HMAC_SHA_512"),
        altered("VerifyMac", Mac=b"m"),
        altered("DeriveSharedSecret", PublicKey=b"p"),
        altered("Encapsulate", **rsa_key),
        altered("Decapsulate", SharedSecretCiphertextBlob=bytes(769)),
    ]
    for operation, request in failing:
        fate = caller.fate(operation, **request)
        assert fate not in (SUCCESS, DRY)
        assert caller.fate(operation, DryRun=True, **request) == fate, (operation, request)


# States


@pytest.fixture(scope="module")
def disabled(kms):
    """A disabled key of each usage, and a symmetric one."""
    kinds = [SYMMETRIC, *((spec, usage) for usage, spec in CHEAP.items())]
    made = {}
    for spec, usage in kinds:
        made[spec, usage] = kms.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"]
        kms.disable_key(KeyId=made[spec, usage])
    return made


@pytest.mark.parametrize("operation", OPERATIONS)
def test_disabled_keys(caller, requests, disabled, operation):
    """Whatever else is wrong: of the usages, only one is right."""
    request = requests[operation][1]
    for kind, arn in disabled.items():
        if (operation, kind) == ("Decrypt", SYMMETRIC):
            # With a blob of its own, below.
            continue
        changed = {**request, key_member(operation): arn}
        if operation == "Decrypt":
            changed["CiphertextBlob"] = b"of no key in particular"
        told = ("DisabledException", f"{arn} is disabled.")
        assert caller.fate(operation, **changed) == told
        assert caller.fate(operation, DryRun=True, **changed) == told


def test_the_blob_of_a_disabled_key(caller, every_key):
    arn = caller.answer("CreateKey")["KeyMetadata"]["Arn"]
    blob = caller.answer("Encrypt", KeyId=arn, Plaintext=b"p")["CiphertextBlob"]
    caller.answer("DisableKey", KeyId=arn)
    told = ("DisabledException", f"{arn} is disabled.")
    assert caller.fate("Decrypt", CiphertextBlob=blob) == told
    assert caller.fate("ReEncrypt", CiphertextBlob=blob, DestinationKeyId=every_key.id(*SYMMETRIC)) == told
    caller.answer("EnableKey", KeyId=arn)
    assert caller.answer("Decrypt", CiphertextBlob=blob)["Plaintext"] == b"p"


def test_a_disabled_key_still_shows_its_public_half(caller, disabled):
    for (spec, usage), arn in disabled.items():
        if (spec, usage) in ASYMMETRIC:
            assert caller.answer("GetPublicKey", KeyId=arn)["KeySpec"] == spec


# Answers

FIELDS = {
    "Encrypt": {"CiphertextBlob", "EncryptionAlgorithm"},
    "Decrypt": {"Plaintext", "EncryptionAlgorithm", "KeyMaterialId"},
    "ReEncrypt": {
        "CiphertextBlob",
        "SourceKeyId",
        "SourceEncryptionAlgorithm",
        "DestinationEncryptionAlgorithm",
        "SourceKeyMaterialId",
        "DestinationKeyMaterialId",
    },
    "GenerateDataKey": {"CiphertextBlob", "Plaintext", "KeyMaterialId"},
    "GenerateDataKeyWithoutPlaintext": {"CiphertextBlob", "KeyMaterialId"},
    "GenerateDataKeyPair": {
        "PrivateKeyCiphertextBlob",
        "PrivateKeyPlaintext",
        "PublicKey",
        "KeyPairSpec",
        "KeyMaterialId",
    },
    "GenerateDataKeyPairWithoutPlaintext": {"PrivateKeyCiphertextBlob", "PublicKey", "KeyPairSpec", "KeyMaterialId"},
    "Sign": {"Signature", "SigningAlgorithm"},
    "Verify": {"SignatureValid", "SigningAlgorithm"},
    "GenerateMac": {"Mac", "MacAlgorithm"},
    "VerifyMac": {"MacValid", "MacAlgorithm"},
    "DeriveSharedSecret": {"SharedSecret", "KeyAgreementAlgorithm", "KeyOrigin"},
    "Encapsulate": {"SharedSecret", "SharedSecretCiphertextBlob", "EncapsulationAlgorithm"},
    "Decapsulate": {"SharedSecret", "EncapsulationAlgorithm"},
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_answers_have_the_published_fields(caller, every_key, requests, operation):
    usage, request = requests[operation]
    answer = caller.answer(operation, **request)
    assert set(answer) == {"KeyId", *FIELDS[operation]}
    key = request.get(key_member(operation))
    assert answer["KeyId"].endswith(f":key/{key}"), "the ARN, whatever the request named"
    for member in set(answer) & set(request) - {"KeyId", "CiphertextBlob"}:
        assert answer[member] == request[member], member
    assert all(answer[name] is True for name in ("SignatureValid", "MacValid") if name in answer)
    assert answer.get("KeyOrigin", "AWS_KMS") == "AWS_KMS"
    for member in ("KeyMaterialId", "SourceKeyMaterialId", "DestinationKeyMaterialId"):
        material = every_key.metadata(*SYMMETRIC)["CurrentKeyMaterialId"]
        assert answer.get(member, material) == material


@pytest.mark.parametrize("spec, algorithm", [case for case in having("ENCRYPT_DECRYPT") if case[0] in (*RSA, "SM2")])
def test_asymmetric_decryption_names_no_key_material(caller, every_key, spec, algorithm):
    key = {"KeyId": every_key.id(spec, "ENCRYPT_DECRYPT"), "EncryptionAlgorithm": algorithm}
    arn = every_key.arn(spec, "ENCRYPT_DECRYPT")
    made = caller.answer("Encrypt", Plaintext=b"p", **key)
    opened = caller.answer("Decrypt", CiphertextBlob=made.pop("CiphertextBlob"), **key)
    assert made == {"KeyId": arn, "EncryptionAlgorithm": algorithm}
    assert opened == {"KeyId": arn, "EncryptionAlgorithm": algorithm, "Plaintext": b"p"}


@pytest.mark.parametrize("spec, usage", ASYMMETRIC)
def test_public_keys_come_with_what_they_are(caller, every_key, spec, usage):
    answer = caller.answer("GetPublicKey", KeyId=every_key.id(spec, usage))
    new = spec.startswith("ML_") or spec == "ECC_NIST_EDWARDS25519"
    del answer["PublicKey"]
    assert answer == {
        "KeyId": every_key.arn(spec, usage),
        "KeySpec": spec,
        "KeyUsage": usage,
        LISTS[usage]: KINDS[spec, usage],
        **({} if new else {"CustomerMasterKeySpec": spec}),
    }


@pytest.mark.parametrize("operation", OPERATIONS)
def test_keys_go_by_alias_and_arn(caller, every_key, requests, operation):
    _, request = requests[operation]
    member = key_member(operation)
    arn = caller.answer("DescribeKey", KeyId=request[member])["KeyMetadata"]["Arn"]
    alias = f"alias/errors/{operation}"
    caller.answer("CreateAlias", AliasName=alias, TargetKeyId=request[member])
    alias_arn = arn.rsplit(":", 1)[0] + f":{alias}"
    for name in (alias, alias_arn, arn):
        assert caller.answer(operation, **{**request, member: name})["KeyId"] == arn
