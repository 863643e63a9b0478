"""What operators and their machines ask."""

import json
import re
import subprocess
import urllib.error
import urllib.request

import pytest

from trent import ACCOUNT, BINARY, get


def test_health_is_told_on_every_listener(trent):
    for base in (trent.endpoint, trent.admin):
        assert get(f"{base}/livez") == (200, "ok\n")
        assert get(f"{base}/readyz") == (200, "ok\n")


def test_the_version_is_that_of_the_binary(trent):
    told = subprocess.run([BINARY, "--version"], capture_output=True, text=True, check=True).stdout
    for base in (trent.endpoint, trent.admin):
        status, text = get(f"{base}/version")
        version = json.loads(text)
        assert (status, f"{version['name']} {version['version']}\n") == (200, told)


def test_metrics_are_on_the_admin_listener_only(trent):
    status, text = get(f"{trent.endpoint}/metrics")
    assert status == 400 and "trent_" not in text
    assert get(f"{trent.admin}/")[0] == 404


def test_metrics_are_openmetrics_text(trent):
    with urllib.request.urlopen(f"{trent.admin}/metrics", timeout=10) as answer:
        assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
        text = answer.read().decode()
    assert text.endswith("# EOF\n")
    described = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    assert {"trent_requests", "trent_request_duration_seconds", "trent_ready"} <= described


def test_requests_are_counted_by_operation_and_error(trent, kms, key):
    fine = 'trent_requests_total{operation="Encrypt",error="none"}'
    unknown = 'trent_requests_total{operation="Encrypt",error="NotFoundException"}'
    timed = 'trent_request_duration_seconds_count{operation="Encrypt"}'
    before = trent.metrics()
    kms.encrypt(KeyId=key, Plaintext=b"x")
    kms.encrypt(KeyId=key, Plaintext=b"x")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.encrypt(KeyId="alias/there-is-none", Plaintext=b"x")
    after = trent.metrics()
    risen = {name: after[name] - before.get(name, 0) for name in (fine, unknown, timed)}
    assert risen == {fine: 2, unknown: 1, timed: 3}


def test_the_audit_trail_and_the_cache_are_counted(trent, kms, key):
    kms.describe_key(KeyId=key)
    before = trent.metrics()
    kms.describe_key(KeyId=key)
    after = trent.metrics()
    assert after["trent_audit_records_total"] - before["trent_audit_records_total"] == 1
    assert after["trent_cache_hits_total"] > before["trent_cache_hits_total"]
    assert after["trent_store_reads_total"] == before["trent_store_reads_total"]
    assert (after["trent_ready"], after["trent_store_up"], after["trent_audit_up"]) == (1, 1, 1)


def test_metrics_name_no_key_and_no_caller(trent, kms, key):
    kms.create_alias(AliasName="alias/metrics-must-not-say-this", TargetKeyId=key)
    kms.encrypt(KeyId="alias/metrics-must-not-say-this", Plaintext=b"x")
    with pytest.raises(kms.exceptions.NotFoundException):
        kms.describe_key(KeyId="11111111-2222-3333-4444-555555555555")
    text = get(f"{trent.admin}/metrics")[1]
    caller = trent.env()["AWS_ACCESS_KEY_ID"]
    for private in (key, "metrics-must-not-say-this", "11111111-2222", "arn:", ACCOUNT, caller):
        assert private not in text


def test_an_unknown_operation_makes_no_new_label(trent):
    before = operations(trent)
    for number in range(20):
        request = urllib.request.Request(
            trent.endpoint,
            data=b"{}",
            headers={"x-amz-target": f"TrentService.Invented{number}", "content-type": "application/x-amz-json-1.1"},
        )
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(request, timeout=10)
        refused.value.close()
    assert len(operations(trent) - before) <= 1, "labels do not grow with what strangers send"


def operations(server):
    return set(re.findall(r'operation="([^"]*)"', get(f"{server.admin}/metrics")[1]))
