"""Requests signed by hand, for what no client library lets one do."""

import datetime
import hashlib
import hmac
import json

from trent import REGION


def signed_headers(endpoint, environment, operation, body, at=None):
    """The headers of a request that was signed at `at`, which is now unless told otherwise."""
    at = at or datetime.datetime.now(datetime.timezone.utc)
    time = at.strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": endpoint.split("://", 1)[1],
        "x-amz-date": time,
        "x-amz-target": f"TrentService.{operation}",
    }
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{time[:8]}/{REGION}/kms/aws4_request"
    to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + environment["AWS_SECRET_ACCESS_KEY"]).encode()
    for part in [*scope.split("/"), to_sign]:
        key = hmac.digest(key, part.encode(), "sha256")
    credential = f"{environment['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={key.hex()}"
    )
    return headers


def body_of(members):
    return json.dumps(members).encode()
