"""What can be set, what wins, and what is refused at the start."""

import shutil
import socket
import stat
import subprocess

import boto3
import pytest

from certificates import Authority, key_pem, pem
from trent import BINARY, READY, clean_environment, get

LOOPBACK = ["--listen", "127.0.0.1:0"]


def refused(*arguments, cwd, environment=None):
    """The one line with which a start that cannot be made is refused."""
    ended = subprocess.run(
        [BINARY, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=5,
        cwd=cwd,
        env={**clean_environment(), **(environment or {})},
    )
    assert ended.returncode == 2, ended
    assert ended.stdout == ""
    assert "panicked" not in ended.stderr
    lines = [line for line in ended.stderr.splitlines() if line.startswith("trent: ")]
    assert len(lines) == 1 and ended.stderr.endswith(lines[0] + "\n"), ended.stderr
    return lines[0]


class Bare:
    """A server that is given nothing but what a test says, in a directory of its own."""

    def __init__(self, cwd, *arguments, environment=None, umask=-1):
        self.cwd = cwd
        self.process = subprocess.Popen(
            [BINARY, "serve", *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=cwd,
            umask=umask,
            env={**clean_environment(), **(environment or {})},
        )
        line = self.process.stdout.readline()
        ready = READY.match(line.strip())
        if not ready:
            raise AssertionError(f"not ready: {line}{self.process.communicate(timeout=20)}")
        self.endpoint = ready.group(1)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=20)
        assert self.process.returncode == 0

    def told(self, *arguments, environment=None):
        """What `trent env` says, by name."""
        text = subprocess.run(
            [BINARY, "env", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=True,
            cwd=self.cwd,
            env={**clean_environment(), **(environment or {})},
        ).stdout
        return dict(line.removeprefix("export ").split("=", 1) for line in text.splitlines())


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "trent --help"),
        (["nonsense"], "nonsense"),
        (["serve", "nonsense"], "nonsense"),
        (["serve", "--colour"], "--colour"),
        (["serve", "--listen"], "--listen"),
        (["serve", "--listen", "nowhere"], "nowhere"),
        (["serve", "--listen", "127.0.0.1:65536"], "65536"),
        (["serve", "--listen", "127.0.0.1"], "--listen"),
        (["serve", "--admin-listen", "nowhere"], "--admin-listen"),
        (["serve", "--region", "not a region"], "not a region"),
        (["serve", "--region", ""], "--region"),
        (["serve", "--account", "12"], "12"),
        (["serve", "--account", "00000000000x"], "00000000000x"),
        (["serve", "--store", "memory"], "memory"),
        (["serve", "--seal", "pkcs11:token"], "pkcs11:token"),
        (["serve", "--seal", "file:"], "file:"),
        (["serve", "--endpoint", "ftp://kms"], "ftp://kms"),
        (["serve", "--tls-cert", "cert.pem"], "--tls-key"),
        (["serve", "--tls-key", "key.pem"], "--tls-cert"),
        (["serve", "--tls-ca", "ca.pem"], "--tls-ca"),
        (["serve", "--tls-name", "kms.example.com"], "--tls-auto"),
        (["serve", "--tls-auto", "--tls-cert", "a", "--tls-key", "b"], "--tls-auto"),
        (["serve", "--tls-auto=perhaps"], "perhaps"),
        (["serve", "--dev=perhaps"], "perhaps"),
        (["serve", "--workers", "0"], "--workers"),
        (["serve", "--max-connections", "-1"], "-1"),
        (["serve", "--max-body-bytes", "1M"], "1M"),
        (["serve", "--drain-timeout", "soon"], "soon"),
        (["serve", "--cache-records", "0"], "--cache-records"),
        (["serve", "--log-format", "xml"], "xml"),
        (["serve", "--log-level", "trent=shouting"], "shouting"),
        # A level misspelt would else be a module's name, and everything else silent.
        (["serve", "--log-level", "inof"], "inof"),
        (["serve", "--config", "missing.toml"], "missing.toml"),
        (["serve", "--data-dir", "/dev/null/data"], "/dev/null/data"),
        (["env", "--data-dir", "nothing-here"], "nothing-here"),
        (["env", "--config", "missing.toml"], "missing.toml"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(tmp_path, arguments, named):
    # A start that should have been refused must not disturb others.
    environment = {"TRENT_LISTEN": "127.0.0.1:0"} if arguments[:1] == ["serve"] else {}
    assert named in refused(*arguments, cwd=tmp_path, environment=environment)
    assert list(tmp_path.iterdir()) == [], "nothing is made"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("TRENT_LISTEN", "nowhere"),
        ("TRENT_REGION", "not a region"),
        ("TRENT_DEV", "perhaps"),
        ("TRENT_WORKERS", "many"),
        ("TRENT_CONFIG", "missing.toml"),
    ],
)
def test_variables_are_checked_like_flags(tmp_path, variable, value):
    assert value in refused("serve", cwd=tmp_path, environment={variable: value})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1\n", "colour"),
        ("listen = '127.0.0.1:0'\nworkers = 0\n", "line 2"),
        ("listen = 'nowhere'\n", "nowhere"),
        ("dev = 'yes'\n", "line 1"),
        ("region = [1]\n", "line 1"),
        ("region = 'us-east-1\n", "line 1"),
        ("dev = true\ndev = true\n", "line 2"),
        ("\xff", "trent.toml"),
    ],
)
def test_a_mistake_in_the_file_is_told_with_its_place(tmp_path, text, named):
    file = tmp_path / "trent.toml"
    file.write_bytes(text.encode("latin-1"))
    line = refused("serve", "--config", file, cwd=tmp_path)
    assert named in line and "trent.toml" in line


def test_only_tls_may_be_reached_from_elsewhere(tmp_path):
    for address in ("0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:0.0.0.0]:0"):
        assert "TLS" in refused("serve", "--listen", address, cwd=tmp_path)
        assert "TLS" in refused("serve", *LOOPBACK, "--listen", address, cwd=tmp_path)
    assert "--dev" in refused("serve", "--listen", "0.0.0.0:0", "--tls-auto", "--dev", cwd=tmp_path)
    assert list(tmp_path.iterdir()) == [], "nothing is made"
    with Bare(tmp_path, "--listen", "0.0.0.0:0", "--tls-auto") as server:
        # What clients are told is an address that they can connect to.
        assert server.endpoint.startswith("https://127.0.0.1:")


def test_an_address_that_is_taken_is_refused(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        assert address in refused("serve", "--listen", address, cwd=tmp_path)
        assert address in refused("serve", *LOOPBACK, "--admin-listen", address, cwd=tmp_path)
    assert not (tmp_path / "trent-data").exists()


def test_certificates_that_cannot_be_used_are_refused(tmp_path):
    authority = Authority()
    certificate, key = authority.issue("127.0.0.1")
    good_cert, good_key = tmp_path / "cert.pem", tmp_path / "key.pem"
    other_key, empty = tmp_path / "other.pem", tmp_path / "empty.pem"
    good_cert.write_bytes(pem(certificate))
    good_key.write_bytes(key_pem(key))
    other_key.write_bytes(key_pem(authority.key))
    empty.write_bytes(b"")
    for cert, key_file, named in (
        (tmp_path / "missing.pem", good_key, "missing.pem"),
        (good_cert, tmp_path / "missing.pem", "missing.pem"),
        (empty, good_key, "empty.pem"),
        (good_cert, empty, "empty.pem"),
        (good_cert, other_key, "certificate"),
    ):
        flags = ["--tls-cert", cert, "--tls-key", key_file]
        assert named in refused("serve", *LOOPBACK, *flags, cwd=tmp_path)


def test_a_flag_wins_over_a_variable_over_the_file_over_the_default(tmp_path):
    file = tmp_path / "trent.toml"
    file.write_text("listen = '127.0.0.1:0'\nregion = ['eu-west-1', 'eu-west-2']\ndata-dir = 'd'\nworkers = 1\n")
    with_file = {"TRENT_CONFIG": str(file)}
    with_variable = {**with_file, "TRENT_REGION": "ap-south-1,ap-south-2"}
    for flags, environment, expected in (
        (["--region", "sa-east-1"], with_variable, "sa-east-1"),
        ([], with_variable, "ap-south-1"),
        ([], with_file, "eu-west-1"),
    ):
        with Bare(tmp_path, *flags, environment=environment) as server:
            assert server.told(environment=with_file)["AWS_REGION"] == expected
    with Bare(tmp_path, *LOOPBACK, "--data-dir", "d") as server:
        assert server.told("--data-dir", "d")["AWS_REGION"] == "us-east-1"
    assert not (tmp_path / "trent-data").exists()


def test_everything_can_come_from_variables(tmp_path):
    environment = {
        "TRENT_LISTEN": "127.0.0.1:0",
        "TRENT_DATA_DIR": "elsewhere",
        "TRENT_SEAL": "file:seals/mine",
        "TRENT_TLS_AUTO": "true",
        "TRENT_ENDPOINT": "https://localhost:1234",
        "TRENT_ACCOUNT": "111122223333",
    }
    (tmp_path / "seals").mkdir()
    with Bare(tmp_path, environment=environment) as server:
        assert server.endpoint == "https://localhost:1234"
        told = server.told(environment=environment)
    assert told["AWS_ENDPOINT_URL_KMS"] == "https://localhost:1234"
    assert told["AWS_CA_BUNDLE"] == str(tmp_path / "elsewhere" / "ca.pem")
    assert (tmp_path / "seals" / "mine").exists() and not (tmp_path / "elsewhere" / "seal.key").exists()


def test_the_data_directory_is_its_owners_alone(tmp_path):
    with Bare(tmp_path, *LOOPBACK, "--tls-auto", umask=0):
        data = tmp_path / "trent-data"
        found = [data, *data.rglob("*")]
        modes = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in found}
    for name in ("credentials", "config", "seal.key", "ca.key"):
        assert modes[f"trent-data/{name}"] == 0o600, name
    assert modes["trent-data"] == 0o700
    assert [name for name, mode in modes.items() if mode & 0o077] == []


def test_a_data_directory_may_have_any_name(start, tmp_path, monkeypatch):
    server = start("--tls-auto", data_dir=tmp_path / "it's $(a) \"d i r\"; #ü %(x)s")
    key = server.client().create_key()["KeyMetadata"]["KeyId"]
    # What a machine sets for itself would win over the files.
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(server.data_dir / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(server.data_dir / "credentials"))
    kms = boto3.session.Session().client("kms")
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key


def test_a_second_process_on_the_same_directory_is_refused(start, tmp_path):
    server = start()
    line = refused("serve", *LOOPBACK, "--data-dir", server.data_dir, cwd=tmp_path)
    assert "another process" in line or "in use" in line
    assert server.client().list_keys()["Keys"] == []


def test_a_restart_keeps_keys_and_credentials(start):
    server = start()
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"attack at dawn")["CiphertextBlob"]
    env, credentials = server.env(), (server.data_dir / "credentials").read_bytes()
    server.restart()
    assert server.env() == env
    assert (server.data_dir / "credentials").read_bytes() == credentials
    assert server.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"attack at dawn"


def test_another_address_is_told_to_clients(start):
    server = start()
    before = server.env()
    assert server.stop() == 0
    server.start()
    after = server.env()
    assert after["AWS_ENDPOINT_URL_KMS"] == server.endpoint != before["AWS_ENDPOINT_URL_KMS"]
    assert after["AWS_ACCESS_KEY_ID"] == before["AWS_ACCESS_KEY_ID"]


def test_without_its_seal_a_directory_stays_closed(start, tmp_path):
    server = start()
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert server.stop() == 0
    seal, kept = server.data_dir / "seal.key", tmp_path / "kept"
    shutil.move(seal, kept)
    arguments = ["serve", *LOOPBACK, "--data-dir", server.data_dir]
    assert "seal.key" in refused(*arguments, cwd=tmp_path)
    assert not seal.exists(), "no other seal is made"

    (tmp_path / "other").mkdir()
    with Bare(tmp_path / "other", *LOOPBACK):
        pass
    other = tmp_path / "other" / "trent-data" / "seal.key"
    assert "seal" in refused(*arguments, "--seal", f"file:{other}", cwd=tmp_path)
    broken = tmp_path / "broken"
    broken.write_bytes(kept.read_bytes()[:-5])
    assert "seal" in refused(*arguments, "--seal", f"file:{broken}", cwd=tmp_path)
    assert str(tmp_path) in refused(*arguments, "--seal", f"file:{tmp_path}", cwd=tmp_path)

    server.arguments = ["--seal", f"file:{kept}"]
    server.start()
    assert server.client().describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_a_directory_keeps_to_its_account(start, tmp_path):
    server = start("--account", "111122223333")
    arn = server.client().create_key()["KeyMetadata"]["Arn"]
    assert arn.startswith("arn:aws:kms:us-east-1:111122223333:key/")
    assert server.stop() == 0
    arguments = ["serve", *LOOPBACK, "--data-dir", server.data_dir]
    assert "111122223333" in refused(*arguments, "--account", "444455556666", cwd=tmp_path)
    server.arguments = []
    server.start()
    assert server.client().describe_key(KeyId=arn)["KeyMetadata"]["AWSAccountId"] == "111122223333"


def test_several_addresses_are_listened_on(start):
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as free:
            second = f"[::1]:{free.getsockname()[1]}"
    except OSError:
        pytest.skip("this machine has no IPv6")
    server = start("--listen", second)
    assert server.endpoint.startswith("http://127.0.0.1:"), "the first is what clients are told"
    assert get(f"{server.endpoint}/livez")[0] == get(f"http://{second}/livez")[0] == 200
