"""The AWS CLI as an operator has it: a config file with profiles, and nothing else."""

import json
import os
import subprocess
import sys

from trent import REGION


class Aws:
    """The CLI with a home of its own below `directory`."""

    def __init__(self, trent, directory):
        directory.mkdir()
        self.endpoint = trent.endpoint
        self.config = directory / "config"
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "AWS_CONFIG_FILE": str(self.config),
            "AWS_SHARED_CREDENTIALS_FILE": str(directory / "credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def profile(self, name, **settings):
        """Writes a profile; answers its name."""
        settings = {"region": REGION, "endpoint_url": self.endpoint, **settings}
        lines = [f"[profile {name}]", *(f"{key} = {value}" for key, value in settings.items())]
        with self.config.open("a") as config:
            config.write("\n".join(lines) + "\n\n")
        return name

    def signing(self, name, key):
        """A profile that signs with an access key, or with credentials of STS."""
        given = {
            "aws_access_key_id": key["AccessKeyId"],
            "aws_secret_access_key": key["SecretAccessKey"],
            "aws_session_token": key.get("SessionToken"),
        }
        return self.profile(name, **{key: value for key, value in given.items() if value})

    def __call__(self, profile, *command):
        """What a command answers."""
        ended = self._run(profile, command)
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout) if ended.stdout else None

    def refused(self, profile, *command):
        """What a command that is refused says."""
        ended = self._run(profile, command)
        assert ended.returncode in (254, 255), (ended.stdout, ended.stderr)
        return ended.stderr.strip()

    def _run(self, profile, command):
        command = [sys.executable, "-m", "awscli", "--profile", profile, *map(str, command)]
        return subprocess.run(
            command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120
        )
