"""The life of keys over simulated years: rotation, deletion, last use, and the server killed in between."""

import pytest

from life import DAY, Life, days_apart
from trent import eventually
from wire import lost_key, refusal


@pytest.fixture
def life(tmp_path):
    life = Life(tmp_path / "data")
    yield life
    if life.server.running():
        assert life.server.stop() == 0


def test_three_years_of_rotations(life):
    kms = life.server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=180)
    began = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    made = []

    def check(rotations):
        """Whatever was ever encrypted opens, with the material it was encrypted with."""
        blob = kms.encrypt(KeyId=key, Plaintext=b"%d" % len(made))["CiphertextBlob"]
        made.append((blob, kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]))
        for number, (blob, material) in enumerate(made):
            opened = kms.decrypt(CiphertextBlob=blob)
            assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"%d" % number, material)
        listed = kms.list_key_rotations(KeyId=key)["Rotations"]
        assert [entry["RotationType"] for entry in listed] == rotations
        return listed

    check([])
    life.pass_time(179)
    check([])
    life.pass_time(1)
    check(["AUTOMATIC"])
    # A year in one go is a year all the same: each rotation at its own date.
    life.pass_time(360)
    listed = check(["AUTOMATIC"] * 3)
    for number, entry in enumerate(listed):
        late = days_apart(entry["RotationDate"], began) - 180 * number
        assert 0 <= late < 60 / DAY, entry
    kms.rotate_key_on_demand(KeyId=key)
    listed = check(["AUTOMATIC"] * 3 + ["ON_DEMAND"])
    # Killed, and down over a date: the rotation is made up for, at its real time or the next start.
    life.down_for(200)
    kms = life.server.client()
    listed = check(["AUTOMATIC"] * 3 + ["ON_DEMAND", "AUTOMATIC"])
    life.down_for(1)
    kms = life.server.client()
    assert check(["AUTOMATIC"] * 3 + ["ON_DEMAND", "AUTOMATIC"]) == listed
    next_date = kms.get_key_rotation_status(KeyId=key)["NextRotationDate"]
    assert days_apart(next_date, began) == pytest.approx(720, abs=60 / DAY)
    life.pass_time(354)
    check(["AUTOMATIC"] * 3 + ["ON_DEMAND"] + ["AUTOMATIC"] * 3)
    everything = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert [entry["KeyMaterialState"] for entry in everything] == ["NON_CURRENT"] * 7 + ["CURRENT"]
    assert len({entry["KeyMaterialId"] for entry in everything}) == 8
    events = life.events("RotateKey")
    assert sorted(event["serviceEventDetails"]["rotationType"] for event in events) == ["AUTOMATIC"] * 6 + ["ON_DEMAND"]
    arn = kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"]
    for event in events:
        assert event["eventType"] == "AwsServiceEvent" and "requestID" not in event
        assert event["userIdentity"] == {"accountId": "000000000000", "invokedBy": "AWS Internal"}
        assert event["resources"] == [{"accountId": "000000000000", "type": "AWS::KMS::Key", "ARN": arn}]


def test_a_deletion_happens_also_while_nobody_is_there(life):
    kms = life.server.client()
    keys = [kms.create_key()["KeyMetadata"] for _ in range(3)]
    blobs = []
    for number, key in enumerate(keys):
        kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=key["KeyId"])
        blobs.append(kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"])
    gone, saved, kept = keys
    answer = kms.schedule_key_deletion(KeyId=gone["KeyId"], PendingWindowInDays=7)
    assert days_apart(answer["DeletionDate"], gone["CreationDate"]) == pytest.approx(7, abs=60 / DAY)
    kms.schedule_key_deletion(KeyId=saved["KeyId"])
    life.pass_time(6)
    assert kms.describe_key(KeyId="alias/0")["KeyMetadata"]["KeyState"] == "PendingDeletion"
    life.down_for(2)
    kms = life.server.client()
    with pytest.raises(kms.exceptions.NotFoundException, match="does not exist"):
        kms.describe_key(KeyId=gone["KeyId"])
    assert refusal(kms.decrypt, CiphertextBlob=blobs[0]) == lost_key("Decrypt")
    assert {alias["AliasName"] for alias in kms.list_aliases()["Aliases"]} == {"alias/1", "alias/2"}
    assert {key["KeyId"] for key in kms.list_keys()["Keys"]} == {saved["KeyId"], kept["KeyId"]}
    kms.create_alias(AliasName="alias/0", TargetKeyId=kept["KeyId"])
    (event,) = life.events("DeleteKey")
    assert event["responseElements"] == {"keyId": gone["Arn"]} and event["readOnly"] is False
    # Nothing of it is in the store, in whatever form.
    life.server.stop()
    stored = (life.server.data_dir / "trent.db").read_bytes()
    assert gone["KeyId"].encode() not in stored and saved["KeyId"].encode() in stored
    life.start()
    kms.cancel_key_deletion(KeyId=saved["KeyId"])
    assert kms.describe_key(KeyId=saved["KeyId"])["KeyMetadata"]["KeyState"] == "Disabled"
    life.pass_time(60)
    kms.enable_key(KeyId=saved["KeyId"])
    assert kms.decrypt(CiphertextBlob=blobs[1])["Plaintext"] == b"x"


def test_the_worker_does_not_wait_to_be_told(life):
    """What comes due while the server runs is done at that moment, without anybody moving the clock."""
    kms = life.server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.enable_key_rotation(KeyId=other, RotationPeriodInDays=90)
    kms.disable_key(KeyId=other)
    life.pass_time(90)
    assert kms.list_key_rotations(KeyId=other)["Rotations"] == []
    # Enabled again, a key that missed its rotation gets it at once.
    kms.enable_key(KeyId=other)
    assert eventually(lambda: kms.list_key_rotations(KeyId=other)["Rotations"], what="the rotation")
    third = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.schedule_key_deletion(KeyId=third, PendingWindowInDays=7)
    life.pass_seconds(7 * DAY - 2)
    eventually(lambda: len(life.events("DeleteKey")) == 2, what="the deletion")


def test_the_last_use_is_kept(life):
    kms = life.server.client()
    key = kms.create_key()["KeyMetadata"]
    told = kms.get_key_last_usage(KeyId=key["KeyId"])
    assert told["KeyLastUsage"] == {}
    assert told["TrackingStartDate"] == told["KeyCreationDate"] == key["CreationDate"]
    answer = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")
    used = kms.get_key_last_usage(KeyId=key["Arn"])["KeyLastUsage"]
    assert used["Operation"] == "Encrypt"
    assert used["KmsRequestId"] == answer["ResponseMetadata"]["RequestId"]
    (event,) = life.events("Encrypt")
    assert event["eventID"] == used["CloudTrailEventId"]
    # A clean stop writes it down.
    life.server.restart()
    assert kms.get_key_last_usage(KeyId=key["KeyId"])["KeyLastUsage"] == used


def test_the_clock_tool_answers_when_all_is_done(life):
    """Forty keys, each with rotations at times of its own, and two years in one request."""
    kms = life.server.client()
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(40)]
    for number, key in enumerate(keys):
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90 + number)
    life.pass_time(730)
    for number, key in enumerate(keys):
        assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 730 // (90 + number)
