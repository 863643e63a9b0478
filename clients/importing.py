"""Key material made and wrapped by others, as whoever brings their own key does."""

import os
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

from outside import openssl_output

DOES_NOT_EXPIRE = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}

CURVES = {
    "ECC_NIST_P256": ec.SECP256R1(),
    "ECC_NIST_P384": ec.SECP384R1(),
    "ECC_NIST_P521": ec.SECP521R1(),
    "ECC_SECG_P256K1": ec.SECP256K1(),
}
RAW_LENGTHS = {"SYMMETRIC_DEFAULT": 32, "HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}


@dataclass
class Material:
    """Bytes to import; for a pair they are PKCS #8."""

    spec: str
    bytes: bytes

    @property
    def private(self):
        return serialization.load_der_private_key(self.bytes, None)

    @property
    def public_key(self):
        """In DER."""
        if self.spec == "SM2":
            command = ["pkey", "-in", "{key}", "-inform", "DER", "-pubout", "-outform", "DER"]
            return openssl_output(*command, key=self.bytes)
        form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(*form)


def made(spec):
    """New material for keys of a spec, made by the library `cryptography`, or for SM2 by openssl."""
    if spec in RAW_LENGTHS:
        return Material(spec, os.urandom(RAW_LENGTHS[spec]))
    if spec == "SM2":
        return made_by_openssl(spec)
    if spec in CURVES:
        private = ec.generate_private_key(CURVES[spec])
    elif spec == "ECC_NIST_EDWARDS25519":
        private = ed25519.Ed25519PrivateKey.generate()
    else:
        private = rsa.generate_private_key(65537, int(spec[-4:]))
    form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return Material(spec, private.private_bytes(*form))


def made_by_openssl(spec):
    """New material for keys of a spec, made on the command line."""
    if spec in RAW_LENGTHS:
        return Material(spec, openssl_output("rand", str(RAW_LENGTHS[spec])))
    names = {
        "ECC_NIST_P256": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
        "ECC_NIST_P384": ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
        "ECC_NIST_P521": ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
        "ECC_SECG_P256K1": ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
        "ECC_NIST_EDWARDS25519": ["ED25519"],
        "SM2": ["SM2"],
    }
    algorithm = names.get(spec) or ["RSA", "-pkeyopt", f"rsa_keygen_bits:{spec[-4:]}"]
    key = openssl_output("genpkey", "-algorithm", *algorithm)
    command = ["pkcs8", "-topk8", "-nocrypt", "-in", "{key}", "-outform", "DER"]
    return Material(spec, openssl_output(*command, key=key))


def wrapped(algorithm, public_key, material):
    """Material wrapped by the library `cryptography`, which has no SM2."""
    if algorithm == "SM2PKE":
        return wrapped_by_openssl(algorithm, public_key, material)
    key = serialization.load_der_public_key(public_key)
    used = hashes.SHA1() if algorithm.endswith("_SHA_1") else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(used), used, None)
    if algorithm.startswith("RSAES"):
        return key.encrypt(material, oaep)
    ephemeral = os.urandom(32)
    return key.encrypt(ephemeral, oaep) + aes_key_wrap_with_padding(ephemeral, material)


def wrapped_by_openssl(algorithm, public_key, material):
    """Material wrapped on the command line."""
    encrypt = ["pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", "{key}", "-in", "{data}"]
    if algorithm == "SM2PKE":
        return openssl_output(*encrypt, key=public_key, data=material)
    used = "sha1" if algorithm.endswith("_SHA_1") else "sha256"
    for option in ("rsa_padding_mode:oaep", f"rsa_oaep_md:{used}", f"rsa_mgf1_md:{used}"):
        encrypt += ["-pkeyopt", option]
    if algorithm.startswith("RSAES"):
        return openssl_output(*encrypt, key=public_key, data=material)
    ephemeral = openssl_output("rand", "32")
    wrap = ["enc", "-id-aes256-wrap-pad", "-K", ephemeral.hex(), "-iv", "A65959A6", "-in", "{data}"]
    return openssl_output(*encrypt, key=public_key, data=ephemeral) + openssl_output(*wrap, data=material)


def waiting_key(kms, spec="SYMMETRIC_DEFAULT", usage="ENCRYPT_DECRYPT", **members):
    """A new key that waits for material, by id."""
    key = kms.create_key(KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL", **members)["KeyMetadata"]
    assert (key["KeyState"], key["Origin"], key["Enabled"]) == ("PendingImport", "EXTERNAL", False)
    return key["KeyId"]


def parameters(kms, key, algorithm="RSAES_OAEP_SHA_256", wrapping="RSA_2048"):
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=wrapping)


def imported(kms, key, material, algorithm="RSAES_OAEP_SHA_256", wrapping="RSA_2048", wrap=wrapped, **members):
    """Imports bytes from beginning to end; answers what ImportKeyMaterial did."""
    given = parameters(kms, key, algorithm, wrapping)
    members = members if "ValidTo" in members or "ExpirationModel" in members else {**DOES_NOT_EXPIRE, **members}
    return kms.import_key_material(
        KeyId=key,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=wrap(algorithm, given["PublicKey"], material),
        **members,
    )
