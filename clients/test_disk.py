"""What happens when the disk is full, lies, or is already somebody else's."""

import base64
import json
import os
import random
import re
import shutil
import sqlite3
import subprocess

import pytest
from trent import ACCOUNT, REGION, StartFailure, Trent, eventually, get
from sockets import Signer, Wire

FULL = "The key store is out of space; nothing was changed."
UNRECORDED = "The audit trail cannot be written; the request was refused."
VERIFIED = re.compile("all records are what was written|some records are not|records could not be verified")
OFFSETS = int(os.environ.get("TRENT_FLIP_OFFSETS", "60"))
SEED = int(os.environ.get("TRENT_FLIP_SEED", "1"))


class Session(Wire):
    """A connection as the root user."""

    def __init__(self, server):
        super().__init__(server, Signer(server))

    def ok(self, operation, **members):
        answer = self.call(operation, **members)
        assert answer.status == 200, (operation, answer)
        return answer.json

    def broken(self, operation, message=None, **members):
        """A call that must fail on the server's side, and tells nothing else."""
        answer = self.call(operation, **members)
        assert (answer.status, answer.code, answer.message) == (500, "KMSInternalException", message), answer
        assert answer.json.keys() <= {"__type", "message"}

    def pages(self, operation, member):
        found, more = [], {}
        while True:
            page = self.ok(operation, Limit=100, **more)
            found += page[member]
            if not page["Truncated"]:
                return found
            more = {"Marker": page["NextMarker"]}


PLAINTEXT = base64.b64encode(b"attack at dawn").decode()


def fill(directory):
    """Takes all the space that is left, to the last byte."""
    with (directory / "filler").open("wb", buffering=0) as filler:
        for size in (1 << 20, 4096, 1):
            try:
                while filler.write(bytes(size)) == size:
                    pass
            except OSError:
                pass
    return directory / "filler"


@pytest.fixture
def small_disk(tmp_path):
    """A directory on a file system of 16 MB."""
    directory = tmp_path / "data"
    directory.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=16m,mode=0700", "tmpfs", directory]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        pytest.skip("there is no `mount`")
    if done.returncode != 0:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield directory
    subprocess.run(["umount", directory], check=True)


@pytest.fixture
def on_small_disk(small_disk):
    server = Trent(small_disk).start()
    yield server
    if server.running():
        server.kill()


def write_until_full(session):
    """Creates keys until there is no space for more; answers those that were made.

    Now and then one is made after a refusal, in space that the log gave back."""
    made, in_a_row = [], 0
    for _ in range(20_000):
        answer = session.call("CreateKey", Description="x" * 8000)
        if answer.status == 200:
            made.append(answer.json["KeyMetadata"]["KeyId"])
            in_a_row = 0
            continue
        assert (answer.status, answer.code, answer.message) == (500, "KMSInternalException", FULL), answer
        in_a_row += 1
        if in_a_row == 30:
            return made
    raise AssertionError("the disk is never full")


def test_a_full_disk_refuses_writes_and_nothing_else(small_disk, on_small_disk):
    server, session = on_small_disk, Session(on_small_disk)
    key = session.ok("CreateKey")["KeyMetadata"]["KeyId"]
    session.ok("CreateAlias", AliasName="alias/a", TargetKeyId=key)
    blob = session.ok("Encrypt", KeyId=key, Plaintext=PLAINTEXT)["CiphertextBlob"]
    filler = fill(small_disk)

    made = write_until_full(session)
    changes = [
        ("CreateKey", {"Description": "y" * 8000}),
        ("PutKeyPolicy", {"KeyId": key, "PolicyName": "default", "Policy": long_policy()}),
    ]
    for _ in range(20):
        for operation, members in changes:
            session.broken(operation, FULL, **members)
        assert session.ok("DescribeKey", KeyId="alias/a")["KeyMetadata"]["Enabled"]
        assert session.ok("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAINTEXT
        session.ok("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
        session.ok("GenerateDataKey", KeyId=key, KeySpec="AES_256")
    assert {listed["KeyId"] for listed in session.pages("ListKeys", "Keys")} == {key, *made}
    assert "Enable IAM User Permissions" in session.ok("GetKeyPolicy", KeyId=key)["Policy"]
    assert server.metrics()["trent_store_errors_total"] >= 20

    filler.unlink()
    made.append(session.ok("CreateKey", Description="y" * 8000)["KeyMetadata"]["KeyId"])
    session.ok("PutKeyPolicy", KeyId=key, PolicyName="default", Policy=long_policy())
    # What was refused stays refused, and what was made stays made.
    server.kill()
    session = Session(server.start())
    assert {listed["KeyId"] for listed in session.pages("ListKeys", "Keys")} == {key, *made}
    assert session.ok("GetKeyPolicy", KeyId=key)["Policy"] == long_policy()
    assert session.ok("Decrypt", CiphertextBlob=blob)["Plaintext"] == PLAINTEXT
    assert server.stop() == 0


def long_policy():
    root = f"arn:aws:iam::{ACCOUNT}:root"
    statement = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Id": "i" * 20_000, "Statement": [statement]})


def test_requests_that_cannot_be_recorded_are_refused_until_they_can(small_disk, on_small_disk):
    server, session = on_small_disk, Session(on_small_disk)
    key = session.ok("CreateKey")["KeyMetadata"]["KeyId"]
    filler = fill(small_disk)
    context = {"c": "x" * 8000}  # recorded in clear, so the space set aside is used up sooner
    answers = []
    while len(answers) < 5000 and (not answers or answers[-1].status == 200):
        answers.append(session.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT, EncryptionContext=context))
    assert len(answers) > 100, "space was set aside for the trail"
    for _ in range(3):
        session.broken("Encrypt", UNRECORDED, KeyId=key, Plaintext=PLAINTEXT, EncryptionContext=context)
    eventually(lambda: get(f"{server.admin}/readyz")[0] == 503, what="not ready")
    assert get(f"{server.admin}/livez")[0] == 200

    filler.unlink()
    told = session.call("Encrypt", KeyId=key, Plaintext=PLAINTEXT, EncryptionContext=context)
    assert told.status == 200
    eventually(lambda: get(f"{server.admin}/readyz")[0] == 200, what="ready again")
    recorded = {record.get("requestID") for record in server.records()}
    assert recorded >= {answer.request_id for answer in [*answers, told] if answer.status == 200}
    assert server.stop() == 0


def test_a_second_process_is_refused(start):
    first = start()
    with pytest.raises(StartFailure, match="is in use by another process") as refused:
        Trent(first.data_dir).start()
    assert refused.value.code == 2
    Session(first).ok("CreateKey")
    # A lock of a process that was killed is no lock.
    first.kill()
    Session(first.start()).ok("CreateKey")


def database(server):
    return sqlite3.connect(server.data_dir / "trent.db")


def flip(value, position, bit=0):
    changed = bytearray(value)
    changed[position] ^= 1 << bit
    return bytes(changed)


def flip_record(records, path, position, bit=0):
    [(value,)] = records.execute("SELECT value FROM records WHERE path LIKE ?", [path])
    records.execute("UPDATE records SET value = ? WHERE path LIKE ?", [flip(value, position, bit), path])


class Stocked:
    """A server with keys, each with an alias, a tag, and a ciphertext, that is stopped now."""

    def __init__(self, server, count):
        self.server = server
        session = Session(server)
        self.keys, self.blobs = [], []
        for number in range(count):
            tags = [{"TagKey": "number", "TagValue": str(number)}]
            made = session.ok("CreateKey", Description=f"key {number}", Tags=tags)["KeyMetadata"]
            self.keys.append(made["KeyId"])
            session.ok("CreateAlias", AliasName=f"alias/{number}", TargetKeyId=made["KeyId"])
            made = session.ok("Encrypt", KeyId=made["KeyId"], Plaintext=self.plaintext(number))
            self.blobs.append(made["CiphertextBlob"])
        session.close()
        assert server.stop() == 0

    @staticmethod
    def plaintext(number):
        return base64.b64encode(f"secret {number}".encode()).decode()

    def place(self, kind, number):
        """The path of a record, as a pattern."""
        if kind == "alias":
            return f"/{ACCOUNT}/{REGION}/alias/alias/{number}"
        return f"/{ACCOUNT}/{REGION}/{kind}/{self.keys[number]}" + ("/%" if kind == "material" else "")

    def works(self, session, number):
        """All that can be done with a key."""
        key = self.keys[number]
        told = session.ok("DescribeKey", KeyId=f"alias/{number}")["KeyMetadata"]
        assert (told["KeyId"], told["Description"]) == (key, f"key {number}")
        assert session.ok("Decrypt", CiphertextBlob=self.blobs[number])["Plaintext"] == self.plaintext(number)
        made = session.ok("GenerateDataKey", KeyId=key, KeySpec="AES_256")
        assert session.ok("Decrypt", CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
        session.ok("TagResource", KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}])

    def record_is_broken(self, session, number):
        """Nothing can be done with a key whose record is not what was written."""
        key, policy = self.keys[number], {"PolicyName": "default", "Policy": long_policy()}
        for operation, members in [
            ("DescribeKey", {}), ("Encrypt", {"Plaintext": PLAINTEXT}), ("GenerateDataKey", {"NumberOfBytes": 9}),
            ("EnableKey", {}), ("DisableKey", {}), ("GetKeyPolicy", {}), ("PutKeyPolicy", policy),
            ("ListResourceTags", {}), ("TagResource", {"Tags": [{"TagKey": "a", "TagValue": "b"}]}),
            ("UpdateKeyDescription", {"Description": "new"}),
        ]:  # fmt: skip
            session.broken(operation, KeyId=key, **members)
        session.broken("DescribeKey", KeyId=f"alias/{number}")
        session.broken("Decrypt", CiphertextBlob=self.blobs[number])
        session.broken("Decrypt", CiphertextBlob=self.blobs[number], KeyId=key)

    def material_is_broken(self, session, number):
        """A key whose material is not what was written can be looked at and no more."""
        key = self.keys[number]
        session.ok("DescribeKey", KeyId=key)
        session.broken("Decrypt", CiphertextBlob=self.blobs[number])
        session.broken("Encrypt", KeyId=key, Plaintext=PLAINTEXT)
        session.broken("GenerateDataKey", KeyId=key, KeySpec="AES_256")
        session.broken("GenerateDataKeyWithoutPlaintext", KeyId=key, KeySpec="AES_256")

    def alias_is_broken(self, session, number):
        """An alias that is not what was written leads nowhere; its key works by its id."""
        session.ok("DescribeKey", KeyId=self.keys[number])
        session.broken("DescribeKey", KeyId=f"alias/{number}")
        session.broken("Encrypt", KeyId=f"alias/{number}", Plaintext=PLAINTEXT)
        session.broken("UpdateAlias", AliasName=f"alias/{number}", TargetKeyId=self.keys[number])
        session.broken("DeleteAlias", AliasName=f"alias/{number}")
        session.broken("ListAliases")

    def restarted(self, damaged):
        """A session with the server, once it has told of the damage."""
        self.server.start()
        metric = "trent_store_damaged_records"
        eventually(lambda: self.server.metrics()[metric] == damaged, what=f"{damaged} damaged records")
        # The count is told behind the records.
        told = self.server.log()
        assert told.count("a stored record is damaged") == damaged
        return Session(self.server)


def test_a_flipped_bit_in_a_record_is_told_and_not_served(start):
    stocked = Stocked(start(), 16)
    # Of a record: its format, the domain key's version, the nonce, the ciphertext, the tag.
    positions = [0, 4, 5, 20, 30, -17, -16, -1]
    with database(stocked.server) as records:
        for number, position in enumerate(positions):
            flip_record(records, stocked.place("key", number), position, bit=number)
        for number, position in [(8, 0), (9, 30), (10, -1)]:
            flip_record(records, stocked.place("material", number), position)
        for number, position in [(11, 4), (12, 30), (13, -1)]:
            flip_record(records, stocked.place("alias", number), position)
    records.close()
    session = stocked.restarted(damaged=14)
    for number in stocked.keys[:8]:
        assert f"/key/{number}` is not the one that was written" in stocked.server.log()
    for number in range(8):
        stocked.record_is_broken(session, number)
    for number in (8, 9, 10):
        stocked.material_is_broken(session, number)
    for number in (11, 12, 13):
        stocked.alias_is_broken(session, number)
    for number in (14, 15):
        stocked.works(session, number)


def test_a_moved_or_swapped_record_is_told_and_not_served(start):
    stocked = Stocked(start(), 12)
    place = stocked.place
    with database(stocked.server) as records:
        swap(records, place("key", 0), place("key", 1))
        swap(records, place("material", 2), place("material", 3))
        swap(records, place("alias", 4), place("alias", 5))
        # A record laid over another, one of another kind, and one that says to be newer.
        copy(records, place("key", 11), place("key", 6))
        copy(records, place("alias", 11), place("key", 7))
        records.execute("UPDATE records SET version = version + 1 WHERE path LIKE ?", [place("key", 8)])
        records.execute("UPDATE records SET path = ? WHERE path = ?", [place("alias", "moved"), place("alias", 9)])
    records.close()
    session = stocked.restarted(damaged=10)
    for number in (0, 1, 6, 7, 8):
        stocked.record_is_broken(session, number)
    for number in (2, 3):
        stocked.material_is_broken(session, number)
    for number in (4, 5):
        stocked.alias_is_broken(session, number)
    session.broken("DescribeKey", KeyId="alias/moved")
    assert session.call("DescribeKey", KeyId="alias/9").code == "NotFoundException"
    for number in (10, 11):
        stocked.works(session, number)


def swap(records, one, other):
    values = [
        records.execute("SELECT value FROM records WHERE path LIKE ?", [path]).fetchone() for path in (one, other)
    ]
    for path, (value,) in zip((other, one), values, strict=True):
        records.execute("UPDATE records SET value = ? WHERE path LIKE ?", [value, path])


def copy(records, source, target):
    (value,) = records.execute("SELECT value FROM records WHERE path LIKE ?", [source]).fetchone()
    records.execute("UPDATE records SET value = ? WHERE path LIKE ?", [value, target])


def test_nobody_comes_in_with_a_damaged_credential(start):
    stocked = Stocked(start(), 1)
    records = database(stocked.server)
    [(path, value)] = records.execute("SELECT path, value FROM records WHERE path LIKE '/credential/%'").fetchall()
    for position in (0, 4, 10, 30, -1):
        with records:
            records.execute("UPDATE records SET value = ? WHERE path = ?", [flip(value, position, 7), path])
        told = stocked.server.log().count("a stored record is damaged")
        server = stocked.server.start()
        eventually(lambda: server.metrics()["trent_store_damaged_records"] == 1, what="the damage")
        assert stocked.server.log().count("a stored record is damaged") == told + 1
        session = Session(server)
        session.broken("ListKeys")
        session.broken("DescribeKey", KeyId=stocked.keys[0])
        session.broken("Decrypt", CiphertextBlob=stocked.blobs[0])
        session.broken("CreateKey")
        assert server.stop() == 0
    with records:
        records.execute("UPDATE records SET value = ? WHERE path = ?", [value, path])
    records.close()
    stocked.works(Session(stocked.server.start()), 0)


class Judge:
    """Takes right answers and refusals, and counts what there is of each."""

    def __init__(self, stocked, server):
        self.stocked, self.session = stocked, Session(server)
        self.right = self.refused = self.missing = 0

    def ask(self, right, operation, **members):
        answer = self.session.call(operation, **members)
        if answer.status == 200:
            assert right(answer.json), f"a wrong answer to {operation} {members}: {answer}"
            self.right += 1
        elif answer.status == 500:
            assert answer.code == "KMSInternalException", answer
            self.refused += 1
        else:
            # Where a page is damaged a record may not be found. Whoever asks for it cannot be told
            # so, but the operator is.
            gone = {"NotFoundException", "AccessDeniedException", "UnrecognizedClientException"}
            assert answer.code in gone, (operation, answer)
            self.missing += 1

    def ask_all(self):
        stocked = self.stocked
        for number, (key, blob) in enumerate(zip(stocked.keys, stocked.blobs, strict=True)):
            named = (key, f"key {number}")
            for name in (key, f"alias/{number}"):
                self.ask(lambda told: described(told) == named, "DescribeKey", KeyId=name)
            tags = [{"TagKey": "number", "TagValue": str(number)}]
            self.ask(lambda told: told["Tags"] == tags, "ListResourceTags", KeyId=key)
            self.ask(lambda told: "Enable IAM" in told["Policy"], "GetKeyPolicy", KeyId=key)
            plaintext = stocked.plaintext(number)
            self.ask(lambda told: told["Plaintext"] == plaintext, "Decrypt", CiphertextBlob=blob)
        aliases = {(f"alias/{number}", key) for number, key in enumerate(stocked.keys)}
        self.ask(lambda told: self.subset(aliases, told["Aliases"], "AliasName", "TargetKeyId"), "ListAliases")
        arns = {(key, f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{key}") for key in stocked.keys}
        self.ask(lambda told: self.subset(arns, told["Keys"], "KeyId", "KeyArn"), "ListKeys")

    def subset(self, expected, listed, *members):
        """No list names what was never there; what is gone from it is counted."""
        found = [tuple(item.get(member) for member in members) for item in listed]
        self.missing += len(expected) - len(found)
        return set(found) <= expected and len(set(found)) == len(found)


def described(told):
    return told["KeyMetadata"]["KeyId"], told["KeyMetadata"]["Description"]


def offsets(data, chance):
    """Half of them anywhere, and half where the pages' own bookkeeping lies."""
    anywhere = chance.sample(range(len(data)), OFFSETS // 2)
    pages = range(0, len(data), 4096)
    return anywhere + [chance.choice(pages) + chance.randrange(64) for _ in range(OFFSETS - OFFSETS // 2)]


def test_a_flipped_byte_anywhere_never_makes_a_wrong_answer(start, tmp_path):
    stocked = Stocked(start(), 10)
    sound = (stocked.server.data_dir / "trent.db").read_bytes()
    assert not (stocked.server.data_dir / "trent.db-wal").exists()
    chance = random.Random(SEED)
    counts = {"refused starts": 0, "right": 0, "refused": 0, "missing": 0}
    copy_dir, untold = tmp_path / "copy", []
    for offset in offsets(sound, chance):
        shutil.rmtree(copy_dir, ignore_errors=True)
        shutil.copytree(stocked.server.data_dir, copy_dir, ignore=shutil.ignore_patterns("audit"))
        changed = bytearray(sound)
        changed[offset] ^= chance.randrange(1, 256)
        (copy_dir / "trent.db").write_bytes(changed)
        server = Trent(copy_dir)
        told = len(server.log()) if server.log_path.exists() else 0
        try:
            server.start()
        except StartFailure as failure:
            assert failure.code in (1, 2), failure
            counts["refused starts"] += 1
            continue
        judge = Judge(stocked, server)
        try:
            judge.ask_all()
            verified = eventually(lambda: VERIFIED.search(server.log()[told:]), what="the verification")
        except AssertionError as error:
            raise AssertionError(f"byte {offset} of {len(sound)}: {error}") from error
        finally:
            server.kill()
        if judge.missing and "all records are" in verified.group():
            untold.append(offset)
        for count in ("right", "refused", "missing"):
            counts[count] += getattr(judge, count)
    assert "panicked" not in server.log()
    assert counts["refused"] and counts["right"]
    print(f"\n{OFFSETS} bytes: {counts}")
    assert not untold, f"records are gone and nobody is told, with these bytes flipped: {untold}"
