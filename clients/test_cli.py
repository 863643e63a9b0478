"""The AWS CLI, and the README's commands as they stand there."""

import base64
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from trent import BINARY, READY, ROOT

FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(section, language):
    """The fenced blocks of one language below a heading of the README."""
    text = (ROOT / "README.md").read_text()
    [found] = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return [block for kind, block in FENCE.findall(found) if kind == language]


@pytest.fixture
def shell(tmp_path):
    """Variables under which a shell finds `aws`, `trent`, and what stands for `cargo run`."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, script in {
        "trent": f'exec {shlex.quote(str(BINARY))} "$@"',
        # The binary is built already; `cargo run … -- serve` is to run that one.
        "cargo": 'while [ "$1" != "--" ]; do shift; done; shift; exec trent "$@"',
    }.items():
        (programs / name).write_text(f"#!/bin/sh\n{script}\n")
        (programs / name).chmod(0o755)
    (tmp_path / "home").mkdir()
    path = os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {"PATH": path, "HOME": str(tmp_path / "home"), "AWS_PAGER": "", "AWS_EC2_METADATA_DISABLED": "true"}


def run(script, cwd, env):
    """The output of a script of which no step may fail."""
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=cwd,
        env=env,
        timeout=120,
    )
    assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"
    return ended.stdout


@pytest.fixture(params=["plain", "tls"])
def toured(request, shell, tmp_path):
    """A server that was started as the README says; only its port is not the usual one."""
    settings = {"TRENT_LISTEN": "127.0.0.1:0"} | ({"TRENT_TLS_AUTO": "true"} if request.param == "tls" else {})
    [command, _] = blocks("Start it", "sh")
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=tmp_path,
            env={**shell, **settings},
        )
    line = server.stdout.readline()
    assert READY.match(line.strip()), (line, (tmp_path / "log").read_text())
    yield shell
    server.send_signal(signal.SIGTERM)
    assert server.wait(timeout=20) == 0
    server.stdout.close()


def test_the_readme_as_it_stands(toured, tmp_path):
    [_, first] = blocks("Start it", "sh")
    made = json.loads(run(first, tmp_path, toured))
    assert made["KeyMetadata"]["KeyState"] == "Enabled"

    [commands] = blocks("Sixty seconds with it", "sh")
    [program] = blocks("Sixty seconds with it", "python")
    (tmp_path / "tour.py").write_text(program)
    output = run(f"{commands}\npython tour.py && echo && echo toured", tmp_path, toured)
    assert output.endswith("attack at dawn\ntoured\n"), output


@pytest.mark.parametrize("protection", [[], ["--tls-auto"]], ids=["plain", "tls"])
def test_the_cli_needs_only_the_shared_files(start, shell, tmp_path, protection):
    server = start(*protection)
    files = {
        "AWS_CONFIG_FILE": str(server.data_dir / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(server.data_dir / "credentials"),
    }
    (tmp_path / "message").write_bytes(b"attack at dawn")
    script = """
    key=$(aws kms create-key --description first --query KeyMetadata.KeyId --output text)
    aws kms create-alias --alias-name alias/cli --target-key-id "$key"
    aws kms encrypt --key-id alias/cli --plaintext fileb://message --encryption-context a=b \
        --query CiphertextBlob --output text | base64 -d > blob
    aws kms generate-data-key --key-id alias/cli --key-spec AES_256 > data-key.json
    other=$(aws kms create-key --query KeyMetadata.KeyId --output text)
    aws kms re-encrypt --ciphertext-blob fileb://blob --source-encryption-context a=b \
        --destination-key-id "$other" --destination-encryption-context c=d > again.json
    python -c 'import base64, json; print(json.load(open("again.json"))["CiphertextBlob"])' | base64 -d > again
    aws kms decrypt --ciphertext-blob fileb://again --encryption-context c=d > opened.json
    aws kms list-aliases > aliases.json
    printf '%s %s' "$key" "$other"
    """
    key, other = run(script, tmp_path, {**shell, **files}).split()

    def read(name):
        return json.loads((tmp_path / name).read_text())

    opened = read("opened.json")
    assert base64.b64decode(opened["Plaintext"]) == b"attack at dawn"
    assert opened["KeyId"].endswith(f":key/{other}")
    assert len(base64.b64decode(read("data-key.json")["Plaintext"])) == 32
    assert read("again.json")["SourceKeyId"].endswith(f":key/{key}")
    [alias] = [found for found in read("aliases.json")["Aliases"] if found["AliasName"] == "alias/cli"]
    assert alias["TargetKeyId"] == key


def test_the_cli_tells_what_was_refused(trent, shell, tmp_path):
    ended = subprocess.run(
        ["aws", "kms", "describe-key", "--key-id", "alias/there-is-none"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**shell, **trent.env()},
    )
    assert ended.returncode != 0 and ended.stdout == ""
    assert "(NotFoundException) when calling the DescribeKey operation: Alias arn:aws:kms:" in ended.stderr
