"""Signatures of every algorithm, of every kind of message, as others see them."""

import itertools

import pytest
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric import ec

from every_key import NIST, RSA, having
from outside import digest, mu, signature_numbers, signature_of_numbers, verifies, verifies_digest

USAGE = "SIGN_VERIFY"
MESSAGE = "“Wir müssen wissen — wir werden wissen.” 1930".encode()

# Lengths in bytes, where they are fixed.
LENGTHS = {"ECC_NIST_EDWARDS25519": 64, "ML_DSA_44": 2420, "ML_DSA_65": 3309, "ML_DSA_87": 4627}
LENGTHS.update({spec: int(spec[-4:]) // 8 for spec in RSA})

# Orders of the groups.
ORDERS = {
    "ECC_NIST_P256": ec.SECP256R1.group_order,
    "ECC_NIST_P384": ec.SECP384R1.group_order,
    "ECC_NIST_P521": ec.SECP521R1.group_order,
    "ECC_SECG_P256K1": ec.SECP256K1.group_order,
    "SM2": 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123,
}


def message_types(algorithm):
    """The types of message an algorithm takes."""
    special = {
        "ED25519_SHA_512": ["RAW"],
        "ED25519_PH_SHA_512": ["DIGEST"],
        "ML_DSA_SHAKE_256": ["RAW", "EXTERNAL_MU"],
    }
    return special.get(algorithm, ["RAW", "DIGEST"])


CASES = [(spec, algorithm, kind) for spec, algorithm in having(USAGE) for kind in message_types(algorithm)]


class Signer:
    """One key, used with one algorithm."""

    def __init__(self, kms, keys, spec, algorithm):
        self.kms = kms
        self.common = {"KeyId": keys.id(spec, USAGE), "SigningAlgorithm": algorithm}
        self.algorithm = algorithm
        self.public = keys.public(spec, USAGE)

    def given(self, kind, message=MESSAGE):
        """What is sent for a message."""
        if kind == "RAW":
            return message
        if kind == "EXTERNAL_MU":
            return mu(message, self.public)
        return digest(self.algorithm, message, self.public)

    def sign(self, kind, message=MESSAGE):
        request = {"Message": self.given(kind, message), "MessageType": kind, **self.common}
        return self.kms.sign(**request)["Signature"]

    def verify(self, kind, signature, message=MESSAGE):
        """Whether Trent takes the signature."""
        request = {"Message": self.given(kind, message), "MessageType": kind, "Signature": signature}
        try:
            return self.kms.verify(**request, **self.common)["SignatureValid"]
        except ClientError as error:
            assert error.response["Error"] == {"Code": "KMSInvalidSignatureException", "Message": ""}
            return False

    def others_verify(self, kind, signature, message=MESSAGE):
        check = verifies if kind == "RAW" else verifies_digest
        return check(self.algorithm, self.given(kind, message), self.public, signature)


@pytest.mark.parametrize("spec, algorithm, kind", CASES)
def test_others_verify_what_is_signed(kms, every_key, spec, algorithm, kind):
    signer = Signer(kms, every_key, spec, algorithm)
    signature = signer.sign(kind)
    assert len(signature) == LENGTHS.get(spec, len(signature))
    for other in message_types(algorithm):
        assert signer.others_verify(other, signature), other
        assert not signer.others_verify(other, signature, MESSAGE + b"."), other


@pytest.mark.parametrize("spec, algorithm", having(USAGE))
def test_kinds_of_message_agree(kms, every_key, spec, algorithm):
    signer = Signer(kms, every_key, spec, algorithm)
    for signed, verified in itertools.product(message_types(algorithm), repeat=2):
        signature = signer.sign(signed)
        assert signer.verify(verified, signature), (signed, verified)
        assert not signer.verify(verified, signature, MESSAGE + b"."), (signed, verified)


@pytest.mark.parametrize("spec, algorithm", [case for case in having(USAGE) if "RAW" in message_types(case[1])])
def test_the_shortest_and_the_longest_message(kms, every_key, spec, algorithm):
    signer = Signer(kms, every_key, spec, algorithm)
    for message in (b"\0", b"m" * 4096):
        signature = signer.sign("RAW", message)
        assert signer.others_verify("RAW", signature, message)
        assert signer.verify("RAW", signature, message)


@pytest.mark.parametrize("spec, algorithm", having(USAGE))
def test_an_altered_signature_is_none(kms, every_key, spec, algorithm):
    signer = Signer(kms, every_key, spec, algorithm)
    kind = message_types(algorithm)[0]
    signature = signer.sign(kind)
    for place in (0, len(signature) // 2, len(signature) - 1):
        altered = bytearray(signature)
        altered[place] ^= 1
        assert not signer.verify(kind, bytes(altered)), place
    for altered in (signature[:-1], signature + b"\0", b"\0" + signature, b"\0", b"\0" * len(signature)):
        assert not signer.verify(kind, altered)


@pytest.mark.parametrize("spec, algorithm", having(USAGE))
def test_a_signature_is_of_one_key(kms, every_key, spec, algorithm):
    signer = Signer(kms, every_key, spec, algorithm)
    kind = message_types(algorithm)[0]
    signature = signer.sign(kind)
    others = [case for case in having(USAGE) if case[0] != spec and kind in message_types(case[1])]
    for other in others:
        assert not Signer(kms, every_key, *other).verify(kind, signature), other


@pytest.mark.parametrize("spec", RSA)
def test_a_signature_is_of_one_scheme(kms, every_key, spec):
    signers = [Signer(kms, every_key, spec, algorithm) for other, algorithm in having(USAGE) if other == spec]
    for signer in signers:
        signature = signer.sign("RAW")
        assert [other.verify("RAW", signature) for other in signers] == [other is signer for other in signers]
        # Raw RSA gives numbers below the modulus; one above it is the same number, and no signature.
        assert not signer.verify("RAW", b"\xff" * len(signature))


@pytest.mark.parametrize("spec", [*NIST, "ECC_SECG_P256K1"])
def test_the_negative_of_s_is_as_good(kms, every_key, spec):
    [algorithm] = [algorithm for other, algorithm in having(USAGE) if other == spec]
    signer = Signer(kms, every_key, spec, algorithm)
    signature = signer.sign("RAW")
    r, s = signature_numbers(signature)
    negated = signature_of_numbers(r, ORDERS[spec] - s)
    assert signer.others_verify("RAW", negated)
    assert signer.verify("RAW", negated)


# On secp256k1 a low s is all there is, which clients of chains bring about anyway.
@pytest.mark.parametrize("spec", NIST)
def test_s_is_not_normalised(kms, every_key, spec):
    [algorithm] = [algorithm for other, algorithm in having(USAGE) if other == spec]
    signer = Signer(kms, every_key, spec, algorithm)
    low = {signature_numbers(signer.sign("RAW"))[1] <= ORDERS[spec] // 2 for _ in range(40)}
    assert low == {False, True}


@pytest.mark.parametrize("spec", [*NIST, "ECC_SECG_P256K1", "SM2"])
def test_only_der_is_an_encoding(kms, every_key, spec):
    [algorithm] = [algorithm for other, algorithm in having(USAGE) if other == spec]
    signer = Signer(kms, every_key, spec, algorithm)
    signature = signer.sign("RAW")
    r, s = signature_numbers(signature)
    assert signature_of_numbers(r, s) == signature
    order = ORDERS[spec]
    width = (order.bit_length() + 7) // 8
    refused = {
        "two numbers side by side": r.to_bytes(width, "big") + s.to_bytes(width, "big"),
        "a longer form of the length": der_with_long_length(signature),
        "an indefinite length": b"\x30\x80" + signature_body(signature) + b"\0\0",
        "r of zero": signature_of_numbers(0, s),
        "s of zero": signature_of_numbers(r, 0),
        "r above the order": signature_of_numbers(r + order, s),
        "s above the order": signature_of_numbers(r, s + order),
        "a negative r": signature_of_numbers(-r, s),
    }
    taken = [name for name, other in refused.items() if signer.verify("RAW", other)]
    assert taken == []


def signature_body(signature):
    return signature[3:] if signature[1] & 0x80 else signature[2:]


def der_with_long_length(signature):
    """BER, in which a length may have leading zeros."""
    body = signature_body(signature)
    return b"\x30\x82" + len(body).to_bytes(2, "big") + body


def test_an_edwards_scalar_has_one_encoding(kms, every_key):
    order = 2**252 + 27742317777372353535851937790883648493
    for algorithm in ("ED25519_SHA_512", "ED25519_PH_SHA_512"):
        signer = Signer(kms, every_key, "ECC_NIST_EDWARDS25519", algorithm)
        kind = message_types(algorithm)[0]
        signature = signer.sign(kind)
        scalar = int.from_bytes(signature[32:], "little")
        for other in (scalar + order, scalar + 2 * order):
            assert not signer.verify(kind, signature[:32] + other.to_bytes(32, "little"))


def test_prehashed_signatures_are_not_pure_ones(kms, every_key):
    """RFC 8032 §5.1: one is never good for the other, of whatever message."""
    pure, prehashed = (
        Signer(kms, every_key, "ECC_NIST_EDWARDS25519", algorithm)
        for algorithm in ("ED25519_SHA_512", "ED25519_PH_SHA_512")
    )
    digest = prehashed.given("DIGEST")
    twice = prehashed.given("DIGEST", digest)
    made = prehashed.sign("DIGEST")
    assert not any(pure.verify("RAW", made, message) for message in (MESSAGE, digest, twice))
    for message in (MESSAGE, digest, twice):
        assert not prehashed.verify("DIGEST", pure.sign("RAW", message))


def test_randomised_signatures_differ(kms, every_key):
    for spec, algorithm in having(USAGE):
        if algorithm.startswith(("ECDSA", "RSASSA_PSS", "SM2")):
            signer = Signer(kms, every_key, spec, algorithm)
            assert signer.sign("RAW") != signer.sign("RAW"), (spec, algorithm)


def test_deterministic_signatures_do_not(kms, every_key):
    for spec, algorithm in having(USAGE):
        if algorithm.startswith(("ED25519", "RSASSA_PKCS1")):
            signer = Signer(kms, every_key, spec, algorithm)
            kind = message_types(algorithm)[0]
            assert signer.sign(kind) == signer.sign(kind), (spec, algorithm)
