"""The hot path: once a key is in memory, its use does not touch the store."""

import pytest

STORE = ["trent_store_reads_total", "trent_store_scans_total", "trent_store_commits_total"]


@pytest.fixture
def server(start):
    return start()


def touched(server, work):
    """How often the store was read, scanned and written to during some work, and requests answered."""
    before = server.metrics()
    work()
    after = server.metrics()
    counted = {name: after[name] - before[name] for name in STORE}
    requests = sum(after[name] - before.get(name, 0) for name in after if name.startswith("trent_requests_total"))
    return counted, requests


def test_a_cached_key_is_used_without_the_store(server):
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/hot", TargetKeyId=key)

    def use(times):
        for _ in range(times):
            blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
            kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
            kms.generate_data_key(KeyId="alias/hot", KeySpec="AES_256")

    use(1)
    counted, requests = touched(server, lambda: use(50))
    assert counted == dict.fromkeys(STORE, 0)
    assert requests == 150


def test_a_key_is_read_once_after_a_start(server):
    key = server.client().create_key()["KeyMetadata"]["KeyId"]
    server.restart()
    kms = server.client()

    def encrypt(times):
        for _ in range(times):
            kms.encrypt(KeyId=key, Plaintext=b"x")

    first, _ = touched(server, lambda: encrypt(1))
    assert first["trent_store_reads_total"] > 0
    assert first["trent_store_commits_total"] == 0
    assert touched(server, lambda: encrypt(50)) == (dict.fromkeys(STORE, 0), 50)


def test_the_counters_do_count(server):
    kms = server.client()
    counted, _ = touched(server, lambda: kms.create_key())
    assert counted["trent_store_commits_total"] == 1
    counted, _ = touched(server, lambda: kms.list_keys())
    assert counted["trent_store_scans_total"] > 0


def test_refusals_about_a_cached_key_do_not_touch_the_store(server):
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

    def refuse():
        for _ in range(20):
            with pytest.raises(kms.exceptions.InvalidCiphertextException):
                kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})

    assert touched(server, refuse) == (dict.fromkeys(STORE, 0), 20)


def test_requests_are_counted_by_operation_and_error_without_a_key_id(server):
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="none")
    metrics = server.metrics()
    counted = {
        frozenset(name[name.index("{") + 1 : -1].split(",")): value
        for name, value in metrics.items()
        if name.startswith("trent_requests_total{")
    }
    assert counted[frozenset({'operation="Encrypt"', 'error="none"'})] == 1
    assert counted[frozenset({'operation="DescribeKey"', 'error="NotFoundException"'})] == 1
    assert not [name for name in metrics if key in name]
