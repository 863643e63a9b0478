"""A server that lives years in minutes: its clock is moved, and it is killed in between."""

import datetime
import json
import urllib.request

from trent import Trent

DAY = 86_400


class Life:
    """A server whose clock is moved, with the distance it has come, which outlives the server."""

    def __init__(self, data_dir, *arguments):
        self.server = Trent(data_dir, "--dev", *arguments).start()
        self.passed = 0

    def pass_time(self, days):
        """So many days pass; answers when all that came due was done."""
        return self.pass_seconds(days * DAY)

    def pass_seconds(self, seconds):
        self.passed += seconds
        return self._advance(seconds)

    def down_for(self, days):
        """The server is killed, and started again when that many days have passed."""
        assert self.server.kill() != 0
        self.passed += days * DAY
        self.start()

    def start(self):
        """A new process: its clock is that of the world, and what passed before passes at once."""
        self.server.start(self.server.listen_address())
        self._advance(self.passed)

    def _advance(self, seconds):
        body = json.dumps({"advance_seconds": seconds}).encode()
        request = urllib.request.Request(f"{self.server.endpoint}/_trent/clock", data=body, method="POST")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())

    def events(self, name):
        return [record for record in self.server.records() if record["eventName"] == name]


def days_apart(later, earlier):
    return (later - earlier) / datetime.timedelta(days=1)
