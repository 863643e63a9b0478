"""What no client sends: to be refused by name, at once, and without a trace in the state."""

import base64
import collections
import json
import os
import re
import resource
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from mutants import CANARY, MODEL, Breeder, documented
from trent import ROOT, audit_records, eventually, get
from sockets import TARGET, Signer, Wire, connect, exchange, head, one_answer, until_closed

IDLE = 2000
# A mutant may well ask for an RSA key, which takes seconds on a busy machine.
PATIENCE = 60
RANDOM = b'{"NumberOfBytes":16}'
SIGNATURE = "InvalidSignatureException"
INCOMPLETE = "IncompleteSignatureException"
MISSING = "MissingAuthenticationTokenException"
UNKNOWN_KEY = "UnrecognizedClientException"
SERIALIZATION = "SerializationException"


@pytest.fixture(scope="module")
def signer(trent):
    return Signer(trent)


@pytest.fixture
def wire(trent, signer):
    wire = Wire(trent, signer, timeout=PATIENCE)
    yield wire
    # Whatever was sent, the next one is served.
    wire.close()
    assert wire.call("GenerateRandom", NumberOfBytes=16).status == 200
    wire.close()


@pytest.fixture(autouse=True, scope="module")
def sound_behind_all(trent, signer):
    """After all of this the server has not panicked, has told no secret, and has failed at nothing."""
    yield
    log = trent.log()
    assert "panicked" not in log
    assert signer.secret not in log
    assert not [name for name in trent.metrics() if "KMSInternalException" in name]


def swapped(old, new):
    """A change of the Authorization header."""

    def change(headers):
        assert old in headers["Authorization"]
        headers["Authorization"] = headers["Authorization"].replace(old, new)

    return change


def signature(change):
    """A change of the signature itself."""

    def change_it(headers):
        start, signature = headers["Authorization"].split("Signature=")
        headers["Authorization"] = f"{start}Signature={change(signature)}"

    return change_it


def header(name, value):
    """A header that is set, or taken away, behind the signer's back."""

    def change(headers):
        headers.pop(name, None)
        if value is not None:
            headers[name] = value

    return change


def without(part):
    """The Authorization header without one of its parts."""

    def change(headers):
        scheme, parts = headers["Authorization"].split(" ", 1)
        rest = [text for text in parts.split(", ") if not text.startswith(part)]
        headers["Authorization"] = f"{scheme} {', '.join(rest)}"

    return change


def other_credential(change):
    """The Credential with its five parts changed."""

    def change_it(headers):
        found = re.search(r"Credential=([^,]+)", headers["Authorization"]).group(1)
        headers["Authorization"] = headers["Authorization"].replace(found, "/".join(change(found.split("/"))))

    return change_it


def put(index, value):
    return lambda parts: [value if place == index else part for place, part in enumerate(parts)]


TAMPERED = {
    "the last digit of the signature": (signature(lambda s: s[:-1] + ("0" if s[-1] != "0" else "1")), SIGNATURE),
    "the first digit of the signature": (signature(lambda s: ("0" if s[0] != "0" else "1") + s[1:]), SIGNATURE),
    "a signature in capitals": (signature(lambda _: "ABCDEF01" * 8), SIGNATURE),
    "a short signature": (signature(lambda s: s[:-1]), SIGNATURE),
    "a long signature": (signature(lambda s: s + "0"), SIGNATURE),
    "a huge signature": (signature(lambda s: s * 100), SIGNATURE),
    "an empty signature": (signature(lambda _: ""), (SIGNATURE, INCOMPLETE)),
    "a signature of zeros": (signature(lambda _: "0" * 64), SIGNATURE),
    "a signature that is none": (signature(lambda _: "z" * 64), SIGNATURE),
    "another target": (header("X-Amz-Target", TARGET + "CreateKey"), SIGNATURE),
    "no target": (header("X-Amz-Target", None), SIGNATURE),
    "another host": (header("Host", "kms.us-east-1.amazonaws.com"), SIGNATURE),
    "another content type": (header("Content-Type", "application/x-amz-json-1.0"), SIGNATURE),
    "another second": (lambda headers: header("X-Amz-Date", later(headers["X-Amz-Date"]))(headers), SIGNATURE),
    "a date that is none": (header("X-Amz-Date", "yesterday"), (SIGNATURE, INCOMPLETE)),
    "a thirteenth month": (header("X-Amz-Date", "20261324T000000Z"), (SIGNATURE, INCOMPLETE)),
    "no date": (header("X-Amz-Date", None), INCOMPLETE),
    "an unsigned header that must be signed": (header("X-Amz-Meta", "x"), SIGNATURE),
    "an unsigned token": (header("X-Amz-Security-Token", "x"), SIGNATURE),
    "another Region": (swapped("/us-east-1/", "/eu-central-1/"), SIGNATURE),
    "no Region": (swapped("/us-east-1/", "//"), SIGNATURE),
    "another service": (swapped("/kms/", "/s3/"), SIGNATURE),
    "another terminator": (swapped("aws4_request", "aws3_request"), SIGNATURE),
    "another day": (other_credential(put(1, "20200101")), SIGNATURE),
    "a day that is none": (other_credential(put(1, "x")), SIGNATURE),
    "a credential of four parts": (other_credential(lambda parts: parts[:4]), (SIGNATURE, INCOMPLETE)),
    "a credential of six parts": (other_credential(lambda parts: [*parts, "x"]), (SIGNATURE, INCOMPLETE)),
    "an unknown access key": (other_credential(put(0, "AKIAIOSFODNN7EXAMPLE")), UNKNOWN_KEY),
    "an access key that is a path": (other_credential(put(0, "..%2fmeta%2froot-key")), UNKNOWN_KEY),
    "no access key": (other_credential(put(0, "")), (UNKNOWN_KEY, INCOMPLETE, SIGNATURE)),
    "a long access key": (other_credential(put(0, "A" * 10_000)), UNKNOWN_KEY),
    "no authorization": (header("Authorization", None), MISSING),
    "an empty authorization": (header("Authorization", ""), (MISSING, INCOMPLETE)),
    "another scheme": (header("Authorization", "Basic dXNlcjpwYXNzd29yZA=="), (MISSING, INCOMPLETE)),
    "another algorithm": (swapped("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"), INCOMPLETE),
    "the algorithm alone": (header("Authorization", "AWS4-HMAC-SHA256"), INCOMPLETE),
    "no credential": (without("Credential"), INCOMPLETE),
    "no signed headers": (without("SignedHeaders"), INCOMPLETE),
    "no signature": (without("Signature"), INCOMPLETE),
    "a part without a value": (swapped("Credential=", "Credential"), INCOMPLETE),
    "the host unsigned": (swapped("content-type;host;", "content-type;"), SIGNATURE),
    "the target unsigned": (swapped(";x-amz-target", ""), SIGNATURE),
    "a header signed that is not there": (swapped(";x-amz-target", ";x-amz-target;x-amz-z"), SIGNATURE),
    "headers signed out of order": (swapped("content-type;host", "host;content-type"), SIGNATURE),
    "bytes that are no text": (header("Authorization", "AWS4-HMAC-SHA256 \xff\xfe"), (MISSING, INCOMPLETE)),
}


def later(date):
    return f"{date[:-3]}{(int(date[-3:-1]) + 1) % 60:02}Z"


@pytest.mark.parametrize("case", TAMPERED)
def test_a_tampered_request_is_refused_by_name(trent, signer, wire, case):
    change, codes = TAMPERED[case]
    created = json.dumps({"Description": "must not be"}).encode()
    for operation, body in [("GenerateRandom", RANDOM), ("CreateKey", created), ("NoSuchOperation", b"{}")]:
        headers = signer.headers(wire.host, body, TARGET + operation)
        change(headers)
        if case == "another host":
            wire.close()
        answer = wire.send(body, headers)
        if case == "another target" and operation == "CreateKey":
            continue  # that was its target
        assert answer.status == 400 and answer.code in named(codes), (operation, answer)
        assert answer.request_id


def named(codes):
    return (codes,) if isinstance(codes, str) else codes


def test_another_body_than_the_signed_one_is_refused(signer, wire):
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom")
    for body in (b"", b"{}", RANDOM + b" ", RANDOM[:-1], b'{"NumberOfBytes":17}', bytes(1000)):
        assert wire.send(body, headers).code == SIGNATURE


@pytest.mark.parametrize(
    ("region", "service", "said"),
    [("eu-central-1", "kms", "valid region"), ("us-east-1", "s3", "correct service"), ("", "kms", "valid region")],
)
def test_a_good_signature_for_elsewhere_is_refused(trent, wire, region, service, said):
    wire.signer = Signer(trent, region, service)
    answer = wire.post("GenerateRandom", RANDOM)
    wire.signer = Signer(trent)
    assert answer.code == SIGNATURE and said in answer.message


@pytest.mark.parametrize("minutes", [-60 * 24, -6, 6, 60 * 24])
def test_a_good_signature_of_another_time_is_refused(signer, wire, minutes):
    moved = datetime.now(UTC) + timedelta(minutes=minutes)
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom", at=moved)
    answer = wire.send(RANDOM, headers)
    assert answer.code == SIGNATURE
    assert ("expired" if minutes < 0 else "not yet current") in answer.message


def test_payload_hashes_that_say_otherwise_are_refused(signer, wire):
    for claimed in ("UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "0" * 64, ""):
        headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom", X_Amz_Content_SHA256=claimed)
        assert wire.send(RANDOM, headers).code == SIGNATURE, claimed


def test_a_long_term_key_with_a_token_is_refused(signer, wire):
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom", X_Amz_Security_Token="token")
    assert wire.send(RANDOM, headers).code == UNKNOWN_KEY


def test_signatures_in_two_places_are_refused(signer, wire):
    query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=" + "0" * 64
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom", path=query)
    answer = wire.send(RANDOM, headers, path=query)
    assert answer.status == 400 and answer.code in (SIGNATURE, INCOMPLETE), answer


@pytest.mark.parametrize("doubled", ["Authorization", "X-Amz-Date", "X-Amz-Target", "Host", "Content-Type"])
def test_headers_that_are_there_twice_are_refused(trent, signer, wire, doubled):
    """Signed as one and read as another would be two requests in one."""
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom") | {"Content-Length": "20"}
    for other in (headers[doubled], "other"):
        text = head(headers)
        for extra in (
            text.replace(b"\r\n", f"\r\n{doubled}: {other}\r\n".encode(), 1),
            text[:-2] + f"{doubled}: {other}\r\n\r\n".encode(),
        ):
            with connect(trent, PATIENCE) as stream:
                stream.sendall(extra + RANDOM)
                assert one_answer(stream).status == 400, (doubled, other)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("TrentService.NoSuchOperation", 400), ("TrentService.", 400), ("TrentService", 400), ("", 400),
        ("trentservice.GenerateRandom", 400), ("TrentService.generaterandom", 400), ("GenerateRandom", 400),
        ("DynamoDB_20120810.ListTables", 400), ("TrentService.GenerateRandom.x", 400),
        ("TrentService." + "x" * 20_000, 400), ("TrentService.../../etc/passwd", 400), (None, 404),
    ],
)  # fmt: skip
def test_unknown_targets_are_told(trent, signer, wire, target, status):
    answer = wire.send(RANDOM, signer.headers(wire.host, RANDOM, target))
    assert (answer.status, answer.code) == (status, "UnknownOperationException"), answer
    assert not [name for name in trent.metrics() if "NoSuchOperation" in name], "a label of the peer's choice"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"])
def test_other_methods_are_no_operations(signer, wire, method):
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom", method=method)
    answer = wire.send(RANDOM, headers, method=method)
    assert 400 <= answer.status < 500, answer


@pytest.mark.parametrize("kind", ["text/plain", "application/json", "application/x-amz-json-1.0", "x" * 5000, None])
def test_other_content_types_are_no_operations(signer, wire, kind):
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom", Content_Type=kind)
    assert wire.send(RANDOM, headers).code == "UnknownOperationException"


DEEP = 100_000
MALFORMED = {
    "nothing": b"",
    "a list": b"[]",
    "a number": b"1",
    "a text": b'"x"',
    "null": b"null",
    "true": b"true",
    "an open object": b"{",
    "no value": b'{"KeyId":}',
    "no quotes": b'{KeyId:"x"}',
    "single quotes": b"{'KeyId':'x'}",
    "a comma too much": b'{"KeyId":"x",}',
    "something behind": b'{"KeyId":"x"}x',
    "two objects": b"{}{}",
    "a mark of byte order": b'\xef\xbb\xbf{"KeyId":"x"}',
    "UTF-16": '{"KeyId":"x"}'.encode("utf-16"),
    "bytes that are no text": b'{"KeyId":"\xff\xfe"}',
    "an overlong slash": b'{"KeyId":"\xc0\xaf"}',
    "half a pair": b'{"KeyId":"\\ud800"}',
    "half a pair in bytes": b'{"KeyId":"\xed\xa0\x80"}',
    "a bare control": b'{"KeyId":"\x00"}',
    "a wrong escape": b'{"KeyId":"\\x41"}',
    "not a number": b'{"KeyId":NaN}',
    "a number for a text": b'{"KeyId":1}',
    "a list for a text": b'{"KeyId":["x"]}',
    "an object for a text": b'{"KeyId":{}}',
    "a truth for a text": b'{"KeyId":true}',
    "a text for a list": b'{"KeyId":"x","GrantTokens":"x"}',
    "an object for a list": b'{"KeyId":"x","GrantTokens":{}}',
    "numbers in a list": b'{"KeyId":"x","GrantTokens":[1]}',
    "a huge number for a text": b'{"KeyId":1e999}',
    "a long number": b'{"KeyId":' + b"9" * 100_000 + b"}",
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "a deep member": b'{"KeyId":' + b"[" * DEEP,
    "deep lists to the end": b"[" * DEEP + b"]" * DEEP,
    "a deep unknown member": b'{"x":' + b"[" * DEEP + b"]" * DEEP + b',"KeyId":"x"}',
    "a member twice": b'{"KeyId":"x","KeyId":"y"}',
    "a million zeros": bytes(1_000_000),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_body_is_refused_by_name(wire, case):
    begun = time.monotonic()
    answer = wire.post("DescribeKey", MALFORMED[case])
    allowed = (SERIALIZATION, "ValidationException") if case == "nothing" else (SERIALIZATION,)
    assert answer.status == 400 and answer.code in allowed, answer
    assert time.monotonic() - begun < PATIENCE
    assert len(answer.body) < 2000, "an answer is no echo"


def test_a_body_up_to_a_mebibyte_is_taken_and_no_larger_one(trent, signer, wire):
    room = 1 << 20
    assert wire.post("GenerateRandom", RANDOM.ljust(room)).status == 200
    for size in (room + 1, 8 << 20):
        answer = wire.post("GenerateRandom", RANDOM.ljust(size))
        assert (answer.status, answer.code) == (413, "RequestEntityTooLargeException"), answer
    # One that is announced and never sent costs nothing.
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom")
    for length in (room + 1, 1 << 40, 1 << 62):
        with connect(trent, PATIENCE * 2) as stream:
            stream.sendall(head(headers | {"Content-Length": str(length), "Expect": "100-continue"}))
            assert statuses(until_closed(stream)) == [413]


def statuses(received):
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]


def chunked(body, size=7):
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def test_a_chunked_body_is_a_body(trent, signer, wire):
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom") | {"Transfer-Encoding": "chunked"}
    with connect(trent, PATIENCE) as stream:
        for size in (1, 7, 100):
            stream.sendall(head(headers) + chunked(RANDOM, size))
            assert one_answer(stream).status == 200
    with connect(trent, PATIENCE) as stream:
        stream.sendall(head(headers) + chunked(b'{"NumberOfBytes":17}'))
        assert one_answer(stream).code == SIGNATURE


def test_pipelined_requests_are_answered_in_order(trent, signer, wire):
    bodies = [json.dumps({"NumberOfBytes": number}).encode() for number in range(1, 51)]
    requests = []
    for body in bodies:
        headers = signer.headers(wire.host, body, TARGET + "GenerateRandom") | {"Content-Length": str(len(body))}
        requests.append(head(headers) + body)
    with connect(trent, PATIENCE) as stream:
        stream.sendall(b"".join(requests))
        received = b""
        while received.count(b'"Plaintext"') < 50:
            piece = stream.recv(65536)
            assert piece, "the connection ended before all was answered"
            received += piece
    assert statuses(received) == [200] * 50
    sizes = [len(base64.b64decode(text)) for text in re.findall(rb'"Plaintext":"([^"]+)"', received)]
    assert sizes == list(range(1, 51))


def framed(*lines, body=RANDOM):
    """How a signed request is framed, in raw lines."""
    return "\r\n".join(lines).encode("latin-1"), body


# How a signed request must not be framed.
FRAMED = {
    "a short length": framed("Content-Length: 5"),
    "a long length": framed("Content-Length: 25"),
    "a negative length": framed("Content-Length: -20"),
    "a signed length": framed("Content-Length: +20"),
    "a length in words": framed("Content-Length: twenty"),
    "a length in hexadecimals": framed("Content-Length: 0x14"),
    "a length beyond all numbers": framed("Content-Length: 99999999999999999999999999"),
    "the largest of all numbers": framed("Content-Length: 18446744073709551615"),
    "two lengths": framed("Content-Length: 20", "Content-Length: 5"),
    "two lengths, the short one first": framed("Content-Length: 5", "Content-Length: 20"),
    "two lengths in one": framed("Content-Length: 20, 5"),
    "no length": framed("X: y"),
    "chunks that are none": framed("Transfer-Encoding: chunked"),
    "chunks of a wrong size": framed("Transfer-Encoding: chunked", body=b"zz\r\n{}\r\n0\r\n\r\n"),
    "chunks of a huge size": framed("Transfer-Encoding: chunked", body=b"ffffffffffffffffff\r\n{}"),
    "a negative chunk": framed("Transfer-Encoding: chunked", body=b"-1\r\n{}\r\n0\r\n\r\n"),
    "chunks that end early": framed("Transfer-Encoding: chunked", body=b"14\r\n{"),
    "a huge extension of a chunk": framed(
        "Transfer-Encoding: chunked", body=b"14;" + b"x" * 100_000 + b"\r\n" + RANDOM + b"\r\n0\r\n\r\n"
    ),
    "huge trailers": framed(
        "Transfer-Encoding: chunked", body=b"14\r\n" + RANDOM + b"\r\n0\r\n" + b"a: b\r\n" * 50_000 + b"\r\n"
    ),
    "an unknown coding": framed("Transfer-Encoding: gzip", body=chunked(RANDOM)),
    "a coding behind the chunks": framed("Transfer-Encoding: chunked, identity", body=chunked(RANDOM)),
    "a coding misspelt": framed("Transfer-Encoding: xchunked", body=chunked(RANDOM)),
    "a coding behind a control": framed("Transfer-Encoding: \x0bchunked", body=chunked(RANDOM)),
    "a space before the colon": framed("Content-Length : 20"),
    "a folded header": framed("Content-Length: 20", "X: a", " b"),
    "a header without a colon": framed("Content-Length: 20", "nonsense"),
    "a header without a name": framed("Content-Length: 20", ": x"),
    "a null in a header": framed("Content-Length: 20", "X: a\x00b"),
    "a bare return in a header": framed("Content-Length: 20", "X: a\rY: b"),
}


@pytest.mark.parametrize("case", FRAMED)
def test_a_request_whose_end_is_not_clear_is_refused(trent, signer, wire, case):
    lines, body = FRAMED[case]
    text = head(signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom"))
    received = exchange(trent, text[:-2] + lines + b"\r\n\r\n" + body)
    assert all(400 <= status < 500 for status in statuses(received)), received


SMUGGLED = b"GET /version HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.mark.parametrize("order", ["length first", "length last"])
def test_two_framings_of_one_request_do_not_make_two_requests(trent, signer, wire, order):
    """RFC 9112 section 6.1: refused, or taken by its chunks, and then the connection is closed."""
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom")
    body = chunked(RANDOM) + SMUGGLED
    framing = [("Content-Length", str(len(body))), ("Transfer-Encoding", "chunked")]
    headers |= dict(framing if order == "length first" else reversed(framing))
    with connect(trent, PATIENCE) as stream:
        stream.sendall(head(headers) + body)
        received = until_closed(stream)
    assert statuses(received) in ([200], [400]), received


def test_chunks_of_the_old_protocol_are_refused(trent, signer, wire):
    """HTTP/1.0 has no chunks, so what stands between may take another end for the end."""
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom") | {"Transfer-Encoding": "chunked"}
    with connect(trent, PATIENCE) as stream:
        stream.sendall(head(headers, version="HTTP/1.0") + chunked(RANDOM) + SMUGGLED)
        received = until_closed(stream)
    assert statuses(received) in ([], [400], [200]), received


CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303") + bytes(range(200))
NOISE = {
    "HTTP/0.9": b"GET /\r\n\r\n",
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9),
    "TLS": CLIENT_HELLO,
    "HTTP/3": b"GET / HTTP/3.0\r\nHost: t\r\n\r\n",
    "HTTP/1.2": b"GET / HTTP/1.2\r\nHost: t\r\n\r\n",
    "no version": b"POST / \r\nHost: t\r\n\r\n",
    "zeros": bytes(100_000),
    "ones": b"\xff" * 100_000,
    "empty lines": b"\r\n" * 10_000,
    "bare newlines": b"GET / HTTP/1.1\nHost: t\n\n",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n",
    "no host": b"POST / HTTP/1.1\r\n\r\n",
    "a proxy's request": b"CONNECT example.com:443 HTTP/1.1\r\nHost: t\r\n\r\n",
    "a full address": b"POST http://example.com/ HTTP/1.1\r\nHost: t\r\n\r\n",
    "a star": b"OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n",
    "an upgrade": b"GET / HTTP/1.1\r\nHost: t\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
    "a long path": b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: t\r\n\r\n",
    "a long method": b"A" * 100_000 + b" / HTTP/1.1\r\nHost: t\r\n\r\n",
    "a path upwards": b"GET /../../etc/passwd HTTP/1.1\r\nHost: t\r\n\r\n",
    "a bad escape": b"GET /%zz?%=%&&=%f HTTP/1.1\r\nHost: t\r\n\r\n",
    "a long head": b"GET / HTTP/1.1\r\nHost: t\r\nX: " + b"y" * 40_000 + b"\r\n\r\n",
    "an endless head": b"GET / HTTP/1.1\r\nX: " + b"y" * 5_000_000,
    "10,000 headers": b"GET / HTTP/1.1\r\nHost: t\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    "101 headers": b"GET / HTTP/1.1\r\nHost: t\r\n" + b"X: y\r\n" * 101 + b"\r\n",
    "a proxy's protocol": b"PROXY TCP4 1.2.3.4 1.2.3.4 1 2\r\n",
    "a query signature": b"POST /?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=%ff&X-Amz-Date=%00 HTTP/1.1\r\nHost: t\r\n\r\n",
    "the clock of another mode": b'POST /_trent/clock HTTP/1.1\r\nHost: t\r\nContent-Length: 22\r\n\r\n{"advance_seconds": 1}',
    "the reset of another mode": b"POST /_trent/reset HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n",
}


@pytest.mark.parametrize("case", NOISE)
def test_what_is_no_request_is_refused_and_never_a_failure(trent, wire, case):
    received = exchange(trent, NOISE[case])
    assert all(400 <= status < 500 for status in statuses(received)), received
    # Nothing, or an answer of HTTP/1: no other protocol and no page.
    assert not received or received.startswith(b"HTTP/1."), received


def test_slow_senders_are_cut_off_and_hold_up_nobody(start):
    server = start("--head-timeout", "1", "--body-timeout", "1")
    signer = Signer(server)
    wire = Wire(server, signer, timeout=PATIENCE)
    headers = signer.headers(wire.host, RANDOM, TARGET + "GenerateRandom") | {"Content-Length": "20"}
    texts = [head(headers), head(headers) + RANDOM[:1]]
    # Half of them stop within the head, and half send their body one byte at a time.
    slow = [(connect(server, 15), texts[number % 2], number % 2) for number in range(100)]
    ended = {}

    def dribble(number, stream, text, in_body):
        begun = time.monotonic()
        stream.sendall(text if in_body else text[:40])
        rest = RANDOM[1:] if in_body else text[40:]
        received = b""
        stream.settimeout(0.2)
        for byte in rest:
            try:
                stream.sendall(bytes([byte]))
                received += stream.recv(4096)
                break  # an answer, or the end
            except TimeoutError:
                continue
            except OSError:
                break
        ended[number] = (time.monotonic() - begun, received, in_body)
        stream.close()

    threads = [threading.Thread(target=dribble, args=(number, *one)) for number, one in enumerate(slow)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        begun = time.monotonic()
        assert wire.post("GenerateRandom", RANDOM).status == 200
        assert time.monotonic() - begun < 1, "others are held up"
    assert len(ended) == 100
    for seconds, received, in_body in ended.values():
        assert seconds < PATIENCE, "a slow sender is let be"
        assert set(statuses(received)) <= {408}
        assert not in_body or statuses(received) == [408]


def test_idle_connections_stop_nobody(start):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < IDLE + 500:
        pytest.skip(f"no more than {hard} files may be open here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE + 500), hard))
    streams = []
    try:
        server = start()
        streams += [connect(server) for _ in range(IDLE)]
        eventually(lambda: server.metrics()["trent_open_connections"] >= IDLE, what="all connections open")
        wire = Wire(server, Signer(server), timeout=PATIENCE)
        for _ in range(100):
            assert wire.post("GenerateRandom", RANDOM).status == 200
            wire.close()
        assert get(f"{server.endpoint}/readyz")[0] == 200
    finally:
        for stream in streams:
            stream.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    eventually(lambda: server.metrics()["trent_open_connections"] < 10, what="all connections closed")


MUTANTS = int(os.environ.get("TRENT_MUTANTS", "10000"))
MUTANT_SEED = int(os.environ.get("TRENT_MUTANT_SEED", "20141101"))
SENDERS = 4
# What the server has so far; the rest of the model is refused by name.
# What is not there yet is listed once, beside the catalog.
UNBUILT = (ROOT / "crates/operations/tests/unimplemented.txt").read_text().split()
BUILT = [name for name in MODEL.operation_names if name not in UNBUILT]


class Stock:
    """Some keys with aliases, tags and ciphertexts."""

    def __init__(self, wire, count, prefix):
        self.wire, self.prefix = wire, prefix
        self.keys, self.arns, self.aliases, self.ciphertexts = [], [], [], []
        for number in range(count):
            tags = [{"TagKey": "kept", "TagValue": prefix}]
            made = self.ok("CreateKey", Description=prefix, Tags=tags)["KeyMetadata"]
            self.keys.append(made["KeyId"])
            self.arns.append(made["Arn"])
            self.aliases.append(f"alias/{prefix}-{number}")
            self.ok("CreateAlias", AliasName=self.aliases[-1], TargetKeyId=made["KeyId"])
            text = base64.b64encode(CANARY.encode()).decode()
            self.ciphertexts.append(self.ok("Encrypt", KeyId=made["KeyId"], Plaintext=text)["CiphertextBlob"])

    def ok(self, operation, **members):
        answer = self.wire.call(operation, **members)
        assert answer.status == 200, (operation, answer)
        return answer.json

    def state(self):
        """All that can be seen of these keys."""
        seen = []
        for key in self.keys:
            for operation in ("DescribeKey", "GetKeyPolicy", "ListResourceTags", "ListAliases", "ListKeyPolicies"):
                seen.append(self.ok(operation, KeyId=key))
        opened = [self.ok("Decrypt", CiphertextBlob=blob)["Plaintext"] for blob in self.ciphertexts]
        return seen, opened, sorted(self.aliases)

    def everything(self):
        """How many keys there are, and all aliases with their keys."""
        aliases, keys, more = {}, 0, {}
        while True:
            page = self.ok("ListAliases", Limit=100, **more)
            aliases |= {alias["AliasName"]: alias["TargetKeyId"] for alias in page["Aliases"]}
            if not page["Truncated"]:
                break
            more = {"Marker": page["NextMarker"]}
        more = {}
        while True:
            page = self.ok("ListKeys", Limit=1000, **more)
            keys += len(page["Keys"])
            if not page["Truncated"]:
                return keys, aliases
            more = {"Marker": page["NextMarker"]}


def faults_of(mutant, answer):
    """What is wrong with the answer to a mutant."""
    shown = f"{mutant.operation} ({mutant.how}) {mutant.body[:500]!r}: {answer.status} {answer.body[:500]!r}"
    if answer.status == 200:
        return [f"taken: {shown}"] if mutant.certain else []
    if answer.status != 400:
        return [f"another status: {shown}"]
    if answer.code not in documented(mutant.operation):
        return [f"an undocumented name: {shown}"]
    if mutant.operation not in BUILT and answer.code != "UnsupportedOperationException":
        return [f"an operation that is not there: {shown}"]
    # A value that breaks several rules is quoted with each of them, as the service does.
    if CANARY in answer.body.decode() or len(answer.body) > 2000 + 6 * len(mutant.body):
        return [f"an echo: {shown}"]
    return []


def send_mutants(wire, mutants, results):
    for mutant in mutants:
        begun = time.monotonic()
        answer = wire.post(mutant.operation, mutant.body)
        results.append((mutant, answer, time.monotonic() - begun))


def test_mutants_are_refused_by_name_and_change_nothing(start):
    server = start("--log-level", "debug")
    signer = Signer(server)
    wire = Wire(server, signer, timeout=PATIENCE)
    fixtures, throwaway = Stock(wire, 3, "kept"), Stock(wire, 6, "thrown-away")
    before, (keys, _) = fixtures.state(), fixtures.everything()
    breeder = Breeder(MUTANT_SEED, fixtures, throwaway, BUILT)
    mutants = [breeder.mutant() for _ in range(MUTANTS)]

    shares = [(mutants[number::SENDERS], []) for number in range(SENDERS)]
    wires = [Wire(server, signer, timeout=PATIENCE) for _ in shares]
    threads = [
        threading.Thread(target=send_mutants, args=(wire, *share)) for wire, share in zip(wires, shares, strict=True)
    ]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.monotonic() - begun
    results = [result for _, share in shares for result in share]
    assert len(results) == MUTANTS, "some were never answered"
    slowest = max(took for _, _, took in results)
    outcomes = collections.Counter(answer.code or "taken" for _, answer, _ in results)
    print(f"\n{MUTANTS} mutants in {seconds:.0f} s, slowest {slowest * 1000:.0f} ms: {dict(outcomes.most_common())}")
    faults = [fault for mutant, answer, _ in results for fault in faults_of(mutant, answer)]
    assert not faults, "\n".join([f"{len(faults)} faults", *faults[:20]])
    assert slowest < PATIENCE

    assert fixtures.state() == before
    made = sum(mutant.operation == "CreateKey" and answer.status == 200 for mutant, answer, _ in results)
    keys_after, aliases_after = fixtures.everything()
    assert keys_after == keys + made
    assert aliases_after.items() >= dict(zip(fixtures.aliases, fixtures.keys, strict=True)).items()
    taken = {mutant.members.get("AliasName") for mutant, answer, _ in results if answer.status == 200}
    assert aliases_after.keys() <= {*fixtures.aliases, *throwaway.aliases, *taken}, "an alias of a refused request"
    assert server.stop() == 0
    nothing_is_told(server, signer, [*fixtures.ciphertexts])


def nothing_is_told(server, signer, more):
    """No secret of a request is in the log, the trail, or the store."""
    shields = [CANARY, base64.b64encode(CANARY.encode()).decode(), *more]
    log = server.log()
    assert "panicked" not in log
    assert not [text for text in [*shields, signer.secret, "Signature="] if text in log]
    trail = json.dumps(list(audit_records(server.data_dir / "audit")))
    assert "UpdateKeyDescription" in trail
    assert not [text for text in [*shields, signer.secret] if text in trail]
    for path in server.data_dir.glob("trent.db*"):
        data = path.read_bytes()
        assert not [text for text in [*shields, signer.secret] if text.encode() in data], path
