"""Tags of keys."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from wire import key_arn, refusal


def tags(kms, key):
    pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key)
    return [(tag["TagKey"], tag["TagValue"]) for page in pages for tag in page["Tags"]]


def as_members(*pairs):
    return [{"TagKey": name, "TagValue": value} for name, value in pairs]


def test_a_new_key_has_no_tags(kms, key):
    assert tags(kms, key) == []


def test_tags_given_at_creation_are_listed_in_their_order(kms):
    pairs = [("zoo", "1"), ("ant", "2"), ("Ant", "3")]
    key = kms.create_key(Tags=as_members(*pairs))["KeyMetadata"]["KeyId"]
    assert tags(kms, key) == pairs


def test_tags_are_added_behind_those_that_are_there(kms, key):
    kms.tag_resource(KeyId=key, Tags=as_members(("b", "1")))
    kms.tag_resource(KeyId=key_arn(key), Tags=as_members(("a", "2"), ("c", "3")))
    assert tags(kms, key_arn(key)) == [("b", "1"), ("a", "2"), ("c", "3")]


def test_a_new_value_takes_the_place_of_the_old(kms, key):
    kms.tag_resource(KeyId=key, Tags=as_members(("a", "1"), ("b", "2")))
    kms.tag_resource(KeyId=key, Tags=as_members(("a", "3")))
    assert tags(kms, key) == [("a", "3"), ("b", "2")]


def test_untagging_takes_what_is_named_and_minds_nothing_missing(kms, key):
    kms.tag_resource(KeyId=key, Tags=as_members(("a", "1"), ("b", "2"), ("c", "3")))
    kms.untag_resource(KeyId=key, TagKeys=["a", "c", "never there"])
    assert tags(kms, key) == [("b", "2")]
    kms.untag_resource(KeyId=key, TagKeys=["a"])
    assert tags(kms, key) == [("b", "2")]


@pytest.mark.parametrize(
    "pair", [("empty", ""), ("k" * 128, "v" * 256), ("ключ 🗝", "válue +-=._:/@"), ("a b", " ")]
)
def test_tags_are_kept_to_the_letter(kms, key, pair):
    kms.tag_resource(KeyId=key, Tags=as_members(pair))
    assert tags(kms, key) == [pair]


def test_fifty_tags_fit_and_are_one_page(kms):
    pairs = [(f"k{number}", str(number)) for number in range(50)]
    key = kms.create_key(Tags=as_members(*pairs))["KeyMetadata"]["KeyId"]
    answer = kms.list_resource_tags(KeyId=key)
    assert (len(answer["Tags"]), answer["Truncated"], "NextMarker" in answer) == (50, False, False)


def test_a_full_key_takes_new_values_but_no_new_tags(kms):
    pairs = [(f"k{number}", "old") for number in range(50)]
    key = kms.create_key(Tags=as_members(*pairs))["KeyMetadata"]["KeyId"]
    kms.tag_resource(KeyId=key, Tags=as_members(("k7", "new")))
    assert dict(tags(kms, key))["k7"] == "new"
    assert refusal(kms.tag_resource, KeyId=key, Tags=as_members(("one more", ""))) == ("TagException", "Too many tags")


def test_a_refused_request_changes_no_tag(kms, key):
    kms.tag_resource(KeyId=key, Tags=as_members(("a", "1")))
    refusal(kms.tag_resource, KeyId=key, Tags=as_members(("a", "2"), ("aws:b", "3")))
    refusal(kms.untag_resource, KeyId=key, TagKeys=["a", "aws:b"])
    assert tags(kms, key) == [("a", "1")]


def test_a_refused_creation_makes_no_key(start):
    kms = start().client()
    refusal(kms.create_key, Tags=as_members(("aws:a", "1")))
    assert kms.list_keys()["Keys"] == []


def test_of_tags_set_at_the_same_time_none_is_lost(kms, key):
    pairs = [(f"k{number}", str(number)) for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda pair: kms.tag_resource(KeyId=key, Tags=as_members(pair)), pairs))
    assert sorted(tags(kms, key)) == sorted(pairs)


def test_tags_survive_a_restart(start):
    server = start()
    kms = server.client()
    key = kms.create_key(Tags=as_members(("b", "1"), ("a", "2")))["KeyMetadata"]["KeyId"]
    server.restart()
    assert tags(kms, key) == [("b", "1"), ("a", "2")]
