"""Killed at any moment, the server keeps what it acknowledged.

The ledger lives in this process. It is written when an answer has been read whole, and only then.
Each key, alias and tag is changed by one thread alone, so that what must be there is known exactly;
the one request that a kill leaves without an answer may have happened or not, and nothing between.
"""

import base64
import gzip
import http.client
import json
import os
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from trent import ACCOUNT, StartFailure, eventually
from sockets import Signer, Wire

ROUNDS = int(os.environ.get("TRENT_KILL_ROUNDS", "8"))
SEED = int(os.environ.get("TRENT_KILL_SEED", str(random.SystemRandom().randrange(1 << 32))))
CLIENTS = 16
CHECKERS = 8
SAMPLE = 150
GONE = (ConnectionError, http.client.HTTPException, TimeoutError)
# Another thread changed the same record too often: refused, and nothing was changed.
REFUSALS = {"ThrottlingException"}


@dataclass
class Key:
    """What a key must look like. A tag that was removed stays here as None."""

    key_id: str
    facts: dict = field(default_factory=lambda: {"description": "", "enabled": True})


@dataclass
class Ciphertext:
    blob: str
    context: dict
    plaintext: str | None
    key: Key


class Lost(AssertionError):
    """Something that was acknowledged is not there."""


class Ledger:
    """All that was acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.keys = {}
        self.aliases = {}
        self.ciphertexts = []
        self.requests = {}
        self.unanswered_creations = 0
        self.touched = set()
        self.surprises = []

    def answered(self, operation, answer):
        with self.lock:
            self.requests[answer.request_id] = operation


class Client(threading.Thread):
    """One of those who load the server, until it is gone."""

    def __init__(self, number, server, signer, ledger, shared, seed):
        super().__init__(daemon=True)
        self.number, self.ledger, self.shared = number, ledger, shared
        self.random = random.Random(seed)
        self.wire = Wire(server, signer)
        self.keys, self.aliases = [], {}
        # The change without an answer, if there is one: where it would be seen, and as what.
        self.doubt = None
        self.count = 0

    def reconnect(self, server):
        """The same client, with what it owns, for the next round."""
        next_one = Client(self.number, server, self.wire.signer, self.ledger, self.shared, self.random.random())
        next_one.keys, next_one.aliases, next_one.count = self.keys, self.aliases, self.count
        return next_one

    def run(self):
        choices = [
            (self.create_key, 10), (self.create_alias, 8), (self.update_alias, 6), (self.delete_alias, 4),
            (self.tag, 8), (self.untag, 4), (self.tag_shared, 6), (self.describe, 8), (self.switch, 8),
            (self.put_policy, 5), (self.encrypt, 18), (self.data_key, 10), (self.hidden_data_key, 3),
            (self.re_encrypt, 4), (self.decrypt, 8),
        ]  # fmt: skip
        steps, weights = zip(*choices, strict=True)
        try:
            while True:
                self.count += 1
                self.random.choices(steps, weights)[0]()
        except GONE:
            pass
        except Exception as error:  # A thread's own failure is the test's.
            self.ledger.surprises.append(repr(error))
        finally:
            self.wire.close()

    def call(self, operation, **members):
        """A call that must be answered well; None when it was refused as it may be."""
        answer = self.wire.call(operation, **members)
        self.ledger.answered(operation, answer)
        if answer.status == 200:
            return answer.json
        if answer.code not in REFUSALS:
            self.ledger.surprises.append(f"{operation}: {answer.status} {answer.body[:300]!r} for {members}")
        return None

    def change(self, key, fact, value, operation, **members):
        """A change of one fact of a key."""
        self.doubt = (key, fact, value)
        answer = self.call(operation, KeyId=key.key_id, **members)
        self.doubt = None
        if answer is not None:
            key.facts[fact] = value
        self.ledger.touched.add(key.key_id)

    def own(self, enabled=False):
        keys = [key for key in self.keys if key.facts["enabled"] or not enabled]
        # Mostly those of late: what was written last is what a crash would lose.
        keys = keys[-12:] if self.random.random() < 0.8 else keys
        return self.random.choice(keys) if keys else self.create_key()

    def create_key(self):
        text = f"{self.number}-{self.count}"
        with self.ledger.lock:
            self.ledger.unanswered_creations += 1
        made = self.call("CreateKey", Description=text, Tags=[{"TagKey": "born", "TagValue": text}])
        key = Key(made["KeyMetadata"]["KeyId"])
        key.facts.update({"description": text, "policy": self.shared.facts["policy"], "tag born": text})
        with self.ledger.lock:
            self.ledger.unanswered_creations -= 1
            self.ledger.keys[key.key_id] = key
        self.ledger.touched.add(key.key_id)
        self.keys.append(key)
        return key

    def set_alias(self, name, key, operation, **members):
        self.doubt = (None, name, key and key.key_id)
        answer = self.call(operation, AliasName=name, **members)
        self.doubt = None
        if answer is not None:
            self.aliases[name] = key and key.key_id

    def create_alias(self):
        key = self.own()
        self.set_alias(f"alias/{self.number}-{self.count}", key, "CreateAlias", TargetKeyId=key.key_id)

    def some_alias(self):
        names = [name for name, target in self.aliases.items() if target]
        return self.random.choice(names) if names else None

    def update_alias(self):
        if name := self.some_alias():
            key = self.own()
            self.set_alias(name, key, "UpdateAlias", TargetKeyId=key.key_id)

    def delete_alias(self):
        if name := self.some_alias():
            self.set_alias(name, None, "DeleteAlias")

    def tag(self, key=None, name=None):
        key, name = key or self.own(), name or f"t{self.random.randrange(5)}"
        value = str(self.count)
        self.change(key, f"tag {name}", value, "TagResource", Tags=[{"TagKey": name, "TagValue": value}])

    def tag_shared(self):
        self.tag(self.shared, f"client {self.number}")

    def untag(self):
        key = self.own()
        name = f"t{self.random.randrange(5)}"
        self.change(key, f"tag {name}", None, "UntagResource", TagKeys=[name])

    def describe(self):
        text = f"described {self.count}"
        self.change(self.own(), "description", text, "UpdateKeyDescription", Description=text)

    def switch(self):
        key = self.own()
        enabled = not key.facts["enabled"]
        self.change(key, "enabled", enabled, "EnableKey" if enabled else "DisableKey")

    def put_policy(self):
        policy = policy_named(f"p{self.number}x{self.count}")
        self.change(self.own(), "policy", policy, "PutKeyPolicy", PolicyName="default", Policy=policy)

    def keep(self, key, blob, plaintext, context):
        made = Ciphertext(blob, context, plaintext, key)
        with self.ledger.lock:
            self.ledger.ciphertexts.append(made)

    def usable(self):
        return self.shared if self.random.random() < 0.3 else self.own(enabled=True)

    def context(self):
        return {"client": str(self.number), "at": str(self.count)}

    def encrypt(self):
        key, context = self.usable(), self.context()
        plaintext = text_of(self.random.randbytes(self.random.randrange(1, 200)))
        made = self.call("Encrypt", KeyId=key.key_id, Plaintext=plaintext, EncryptionContext=context)
        self.keep(key, made["CiphertextBlob"], plaintext, context)

    def data_key(self):
        key, context = self.usable(), self.context()
        made = self.call("GenerateDataKey", KeyId=key.key_id, KeySpec="AES_256", EncryptionContext=context)
        self.keep(key, made["CiphertextBlob"], made["Plaintext"], context)

    def hidden_data_key(self):
        key, context = self.usable(), self.context()
        made = self.call(
            "GenerateDataKeyWithoutPlaintext", KeyId=key.key_id, NumberOfBytes=32, EncryptionContext=context
        )
        self.keep(key, made["CiphertextBlob"], None, context)

    def some_ciphertext(self):
        with self.ledger.lock:
            # A shared key is never disabled; the others are disabled by their owners at any time.
            some = [made for made in self.ledger.ciphertexts[-200:] if made.key is self.shared]
        return self.random.choice(some) if some else None

    def decrypt(self):
        if made := self.some_ciphertext():
            opened = self.call("Decrypt", CiphertextBlob=made.blob, EncryptionContext=made.context)
            check_plaintext(made, opened["Plaintext"])

    def re_encrypt(self):
        if made := self.some_ciphertext():
            key = self.usable()
            moved = self.call(
                "ReEncrypt",
                CiphertextBlob=made.blob,
                SourceEncryptionContext=made.context,
                DestinationKeyId=key.key_id,
                DestinationEncryptionContext={"moved": "yes"},
            )
            self.keep(key, moved["CiphertextBlob"], made.plaintext, {"moved": "yes"})


def text_of(data):
    return base64.b64encode(data).decode()


def policy_named(sid):
    root = f"arn:aws:iam::{ACCOUNT}:root"
    statement = {"Sid": sid, "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def check_plaintext(made, plaintext):
    right = plaintext == made.plaintext if made.plaintext else len(base64.b64decode(plaintext)) == 32
    if not right:
        raise Lost(f"a ciphertext under {made.key.key_id} opened to something else")


class Witness:
    """Compares a server with the ledger."""

    def __init__(self, server, signer, ledger):
        self.server, self.signer, self.ledger = server, signer, ledger
        self.local = threading.local()
        self.read_files = set()
        self.recorded = {}

    def call(self, operation, **members):
        wires = self.local.__dict__
        if wires.get("endpoint") != self.server.endpoint:
            wires.update(endpoint=self.server.endpoint, wire=Wire(self.server, self.signer))
        answer = wires["wire"].call(operation, **members)
        self.ledger.answered(operation, answer)
        return answer

    def ok(self, operation, **members):
        answer = self.call(operation, **members)
        if answer.status != 200:
            raise Lost(f"{operation} {members}: {answer.status} {answer.body!r}")
        return answer.json

    def pages(self, operation, member, limit):
        found, more = [], {}
        while True:
            page = self.ok(operation, Limit=limit, **more)
            found += page[member]
            if not page["Truncated"]:
                return found
            more = {"Marker": page["NextMarker"]}

    def settle(self, clients):
        """Finds out which changes without an answer have happened."""
        aliases = {alias["AliasName"]: alias.get("TargetKeyId") for alias in self.pages("ListAliases", "Aliases", 100)}
        for client in clients:
            if client.doubt is None:
                continue
            key, fact, value = client.doubt
            if key is None:
                seen, old = aliases.get(fact), client.aliases.get(fact)
            else:
                seen, old = self.facts(key)[fact], key.facts.get(fact)
            if seen not in (old, value):
                raise Lost(f"{fact} is {seen!r}, was {old!r} and was to be {value!r}")
            (client.aliases if key is None else key.facts)[fact] = seen
            client.doubt = None
        expected = {name: target for client in clients for name, target in client.aliases.items() if target}
        if aliases != expected:
            raise Lost(f"aliases differ: {sorted(set(aliases.items()) ^ set(expected.items()))}")
        self.ledger.aliases = expected

    def keys_are_there(self):
        listed = {key["KeyId"] for key in self.pages("ListKeys", "Keys", 1000)}
        if missing := self.ledger.keys.keys() - listed:
            raise Lost(f"keys are gone: {missing}")
        assert len(listed) <= len(self.ledger.keys) + self.ledger.unanswered_creations

    def facts(self, key):
        """What the server says of a key, with None for each tag that was ever there and is not."""
        told = self.ok("DescribeKey", KeyId=key.key_id)["KeyMetadata"]
        policy = self.ok("GetKeyPolicy", KeyId=key.key_id, PolicyName="default")["Policy"]
        tags = self.ok("ListResourceTags", KeyId=key.key_id)["Tags"]
        assert told["KeyState"] == ("Enabled" if told["Enabled"] else "Disabled")
        facts = {"description": told.get("Description", ""), "enabled": told["Enabled"], "policy": policy}
        facts |= {fact: None for fact in list(key.facts) if fact.startswith("tag ")}
        return Facts(facts | {f"tag {tag['TagKey']}": tag["TagValue"] for tag in tags})

    def check_key(self, key_id):
        key = self.ledger.keys[key_id]
        facts = self.facts(key)
        expected = {**{fact: None for fact in facts}, **key.facts}
        if facts != expected:
            raise Lost(f"key {key_id}: {facts} and not {expected}")

    def check_ciphertext(self, made):
        answer = self.call("Decrypt", CiphertextBlob=made.blob, EncryptionContext=made.context)
        if not made.key.facts["enabled"]:
            if answer.code != "DisabledException":
                raise Lost(f"a disabled key decrypts: {answer}")
        elif answer.status != 200:
            raise Lost(f"a ciphertext does not decrypt: {answer}")
        else:
            check_plaintext(made, answer.json["Plaintext"])

    def check(self, keys, ciphertexts):
        with ThreadPoolExecutor(CHECKERS) as pool:
            list(pool.map(self.check_key, keys))
            list(pool.map(self.check_ciphertext, ciphertexts))

    def left_open(self):
        """The files of the trail that the process which has just ended did not end."""
        return set((self.server.data_dir / "audit").rglob("*.open"))

    def check_trail(self, left_open):
        """Each acknowledged request of the processes that have ended is recorded once, by its name."""
        eventually(lambda: not left_open & self.left_open(), what="the repair of the trail")
        for path in sorted((self.server.data_dir / "audit").rglob("*_CloudTrail_*.json*")):
            stem = path.name.split(".")[0]
            if stem in self.read_files or path.name.endswith((".open", ".tmp")):
                continue
            self.read_files.add(stem)
            for record in read_records(path):
                if record.get("requestID") in self.recorded:
                    raise Lost(f"recorded twice: {record}")
                self.recorded[record.get("requestID")] = record["eventName"]


def read_records(path):
    """The records of a file that may be compressed while it is looked for."""
    for name in (path, path.with_name(path.name.removesuffix(".gz") + ".gz")):
        try:
            data = name.read_bytes()
        except FileNotFoundError:
            continue
        return json.loads(gzip.decompress(data) if name.suffix == ".gz" else data)["Records"]
    raise Lost(f"{path} is gone")


class Facts(dict):
    """A key that was never tagged with a name does not have it."""

    def __missing__(self, name):
        return None


def check_recorded(witness, due):
    for request_id, operation in due.items():
        if witness.recorded.get(request_id) != operation:
            raise Lost(f"{operation} {request_id} is recorded as {witness.recorded.get(request_id)}")


def start_after_kill(server, chance):
    """Starts again; now and then that start is killed, too, before or after it is ready."""
    if chance.random() < 0.2:
        timer = threading.Timer(chance.uniform(0, 0.08), lambda: server.process.kill())
        timer.start()
        try:
            server.start()
        except (StartFailure, AttributeError):
            pass  # killed before it was ready, or before it told its addresses
        timer.join()
        server.kill()
    server.start()


def test_every_acknowledged_write_survives(start):
    chance = random.Random(SEED)
    started = time.monotonic()
    print(f"\nseed {SEED}")
    server = start()
    signer, ledger = Signer(server), Ledger()
    witness = Witness(server, signer, ledger)
    shared = Key(witness.ok("CreateKey")["KeyMetadata"]["KeyId"])
    # That of every key that is given none.
    shared.facts["policy"] = witness.facts(shared)["policy"]
    ledger.keys[shared.key_id] = shared
    clients = [Client(number, server, signer, ledger, shared, chance.random()) for number in range(CLIENTS)]
    checked = 0
    for number in range(ROUNDS):
        known = len(ledger.ciphertexts)
        for client in clients:
            client.start()
        time.sleep(chance.uniform(0.02, 0.6))
        server.kill()
        for client in clients:
            client.join(timeout=60)
            assert not client.is_alive(), "a client hangs"
        assert not ledger.surprises, ledger.surprises[:5]

        due, ledger.requests = ledger.requests, {}
        left_open = witness.left_open()
        start_after_kill(server, chance)
        witness.check_trail(left_open)
        check_recorded(witness, due)
        witness.settle(clients)
        witness.keys_are_there()
        old = chance.sample(sorted(ledger.keys), min(SAMPLE, len(ledger.keys)))
        sample = chance.sample(ledger.ciphertexts[:known], min(SAMPLE, known))
        witness.check(ledger.touched | set(old[: SAMPLE // 3]), ledger.ciphertexts[known:] + sample)
        ledger.touched.clear()
        checked += len(due)
        clients = [client.reconnect(server) for client in clients]
        if number % 10 == 9:
            print(f"round {number + 1}: {figures(ledger, checked)}, {time.monotonic() - started:.0f} s", flush=True)

    final_check(witness, ledger)
    due = ledger.requests
    assert server.stop() == 0
    witness.check_trail(set())
    assert not witness.left_open()
    check_recorded(witness, due)
    assert "panicked" not in server.log()
    print(f"{ROUNDS} kills: {figures(ledger, checked + len(due))}, lost 0, {time.monotonic() - started:.0f} s")


def final_check(witness, ledger):
    """Everything, once: all keys as they are, then all ciphertexts, with all keys enabled."""
    witness.check(list(ledger.keys), [])
    for key in ledger.keys.values():
        if not key.facts["enabled"]:
            witness.ok("EnableKey", KeyId=key.key_id)
            key.facts["enabled"] = True
    witness.check([], ledger.ciphertexts)


def figures(ledger, requests):
    return (
        f"{len(ledger.keys)} keys, {len(ledger.aliases)} aliases, {len(ledger.ciphertexts)} ciphertexts, "
        f"{requests} acknowledged requests"
    )
