"""Behind a proxy: whose address counts, by real requests with the proxy's headers."""

import json

import pytest
from botocore.exceptions import ClientError

from trent import ACCOUNT

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
CLIENT = "192.0.2.7"


def through(server, **headers):
    """A client whose requests come with the headers of a proxy, which nobody signs."""
    kms = server.client()

    def add(request, **_):
        for name, value in headers.items():
            request.headers[name.replace("_", "-")] = value

    kms.meta.events.register("before-send.kms", add)
    return kms


def asked_from(server, address, **more):
    return through(server, X_Forwarded_For=address, **more)


def key_for(kms, **condition):
    """A key that may be described where a condition holds, and changed from anywhere."""
    may = {"Effect": "Allow", "Principal": {"AWS": ROOT}, "Resource": "*"}
    statements = [
        {**may, "NotAction": "kms:DescribeKey"},
        {**may, "Action": "kms:DescribeKey", "Condition": condition},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return kms.create_key(Policy=policy)["KeyMetadata"]["KeyId"]


def may_describe(kms, key):
    try:
        kms.describe_key(KeyId=key)
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        return False


@pytest.fixture(params=["127.0.0.1", "::1"])
def server(start, request):
    """A server that believes this machine, by either family."""
    listen = f"[{request.param}]:0" if ":" in request.param else f"{request.param}:0"
    return start("--trusted-proxy", "127.0.0.1,198.51.100.0/24", "--trusted-proxy", "::1/128", listen=listen)


@pytest.mark.parametrize(
    ("network", "inside", "outside"),
    [
        ("192.0.2.0/24", CLIENT, "203.0.113.1"),
        ("192.0.2.0/24", f"203.0.113.1, {CLIENT}, 198.51.100.9", f"{CLIENT}, 203.0.113.1, 198.51.100.9"),
        ("192.0.2.0/24", f"::ffff:{CLIENT}", "::1"),
        ("2001:db8::/32", "2001:db8::7", "2001:db9::7"),
        ("2001:db8::/32", "[2001:db8::7]:443", CLIENT),
    ],
)
def test_the_address_that_the_proxy_names_counts(server, network, inside, outside):
    kms = server.client()
    allowed = key_for(kms, IpAddress={"aws:SourceIp": network})
    assert may_describe(asked_from(server, inside), allowed)
    assert not may_describe(asked_from(server, outside), allowed)
    # Without the header it is the proxy itself that asks.
    assert not may_describe(kms, allowed)
    denied = key_for(kms, NotIpAddress={"aws:SourceIp": network})
    assert not may_describe(asked_from(server, inside), denied)
    assert may_describe(asked_from(server, outside), denied)


def test_the_trail_names_the_client(server):
    kms = asked_from(server, f"2001:db8::7, {CLIENT}")
    answer = kms.list_keys()["ResponseMetadata"]["RequestId"]
    (record,) = [record for record in server.records() if record["requestID"] == answer]
    assert record["sourceIPAddress"] == CLIENT


def test_a_proxy_that_cannot_be_understood_is_not_served(server):
    for bad in ["unknown", f"{CLIENT},", "nonsense, 198.51.100.9"]:
        with pytest.raises(ClientError) as refused:
            asked_from(server, bad).list_keys()
        error = refused.value.response["Error"]
        assert error["Code"] == "ValidationException", bad
        assert error["Message"] == "The header x-forwarded-for that a proxy has sent is malformed."
    # What the client itself has made up is not looked at.
    asked_from(server, f"nonsense, {CLIENT}").list_keys()


def test_the_proxy_says_whether_its_client_came_by_tls(server):
    secure = key_for(server.client(), Bool={"aws:SecureTransport": "true"})
    for proto, expected in [("https", True), ("http", False), ("https, http", False), (None, False)]:
        headers = {"X_Forwarded_Proto": proto} if proto else {}
        assert may_describe(asked_from(server, CLIENT, **headers), secure) is expected, proto


@pytest.mark.parametrize("arguments", [[], ["--trusted-proxy", "198.51.100.0/24"]])
def test_of_everybody_else_the_headers_mean_nothing(start, arguments):
    server = start(*arguments)
    liar = asked_from(server, CLIENT, X_Forwarded_Proto="https")
    key = key_for(liar, IpAddress={"aws:SourceIp": "192.0.2.0/24"})
    assert not may_describe(liar, key)
    assert may_describe(liar, key_for(liar, IpAddress={"aws:SourceIp": "127.0.0.1"}))
    assert not may_describe(liar, key_for(liar, Bool={"aws:SecureTransport": "true"}))
    asked_from(server, "nonsense").list_keys()
    assert {record["sourceIPAddress"] for record in server.records()} == {"127.0.0.1"}
