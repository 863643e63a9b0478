"""Requests below the SDKs, and what refusals say."""

import http.client
import json
from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from signing import Signer
from trent import ACCOUNT, REGION

JSON = "application/x-amz-json-1.1"
NO_SUCH_KEY = "12345678-1234-4234-8234-123456789012"
# How messages end about keys that may as well not exist, and name the one that a ciphertext names.
OUT_OF_REACH = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based "
    "policy explicitly denies access"
)
OF_CIPHERTEXT = "on the resource associated with this ciphertext"


def refusal(call, **members):
    """The name and the message (empty if there is none) with which a call is refused."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    answer = caught.value.response
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 400
    return answer["Error"]["Code"], answer["Error"].get("Message", "")


def lost_key(action):
    """The refusal of a ciphertext whose key cannot be reached, for root."""
    start = f"User: arn:aws:iam::{ACCOUNT}:root is not authorized to perform: kms:{action}"
    return "AccessDeniedException", f"{start} {OF_CIPHERTEXT} {OUT_OF_REACH}"


def request_id(call, **members):
    """The id of a request, answered or refused."""
    try:
        answer = call(**members)
    except ClientError as error:
        answer = error.response
    return answer["ResponseMetadata"]["RequestId"]


def key_arn(key, region=REGION):
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/{key}"


def alias_arn(name, region=REGION):
    return f"arn:aws:kms:{region}:{ACCOUNT}:{name}"


def invalid(*clauses):
    """The message about members that break their constraints."""
    count = len(clauses)
    return f"{count} validation error{'s' if count > 1 else ''} detected: " + "; ".join(clauses)


def breaks(path, constraint, value=None):
    """One clause of such a message; members that are secret come without their value."""
    quoted = f" '{value}'" if value is not None else ""
    return f"Value{quoted} at '{path}' failed to satisfy constraint: Member must {constraint}"


def missing(path):
    return f"Value null at '{path}' failed to satisfy constraint: Member must not be null"


def signed_headers(
    trent, body, *, target, content_type=JSON, method="POST", path="/", region=REGION, secret=None, at=None
):
    """The headers of a request as botocore signs it; None leaves a header out."""
    headers = {"X-Amz-Target": target, "Content-Type": content_type}
    return Signer(trent, region, secret=secret).sign(trent.endpoint + path, body, headers, method, at)


def send(trent, headers, body=b"", method="POST", path="/"):
    """One request as it stands: status, headers (lower-case names), body, and the body's JSON."""
    connection = http.client.HTTPConnection(trent.listen_address(), timeout=30)
    try:
        connection.request(method, path, body=body, headers=headers)
        answer = connection.getresponse()
        text = answer.read()
    finally:
        connection.close()
    names = {name.lower(): value for name, value in answer.getheaders()}
    decoded = json.loads(text) if text.startswith(b"{") else None
    return SimpleNamespace(status=answer.status, headers=names, body=text, json=decoded)


def call(trent, operation, members, **options):
    """A signed request for an operation, its body made of `members` or sent as given."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    headers = signed_headers(trent, body, **{"target": f"TrentService.{operation}", **options})
    return send(trent, headers, body, options.get("method", "POST"), options.get("path", "/"))
