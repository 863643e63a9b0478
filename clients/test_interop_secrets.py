"""Shared secrets and MACs: ECDH, ML-KEM and HMAC beside other implementations."""

import hashlib

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PublicKey, MLKEM1024PublicKey
from kyber_py.ml_kem import ML_KEM_512, ML_KEM_768, ML_KEM_1024

from every_key import ML_KEM, NIST, having
from outside import Sm2, raw_public

CURVES = dict(zip(NIST, (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())))
WIDTHS = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66, "SM2": 32}
CIPHERTEXT_LENGTHS = dict(zip(ML_KEM, (768, 1088, 1568)))
PURE_PYTHON = dict(zip(ML_KEM, (ML_KEM_512, ML_KEM_768, ML_KEM_1024)))
BY_OPENSSL = {"ML_KEM_768": MLKEM768PublicKey, "ML_KEM_1024": MLKEM1024PublicKey}


def der(public_key):
    return public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def agree(kms, keys, spec, public_key):
    """The secret that the server's key of `spec` shares with a public key."""
    answer = kms.derive_shared_secret(
        KeyId=keys.id(spec, "KEY_AGREEMENT"), KeyAgreementAlgorithm="ECDH", PublicKey=public_key
    )
    return answer["SharedSecret"]


# ECDH


@pytest.mark.parametrize("spec", NIST)
def test_both_sides_agree(kms, every_key, spec):
    ours = serialization.load_der_public_key(every_key.public(spec, "KEY_AGREEMENT"))
    for _ in range(8):
        theirs = ec.generate_private_key(CURVES[spec])
        secret = agree(kms, every_key, spec, der(theirs.public_key()))
        assert secret == theirs.exchange(ec.ECDH(), ours)
        assert len(secret) == WIDTHS[spec]


@pytest.mark.parametrize("spec", NIST)
def test_leading_zeros_of_the_secret_are_kept(kms, every_key, spec):
    ours = serialization.load_der_public_key(every_key.public(spec, "KEY_AGREEMENT"))
    # The topmost byte of P-521 is one bit.
    zeros = b"\0\0" if spec == "ECC_NIST_P521" else b"\0"
    theirs = (ec.derive_private_key(number, CURVES[spec]) for number in range(1, 20_000))
    key = next(key for key in theirs if key.exchange(ec.ECDH(), ours).startswith(zeros))
    secret = agree(kms, every_key, spec, der(key.public_key()))
    assert secret == key.exchange(ec.ECDH(), ours)
    assert len(secret) == WIDTHS[spec]


def test_both_sides_agree_on_sm2(kms, every_key):
    ours = Sm2.point(raw_public(every_key.public("SM2", "KEY_AGREEMENT")))
    theirs = int.from_bytes(hashlib.sha256(b"somebody else").digest(), "big")
    for scalar in (1, 2, 3, theirs):
        public_key = Sm2.public_key(Sm2.multiply(scalar, Sm2.GENERATOR))
        x, _ = Sm2.multiply(scalar, ours)
        assert agree(kms, every_key, "SM2", public_key) == x.to_bytes(32, "big")


def test_leading_zeros_of_the_secret_are_kept_on_sm2(kms, every_key):
    ours = Sm2.point(raw_public(every_key.public("SM2", "KEY_AGREEMENT")))
    public_key, shared = Sm2.GENERATOR, ours
    while shared[0] >> 248:
        public_key, shared = Sm2.add(public_key, Sm2.GENERATOR), Sm2.add(shared, ours)
    secret = agree(kms, every_key, "SM2", Sm2.public_key(public_key))
    assert secret == shared[0].to_bytes(32, "big")


@pytest.mark.parametrize("spec", [*NIST, "SM2"])
def test_two_keys_of_ours_agree(kms, every_key, spec):
    other = kms.create_key(KeySpec=spec, KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    other_public = kms.get_public_key(KeyId=other)["PublicKey"]
    ours = every_key.public(spec, "KEY_AGREEMENT")
    theirs = kms.derive_shared_secret(KeyId=other, KeyAgreementAlgorithm="ECDH", PublicKey=ours)
    assert theirs["SharedSecret"] == agree(kms, every_key, spec, other_public)
    assert theirs["KeyOrigin"] == "AWS_KMS"


# ML-KEM


def encapsulate_outside(spec, public_key):
    """By every implementation that knows the parameters: secret and ciphertext."""
    yield PURE_PYTHON[spec].encaps(raw_public(public_key))
    if spec in BY_OPENSSL:
        yield BY_OPENSSL[spec].from_public_bytes(raw_public(public_key)).encapsulate()


class Kem:
    """One ML-KEM key."""

    def __init__(self, kms, keys, spec):
        self.kms = kms
        self.common = {"KeyId": keys.id(spec, "ENCAPSULATE_DECAPSULATE"), "EncapsulationAlgorithm": "ML_KEM"}
        self.public = keys.public(spec, "ENCAPSULATE_DECAPSULATE")

    def encapsulate(self):
        answer = self.kms.encapsulate(**self.common)
        return answer["SharedSecret"], answer["SharedSecretCiphertextBlob"]

    def decapsulate(self, ciphertext):
        return self.kms.decapsulate(SharedSecretCiphertextBlob=ciphertext, **self.common)["SharedSecret"]


@pytest.mark.parametrize("spec", ML_KEM)
def test_what_others_encapsulate_is_decapsulated(kms, every_key, spec):
    kem = Kem(kms, every_key, spec)
    for _ in range(3):
        for secret, ciphertext in encapsulate_outside(spec, kem.public):
            assert len(ciphertext) == CIPHERTEXT_LENGTHS[spec] and len(secret) == 32
            assert kem.decapsulate(ciphertext) == secret


@pytest.mark.parametrize("spec", ML_KEM)
def test_what_is_encapsulated_is_decapsulated(kms, every_key, spec):
    kem = Kem(kms, every_key, spec)
    made = [kem.encapsulate() for _ in range(3)]
    assert len({secret for secret, _ in made}) == 3
    for secret, ciphertext in made:
        assert len(ciphertext) == CIPHERTEXT_LENGTHS[spec] and len(secret) == 32
        assert kem.decapsulate(ciphertext) == secret


@pytest.mark.parametrize("spec", ML_KEM)
def test_an_altered_ciphertext_is_rejected_implicitly(kms, every_key, spec):
    kem = Kem(kms, every_key, spec)
    secret, ciphertext = kem.encapsulate()
    seen = {secret}
    for place in (0, len(ciphertext) // 2, len(ciphertext) - 1):
        altered = bytearray(ciphertext)
        altered[place] ^= 1
        other = kem.decapsulate(bytes(altered))
        assert len(other) == 32 and other not in seen
        seen.add(other)
        # FIPS 203 §6.3: the secret follows from the ciphertext.
        assert kem.decapsulate(bytes(altered)) == other
    for anything in (bytes(len(ciphertext)), b"\xff" * len(ciphertext)):
        other = kem.decapsulate(anything)
        assert len(other) == 32 and other not in seen
        seen.add(other)


@pytest.mark.parametrize("spec", ML_KEM)
def test_a_ciphertext_is_for_one_key(kms, every_key, spec):
    other = kms.create_key(KeySpec=spec, KeyUsage="ENCAPSULATE_DECAPSULATE")["KeyMetadata"]["KeyId"]
    secret, ciphertext = Kem(kms, every_key, spec).encapsulate()
    answer = kms.decapsulate(
        KeyId=other, EncapsulationAlgorithm="ML_KEM", SharedSecretCiphertextBlob=ciphertext
    )
    assert len(answer["SharedSecret"]) == 32 and answer["SharedSecret"] != secret


@pytest.mark.parametrize("spec", ML_KEM)
def test_a_ciphertext_of_another_length_is_refused(kms, every_key, spec):
    kem = Kem(kms, every_key, spec)
    _, ciphertext = kem.encapsulate()
    others = [bytes(length) for length in CIPHERTEXT_LENGTHS.values() if length != len(ciphertext)]
    for wrong in (ciphertext[:-1], ciphertext + b"\0", b"x", *others):
        with pytest.raises(ClientError) as caught:
            kem.decapsulate(wrong)
        assert caught.value.response["Error"] == {"Code": "InvalidCiphertextException", "Message": ""}


# HMAC. The key never leaves, so that nobody else can compute the tag.


class Mac:
    """One HMAC key."""

    def __init__(self, kms, keys, spec, algorithm):
        self.kms = kms
        self.common = {"KeyId": keys.id(spec, "GENERATE_VERIFY_MAC"), "MacAlgorithm": algorithm}

    def mac(self, message):
        return self.kms.generate_mac(Message=message, **self.common)["Mac"]

    def verify(self, message, tag):
        try:
            return self.kms.verify_mac(Message=message, Mac=tag, **self.common)["MacValid"]
        except ClientError as error:
            assert error.response["Error"] == {"Code": "KMSInvalidMacException", "Message": ""}
            return False


@pytest.mark.parametrize("spec, algorithm", having("GENERATE_VERIFY_MAC"))
def test_tags_have_their_full_length_and_verify(kms, every_key, spec, algorithm):
    mac = Mac(kms, every_key, spec, algorithm)
    messages = [b"\0", b"\0\0", b"m" * 64, b"m" * 128, b"m" * 4096]
    tags = [mac.mac(message) for message in messages]
    assert {len(tag) for tag in tags} == {int(algorithm[-3:]) // 8}
    assert tags == [mac.mac(message) for message in messages]
    for message in messages:
        assert [mac.verify(message, tag) for tag in tags] == [message == other for other in messages]


@pytest.mark.parametrize("spec, algorithm", having("GENERATE_VERIFY_MAC"))
def test_only_the_whole_tag_verifies(kms, every_key, spec, algorithm):
    mac = Mac(kms, every_key, spec, algorithm)
    tag = mac.mac(b"message")
    for place in range(len(tag)):
        altered = bytearray(tag)
        altered[place] ^= 0x80
        assert not mac.verify(b"message", bytes(altered)), place
    for altered in (tag[:-1], tag[: len(tag) // 2], tag[:1], tag + b"\0", tag + tag):
        assert not mac.verify(b"message", altered)
    assert mac.verify(b"message", tag)


def test_tags_of_other_keys_do_not_verify(kms, every_key):
    macs = [Mac(kms, every_key, spec, algorithm) for spec, algorithm in having("GENERATE_VERIFY_MAC")]
    tags = [mac.mac(b"message") for mac in macs]
    for mac in macs:
        assert [mac.verify(b"message", tag) for tag in tags] == [other is mac for other in macs]
