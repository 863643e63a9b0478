"""Request rates: quotas that are off unless they are asked for, and the service's refusal."""

import pytest
from botocore.exceptions import ClientError

from trent import StartFailure, Trent
from wire import refusal

THROTTLED = (
    "ThrottlingException",
    "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
)


def throttled(call, times, **members):
    """How many of so many calls are throttled."""
    refused = 0
    for _ in range(times):
        try:
            call(**members)
        except ClientError as error:
            assert error.response["Error"]["Code"] == THROTTLED[0]
            refused += 1
    return refused


def test_without_quotas_any_number_passes(trent):
    assert throttled(trent.client().list_aliases, 40) == 0


def test_a_quota_holds_for_its_class_and_is_recorded(start):
    server = start("--rate-quota", "GetKeyPolicy=1,symmetric=2")
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    assert throttled(kms.get_key_policy, 30, KeyId=key) > 20
    assert throttled(kms.describe_key, 30, KeyId=key) == 0
    assert throttled(kms.generate_random, 30, NumberOfBytes=1) > 20
    # Encrypt shares the quota that GenerateRandom has used up.
    assert refusal(kms.encrypt, KeyId=key, Plaintext=b"x") == THROTTLED
    codes = [record.get("errorCode") for record in server.records() if record["eventName"] == "Encrypt"]
    assert codes == [THROTTLED[0]]


def test_the_services_numbers_hold_when_asked_for(start):
    kms = start("--rate-quota", "aws").client()
    assert throttled(kms.create_key, 12) > 2
    assert throttled(kms.list_keys, 12) == 0


def test_related_keys_are_charged_for_in_both_regions(start):
    # A bucket of one is never enough for the two CreateKey of a replica.
    kms = start("--region", "us-east-1", "--region", "eu-west-1", "--rate-quota", "CreateKey=1").client()
    key = kms.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
    assert refusal(kms.replicate_key, KeyId=key, ReplicaRegion="eu-west-1") == THROTTLED
    # Where nothing is served nothing is charged.
    assert refusal(kms.replicate_key, KeyId=key, ReplicaRegion="eu-west-2")[0] == "ValidationException"


@pytest.mark.parametrize("quota", ["all", "rsa=0", "Encrypt=5"])
def test_a_misspelt_quota_ends_the_start(tmp_path, quota):
    with pytest.raises(StartFailure) as caught:
        Trent(tmp_path / "data", "--rate-quota", quota).start()
    assert caught.value.code == 2
