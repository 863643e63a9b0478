"""Signatures as botocore makes them, for requests that no client would send."""

import threading
from unittest.mock import patch

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from trent import REGION

# Two threads that replaced botocore's clock at once would leave it standing still.
CLOCK = threading.Lock()


class Signer:
    """Signs as one access key: the server's first one, unless told otherwise."""

    def __init__(self, server, region=REGION, service="kms", secret=None):
        env = server.env()
        self.access_key = env["AWS_ACCESS_KEY_ID"]
        self.secret = secret or env["AWS_SECRET_ACCESS_KEY"]
        self.auth = SigV4Auth(Credentials(self.access_key, self.secret), service, region)

    def sign(self, url, body, headers, method="POST", at=None):
        """All headers of a request, signed now or as if it were another time; None leaves one out."""
        plain = {name: value for name, value in headers.items() if value is not None}
        request = AWSRequest(method=method, url=url, data=body, headers=plain)
        if at is None:
            self.auth.add_auth(request)
        else:
            with CLOCK, patch("botocore.auth.get_current_datetime", return_value=at):
                self.auth.add_auth(request)
        return dict(request.headers.items())
