"""A real server in a process of its own, for tests."""

import json
import os
import re
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BINARY = Path(os.environ.get("TRENT_BINARY", ROOT / "target" / "debug" / "trent"))
REGION = "us-east-1"
ACCOUNT = "000000000000"
READY = re.compile(r"^trent: ready at (https?://\S+)$")
ADMIN = re.compile(r"serving metrics.*?address=(\S+)")


class StartFailure(Exception):
    """The server ended before it was ready."""

    def __init__(self, code, output):
        super().__init__(f"exit code {code}: {output}")
        self.code = code
        self.output = output


class Trent:
    """A server over one data directory; it may be stopped, killed and started again."""

    def __init__(self, data_dir, *arguments, environment=None):
        self.data_dir = Path(data_dir)
        self.arguments = [str(argument) for argument in arguments]
        self.environment = environment or {}
        self.log_path = self.data_dir.with_name(self.data_dir.name + ".log")
        self.process = None
        self.endpoint = None
        self.admin = None

    def start(self, listen="127.0.0.1:0"):
        """Starts the server and waits until it says that it is ready."""
        command = [BINARY, "serve", "--data-dir", self.data_dir, "--listen", listen]
        command += ["--admin-listen", "127.0.0.1:0", *self.arguments]
        log = self.log_path.open("ab")
        offset = self.log_path.stat().st_size
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**clean_environment(), **self.environment},
        )
        log.close()
        output = []
        for line in self.process.stdout:
            output.append(line)
            if ready := READY.match(line.strip()):
                self.endpoint = ready.group(1)
                told = plain(self.log_path.read_bytes()[offset:])
                self.admin = f"http://{ADMIN.search(told).group(1)}"
                return self
        code = self.process.wait()
        told = plain(self.log_path.read_bytes()[offset:])
        raise StartFailure(code, "".join(output) + told)

    def stop(self):
        """SIGTERM; answers the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self._ended()

    def kill(self):
        """SIGKILL: as if the power went, for the process."""
        self.process.kill()
        return self._ended()

    def restart(self):
        """A clean stop and a start on the same address."""
        assert self.stop() == 0
        return self.start(self.listen_address())

    def listen_address(self):
        return self.endpoint.split("://", 1)[1]

    def running(self):
        return self.process is not None and self.process.poll() is None

    def _ended(self):
        code = self.process.wait(timeout=60)
        self.process.stdout.close()
        return code

    def env(self):
        """What `trent env` tells a shell."""
        text = subprocess.run(
            [BINARY, "env", "--data-dir", self.data_dir],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            env=clean_environment(),
        ).stdout
        # A shell takes the quotes off, so that they are tested too.
        script = text + "\nenv -0"
        shell = subprocess.run(
            ["sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": os.environ["PATH"]}
        )
        pairs = dict(pair.split("=", 1) for pair in shell.stdout.split("\0") if "=" in pair)
        return {name: value for name, value in pairs.items() if name.startswith("AWS_")}

    def client(self, service="kms", region=REGION, credentials=None, **config):
        """A boto3 client as a user would have it, with retries off unless told otherwise.

        It is the root user's, or whose these credentials of STS, or this access key, are.
        """
        import boto3
        from botocore.config import Config

        env = self.env()
        root = {"AccessKeyId": env["AWS_ACCESS_KEY_ID"], "SecretAccessKey": env["AWS_SECRET_ACCESS_KEY"]}
        credentials = credentials or root
        settings = {"retries": {"total_max_attempts": 1}, "read_timeout": 30, "connect_timeout": 10, **config}
        return boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials.get("SessionToken"),
            verify=env.get("AWS_CA_BUNDLE"),
            config=Config(**settings),
        )

    def metrics(self):
        """All samples of the metrics endpoint, by name with labels."""
        samples = {}
        for line in get(f"{self.admin}/metrics")[1].splitlines():
            if line and not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                samples[name] = float(value)
        return samples

    def log(self):
        return plain(self.log_path.read_bytes())

    def records(self):
        """All audit records, of finished and of open files, in no order across files."""
        return list(audit_records(self.data_dir / "audit" / "AWSLogs"))


def audit_records(directory):
    import gzip

    for path in sorted(Path(directory).rglob("*_CloudTrail_*")):
        if path.name.endswith(".json.gz"):
            yield from json.loads(gzip.decompress(path.read_bytes()))["Records"]
        elif path.name.endswith(".json"):
            yield from json.loads(path.read_text())["Records"]
        elif path.name.endswith(".open"):
            text = path.read_text()
            if text:
                yield from json.loads(text.rstrip("\x00\n, ") + "]}")["Records"]


def clean_environment():
    """Nothing of the machine's own AWS or Trent settings reaches a test."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TRENT_"))}


def plain(log):
    """A log without its colours."""
    return re.sub(r"\x1b\[[0-9;]*m", "", log.decode(errors="replace"))


def get(url, timeout=10):
    """Status and text of a GET."""
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def eventually(condition, seconds=20, what="it"):
    """Waits until `condition` answers something true, and answers that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.02)
    raise AssertionError(f"{what} did not come true within {seconds} s")
