"""`--dev`: a clock that can be moved, and starting over."""

import datetime
import http.client
import json
import urllib.error
import urllib.request

import pytest

from trent import Trent
from wire import call

DAY = 86_400


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    server = Trent(tmp_path_factory.mktemp("dev") / "data", "--dev").start()
    yield server
    assert server.stop() == 0


def post(server, path, body=b""):
    request = urllib.request.Request(f"{server.endpoint}/_trent/{path}", data=body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def advance(server, seconds):
    return post(server, "clock", json.dumps({"advance_seconds": seconds}).encode())


def created(kms):
    return kms.create_key()["KeyMetadata"]["CreationDate"]


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def ask(server, operation, members, at):
    answer = call(server, operation, members, at=at)
    return answer.status, answer.json


def test_trents_own_time_moves_forward(dev):
    post(dev, "reset")
    kms = dev.client()
    assert abs(created(kms) - now()) < datetime.timedelta(minutes=1)
    status, told = advance(dev, 3 * DAY)
    assert (status, told["advanced_seconds_total"]) == (200, 3 * DAY)
    assert advance(dev, DAY)[1]["advanced_seconds_total"] == 4 * DAY
    ahead = created(kms) - now()
    assert datetime.timedelta(days=4, minutes=-1) < ahead < datetime.timedelta(days=4, minutes=1)


def test_time_never_runs_backwards(dev):
    post(dev, "reset")
    advance(dev, DAY)
    for wrong in (-1, -DAY, 1.5, "1", None, 10**30):
        assert advance(dev, wrong)[0] == 400, wrong
    assert post(dev, "clock", b"{}")[0] == 400
    assert advance(dev, 0)[1]["advanced_seconds_total"] == DAY


def test_signatures_are_judged_by_the_worlds_time(dev):
    post(dev, "reset")
    advance(dev, DAY)
    assert ask(dev, "ListKeys", {}, now())[0] == 200
    status, told = ask(dev, "ListKeys", {}, now() + datetime.timedelta(days=1))
    assert status == 400 and told["__type"] == "InvalidSignatureException", told
    status, told = ask(dev, "ListKeys", {}, now() - datetime.timedelta(minutes=6))
    assert status == 400 and told["__type"] == "InvalidSignatureException", told


def test_a_reset_removes_all_keys_and_returns_to_the_present(dev):
    kms = dev.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/gone", TargetKeyId=key)
    blob = kms.encrypt(KeyId="alias/gone", Plaintext=b"x")["CiphertextBlob"]
    advance(dev, DAY)
    status, told = post(dev, "reset")
    assert status == 200 and told["removed_records"] > 0
    assert kms.list_keys()["Keys"] == [] and kms.list_aliases()["Aliases"] == []
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(kms.exceptions.ClientError):
        kms.decrypt(CiphertextBlob=blob)
    assert abs(created(kms) - now()) < datetime.timedelta(minutes=1)


def test_pages_in_a_browser_get_nothing(dev):
    connection = http.client.HTTPConnection(dev.listen_address(), timeout=10)
    connection.request("POST", "/_trent/reset", b"", {"origin": "http://example.com"})
    assert connection.getresponse().status == 403
    connection.close()


def test_the_danger_is_told(dev):
    assert "REMOVE ALL KEYS" in dev.log()


def test_without_dev_there_is_nothing_there(trent, kms, key):
    for path, body in (("clock", b'{"advance_seconds": 86400}'), ("reset", b"")):
        assert post(trent, path, body)[0] in (400, 403, 404)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"] == key
    assert abs(created(kms) - now()) < datetime.timedelta(minutes=1)
