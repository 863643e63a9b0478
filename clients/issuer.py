"""An OpenID Connect provider on this machine, for tests: what it publishes, and tokens of its making."""

import base64
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from certificates import key_pem, pem

HASHES = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}
WIDTHS = {"P-256": 32, "P-384": 48}


def encode(data):
    if not isinstance(data, bytes):
        data = json.dumps(data).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, width=None):
    return encode(value.to_bytes(width or (value.bit_length() + 7) // 8, "big"))


def new_key(algorithm):
    """A private key for an algorithm."""
    if algorithm.startswith(("RS", "PS")):
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    curves = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1}
    return ec.generate_private_key(curves[algorithm]()) if algorithm in curves else ed25519.Ed25519PrivateKey.generate()


def public(key):
    """The public half as a JSON Web Key."""
    half = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        numbers = half.public_numbers()
        return {"kty": "RSA", "n": number(numbers.n), "e": number(numbers.e)}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        numbers, curve = half.public_numbers(), "P-" + key.curve.name[4:7]
        width = WIDTHS[curve]
        return {"kty": "EC", "crv": curve, "x": number(numbers.x, width), "y": number(numbers.y, width)}
    return {"kty": "OKP", "crv": "Ed25519", "x": encode(half.public_bytes_raw())}


def sign(key, algorithm, message):
    if algorithm == "none":
        return b""
    if algorithm == "EdDSA":
        return key.sign(message)
    digest = HASHES[algorithm[2:]]()
    if algorithm.startswith("HS"):
        # What everybody knows, in the place of a secret.
        half = key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        mac = hmac.HMAC(half, digest)
        mac.update(message)
        return mac.finalize()
    if algorithm.startswith("RS"):
        return key.sign(message, padding.PKCS1v15(), digest)
    if algorithm.startswith("PS"):
        return key.sign(message, padding.PSS(padding.MGF1(digest), digest.digest_size), digest)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(digest)))
    width = (key.curve.key_size + 7) // 8
    return r.to_bytes(width, "big") + s.to_bytes(width, "big")


class Issuer:
    """A provider; with an authority it is spoken to over TLS."""

    def __init__(self, authority=None, directory=None, algorithm="ES256"):
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                issuer.requests.append(self.path)
                issuer.answers.get(self.path, not_found)(self)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        if authority:
            certificate, key = authority.issue("127.0.0.1")
            file = directory / f"issuer-{self.server.server_port}.pem"
            file.write_bytes(pem(certificate) + key_pem(key))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(file)
            self.server.socket = context.wrap_socket(
                self.server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.place = f"127.0.0.1:{self.server.server_port}"
        self.url = f"{'https' if authority else 'http'}://{self.place}"
        self.requests = []
        self.algorithm, self.serial = algorithm, 0
        self.answers = {
            "/.well-known/openid-configuration": answering(
                lambda: {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
            ),
            "/keys": answering(lambda: {"keys": self.published}),
        }
        self.rotate()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def rotate(self):
        """A new key in the place of the old one."""
        self.serial += 1
        self.key, self.key_id = new_key(self.algorithm), f"key-{self.serial}"
        self.published = [{**public(self.key), "kid": self.key_id, "use": "sig"}]

    def claims(self, **changes):
        now = int(time.time())
        claims = {"iss": self.url, "sub": "repo:team/app", "aud": "trent", "iat": now, "exp": now + 300, **changes}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, header=None, key=None, **changes):
        header = {"alg": self.algorithm, "kid": self.key_id, "typ": "JWT", **(header or {})}
        message = f"{encode(header)}.{encode(self.claims(**changes))}"
        return f"{message}.{encode(sign(key or self.key, header['alg'], message.encode()))}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


def send(handler, status, body=b"", **headers):
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    for name, value in headers.items():
        handler.send_header(name, value)
    handler.end_headers()
    try:
        handler.wfile.write(body)
    except OSError:
        pass  # Nobody has to read to the end.


def not_found(handler):
    send(handler, 404)


def answering(document):
    """Answers with what `document` says by then."""
    return lambda handler: send(handler, 200, json.dumps(document()).encode())
