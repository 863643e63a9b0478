"""Other people's cryptography, against which ours is held."""

import hashlib
import subprocess
import tempfile
from pathlib import Path

from Crypto.Hash import SHA512
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pyasn1.codec.der import decoder, encoder
from pyasn1.type import univ

SM2_IDENTITY = ["-pkeyopt", "distid:1234567812345678"]


def openssl(*arguments, **files):
    """Runs openssl; a `{name}` in its arguments is a file with the bytes given as `name`."""
    with tempfile.TemporaryDirectory() as directory:
        paths = {name: Path(directory) / name for name in files}
        for name, path in paths.items():
            path.write_bytes(files[name])
        command = ["openssl", *(argument.format(**paths) for argument in arguments)]
        return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True)


def openssl_output(*arguments, **files):
    """What openssl prints when it is content."""
    ended = openssl(*arguments, **files)
    assert ended.returncode == 0, ended.stderr.decode()
    return ended.stdout


# Hashes, by the name at the end of an algorithm.


def hash_of(algorithm):
    """The hash that the name of an RSA or ECDSA algorithm ends in."""
    return {"_1": hashes.SHA1, "56": hashes.SHA256, "84": hashes.SHA384, "12": hashes.SHA512}[algorithm[-2:]]()


def digest(algorithm, message, public_key):
    """What a caller gives as DIGEST of `message`."""
    if algorithm == "SM2DSA":
        return sm2_digest(message, public_key)
    name = "sha512" if algorithm == "ED25519_PH_SHA_512" else hash_of(algorithm).name
    return hashlib.new(name, message).digest()


def sm2_digest(message, public_key):
    """SM3 over Z and the message (GB/T 32918.2 §5.5 and §6.1)."""
    identity = b"1234567812345678"
    curve = b"".join(number.to_bytes(32, "big") for number in (Sm2.A, Sm2.B, *Sm2.GENERATOR))
    head = (8 * len(identity)).to_bytes(2, "big") + identity + curve + raw_public(public_key)[1:]
    return sm3(sm3(head) + message)


def sm3(data):
    return openssl_output("dgst", "-sm3", "-binary", "{data}", data=data)


def mu(message, public_key):
    """μ of FIPS 204 §6.2 for the empty context."""
    key_hash = hashlib.shake_256(raw_public(public_key)).digest(64)
    return hashlib.shake_256(key_hash + b"\0\0" + message).digest(64)


# Encodings.


def spki(public_key):
    """The algorithm with its parameters, and the key."""
    info, rest = decoder.decode(public_key)
    assert rest == b""
    assert len(info) == 2
    return algorithm_names(info[0]), info[1].asOctets()


def algorithm_names(identifier):
    """An AlgorithmIdentifier: dotted numbers, or the name of a type where parameters are none."""
    parts = [identifier[place] for place in range(len(identifier))]
    return [str(part) if isinstance(part, univ.ObjectIdentifier) else type(part).__name__ for part in parts]


def raw_public(public_key):
    """The key inside a SubjectPublicKeyInfo."""
    return spki(public_key)[1]


def signature_numbers(signature):
    """r and s."""
    numbers, rest = decoder.decode(signature)
    assert rest == b"" and len(numbers) == 2
    return int(numbers[0]), int(numbers[1])


def signature_of_numbers(r, s):
    numbers = univ.Sequence()
    numbers.setComponentByPosition(0, univ.Integer(r))
    numbers.setComponentByPosition(1, univ.Integer(s))
    return encoder.encode(numbers)


# Signatures.


def verifies(algorithm, message, public_key, signature):
    """Whether others take `signature` for one of `message`, which is what RAW means."""
    if algorithm == "SM2DSA":
        return sm2_verifies(["-rawin", "-digest", "sm3", *SM2_IDENTITY], message, public_key, signature)
    if algorithm == "ED25519_PH_SHA_512":
        raise ValueError("only digests are signed")
    key = serialization.load_der_public_key(public_key)
    return accepts(key.verify, signature, message, *scheme(algorithm, hash_of_message(algorithm)))


def verifies_digest(algorithm, given, public_key, signature):
    """Whether others take `signature` for one of what was given as DIGEST, or as EXTERNAL_MU."""
    if algorithm == "SM2DSA":
        return sm2_verifies([], given, public_key, signature)
    if algorithm == "ED25519_PH_SHA_512":
        # The digest is the message of Ed25519ph: the library is told its hash.
        verifier = eddsa.new(ECC.import_key(public_key), "rfc8032")
        return accepts(verifier.verify, SHA512.new(given), signature)
    key = serialization.load_der_public_key(public_key)
    if algorithm == "ML_DSA_SHAKE_256":
        return accepts(key.verify_mu, signature, given)
    return accepts(key.verify, signature, given, *scheme(algorithm, Prehashed(hash_of(algorithm))))


def hash_of_message(algorithm):
    return hash_of(algorithm) if algorithm.startswith(("RSASSA", "ECDSA")) else None


def scheme(algorithm, chosen):
    """What `verify` of the library's public keys wants to know beyond the message."""
    if algorithm.startswith("RSASSA_PSS"):
        used = hash_of(algorithm)
        # Given as a number, the length of the salt must be that one.
        return padding.PSS(padding.MGF1(used), used.digest_size), chosen
    if algorithm.startswith("RSASSA_PKCS1"):
        return padding.PKCS1v15(), chosen
    if algorithm.startswith("ECDSA"):
        return (ec.ECDSA(chosen),)
    return ()


def accepts(verify, *arguments):
    try:
        verify(*arguments)
    except (InvalidSignature, ValueError):
        return False
    return True


def sm2_verifies(options, data, public_key, signature):
    command = ["pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", "{key}", "-in", "{data}"]
    ended = openssl(*command, "-sigfile", "{signature}", *options, key=public_key, data=data, signature=signature)
    verdict = ended.stdout.decode().strip()
    assert verdict in ("Signature Verified Successfully", "Signature Verification Failure"), ended.stderr.decode()
    return ended.returncode == 0


# The shared point of SM2, which openssl does not compute.


class Sm2:
    """The curve of GB/T 32918.5, in affine coordinates."""

    P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
    A = P - 3
    B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
    GENERATOR = (
        0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
        0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
    )

    @classmethod
    def point(cls, raw):
        """The point of an uncompressed encoding."""
        assert raw[0] == 4 and len(raw) == 65
        x, y = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
        assert (y * y - (x * x * x + cls.A * x + cls.B)) % cls.P == 0
        return x, y

    @classmethod
    def add(cls, one, other):
        (x1, y1), (x2, y2) = one, other
        if one == other:
            slope = (3 * x1 * x1 + cls.A) * pow(2 * y1, -1, cls.P)
        else:
            slope = (y2 - y1) * pow(x2 - x1, -1, cls.P)
        x = (slope * slope - x1 - x2) % cls.P
        return x, (slope * (x1 - x) - y1) % cls.P

    @classmethod
    def multiply(cls, scalar, point):
        result = point
        for bit in bin(scalar)[3:]:
            result = cls.add(result, result)
            if bit == "1":
                result = cls.add(result, point)
        return result

    @classmethod
    def public_key(cls, point):
        """The SubjectPublicKeyInfo of a point."""
        head = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
        return head + b"\x04" + b"".join(number.to_bytes(32, "big") for number in point)
