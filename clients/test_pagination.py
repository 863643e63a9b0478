"""Pages: complete, without repetition, in small steps and while things change."""

import base64
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from trent import Trent
from wire import call, refusal

SIZE = 7
COUNT = 1000
PER_KEY = 50
ELSEWHERE = "eu-central-1"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pagination") / "data"
    server = Trent(directory, "--region", "us-east-1", "--region", ELSEWHERE).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def kms(server):
    return server.client(max_pool_connections=8)


def together(work, items):
    """Does some work on all items with several threads; answers in the order of the items."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(work, items))


@pytest.fixture(scope="module")
def keys(kms):
    return together(lambda _: kms.create_key()["KeyMetadata"]["KeyId"], range(COUNT))


@pytest.fixture(scope="module")
def aliases(kms, keys):
    """1,000 names, 50 to a key."""
    names = [f"alias/{number:04}" for number in range(COUNT)]
    together(lambda n: kms.create_alias(AliasName=names[n], TargetKeyId=keys[n // PER_KEY]), range(COUNT))
    return names


def pages(kms, operation, size=SIZE, **members):
    return list(kms.get_paginator(operation).paginate(PaginationConfig={"PageSize": size}, **members))


def check(pages, member, total):
    """All pages are full but the last, and only the last has no marker; answers the items."""
    *full, last = [len(page[member]) for page in pages]
    assert set(full) <= {SIZE}
    assert sum(full) + last == total
    assert [page["Truncated"] for page in pages] == [True] * len(full) + [False]
    assert ["NextMarker" in page for page in pages] == [page["Truncated"] for page in pages]
    return [item for page in pages for item in page[member]]


def test_all_keys(kms, keys):
    listed = check(pages(kms, "list_keys"), "Keys", COUNT)
    assert sorted(entry["KeyId"] for entry in listed) == sorted(keys)


def test_all_aliases(kms, aliases):
    listed = check(pages(kms, "list_aliases"), "Aliases", COUNT)
    assert sorted(entry["AliasName"] for entry in listed) == aliases


def test_all_aliases_of_a_key(kms, keys, aliases):
    listed = check(pages(kms, "list_aliases", KeyId=keys[3]), "Aliases", PER_KEY)
    assert sorted(entry["AliasName"] for entry in listed) == aliases[3 * PER_KEY : 4 * PER_KEY]


def test_a_key_without_aliases_has_one_empty_page(kms, keys, aliases):
    assert check(pages(kms, "list_aliases", KeyId=keys[-1]), "Aliases", 0) == []


def test_all_tags_in_their_order(kms, keys):
    tags = [{"TagKey": f"{number * 37 % 50}", "TagValue": str(number)} for number in range(50)]
    kms.tag_resource(KeyId=keys[0], Tags=tags)
    assert check(pages(kms, "list_resource_tags", KeyId=keys[0]), "Tags", 50) == tags


def test_all_policies(kms, keys):
    assert check(pages(kms, "list_key_policies", KeyId=keys[0]), "PolicyNames", 1) == ["default"]


@pytest.mark.parametrize("size", [50, 999, 1000])
def test_other_page_sizes(kms, keys, size):
    listed = [entry["KeyId"] for page in pages(kms, "list_keys", size) for entry in page["Keys"]]
    assert sorted(listed) == sorted(keys)


def test_the_last_page_may_be_full(kms, aliases, keys):
    found = pages(kms, "list_aliases", 10, KeyId=keys[0])
    assert [(len(page["Aliases"]), page["Truncated"]) for page in found] == [(10, True)] * 4 + [(10, False)]


def test_the_size_may_change_from_page_to_page(kms, keys):
    first = kms.list_keys(Limit=SIZE)
    rest = kms.list_keys(Limit=1000, Marker=first["NextMarker"])
    assert sorted(entry["KeyId"] for entry in first["Keys"] + rest["Keys"]) == sorted(keys)


def test_a_marker_may_be_used_again(kms, keys):
    marker = kms.list_keys(Limit=SIZE)["NextMarker"]
    assert kms.list_keys(Limit=SIZE, Marker=marker)["Keys"] == kms.list_keys(Limit=SIZE, Marker=marker)["Keys"]


def test_a_marker_survives_a_restart(start):
    server = start()
    kms = server.client()
    made = sorted(kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3))
    first = kms.list_keys(Limit=1)
    server.restart()
    rest = kms.list_keys(Marker=first["NextMarker"])
    assert sorted(entry["KeyId"] for entry in first["Keys"] + rest["Keys"]) == made


class Garden:
    """Aliases in a Region of their own, which tests may plant and pull up."""

    def __init__(self, kms, stem, keys):
        self.kms, self.stem = kms, stem
        self.keys = [kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(keys)]
        self.lock = threading.Lock()
        self.planted = 0

    def plant(self, letter, number):
        with self.lock:
            key = self.keys[self.planted // PER_KEY]
            self.planted += 1
        name = f"alias/{self.stem}/{letter}{number:03}"
        self.kms.create_alias(AliasName=name, TargetKeyId=key)
        return name

    def pull(self, name):
        self.kms.delete_alias(AliasName=name)


def rest_of(kms, first):
    """The names on all pages behind a first one."""
    names, page = [], first
    while page["Truncated"]:
        page = kms.list_aliases(Limit=SIZE, Marker=page["NextMarker"])
        names += [entry["AliasName"] for entry in page["Aliases"]]
    return names


def test_a_marker_survives_the_death_of_all_it_passed_and_births_before_and_behind(start):
    kms = start().client()
    garden = Garden(kms, "g", 3)
    names = [garden.plant("m", number) for number in range(40)]
    first = kms.list_aliases(Limit=SIZE)
    seen = [entry["AliasName"] for entry in first["Aliases"]]
    unseen = [name for name in names if name not in seen]
    for name in seen + unseen[::3]:
        garden.pull(name)
    for number in range(10):
        garden.plant("a", number)
        garden.plant("z", number)
    rest = rest_of(kms, first)
    stayed = [name for index, name in enumerate(unseen) if index % 3]
    assert [name for name in rest if name in names] == stayed
    assert len(set(rest)) == len(rest)
    assert not set(rest) & set(seen)


def test_what_stays_is_listed_once_while_others_come_and_go(server):
    kms = server.client(region=ELSEWHERE, max_pool_connections=8)
    garden = Garden(kms, "busy", 20)
    stays = [garden.plant("s", number) for number in range(100)]
    done = threading.Event()

    def disturb(letter):
        for number in range(200):
            if done.is_set():
                return number
            garden.pull(garden.plant(letter, number))
            kms.create_key()
        return 200

    with ThreadPoolExecutor(3) as pool:
        disturbers = [pool.submit(disturb, letter) for letter in ("a", "s9", "z")]
        try:
            for _ in range(5):
                found = [entry for page in pages(kms, "list_aliases") for entry in page["Aliases"]]
                listed = [entry["AliasName"] for entry in found]
                assert len(set(listed)) == len(listed)
                assert [name for name in listed if name in stays] == stays
                ids = [entry["KeyId"] for page in pages(kms, "list_keys") for entry in page["Keys"]]
                assert len(set(ids)) == len(ids)
                assert set(garden.keys) <= set(ids)
        finally:
            done.set()
        assert sum(disturber.result() for disturber in disturbers) > 0


def refused(call, **members):
    return refusal(call, **members)[0] == "InvalidMarkerException"


def test_the_marker_of_another_list_is_refused(kms, keys, aliases):
    kms.tag_resource(KeyId=keys[1], Tags=[{"TagKey": key, "TagValue": ""} for key in "ab"])
    kms.tag_resource(KeyId=keys[2], Tags=[{"TagKey": key, "TagValue": ""} for key in "ab"])
    lists = [
        (kms.list_keys, {}),
        (kms.list_aliases, {}),
        (kms.list_aliases, {"KeyId": keys[1]}),
        (kms.list_aliases, {"KeyId": keys[2]}),
        (kms.list_resource_tags, {"KeyId": keys[1]}),
        (kms.list_resource_tags, {"KeyId": keys[2]}),
    ]
    markers = [call(Limit=1, **members)["NextMarker"] for call, members in lists]
    for mine, (call, members) in enumerate(lists):
        for theirs, marker in enumerate(markers):
            if mine == theirs:
                assert call(Marker=marker, **members)
            else:
                assert refused(call, Marker=marker, **members)


def test_the_marker_of_a_list_of_other_owners_is_refused(server, keys):
    marker = call(server, "ListKeys", {"Limit": 1, "ResourceOwners": ["SELF"]}).json["NextMarker"]
    assert call(server, "ListKeys", {"Marker": marker, "ResourceOwners": ["SELF"]}).status == 200
    both = {"Marker": marker, "ResourceOwners": ["SELF", "OTHER_ACCOUNTS_VIA_RAM"]}
    assert call(server, "ListKeys", both).json["__type"] == "InvalidMarkerException"


def test_the_marker_of_another_region_is_refused(server, kms, keys):
    elsewhere = server.client(region=ELSEWHERE)
    assert refused(elsewhere.list_keys, Marker=kms.list_keys(Limit=1)["NextMarker"])


def test_the_marker_of_another_server_is_refused(start, kms, keys):
    assert refused(start().client().list_keys, Marker=kms.list_keys(Limit=1)["NextMarker"])


@pytest.mark.parametrize("operation", ["list_keys", "list_aliases"])
def test_a_changed_marker_is_refused(kms, aliases, operation):
    call = getattr(kms, operation)
    marker = call(Limit=SIZE)["NextMarker"]
    changed = [marker[:at] + ("B" if marker[at] == "A" else "A") + marker[at + 1 :] for at in range(len(marker) - 1)]
    changed += [marker[:-4], marker + "AAAA", marker * 2, marker[4:], " " + marker, marker + "=", marker.swapcase()]
    assert all(together(lambda text: refused(call, Marker=text), changed))


@pytest.mark.parametrize(
    "text", ["x", " ", "null", "\u00ff", "../..", "0" * 1024, base64.b64encode(b"7" * 40).decode()]
)
def test_an_invented_marker_is_refused(kms, keys, text):
    for call, members in ((kms.list_keys, {}), (kms.list_aliases, {}), (kms.list_resource_tags, {"KeyId": keys[0]})):
        assert refused(call, Marker=text, **members)
