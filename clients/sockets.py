"""Requests signed by botocore and sent by hand: fast, and free to say what no client would."""

import http.client
import json
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

import signing
from trent import REGION

TARGET = "TrentService."


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body) if self.body else {}

    @property
    def code(self):
        """The error's name, or nothing when it is none."""
        return self.json.get("__type") if self.status != 200 else None

    @property
    def message(self):
        said = self.json
        return said.get("message", said.get("Message"))

    @property
    def request_id(self):
        return self.headers.get("x-amzn-requestid")


class Signer(signing.Signer):
    """Signs what is sent over a wire, its Host header included."""

    def __init__(self, server, region=REGION, service="kms"):
        super().__init__(server, region, service)
        self.region, self.service = region, service

    def headers(self, host, body, target, method="POST", path="/", at=None, **more):
        """All headers of a request with its signature."""
        plain = {"Host": host, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
        plain |= {name.replace("_", "-"): value for name, value in more.items()}
        return self.sign(f"http://{host}{path}", body, plain, method, at)


class Wire:
    """One connection that is kept open, and opened again when the server ended it."""

    def __init__(self, server, signer, timeout=30):
        self.host = urlsplit(server.endpoint).netloc
        self.signer = signer
        self.connection = http.client.HTTPConnection(self.host, timeout=timeout)

    def call(self, operation, **members):
        """A request of an operation; answers whatever the server says."""
        return self.post(operation, json.dumps(members).encode())

    def post(self, operation, body):
        return self.send(body, self.signer.headers(self.host, body, TARGET + operation))

    def send(self, body, headers, method="POST", path="/"):
        """A request with headers that are as they should be, or are not."""
        self.connection.request(method, path, body=body, headers=headers)
        answer = self.connection.getresponse()
        content = answer.read()
        told = {name.lower(): value for name, value in answer.getheaders()}
        if answer.will_close:
            self.connection.close()
        return Answer(answer.status, told, content)

    def close(self):
        self.connection.close()


def connect(server, timeout=5):
    """A bare socket to the server."""
    host, port = urlsplit(server.endpoint).netloc.rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=timeout)


def until_closed(stream, limit=1 << 20):
    """All that comes until the peer closes or resets."""
    received = b""
    while len(received) < limit:
        try:
            piece = stream.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        received += piece
    return received


def exchange(server, data, quiet=0.3, timeout=5):
    """All that the server says to some bytes. An end of what the client says is told only when the
    server has been quiet for a while: whoever ends early is not owed an answer."""
    received = b""
    with connect(server, timeout) as stream:
        try:
            stream.sendall(data)
        except OSError:
            pass  # refused before it was sent
        stream.settimeout(quiet)
        try:
            while piece := stream.recv(65536):
                received += piece
            return received
        except ConnectionError:
            return received
        except TimeoutError:
            stream.settimeout(timeout)
        try:
            stream.shutdown(socket.SHUT_WR)
        except OSError:
            return received
        return received + until_closed(stream)


def one_answer(stream):
    """The next answer on a bare socket."""
    answer = http.client.HTTPResponse(stream)
    answer.begin()
    told = {name.lower(): value for name, value in answer.getheaders()}
    return Answer(answer.status, told, answer.read())


def head(headers, method="POST", path="/", version="HTTP/1.1"):
    """The bytes of a request's head."""
    lines = [f"{method} {path} {version}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape")
