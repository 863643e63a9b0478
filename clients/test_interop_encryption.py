"""Ciphertexts that others make with our public keys, and the other way round as far as it goes.

No private key leaves the server, so nobody else can open what it encrypts. That Trent opens what
others encrypt shows that its decryption is the standard's; that it opens its own shows that its
encryption is.
"""

import os

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyasn1.codec.der import decoder

from every_key import OAEP, RSA, having
from outside import Sm2, hash_of, openssl_output

USAGE = "ENCRYPT_DECRYPT"
RSA_CASES = [(spec, algorithm) for spec in RSA for algorithm in OAEP]
CASES = [case for case in having(USAGE) if case[0] != "SYMMETRIC_DEFAULT"]


def longest(spec, algorithm):
    """The length of the longest plaintext."""
    if spec == "SM2":
        return 1024
    return int(spec[-4:]) // 8 - 2 * hash_of(algorithm).digest_size - 2


def encrypt_outside(algorithm, public_key, plaintext):
    if algorithm == "SM2PKE":
        command = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "{key}", "-in", "{data}"]
        return openssl_output(*command, key=public_key, data=plaintext)
    used = hash_of(algorithm)
    return load_der_public_key(public_key).encrypt(plaintext, padding.OAEP(padding.MGF1(used), used, None))


class Box:
    """One key, used with one algorithm."""

    def __init__(self, kms, keys, spec, algorithm):
        self.kms = kms
        self.common = {"KeyId": keys.id(spec, USAGE), "EncryptionAlgorithm": algorithm}
        self.public = keys.public(spec, USAGE)
        self.algorithm = algorithm

    def encrypt(self, plaintext):
        return self.kms.encrypt(Plaintext=plaintext, **self.common)["CiphertextBlob"]

    def encrypt_outside(self, plaintext):
        return encrypt_outside(self.algorithm, self.public, plaintext)

    def decrypt(self, ciphertext):
        return self.kms.decrypt(CiphertextBlob=ciphertext, **self.common)["Plaintext"]

    def refuses(self, ciphertext):
        """Whether the ciphertext is refused in the one way there is."""
        with pytest.raises(ClientError) as caught:
            self.decrypt(ciphertext)
        return caught.value.response["Error"] == {"Code": "InvalidCiphertextException", "Message": ""}


@pytest.mark.parametrize("spec, algorithm", CASES)
def test_what_others_encrypt_is_decrypted(kms, every_key, spec, algorithm):
    box = Box(kms, every_key, spec, algorithm)
    for length in (1, 2, 32, 33, longest(spec, algorithm)):
        plaintext = os.urandom(length)
        assert box.decrypt(box.encrypt_outside(plaintext)) == plaintext
        assert box.decrypt(box.encrypt(plaintext)) == plaintext


@pytest.mark.parametrize("spec, algorithm", CASES)
def test_zeros_are_kept(kms, every_key, spec, algorithm):
    box = Box(kms, every_key, spec, algorithm)
    for plaintext in (b"\0", b"\0" * 32, b"\0\1\0", b"\1" + b"\0" * 8):
        assert box.decrypt(box.encrypt_outside(plaintext)) == plaintext
        assert box.decrypt(box.encrypt(plaintext)) == plaintext


@pytest.mark.parametrize("spec, algorithm", RSA_CASES)
def test_an_rsa_ciphertext_is_as_long_as_the_modulus(kms, every_key, spec, algorithm):
    box = Box(kms, every_key, spec, algorithm)
    numbers = load_der_public_key(box.public).public_numbers()
    made = [box.encrypt(b"same") for _ in range(4)]
    assert len(set(made)) == 4
    for ciphertext in made:
        assert len(ciphertext) == int(spec[-4:]) // 8
        assert int.from_bytes(ciphertext, "big") < numbers.n


@pytest.mark.parametrize("spec", RSA)
def test_the_hash_of_oaep_is_the_named_one(kms, every_key, spec):
    boxes = [Box(kms, every_key, spec, algorithm) for algorithm in OAEP]
    for box, other in (boxes, reversed(boxes)):
        assert other.refuses(box.encrypt_outside(b"secret"))
        assert other.refuses(box.encrypt(b"secret"))


@pytest.mark.parametrize("spec, algorithm", RSA_CASES)
def test_other_paddings_are_refused(kms, every_key, spec, algorithm):
    box = Box(kms, every_key, spec, algorithm)
    key, used = load_der_public_key(box.public), hash_of(algorithm)
    other = hash_of(OAEP[1 - OAEP.index(algorithm)])
    for pad in (
        padding.PKCS1v15(),
        padding.OAEP(padding.MGF1(other), used, None),
        padding.OAEP(padding.MGF1(used), other, None),
        padding.OAEP(padding.MGF1(used), used, b"label"),
    ):
        assert box.refuses(key.encrypt(b"secret", pad))


@pytest.mark.parametrize("spec, algorithm", RSA_CASES)
def test_numbers_that_are_no_rsa_ciphertexts(kms, every_key, spec, algorithm):
    box = Box(kms, every_key, spec, algorithm)
    modulus = load_der_public_key(box.public).public_numbers().n
    length = int(spec[-4:]) // 8
    good = box.encrypt_outside(b"secret")
    numbers = [0, 1, modulus - 1, modulus, modulus + 1, 256**length - 1]
    for ciphertext in [number.to_bytes(length, "big") for number in numbers]:
        assert box.refuses(ciphertext)
    for ciphertext in (good[:-1], good + b"\0", b"\0" + good, good[1:], b"x"):
        assert box.refuses(ciphertext)


@pytest.mark.parametrize("spec, algorithm", CASES)
def test_an_altered_ciphertext_is_none(kms, every_key, spec, algorithm):
    box = Box(kms, every_key, spec, algorithm)
    good = box.encrypt(b"attack at dawn")
    for place in (0, 1, len(good) // 4, len(good) // 2, len(good) - 1):
        altered = bytearray(good)
        altered[place] ^= 1
        assert box.refuses(bytes(altered)), place
    assert box.decrypt(good) == b"attack at dawn"


def test_an_sm2_ciphertext_is_a_sequence(kms, every_key):
    box = Box(kms, every_key, "SM2", "SM2PKE")
    for made in (box.encrypt(b"a" * 100), box.encrypt_outside(b"a" * 100)):
        parts, rest = decoder.decode(made)
        assert rest == b"" and len(parts) == 4
        x, y = int(parts[0]), int(parts[1])
        assert Sm2.point(b"\x04" + x.to_bytes(32, "big") + y.to_bytes(32, "big")) == (x, y)
        assert [len(part.asOctets()) for part in parts[2:]] == [32, 100]
    assert box.encrypt(b"same") != box.encrypt(b"same")


def test_sm2_refuses_what_is_no_sequence(kms, every_key):
    box = Box(kms, every_key, "SM2", "SM2PKE")
    good = box.encrypt_outside(b"a" * 16)
    for ciphertext in (good[:-1], good + b"\0", b"\x30\x00", b"\x04" + good, os.urandom(120)):
        assert box.refuses(ciphertext)


def test_ciphertexts_move_between_all_kinds_of_keys(kms, every_key):
    """From every key and algorithm to every other, with the fields of both sides."""
    plaintext = b"up to 190 bytes"
    for source in having(USAGE):
        made = kms.encrypt(KeyId=every_key.id(source[0], USAGE), Plaintext=plaintext, EncryptionAlgorithm=source[1])
        for destination in having(USAGE):
            moved = kms.re_encrypt(
                CiphertextBlob=made["CiphertextBlob"],
                SourceKeyId=every_key.id(source[0], USAGE),
                SourceEncryptionAlgorithm=source[1],
                DestinationKeyId=every_key.id(destination[0], USAGE),
                DestinationEncryptionAlgorithm=destination[1],
            )
            opened = kms.decrypt(
                CiphertextBlob=moved.pop("CiphertextBlob"),
                KeyId=every_key.id(destination[0], USAGE),
                EncryptionAlgorithm=destination[1],
            )
            assert opened["Plaintext"] == plaintext
            del moved["ResponseMetadata"]
            assert moved == moved_fields(every_key, source, destination)


def moved_fields(keys, source, destination):
    """What ReEncrypt tells beyond the ciphertext."""
    fields = {
        "KeyId": keys.arn(destination[0], USAGE),
        "SourceKeyId": keys.arn(source[0], USAGE),
        "SourceEncryptionAlgorithm": source[1],
        "DestinationEncryptionAlgorithm": destination[1],
    }
    for side, (spec, _) in {"Source": source, "Destination": destination}.items():
        if spec == "SYMMETRIC_DEFAULT":
            fields[f"{side}KeyMaterialId"] = keys.metadata(spec, USAGE)["CurrentKeyMaterialId"]
    return fields


def test_what_others_encrypt_is_moved(kms, every_key):
    for spec, algorithm in CASES:
        box = Box(kms, every_key, spec, algorithm)
        moved = kms.re_encrypt(
            CiphertextBlob=box.encrypt_outside(b"from outside"),
            SourceKeyId=every_key.id(spec, USAGE),
            SourceEncryptionAlgorithm=algorithm,
            DestinationKeyId=every_key.id("SYMMETRIC_DEFAULT", USAGE),
            DestinationEncryptionContext={"moved": "yes"},
        )
        opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"moved": "yes"})
        assert opened["Plaintext"] == b"from outside"
