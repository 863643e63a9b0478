"""Clients of years ago, each in a Python environment of its own."""

import datetime
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trent import ROOT, clean_environment

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory):
    """The Python of an environment; `./test` has made it, or it is made for this run."""

    def find(name):
        found = ROOT / "target" / f"venv-{name}"
        if not (found / "made-of").exists():
            found = tmp_path_factory.mktemp("venv") / name
            requirements = HERE / f"requirements-{name}.txt"
            install = [found / "bin" / "python", "-m", "pip", "install", "--quiet", "--no-input"]
            install += ["--disable-pip-version-check", "--requirement", requirements]
            for command in ([sys.executable, "-m", "venv", found], install):
                subprocess.run(command, stdin=subprocess.DEVNULL, check=True)
        return found / "bin" / "python"

    return find


def run(python, name, trent):
    """What the client saw."""
    ended = subprocess.run(
        [python, HERE / "old" / f"{name}.py", trent.endpoint],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        env={**clean_environment(), **trent.env(), "PYTHONWARNINGS": "ignore"},
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def check(seen, alias):
    """What every client must have seen."""
    assert seen["opened"] == "attack at dawn"
    assert seen["opened_with"] == seen["other"]
    assert seen["data_key"] == seen["data_key_again"] != ""
    assert seen["refused"] == "InvalidCiphertextException"
    assert seen["state"] == "Disabled"
    assert seen["aliases"][alias] == seen["key"]


def test_boto3_of_2017(trent, interpreter):
    seen = run(interpreter("boto3-2017"), "boto3_2017", trent)
    assert seen["versions"] == ["1.4.4", "1.5.80"]
    check(seen, "alias/boto3-2017")
    assert seen["tags"] == [{"TagKey": "a", "TagValue": "b"}]
    created = datetime.datetime.fromisoformat(seen["created"])
    assert abs(created.timestamp() - time.time()) < 60


def test_boto_of_2014(start, interpreter):
    # It has no paginators: on a server of its own one page holds everything.
    seen = run(interpreter("boto-2014"), "boto_2014", start())
    assert seen["versions"] == ["2.49.0"]
    check(seen, "alias/boto-2014")
    assert seen["missing"] == "NotFoundException"
    assert seen["random"] == 24 and seen["policy"] == "2012-10-17"
    assert seen["key"] in seen["keys"]
    assert abs(seen["created"] - time.time()) < 60
