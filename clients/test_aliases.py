"""Aliases: names for keys that can be moved to other keys."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from wire import alias_arn, key_arn, refusal, send


def entries(kms, **members):
    pages = kms.get_paginator("list_aliases").paginate(**members)
    return {entry["AliasName"]: entry for page in pages for entry in page["Aliases"]}


def names(kms, key):
    return sorted(entries(kms, KeyId=key))


def test_a_new_alias_is_listed_with_all_its_members(kms, key):
    name = f"alias/new-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    entry = entries(kms)[name]
    assert entry.pop("CreationDate") == entry.pop("LastUpdatedDate")
    assert entry == {"AliasName": name, "AliasArn": alias_arn(name), "TargetKeyId": key}


def test_a_target_given_as_an_arn_is_listed_as_an_id(kms, key):
    kms.create_alias(AliasName=f"alias/arn-{key}", TargetKeyId=key_arn(key))
    assert entries(kms)[f"alias/arn-{key}"]["TargetKeyId"] == key


@pytest.mark.parametrize("stem", ["a", "app/db/master", "With_Under-Score:and:Colon", "x" * 200])
def test_the_characters_and_length_of_names(kms, key, stem):
    name = f"alias/{stem}/{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    assert names(kms, key) == [name]


def test_a_name_may_have_256_characters(kms, key):
    name = f"alias/{key}".ljust(256, "x")
    kms.create_alias(AliasName=name, TargetKeyId=key)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key


def test_names_are_case_sensitive(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/case-{key}", TargetKeyId=key)
    kms.create_alias(AliasName=f"alias/CASE-{key}", TargetKeyId=other)
    assert names(kms, key) == [f"alias/case-{key}"]
    assert names(kms, other) == [f"alias/CASE-{key}"]


def test_only_the_aliases_of_one_key_when_asked(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    mine = [f"alias/filter-{number}-{key}" for number in range(3)]
    for name in mine:
        kms.create_alias(AliasName=name, TargetKeyId=key)
    kms.create_alias(AliasName=f"alias/filter-{other}", TargetKeyId=other)
    assert names(kms, key) == names(kms, key_arn(key)) == mine


def test_an_alias_moves_to_another_key(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    name = f"alias/moving-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    kms.update_alias(AliasName=name, TargetKeyId=other)
    assert entries(kms)[name]["TargetKeyId"] == other
    assert (names(kms, key), names(kms, other)) == ([], [name])


def test_a_move_is_dated_and_leaves_the_creation_date_alone(start):
    server = start("--dev")
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/dated", TargetKeyId=key)
    before = entries(kms)["alias/dated"]
    assert send(server, {}, b'{"advance_seconds": 3600}', path="/_trent/clock").status == 200
    kms.update_alias(AliasName="alias/dated", TargetKeyId=key)
    after = entries(kms)["alias/dated"]
    assert after["CreationDate"] == before["CreationDate"]
    assert 3600 <= (after["LastUpdatedDate"] - before["LastUpdatedDate"]).total_seconds() < 3700


def test_a_moved_alias_encrypts_with_the_new_key_and_old_blobs_still_open(kms, key):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    name = f"alias/rolling-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    old = kms.encrypt(KeyId=name, Plaintext=b"old")
    kms.update_alias(AliasName=name, TargetKeyId=other)
    new = kms.encrypt(KeyId=name, Plaintext=b"new")
    assert (old["KeyId"], new["KeyId"]) == (key_arn(key), key_arn(other))
    assert kms.decrypt(CiphertextBlob=old["CiphertextBlob"])["Plaintext"] == b"old"
    assert refusal(kms.decrypt, CiphertextBlob=old["CiphertextBlob"], KeyId=name)[0] == "IncorrectKeyException"


def test_a_deleted_alias_is_gone_and_may_be_made_again(kms, key):
    name = f"alias/phoenix-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    kms.delete_alias(AliasName=name)
    assert names(kms, key) == []
    assert refusal(kms.describe_key, KeyId=name)[0] == "NotFoundException"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == key


def test_deleting_an_alias_leaves_its_key_alone(kms, key):
    name = f"alias/gone-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    blob = kms.encrypt(KeyId=name, Plaintext=b"kept")["CiphertextBlob"]
    kms.delete_alias(AliasName=name)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"kept"


def test_a_key_has_50_aliases_and_no_more(kms, key):
    for number in range(50):
        kms.create_alias(AliasName=f"alias/many-{number:02}-{key}", TargetKeyId=key)
    beyond = {"AliasName": f"alias/many-50-{key}", "TargetKeyId": key}
    assert refusal(kms.create_alias, **beyond)[0] == "LimitExceededException"
    kms.delete_alias(AliasName=f"alias/many-00-{key}")
    kms.create_alias(**beyond)
    assert len(names(kms, key)) == 50


def test_no_alias_moves_to_a_key_that_has_50(kms, key):
    for number in range(50):
        kms.create_alias(AliasName=f"alias/full-{number:02}-{key}", TargetKeyId=key)
    beyond = {"AliasName": f"alias/full-50-{key}", "TargetKeyId": key}
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=beyond["AliasName"], TargetKeyId=other)
    assert refusal(kms.update_alias, **beyond)[0] == "LimitExceededException"
    kms.update_alias(AliasName=f"alias/full-00-{key}", TargetKeyId=key)
    assert len(names(kms, key)) == 50


def test_list_aliases_answers_50_unless_told_otherwise(start):
    kms = start().client()
    for number in range(101):
        if number % 50 == 0:
            key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.create_alias(AliasName=f"alias/{number:03}", TargetKeyId=key)
    assert len(kms.list_aliases()["Aliases"]) == 50
    assert len(kms.list_aliases(Limit=100)["Aliases"]) == 100


def test_of_many_who_make_one_alias_at_once_one_succeeds(kms):
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(8)]
    name = f"alias/contended-{keys[0]}"

    def make(key):
        try:
            kms.create_alias(AliasName=name, TargetKeyId=key)
            return key
        except kms.exceptions.AlreadyExistsException:
            return None

    with ThreadPoolExecutor(8) as pool:
        (winner,) = filter(None, pool.map(make, keys))
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"] == winner
    assert [key for key in keys if names(kms, key)] == [winner]


def test_an_alias_that_many_move_at_once_is_listed_with_one_key(kms):
    keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(6)]
    name = f"alias/tossed-{keys[0]}"
    kms.create_alias(AliasName=name, TargetKeyId=keys[0])
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda key: kms.update_alias(AliasName=name, TargetKeyId=key), keys * 4))
    holder = kms.describe_key(KeyId=name)["KeyMetadata"]["KeyId"]
    assert [key for key in keys if names(kms, key)] == [holder]


def test_aliases_survive_a_restart(start):
    server = start()
    kms = server.client()
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName="alias/durable", TargetKeyId=key)
    before = entries(kms)
    server.restart()
    assert entries(kms) == before
