"""Regions: the scope of the signature says in which one a request is."""

import pytest

from trent import Trent
from wire import alias_arn, call, key_arn, lost_key, refusal, send, signed_headers

HOME, AWAY = "eu-west-1", "us-east-1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Trent(tmp_path_factory.mktemp("regions") / "data", "--region", HOME, "--region", AWAY).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def home(server):
    return server.client(region=HOME)


@pytest.fixture(scope="module")
def away(server):
    return server.client(region=AWAY)


@pytest.fixture
def key(home):
    return home.create_key()["KeyMetadata"]["KeyId"]


def listed(kms):
    return {entry["KeyId"] for page in kms.get_paginator("list_keys").paginate() for entry in page["Keys"]}


def test_the_first_region_is_the_one_clients_are_told(server):
    assert {server.env()[name] for name in ("AWS_REGION", "AWS_DEFAULT_REGION")} == {HOME}


def test_a_key_is_made_where_the_signature_says(home, away):
    for kms, region in ((home, HOME), (away, AWAY)):
        metadata = kms.create_key()["KeyMetadata"]
        assert metadata["Arn"] == key_arn(metadata["KeyId"], region)


def test_a_key_is_listed_in_its_region_alone(home, away, key):
    assert key in listed(home)
    assert key not in listed(away)


def test_an_id_of_another_region_is_unknown(away, key):
    expected = ("NotFoundException", f"Key '{key_arn(key, AWAY)}' does not exist")
    assert refusal(away.describe_key, KeyId=key) == expected
    assert refusal(away.encrypt, KeyId=key, Plaintext=b"x") == expected
    assert refusal(away.disable_key, KeyId=key) == expected


def test_an_arn_of_another_region_is_not_forwarded(home, away, key):
    arn = key_arn(key, HOME)
    for call_, members in (
        (away.describe_key, {}),
        (away.encrypt, {"Plaintext": b"x"}),
        (away.generate_data_key, {"KeySpec": "AES_256"}),
        (away.disable_key, {}),
    ):
        assert refusal(call_, KeyId=arn, **members) == ("NotFoundException", f"Invalid arn {HOME}")
    assert home.describe_key(KeyId=arn)["KeyMetadata"]["Enabled"] is True


def test_a_ciphertext_of_another_region_cannot_be_used(home, away, key):
    blob = home.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    other = away.create_key()["KeyMetadata"]["KeyId"]
    assert refusal(away.decrypt, CiphertextBlob=blob) == lost_key("Decrypt")
    assert refusal(away.re_encrypt, CiphertextBlob=blob, DestinationKeyId=other) == lost_key("ReEncryptFrom")
    assert refusal(away.decrypt, CiphertextBlob=blob, KeyId=other)[0] == "IncorrectKeyException"
    assert home.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_one_alias_name_means_another_key_in_each_region(home, away):
    keys = {}
    for kms, region in ((home, HOME), (away, AWAY)):
        keys[region] = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName="alias/same", TargetKeyId=keys[region])
    for kms, region in ((home, HOME), (away, AWAY)):
        for form in ("alias/same", alias_arn("alias/same", region)):
            assert kms.describe_key(KeyId=form)["KeyMetadata"]["Arn"] == key_arn(keys[region], region)
        aliases = [entry for entry in kms.list_aliases()["Aliases"] if entry["AliasName"] == "alias/same"]
        assert [(each["AliasArn"], each["TargetKeyId"]) for each in aliases] == [
            (alias_arn("alias/same", region), keys[region])
        ]


def test_an_alias_leads_to_no_key_of_another_region(home, away, key):
    expected = ("NotFoundException", f"Key '{key_arn(key, AWAY)}' does not exist")
    assert refusal(away.create_alias, AliasName="alias/abroad", TargetKeyId=key) == expected


def test_each_region_has_its_own_trail(server, home, away):
    for kms, region in ((home, HOME), (away, AWAY)):
        request = kms.list_keys(Limit=1)["ResponseMetadata"]["RequestId"]
        (record,) = [record for record in server.records() if record.get("requestID") == request]
        assert record["awsRegion"] == region
        folder = server.data_dir / "audit" / "AWSLogs" / "000000000000" / "CloudTrail" / region
        assert any(request.encode() in path.read_bytes() for path in folder.rglob("*.open"))


@pytest.mark.parametrize("region", ["eu-west-2", "EU-WEST-1", "nowhere", "us-east-1a"])
def test_a_region_that_is_not_served_is_refused(server, region):
    answer = call(server, "ListKeys", {}, region=region)
    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
    assert answer.json["message"] == f"Credential should be scoped to a valid region, not '{region}'."


def test_the_region_of_a_signature_cannot_be_changed_behind_it(server):
    headers = signed_headers(server, b"{}", target="TrentService.ListKeys", region=HOME)
    headers["Authorization"] = headers["Authorization"].replace(HOME, AWAY)
    answer = send(server, headers, b"{}")
    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
    assert answer.json["message"].startswith("The request signature we calculated does not match ")


def test_the_regions_of_a_store_can_change(start):
    server = start("--region", HOME)
    key = server.client(region=HOME).create_key()["KeyMetadata"]["KeyId"]
    data = server.data_dir
    assert server.stop() == 0
    without = start("--region", AWAY, data_dir=data)
    assert call(without, "ListKeys", {}, region=HOME).status == 400
    assert listed(without.client(region=AWAY)) == set()
    assert without.stop() == 0
    both = start("--region", AWAY, "--region", HOME, data_dir=data)
    assert listed(both.client(region=HOME)) == {key}
