"""Fixtures: servers, clients, keys."""

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
# The tool that opens ciphertexts without Trent lies in a directory of its own.
sys.path[:0] = [str(HERE), str(HERE / "decrypt")]

from every_key import EveryKey  # noqa: E402
from identities import Callers, World, found  # noqa: E402
from trent import Trent  # noqa: E402


@pytest.fixture(scope="session")
def trent(tmp_path_factory):
    """One server for all tests that leave nothing behind which others mind."""
    server = Trent(tmp_path_factory.mktemp("shared") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture
def start(tmp_path):
    """Starts servers of a test's own; they are stopped behind it."""
    servers = []

    def start_one(*arguments, data_dir=None, **options):
        listen = options.pop("listen", "127.0.0.1:0")
        server = Trent(data_dir or tmp_path / f"data{len(servers)}", *arguments, **options)
        servers.append(server)
        return server.start(listen)

    yield start_one
    for server in servers:
        if server.running():
            assert server.stop() == 0


@pytest.fixture(scope="session")
def kms(trent):
    return trent.client()


@pytest.fixture(scope="session")
def raw(trent):
    """A client that checks nothing itself, so that the server's own checks are reached."""
    return trent.client(parameter_validation=False)


@pytest.fixture
def key(kms):
    """A new symmetric key, by id."""
    return kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.fixture(scope="session")
def every_key(kms):
    """One key of each kind."""
    keys = EveryKey(kms)
    yield keys
    keys.close()


@pytest.fixture(scope="session")
def world(trent):
    """The first account, and whoever is needed in it."""
    return World(trent, trent.client("iam"))


@pytest.fixture(scope="session")
def elsewhere(trent, world):
    """Another account."""
    return found(trent, world)


@pytest.fixture(scope="session")
def callers(trent, world):
    """Makes identities of the first account, with clients of theirs."""
    return Callers(trent, world)


@pytest.fixture(scope="session")
def strangers(trent, elsewhere):
    """Makes identities of another account."""
    return Callers(trent, elsewhere)
