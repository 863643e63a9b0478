"""What the tests of IAM have in common."""

import json

import pytest
from botocore.exceptions import ClientError

from identities import unique
from trent import ACCOUNT


def document(*statements):
    """A policy of these (effect, action, resource)."""
    statements = [
        {"Effect": effect, "Action": action, "Resource": resource} for effect, action, resource in statements
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def text(*statements):
    return json.dumps(document(*statements))


ALL = text(("Allow", "*", "*"))


def arn(kind, name, path="/", account=ACCOUNT):
    return f"arn:aws:iam::{account}:{kind}{path}{name}"


def refused(call, code, status, message=None, **arguments):
    """Makes a call that must be refused just so; answers the message."""
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    error = caught.value.response
    seen = (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"])
    assert seen == (code, status), error
    if message is not None:
        assert error["Error"]["Message"] == message
    return error["Error"]["Message"]


def missing(call, message, **arguments):
    refused(call, "NoSuchEntity", 404, message, **arguments)


class Person:
    """A user with an access key."""

    def __init__(self, trent, iam, **arguments):
        self.trent = trent
        self.name = unique("person")
        self.user = iam.create_user(UserName=self.name, **arguments)["User"]
        self.key = iam.create_access_key(UserName=self.name)["AccessKey"]

    def client(self, service="iam"):
        return self.trent.client(service, credentials=self.key)
