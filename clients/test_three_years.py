"""Three years of keys in three Regions: rotations, imports, expiry, replicas, promotion, deletion.

The server is killed again and again, now running and now for months. At every step each ciphertext that was
ever made is shown to each Region, and opens there or does not as it should.
"""

import datetime
import os
from dataclasses import dataclass, field

import pytest
from botocore.exceptions import ClientError

from importing import imported
from life import DAY, Life, days_apart
from trent import eventually

US, EU, AP = REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")
THREE_YEARS = 3 * 365 * DAY
MESSAGE = b"what was signed three years ago"


@pytest.fixture
def life(tmp_path):
    life = Life(tmp_path / "data", *(part for region in REGIONS for part in ("--region", region)))
    yield life
    if life.server.running():
        assert life.server.stop() == 0


@dataclass
class Secret:
    """Something that was encrypted once."""

    key: str
    plaintext: bytes
    blob: bytes
    material: str


@dataclass
class Ledger:
    """Clients of every Region, and all that was ever encrypted."""

    life: Life
    secrets: list = field(default_factory=list)

    def __post_init__(self):
        self.connect()

    def connect(self):
        self.kms = {region: self.life.server.client(region=region) for region in REGIONS}

    def pass_time(self, days):
        self.life.pass_time(days)

    def killed_for(self, days):
        self.life.down_for(days)
        self.connect()

    def state(self, key, region):
        """The state of a key in a Region, or nothing where there is none."""
        try:
            return self.kms[region].describe_key(KeyId=key)["KeyMetadata"]["KeyState"]
        except self.kms[region].exceptions.NotFoundException:
            return None

    def settled(self, key, *regions):
        """Waits until what is copied between Regions has arrived."""
        for region in regions:
            what = f"{key} in {region}"
            eventually(lambda: self.state(key, region) not in ("Creating", "Updating"), what=what)

    def replicate(self, key, home, region, **members):
        answer = self.kms[home].replicate_key(KeyId=key, ReplicaRegion=region, **members)["ReplicaKeyMetadata"]
        assert (answer["KeyState"], answer["Enabled"]) == ("Creating", False)
        self.settled(key, region)

    def encrypt(self, key, *regions):
        """A new secret in each Region, with the material that is current there."""
        for region in regions:
            plaintext = os.urandom(24)
            blob = self.kms[region].encrypt(KeyId=key, Plaintext=plaintext)["CiphertextBlob"]
            material = self.kms[region].describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
            self.secrets.append(Secret(key, plaintext, blob, material))

    def check(self, key, *regions):
        """All secrets of a key open in these Regions, with their own material, and in no other one."""
        secrets = [secret for secret in self.secrets if secret.key == key]
        assert secrets
        for region, kms in self.kms.items():
            for secret in secrets:
                if region in regions:
                    opened = kms.decrypt(CiphertextBlob=secret.blob)
                    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (secret.plaintext, secret.material)
                else:
                    with pytest.raises(ClientError):
                        kms.decrypt(CiphertextBlob=secret.blob)

    def materials(self, key, region):
        """Ids, oldest first, and where each stands."""
        pages = self.kms[region].get_paginator("list_key_rotations")
        listed = pages.paginate(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        entries = [entry for page in listed for entry in page["Rotations"]]
        return [(entry["KeyMaterialId"], entry["KeyMaterialState"]) for entry in entries]

    def rotations(self, key, region):
        return [entry["RotationType"] for entry in self.kms[region].list_key_rotations(KeyId=key)["Rotations"]]

    def primary(self, key, region):
        return self.kms[region].describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]["PrimaryKey"]["Region"]

    def delete(self, key, region, days=7):
        return self.kms[region].schedule_key_deletion(KeyId=key, PendingWindowInDays=days)


def new_key(kms, **members):
    return kms.create_key(MultiRegion=True, **members)["KeyMetadata"]["KeyId"]


def test_a_key_with_a_schedule(life):
    ledger = Ledger(life)
    key, signing = Rotating(ledger), Signing(ledger)
    for year in (key.first_year, key.second_year, key.third_year):
        year()
    assert life.passed >= THREE_YEARS
    signing.hold()


def test_a_key_with_imported_material(life):
    key = Brought(Ledger(life))
    for part in (key.first_material, key.second_material, key.end):
        part()
    assert life.passed >= THREE_YEARS


class Rotating:
    """A key with a schedule, in up to three Regions, whose primary moves."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.key = new_key(ledger.kms[US])
        self.regions = [US]
        ledger.kms[US].enable_key_rotation(KeyId=self.key, RotationPeriodInDays=180)
        self.began = ledger.kms[US].describe_key(KeyId=self.key)["KeyMetadata"]["CreationDate"]
        self.rotations = []
        self.check()

    def check(self, *new):
        """`new` rotations came about, and every Region knows and can do the same."""
        self.rotations += new
        self.ledger.encrypt(self.key, *self.regions)
        self.ledger.check(self.key, *self.regions)
        told = {region: self.ledger.materials(self.key, region) for region in self.regions}
        for region in self.regions:
            assert self.ledger.rotations(self.key, region) == self.rotations, region
            assert told[region] == told[self.regions[0]]
        states = [state for _, state in told[self.regions[0]]]
        assert states == ["NON_CURRENT"] * len(self.rotations) + ["CURRENT"]

    def first_year(self):
        ledger = self.ledger
        ledger.replicate(self.key, US, EU)
        self.regions.append(EU)
        self.check()
        ledger.pass_time(90)
        ledger.killed_for(1)
        ledger.replicate(self.key, US, AP, Description="late")
        self.regions.append(AP)
        self.check()
        ledger.pass_time(89)
        self.check("AUTOMATIC")
        ledger.kms[US].rotate_key_on_demand(KeyId=self.key)
        self.check("ON_DEMAND")
        with pytest.raises(ClientError, match="UnsupportedOperationException"):
            ledger.kms[EU].rotate_key_on_demand(KeyId=self.key)
        # Down over its date: made up for by the first process that comes.
        ledger.killed_for(185)
        self.check("AUTOMATIC")

    def second_year(self):
        ledger = self.ledger
        ledger.kms[US].update_primary_region(KeyId=self.key, PrimaryRegion=EU)
        ledger.killed_for(1)
        ledger.settled(self.key, *REGIONS)
        assert {ledger.primary(self.key, region) for region in REGIONS} == {EU}
        # The schedule came along, and its dates did not move.
        status = ledger.kms[EU].get_key_rotation_status(KeyId=self.key)
        assert status["KeyRotationEnabled"] and status["RotationPeriodInDays"] == 180
        assert days_apart(status["NextRotationDate"], self.began) == pytest.approx(540, abs=0.01)
        ledger.pass_time(174)
        self.check("AUTOMATIC")
        # What was the primary can go like any replica.
        ledger.delete(self.key, US)
        self.regions.remove(US)
        self.check()
        ledger.killed_for(8)
        assert ledger.state(self.key, US) is None
        self.check()
        ledger.replicate(self.key, EU, US)
        self.regions.insert(0, US)
        self.check()
        assert ledger.materials(self.key, US) == ledger.materials(self.key, EU)

    def third_year(self):
        ledger = self.ledger
        ledger.kms[AP].disable_key(KeyId=self.key)
        ledger.pass_time(180)
        self.regions.remove(AP)
        self.check("AUTOMATIC")
        ledger.kms[AP].enable_key(KeyId=self.key)
        self.regions.append(AP)
        # A key that was disabled when the others rotated has all their material.
        self.check()
        ledger.kms[EU].disable_key_rotation(KeyId=self.key)
        ledger.killed_for(370)
        self.check()
        ledger.kms[EU].rotate_key_on_demand(KeyId=self.key)
        self.check("ON_DEMAND")


class Brought:
    """A key whose material is brought from outside, to each Region by itself."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.key = new_key(ledger.kms[US], Origin="EXTERNAL")
        self.material = os.urandom(32)

    def bring(self, region, material, **members):
        return imported(self.ledger.kms[region], self.key, material, **members)

    def first_material(self):
        ledger, now = self.ledger, datetime.datetime.now(datetime.timezone.utc)
        ends = now + datetime.timedelta(seconds=ledger.life.passed) + datetime.timedelta(days=100)
        self.bring(US, self.material, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=ends)
        ledger.encrypt(self.key, US)
        ledger.replicate(self.key, US, EU)
        assert ledger.state(self.key, EU) == "PendingImport"
        ledger.check(self.key, US)
        with pytest.raises(ClientError, match="IncorrectKeyMaterialException"):
            self.bring(EU, os.urandom(32))
        self.bring(EU, self.material)
        ledger.encrypt(self.key, US, EU)
        ledger.check(self.key, US, EU)
        # It expires where it was to expire, and nowhere else.
        ledger.killed_for(101)
        assert (ledger.state(self.key, US), ledger.state(self.key, EU)) == ("PendingImport", "Enabled")
        ledger.check(self.key, EU)
        self.bring(US, self.material)
        ledger.check(self.key, US, EU)

    def second_material(self):
        ledger, key, second = self.ledger, self.key, os.urandom(32)
        (first, _), = ledger.materials(key, US)
        self.bring(US, second, ImportType="NEW_KEY_MATERIAL")
        waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
        assert [state for _, state in ledger.materials(key, US)] == ["CURRENT", waiting]
        with pytest.raises(ClientError):
            ledger.kms[US].rotate_key_on_demand(KeyId=key)
        self.bring(EU, second)
        assert [state for _, state in ledger.materials(key, US)] == ["CURRENT", "PENDING_ROTATION"]
        ledger.killed_for(400)
        ledger.kms[US].rotate_key_on_demand(KeyId=key)
        ledger.encrypt(key, US, EU)
        ledger.check(key, US, EU)
        for region in (US, EU):
            (old, _), (new, state) = ledger.materials(key, region)
            assert old == first and new != first and state == "CURRENT"

    def end(self):
        ledger, key = self.ledger, self.key
        answer = ledger.delete(key, US, 10)
        assert answer["KeyState"] == "PendingReplicaDeletion" and "DeletionDate" not in answer
        ledger.check(key, EU)
        # However long it takes, a primary waits for its replicas.
        ledger.killed_for(600)
        assert ledger.state(key, US) == "PendingReplicaDeletion"
        ledger.delete(key, EU, 7)
        ledger.pass_time(8)
        assert ledger.state(key, EU) is None
        ending = ledger.kms[US].describe_key(KeyId=key)["KeyMetadata"]
        assert ending["KeyState"] == "PendingDeletion" and "DeletionDate" in ending
        # It can be had back until its own time is over.
        ledger.kms[US].cancel_key_deletion(KeyId=key)
        ledger.kms[US].enable_key(KeyId=key)
        ledger.check(key, US)
        ledger.delete(key, US, 7)
        ledger.killed_for(8)
        assert ledger.state(key, US) is None
        ledger.check(key)


class Signing:
    """Keys that sign, with signatures from the first day."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.pair = new_key(ledger.kms[US], KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
        self.mac = new_key(ledger.kms[US], KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")
        for key in (self.pair, self.mac):
            ledger.replicate(key, US, AP)
        self.signatures = [self._sign(region) for region in (US, AP)]

    def _sign(self, region):
        kms = self.ledger.kms[region]
        signature = kms.sign(KeyId=self.pair, Message=MESSAGE, SigningAlgorithm="ECDSA_SHA_256")["Signature"]
        return signature, kms.generate_mac(KeyId=self.mac, Message=MESSAGE, MacAlgorithm="HMAC_SHA_256")["Mac"]

    def hold(self):
        self.signatures.append(self._sign(AP))
        macs = {mac for _, mac in self.signatures}
        assert len(macs) == 1
        public = set()
        for region in (US, AP):
            kms = self.ledger.kms[region]
            public.add(kms.get_public_key(KeyId=self.pair)["PublicKey"])
            for signature, mac in self.signatures:
                ask = {"Message": MESSAGE, "SigningAlgorithm": "ECDSA_SHA_256"}
                assert kms.verify(KeyId=self.pair, Signature=signature, **ask)["SignatureValid"]
                ask = {"Message": MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
                assert kms.verify_mac(KeyId=self.mac, Mac=mac, **ask)["MacValid"]
        assert len(public) == 1
