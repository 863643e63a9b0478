"""How a server ends."""

import http.client
import json
import signal
import socket
import time

import pytest

from trent import eventually, get
from wire import signed_headers


def connect(server):
    host, port = server.listen_address().rsplit(":", 1)
    return socket.create_connection((host, int(port)), timeout=20)


def begin(server, key):
    """An Encrypt that lacks the last byte of its body; answers the connection and that byte."""
    body = json.dumps({"KeyId": key, "Plaintext": "c2VjcmV0"}).encode()
    headers = signed_headers(server, body, target="TrentService.Encrypt")
    headers |= {"host": server.listen_address(), "content-length": len(body), "expect": "100-continue"}
    connection = connect(server)
    lines = [f"{name}: {value}" for name, value in headers.items()]
    connection.sendall("\r\n".join(["POST / HTTP/1.1", *lines, "", ""]).encode())
    # The server asks for the body: so it has begun with the request.
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body[:-1])
    return connection, body[-1:]


def draining(server):
    return get(f"{server.admin}/readyz") == (503, "draining\n")


def answer(connection):
    response = http.client.HTTPResponse(connection)
    response.begin()
    return response, response.read()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_what_was_begun_is_finished_and_answered(start, how):
    server = start()
    key = server.client().create_key()["KeyMetadata"]["KeyId"]
    connection, rest = begin(server, key)
    server.process.send_signal(how)
    eventually(lambda: draining(server))
    assert get(f"{server.admin}/livez")[0] == 200
    with pytest.raises(ConnectionRefusedError):
        connect(server)
    assert server.running(), "it waits for the request"
    connection.sendall(rest)
    response, body = answer(connection)
    assert response.status == 200 and json.loads(body)["CiphertextBlob"]
    connection.close()
    assert server.process.wait(timeout=20) == 0
    assert [record["eventName"] for record in server.records()].count("Encrypt") == 1


def test_idle_connections_do_not_hold_it_up(start):
    server = start("--drain-timeout", "3600")
    idle = http.client.HTTPConnection(server.listen_address(), timeout=20)
    idle.request("GET", "/livez")
    assert idle.getresponse().read() == b"ok\n"
    silent = connect(server)
    assert server.stop() == 0
    assert silent.recv(1) == b""
    silent.close()
    idle.close()


@pytest.mark.parametrize("hurry", ["timeout", "second signal"])
def test_it_does_not_wait_for_ever(start, hurry):
    server = start("--drain-timeout", "1" if hurry == "timeout" else "3600")
    key = server.client().create_key()["KeyMetadata"]["KeyId"]
    connection, _ = begin(server, key)
    server.process.send_signal(signal.SIGTERM)
    if hurry == "second signal":
        eventually(lambda: draining(server))
        server.process.send_signal(signal.SIGTERM)
    begun = time.monotonic()
    assert server.process.wait(timeout=20) == 0
    assert time.monotonic() - begun < 15
    assert "not all requests were finished in time" in server.log()
    connection.close()


def test_a_clean_end_leaves_only_finished_audit_files(start):
    server = start()
    server.client().create_key()
    assert server.stop() == 0
    files = [path.name for path in (server.data_dir / "audit" / "AWSLogs").rglob("*") if path.is_file()]
    assert len(files) == 1 and files[0].endswith(".json.gz"), files
    assert [record["eventName"] for record in server.records()] == ["CreateKey"]
