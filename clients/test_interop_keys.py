"""Public keys, and the key pairs that leave the server, as others read them."""

import pytest
from Crypto.PublicKey import ECC, RSA as CryptoRSA
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM1024PrivateKey
from kyber_py.ml_kem import ML_KEM_512, ML_KEM_768, ML_KEM_1024
from pyasn1.codec.der import decoder

from every_key import ASYMMETRIC, KINDS, LISTS, ML_DSA, ML_KEM, NIST, RSA
from outside import Sm2, algorithm_names, openssl, openssl_output, raw_public, spki

# Parameters: a curve, "Null", or none at all.
EC = "1.2.840.10045.2.1"
IDENTIFIERS = {
    **{spec: ["1.2.840.113549.1.1.1", "Null"] for spec in RSA},
    "ECC_NIST_P256": [EC, "1.2.840.10045.3.1.7"],
    "ECC_NIST_P384": [EC, "1.3.132.0.34"],
    "ECC_NIST_P521": [EC, "1.3.132.0.35"],
    "ECC_SECG_P256K1": [EC, "1.3.132.0.10"],
    "SM2": [EC, "1.2.156.10197.1.301"],
    "ECC_NIST_EDWARDS25519": ["1.3.101.112"],
    **{spec: [f"2.16.840.1.101.3.4.3.{arc}"] for spec, arc in zip(ML_DSA, (17, 18, 19))},
    **{spec: [f"2.16.840.1.101.3.4.4.{arc}"] for spec, arc in zip(ML_KEM, (1, 2, 3))},
}
COORDINATES = {"ECC_NIST_P256": 32, "ECC_NIST_P384": 48, "ECC_NIST_P521": 66, "ECC_SECG_P256K1": 32, "SM2": 32}
# Lengths of the whole and of the key inside.
LENGTHS = {
    "ECC_NIST_EDWARDS25519": (44, 32),
    **dict(zip(ML_DSA, ((1334, 1312), (1974, 1952), (2614, 2592)))),
    **dict(zip(ML_KEM, ((822, 800), (1206, 1184), (1590, 1568)))),
}
PAIRS = [*RSA, *NIST, "ECC_SECG_P256K1", "ECC_NIST_EDWARDS25519", *ML_KEM, "SM2"]
CURVES = {
    "ECC_NIST_P256": ec.SECP256R1,
    "ECC_NIST_P384": ec.SECP384R1,
    "ECC_NIST_P521": ec.SECP521R1,
    "ECC_SECG_P256K1": ec.SECP256K1,
}
DER = serialization.Encoding.DER


def check_public_key(spec, public_key):
    """That a public key is one of `spec`, encoded as the standards have it."""
    algorithm, raw = spki(public_key)
    assert algorithm == IDENTIFIERS[spec]
    if spec in COORDINATES:
        assert raw[0] == 4 and len(raw) == 1 + 2 * COORDINATES[spec]
    elif spec in LENGTHS:
        assert (len(public_key), len(raw)) == LENGTHS[spec]
    if spec in RSA:
        numbers = serialization.load_der_public_key(public_key).public_numbers()
        assert numbers.e == 65537
        assert numbers.n.bit_length() == int(spec[-4:])
    if spec == "SM2":
        Sm2.point(raw)
        command = ["pkey", "-pubin", "-inform", "DER", "-in", "{key}", "-pubout", "-outform", "DER"]
        assert openssl_output(*command, key=public_key) == public_key
    elif spec != "ML_KEM_512":
        # cryptography knows no ML-KEM-512.
        key = serialization.load_der_public_key(public_key)
        assert key.public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo) == public_key


@pytest.mark.parametrize("spec, usage", ASYMMETRIC)
def test_others_read_the_public_key(kms, every_key, spec, usage):
    answer = kms.get_public_key(KeyId=every_key.id(spec, usage))
    check_public_key(spec, answer["PublicKey"])
    assert answer[LISTS[usage]] == KINDS[spec, usage]
    assert kms.get_public_key(KeyId=every_key.arn(spec, usage))["PublicKey"] == answer["PublicKey"]


def test_no_two_keys_are_the_same(every_key):
    keys = [every_key.public(*kind) for kind in ASYMMETRIC]
    assert len(set(keys)) == len(ASYMMETRIC)


# Key pairs for use elsewhere


@pytest.fixture(scope="module")
def wrapping(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.fixture(scope="module")
def pairs(kms, wrapping):
    """One pair of each spec."""
    made = {}

    def pair(spec):
        if spec not in made:
            made[spec] = kms.generate_data_key_pair(
                KeyId=wrapping, KeyPairSpec=spec, EncryptionContext={"spec": spec}
            )
        return made[spec]

    return pair


def private_key_info(private_key):
    """Version, algorithm and private key of RFC 5958, and whatever follows them."""
    info, rest = decoder.decode(private_key)
    assert rest == b""
    return int(info[0]), algorithm_names(info[1]), info[2].asOctets()


@pytest.mark.parametrize("spec", PAIRS)
def test_a_pair_is_a_pair(pairs, spec):
    pair = pairs(spec)
    check_public_key(spec, pair["PublicKey"])
    version, algorithm, _ = private_key_info(pair["PrivateKeyPlaintext"])
    assert version == 0
    assert algorithm == IDENTIFIERS[spec]
    if spec in ML_KEM:
        check_ml_kem_pair(spec, pair["PrivateKeyPlaintext"], pair["PublicKey"])
    elif spec == "SM2":
        check_sm2_pair(pair["PrivateKeyPlaintext"], pair["PublicKey"])
    else:
        check_pair(spec, pair["PrivateKeyPlaintext"], pair["PublicKey"])


def check_pair(spec, private_key, public_key):
    key = serialization.load_der_private_key(private_key, None)
    derived = key.public_key().public_bytes(DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert derived == public_key
    public = serialization.load_der_public_key(public_key)
    if spec in RSA:
        assert key.key_size == int(spec[-4:])
        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        assert key.decrypt(public.encrypt(b"secret", oaep), oaep) == b"secret"
        # A second library checks the numbers of the private key against each other.
        assert CryptoRSA.import_key(private_key, passphrase=None).has_private()
    elif spec in CURVES:
        assert isinstance(key.curve, CURVES[spec])
        public.verify(key.sign(b"message", ec.ECDSA(hashes.SHA256())), b"message", ec.ECDSA(hashes.SHA256()))
    else:
        public.verify(key.sign(b"message"), b"message")
        assert ECC.import_key(private_key).public_key() == ECC.import_key(public_key)
    command = ["pkey", "-inform", "DER", "-in", "{key}", "-check", "-noout"]
    if spec != "ECC_NIST_EDWARDS25519":
        assert b"Key is valid" in openssl_output(*command, key=private_key)


def check_sm2_pair(private_key, public_key):
    command = ["pkey", "-inform", "DER", "-in", "{key}", "-pubout", "-outform", "DER"]
    assert openssl_output(*command, key=private_key) == public_key
    signed = openssl_output("dgst", "-sm3", "-keyform", "DER", "-sign", "{key}", "{data}", key=private_key, data=b"m")
    options = ["dgst", "-sm3", "-keyform", "DER", "-verify", "{key}", "-signature", "{signature}", "{data}"]
    assert openssl(*options, key=public_key, signature=signed, data=b"m").returncode == 0
    assert openssl(*options, key=public_key, signature=signed, data=b"n").returncode == 1


def check_ml_kem_pair(spec, private_key, public_key):
    assert len(private_key) == 86
    _, _, inner = private_key_info(private_key)
    # RFC 9935: `seed [0] OCTET STRING (SIZE (64))`.
    assert inner[:2] == b"\x80\x40" and len(inner) == 66
    seed, raw = inner[2:], raw_public(public_key)
    ours = {"ML_KEM_512": ML_KEM_512, "ML_KEM_768": ML_KEM_768, "ML_KEM_1024": ML_KEM_1024}[spec]
    encapsulation_key, decapsulation_key = ours.key_derive(seed)
    assert encapsulation_key == raw
    secret, ciphertext = ours.encaps(raw)
    assert ours.decaps(decapsulation_key, ciphertext) == secret
    if spec != "ML_KEM_512":
        known = {"ML_KEM_768": MLKEM768PrivateKey, "ML_KEM_1024": MLKEM1024PrivateKey}[spec]
        loaded = serialization.load_der_private_key(private_key, None)
        assert isinstance(loaded, known)
        assert loaded.public_key().public_bytes_raw() == raw
        assert loaded.decapsulate(ciphertext) == secret


@pytest.mark.parametrize("spec", PAIRS)
def test_the_ciphertext_is_of_exactly_that_private_key(kms, pairs, spec):
    pair = pairs(spec)
    opened = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"], EncryptionContext={"spec": spec})
    assert opened["Plaintext"] == pair["PrivateKeyPlaintext"]
    assert opened["KeyId"] == pair["KeyId"]


@pytest.mark.parametrize("spec", PAIRS)
def test_a_pair_without_plaintext_is_one_too(kms, wrapping, pairs, spec):
    pair = kms.generate_data_key_pair_without_plaintext(KeyId=wrapping, KeyPairSpec=spec)
    assert "PrivateKeyPlaintext" not in pair
    assert pair["PublicKey"] != pairs(spec)["PublicKey"]
    check_public_key(spec, pair["PublicKey"])
    private_key = kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
    if spec in ML_KEM:
        check_ml_kem_pair(spec, private_key, pair["PublicKey"])
    elif spec == "SM2":
        check_sm2_pair(private_key, pair["PublicKey"])
    else:
        check_pair(spec, private_key, pair["PublicKey"])


@pytest.mark.parametrize("spec", NIST)
def test_a_pair_agrees_with_a_key(kms, every_key, pairs, spec):
    pair = pairs(spec)
    ours = serialization.load_der_public_key(every_key.public(spec, "KEY_AGREEMENT"))
    theirs = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    answer = kms.derive_shared_secret(
        KeyId=every_key.id(spec, "KEY_AGREEMENT"), KeyAgreementAlgorithm="ECDH", PublicKey=pair["PublicKey"]
    )
    assert answer["SharedSecret"] == theirs.exchange(ec.ECDH(), ours)


def test_sm2_pairs_agree_with_a_key(kms, every_key, pairs):
    pair = pairs("SM2")
    _, _, inner = private_key_info(pair["PrivateKeyPlaintext"])
    scalar = int.from_bytes(decoder.decode(inner)[0][1].asOctets(), "big")
    assert Sm2.public_key(Sm2.multiply(scalar, Sm2.GENERATOR)) == pair["PublicKey"]
    x, _ = Sm2.multiply(scalar, Sm2.point(raw_public(every_key.public("SM2", "KEY_AGREEMENT"))))
    answer = kms.derive_shared_secret(
        KeyId=every_key.id("SM2", "KEY_AGREEMENT"), KeyAgreementAlgorithm="ECDH", PublicKey=pair["PublicKey"]
    )
    assert answer["SharedSecret"] == x.to_bytes(32, "big")
