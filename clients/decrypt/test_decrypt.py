"""Runs decrypt.py over the vectors that the Rust implementation is held to as well."""

import base64
import json
import pathlib
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidTag

from decrypt import HEADER, decrypt

HERE = pathlib.Path(__file__).parent
VECTORS = sorted((HERE / "../../crates/crypto/tests/vectors/ciphertext").resolve().glob("*.json"))


def load(path):
    vector = json.loads(path.read_text(encoding="utf-8"))
    return vector, *(bytes.fromhex(vector[name]) for name in ("material", "blob", "plaintext"))


def test_there_are_vectors():
    assert len(VECTORS) >= 6


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_opens(path):
    vector, material, blob, plaintext = load(path)
    assert decrypt(material, vector["context"], blob) == plaintext


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_refuses_what_was_changed(path):
    vector, material, blob, _ = load(path)
    with pytest.raises(InvalidTag):
        decrypt(material, {**vector["context"], "one": "more"}, blob)
    for at, error in ((0, ValueError), (60, ValueError), (HEADER - 1, ValueError), (len(blob) - 1, InvalidTag)):
        bad = bytearray(blob)
        bad[at] ^= 4
        with pytest.raises(error):
            decrypt(material, vector["context"], bytes(bad))
    with pytest.raises(ValueError):
        decrypt(bytes(32), vector["context"], blob)


def test_command_line():
    vector, _, blob, plaintext = load(VECTORS[0])
    pairs = [f"{name}={value}" for name, value in vector["context"].items()]
    command = [sys.executable, HERE / "decrypt.py", vector["material"], base64.b64encode(blob).decode(), *pairs]
    assert subprocess.run(command, check=True, capture_output=True).stdout == plaintext
