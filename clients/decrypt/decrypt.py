"""Opens a Trent ciphertext without Trent, as docs/ciphertext.md specifies it.

usage: decrypt.py MATERIAL_HEX BLOB_BASE64 [NAME=VALUE ...] > plaintext
"""

import base64
import hmac
import struct
import sys

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LABEL = b"trent ciphertext v1"
FIXED, HEADER, TAG = 73, 105, 16


def derive(material, fixed):
    """SP 800-108 in counter mode with HMAC-SHA-256: an encryption key and a commitment to it."""
    info = LABEL + b"\0" + fixed + struct.pack(">I", 512)
    first, second = (hmac.digest(material, struct.pack(">I", i) + info, "sha256") for i in (1, 2))
    return first, second


def encode(context):
    """The encryption context: how many pairs, then each text behind its length, sorted by name."""
    texts = [(name.encode(), value.encode()) for name, value in context.items()]
    encoded = struct.pack(">I", len(texts))
    for text in (text for pair in sorted(texts) for text in pair):
        encoded += struct.pack(">I", len(text)) + text
    return encoded


def decrypt(material, context, blob):
    """The plaintext, or an exception when anything is not as it was."""
    if len(blob) < HEADER + TAG or blob[:2] != b"\1\1" or blob[2] > 1:
        raise ValueError("not a ciphertext of a form known here")
    header, body = blob[:HEADER], blob[HEADER:]
    key, commitment = derive(material, header[:FIXED])
    if not hmac.compare_digest(commitment, header[FIXED:]):
        raise ValueError("not a ciphertext of this key material")
    return AESGCM(key).decrypt(bytes(12), body, header + encode(context))


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    pairs = dict(pair.split("=", 1) for pair in sys.argv[3:])
    opened = decrypt(bytes.fromhex(sys.argv[1]), pairs, base64.b64decode(sys.argv[2]))
    sys.stdout.buffer.write(opened)
