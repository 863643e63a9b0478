"""Attested enclaves that never were: a root of their own, documents, and the keys to answers."""

import datetime
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from certificates import key_pem
from outside import openssl_output

HOUR = datetime.timedelta(hours=1)
ES384 = b"\xa1\x01\x38\x22"


def cbor(value):
    """RFC 8949, as much as documents need of it."""
    match value:
        case None:
            return b"\xf6"
        case int():
            return _head(0, value)
        case bytes():
            return _head(2, len(value)) + value
        case str():
            return _head(3, len(value.encode())) + value.encode()
        case list():
            return _head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            return _head(5, len(value)) + b"".join(cbor(part) for pair in value.items() for part in pair)
    raise TypeError(value)


def _head(major, number):
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 24:
            return bytes([major << 5 | number])
        if number < 1 << 8 * size:
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise ValueError(number)


class Signer:
    """A P-384 key and its certificate."""

    def __init__(self, name, issuer=None, ca=True, start=-HOUR, end=3 * HOUR):
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        self.key = ec.generate_private_key(ec.SECP384R1())
        issuer = issuer or self
        now = datetime.datetime.now(datetime.timezone.utc)
        no = dict.fromkeys(
            "content_commitment key_encipherment data_encipherment key_agreement crl_sign"
            " encipher_only decipher_only".split(),
            False,
        )
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(issuer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + start)
            .not_valid_after(now + end)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, **no), critical=True)
            .sign(issuer.key, hashes.SHA384())
        )
        self.der = self.certificate.public_bytes(serialization.Encoding.DER)
        self.pem = self.certificate.public_bytes(serialization.Encoding.PEM)

    def sign1(self, payload):
        """COSE_Sign1 with ES384, untagged."""
        signed = cbor(["Signature1", ES384, b"", payload])
        r, s = utils.decode_dss_signature(self.key.sign(signed, ec.ECDSA(hashes.SHA384())))
        return cbor([ES384, {}, payload, r.to_bytes(48, "big") + s.to_bytes(48, "big")])


class Enclave:
    """Whoever has a leaf certificate and an RSA key of its own."""

    MODULE = "i-0123456789abcdef0-enc0123456789abcdef"

    def __init__(self, root, key_size=2048):
        self.root, self.intermediate = root, Signer("an intermediate", root)
        self.leaf = Signer("an enclave", self.intermediate, ca=False)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=key_size)
        self.pcrs = {index: bytes([16 * index + 15]) * 48 for index in (0, 1, 2, 3, 4, 8)}

    def payload(self, **changes):
        """The members of a document; one that is changed to None is null."""
        return {
            "module_id": self.MODULE,
            "digest": "SHA384",
            "timestamp": int(time.time() * 1000),
            "pcrs": self.pcrs,
            "certificate": self.leaf.der,
            "cabundle": [self.root.der, self.intermediate.der],
            "public_key": public_der(self.key),
            "user_data": None,
            "nonce": None,
            **changes,
        }

    def document(self, **changes):
        return self.leaf.sign1(cbor(self.payload(**changes)))

    def colleague(self, leaf):
        """The document that the holder of another leaf of the same intermediate would make."""
        return leaf.sign1(cbor(self.payload(certificate=leaf.der)))

    def recipient(self, **changes):
        return recipient(self.document(**changes))

    def open(self, message):
        """What an answer says, to OpenSSL with the enclave's key."""
        arguments = ["cms", "-decrypt", "-inform", "DER", "-in", "{message}", "-inkey", "{key}", "-binary"]
        return openssl_output(*arguments, message=message, key=key_pem(self.key))


def public_der(key):
    kind = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(serialization.Encoding.DER, kind)


def recipient(document):
    return {"KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": document}
