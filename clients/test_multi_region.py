"""Multi-Region keys: related keys in three Regions of one server, as boto3 sees them."""

import datetime
import json
import random
import threading

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from every_key import ALGORITHMS, KINDS, ML_KEM, RSA
from identities import World, allow, deny, text
from importing import DOES_NOT_EXPIRE, imported, made, parameters, wrapped
from life import Life
from trent import ACCOUNT, Trent, eventually
from wire import key_arn, refusal

HOME, WEST, SOUTH = REGIONS = ("us-east-1", "eu-west-1", "ap-south-1")
SERVED = [argument for region in REGIONS for argument in ("--region", region)]
MESSAGE = b"for everywhere"
WAITS = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
# One key size of RSA is enough: each is made anew, and that takes seconds.
FEW = [kind for kind in KINDS if kind[0] not in RSA[1:]]


class Clients:
    """A client for each Region, by its name."""

    def __init__(self, server):
        self.server = server
        self.by_region = {region: server.client(region=region) for region in REGIONS}

    def __getitem__(self, region):
        return self.by_region[region]

    def metadata(self, key, region):
        return self[region].describe_key(KeyId=key)["KeyMetadata"]

    def state(self, key, region):
        return self.metadata(key, region)["KeyState"]

    def settled(self, key, *regions):
        """Waits until no key is Creating or Updating any more."""
        for region in regions:
            eventually(lambda: self.state(key, region) not in ("Creating", "Updating"), what="the end of a state")

    def primary(self, **members):
        return self[HOME].create_key(MultiRegion=True, **members)["KeyMetadata"]["KeyId"]

    def replicate(self, key, *regions, **members):
        for region in regions:
            self[HOME].replicate_key(KeyId=key, ReplicaRegion=region, **members)
        self.settled(key, *regions)

    def everywhere(self, **members):
        """A new key, at home and with a replica in each other Region."""
        key = self.primary(**members)
        self.replicate(key, WEST, SOUTH)
        return key

    def opened_everywhere(self, blob, *regions, **members):
        """The id of the material of a ciphertext that opens in all Regions."""
        opened = [self[region].decrypt(CiphertextBlob=blob, **members) for region in regions or REGIONS]
        assert {answer["Plaintext"] for answer in opened} == {MESSAGE}
        (material,) = {answer.get("KeyMaterialId") for answer in opened}
        return material

    def last_material(self, key, region):
        """Where the newest material of a key stands in a Region."""
        last = self[region].list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"][-1]
        return last["KeyMaterialState"], last["ImportState"]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Trent(tmp_path_factory.mktemp("related") / "data", *SERVED).start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def kms(server):
    return Clients(server)


@pytest.fixture
def life(tmp_path):
    life = Life(tmp_path / "data", *SERVED)
    yield life
    if life.server.running():
        assert life.server.stop() == 0


def related(region, key):
    return {"Arn": key_arn(key, region), "Region": region}


def configuration(key, kind, primary, *replicas):
    return {
        "MultiRegionKeyType": kind,
        "PrimaryKey": related(primary, key),
        "ReplicaKeys": [related(region, key) for region in replicas],
    }


def not_primary(key, region):
    return "UnsupportedOperationException", f"{key_arn(key, region)} is not a multi-region primary key."


# What is shared, and what is not


def test_metadata_before_and_after_replication(kms):
    made = kms[HOME].create_key(MultiRegion=True, Description="mine", Tags=[{"TagKey": "a", "TagValue": "b"}])
    before = made["KeyMetadata"]
    key = before["KeyId"]
    assert key.startswith("mrk-") and before["Arn"] == key_arn(key, HOME)
    assert before["MultiRegion"] is True and before["KeyState"] == "Enabled"
    assert before["MultiRegionConfiguration"] == configuration(key, "PRIMARY", HOME)
    answer = kms[HOME].replicate_key(KeyId=key, ReplicaRegion=WEST)
    replica = answer["ReplicaKeyMetadata"]
    assert (replica["KeyState"], replica["Enabled"]) == ("Creating", False)
    assert (replica["KeyId"], replica["Arn"]) == (key, key_arn(key, WEST))
    assert "CurrentKeyMaterialId" not in replica
    assert replica["MultiRegionConfiguration"] == configuration(key, "REPLICA", HOME, WEST)
    assert answer["ReplicaTags"] == [] and replica["Description"] == ""
    kms.settled(key, WEST)
    replica = kms.metadata(key, WEST)
    after = kms.metadata(key, HOME)
    assert after == {**before, "MultiRegionConfiguration": configuration(key, "PRIMARY", HOME, WEST)}
    own = {"Arn": key_arn(key, WEST), "Description": "", "CreationDate": replica["CreationDate"]}
    assert replica == {**before, **own, "MultiRegionConfiguration": configuration(key, "REPLICA", HOME, WEST)}
    assert replica["CreationDate"] > before["CreationDate"]
    assert kms[WEST].get_key_policy(KeyId=key)["Policy"] == answer["ReplicaPolicy"]
    assert kms[WEST].list_resource_tags(KeyId=key)["Tags"] == []
    assert key in {entry["KeyId"] for entry in kms[WEST].list_keys(Limit=1000)["Keys"]}


def test_a_replica_is_made_with_what_is_asked_for_it(kms):
    key = kms.primary()
    root = f"arn:aws:iam::{ACCOUNT}:root"
    statement = {"Sid": "here", "Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    tags = [{"TagKey": "a", "TagValue": "b"}, {"TagKey": "c", "TagValue": ""}]
    answer = kms[HOME].replicate_key(
        KeyId=key_arn(key, HOME), ReplicaRegion=WEST, Policy=policy, Description="there", Tags=tags
    )
    assert answer["ReplicaKeyMetadata"]["Description"] == "there"
    assert (answer["ReplicaPolicy"], answer["ReplicaTags"]) == (policy, tags)
    assert kms[WEST].get_key_policy(KeyId=key)["Policy"] == policy
    assert kms[WEST].list_resource_tags(KeyId=key)["Tags"] == tags
    assert kms[HOME].list_resource_tags(KeyId=key)["Tags"] == []


def test_related_keys_are_managed_each_for_itself(kms):
    key = kms.everywhere()
    kms[WEST].create_alias(AliasName="alias/related", TargetKeyId=key)
    assert refusal(kms[HOME].describe_key, KeyId="alias/related")[0] == "NotFoundException"
    assert kms[WEST].describe_key(KeyId="alias/related")["KeyMetadata"]["Arn"] == key_arn(key, WEST)
    kms[SOUTH].create_grant(KeyId=key, GranteePrincipal=ACCOUNT, Operations=["Encrypt"])
    assert [len(kms[region].list_grants(KeyId=key)["Grants"]) for region in REGIONS] == [0, 0, 1]
    kms[WEST].tag_resource(KeyId=key, Tags=[{"TagKey": "w", "TagValue": ""}])
    kms[SOUTH].update_key_description(KeyId=key, Description="south")
    assert [kms.metadata(key, region)["Description"] for region in REGIONS] == ["", "", "south"]
    kms[WEST].disable_key(KeyId=key)
    assert [kms.state(key, region) for region in REGIONS] == ["Enabled", "Disabled", "Enabled"]
    assert refusal(kms[WEST].encrypt, KeyId=key, Plaintext=b"x")[0] == "DisabledException"
    kms[HOME].encrypt(KeyId=key, Plaintext=b"x")
    used = [kms[region].get_key_last_usage(KeyId=key)["KeyLastUsage"] for region in REGIONS]
    assert [bool(usage) for usage in used] == [True, False, False]


def test_an_arn_of_another_region_is_not_followed(kms):
    key = kms.everywhere()
    blob = kms[HOME].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    expected = ("NotFoundException", f"Invalid arn {HOME}")
    arn = key_arn(key, HOME)
    for call, members in (
        (kms[WEST].describe_key, {}),
        (kms[WEST].encrypt, {"Plaintext": b"x"}),
        (kms[WEST].decrypt, {"CiphertextBlob": blob}),
        (kms[WEST].replicate_key, {"ReplicaRegion": SOUTH}),
        (kms[WEST].update_primary_region, {"PrimaryRegion": WEST}),
    ):
        assert refusal(call, KeyId=arn, **members) == expected
    assert kms[WEST].decrypt(CiphertextBlob=blob, KeyId=key_arn(key, WEST))["KeyId"] == key_arn(key, WEST)


# Interoperability


@pytest.fixture(scope="module")
def key_of(kms):
    """One multi-Region key of each kind."""
    keys = {}

    def of(spec, usage):
        if (spec, usage) not in keys:
            keys[spec, usage] = kms.everywhere(KeySpec=spec, KeyUsage=usage)
        return keys[spec, usage]

    return of


def pairs():
    return [(one, other) for one in REGIONS for other in REGIONS if one != other]


@pytest.mark.parametrize("spec, usage", FEW, ids="-".join)
def test_what_one_key_makes_every_other_takes(kms, key_of, spec, usage):
    key = key_of(spec, usage)
    if spec != "SYMMETRIC_DEFAULT" and not spec.startswith("HMAC"):
        public = {kms[region].get_public_key(KeyId=key)["PublicKey"] for region in REGIONS}
        assert len(public) == 1
    for algorithm in KINDS[spec, usage]:
        for one, other in pairs():
            crossing(kms[one], kms[other], key, usage, algorithm)


def crossing(one, other, key, usage, algorithm):
    """Something goes from one Region to another."""
    if usage == "ENCRYPT_DECRYPT":
        how = {"KeyId": key, "EncryptionAlgorithm": algorithm}
        blob = one.encrypt(Plaintext=MESSAGE, **how)["CiphertextBlob"]
        assert other.decrypt(CiphertextBlob=blob, **how)["Plaintext"] == MESSAGE
    elif usage == "SIGN_VERIFY":
        kind = "DIGEST" if algorithm == "ED25519_PH_SHA_512" else "RAW"
        message = b"d" * 64 if kind == "DIGEST" else MESSAGE
        how = {"KeyId": key, "SigningAlgorithm": algorithm, "Message": message, "MessageType": kind}
        signature = one.sign(**how)["Signature"]
        assert other.verify(Signature=signature, **how)["SignatureValid"] is True
    elif usage == "GENERATE_VERIFY_MAC":
        how = {"KeyId": key, "MacAlgorithm": algorithm, "Message": MESSAGE}
        mac = one.generate_mac(**how)["Mac"]
        assert other.verify_mac(Mac=mac, **how)["MacValid"] is True
        assert other.generate_mac(**how)["Mac"] == mac
    elif usage == "KEY_AGREEMENT":
        public = one.get_public_key(KeyId=key)["PublicKey"]
        how = {"KeyId": key, "KeyAgreementAlgorithm": algorithm, "PublicKey": public}
        assert one.derive_shared_secret(**how)["SharedSecret"] == other.derive_shared_secret(**how)["SharedSecret"]
    else:
        how = {"KeyId": key, "EncapsulationAlgorithm": algorithm}
        sent = one.encapsulate(**how)
        got = other.decapsulate(SharedSecretCiphertextBlob=sent["SharedSecretCiphertextBlob"], **how)
        assert got["SharedSecret"] == sent["SharedSecret"]


def test_every_usage_crosses():
    assert {usage for _, usage in FEW} == set(ALGORITHMS) and set(ML_KEM) < {spec for spec, _ in FEW}


def test_symmetric_ciphertexts_name_no_region(kms):
    key, context = kms.everywhere(), {"for": "all"}
    for one, other in pairs():
        blob = kms[one].encrypt(KeyId=key, Plaintext=MESSAGE, EncryptionContext=context)["CiphertextBlob"]
        opened = kms[other].decrypt(CiphertextBlob=blob, EncryptionContext=context)
        assert (opened["Plaintext"], opened["KeyId"]) == (MESSAGE, key_arn(key, other))
        assert refusal(kms[other].decrypt, CiphertextBlob=blob)[0] == "InvalidCiphertextException"
        moved = kms[other].re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=key)
        kms.opened_everywhere(moved["CiphertextBlob"])
        data = kms[one].generate_data_key(KeyId=key, KeySpec="AES_256")
        assert kms[other].decrypt(CiphertextBlob=data["CiphertextBlob"])["Plaintext"] == data["Plaintext"]
        pair = kms[one].generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
        private = kms[other].decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
        assert private == pair["PrivateKeyPlaintext"]


def test_unrelated_keys_open_nothing_of_each_other(kms):
    one, other = kms.everywhere(), kms.everywhere()
    blob = kms[HOME].encrypt(KeyId=one, Plaintext=MESSAGE)["CiphertextBlob"]
    assert refusal(kms[WEST].decrypt, CiphertextBlob=blob, KeyId=other)[0] == "IncorrectKeyException"


# Refusals


def test_only_primary_keys_are_replicated_and_once_a_region(kms):
    single = kms[HOME].create_key()["KeyMetadata"]["KeyId"]
    assert refusal(kms[HOME].replicate_key, KeyId=single, ReplicaRegion=WEST) == not_primary(single, HOME)
    assert refusal(kms[HOME].update_primary_region, KeyId=single, PrimaryRegion=WEST) == not_primary(single, HOME)
    key = kms.primary()
    kms.replicate(key, WEST)
    assert refusal(kms[WEST].replicate_key, KeyId=key, ReplicaRegion=SOUTH) == not_primary(key, WEST)
    assert refusal(kms[WEST].update_primary_region, KeyId=key, PrimaryRegion=HOME) == not_primary(key, WEST)
    for region in (HOME, WEST):
        code, _ = refusal(kms[HOME].replicate_key, KeyId=key, ReplicaRegion=region)
        assert code == "AlreadyExistsException"
    for region in ("us-west-2", "cn-north-1"):
        assert refusal(kms[HOME].replicate_key, KeyId=key, ReplicaRegion=region)[0] == "ValidationException"
    assert refusal(kms[HOME].update_primary_region, KeyId=key, PrimaryRegion=SOUTH)[0] == "NotFoundException"
    missing = "mrk-" + "0" * 32
    expected = ("NotFoundException", f"Key '{key_arn(missing, HOME)}' does not exist")
    assert refusal(kms[HOME].replicate_key, KeyId=missing, ReplicaRegion=WEST) == expected
    assert refusal(kms[HOME].replicate_key, KeyId="alias/x", ReplicaRegion=WEST)[0] == "InvalidArnException"


def test_what_a_replica_is_to_have_is_checked(kms):
    key = kms.primary()

    def refused(**members):
        return refusal(kms[HOME].replicate_key, KeyId=key, ReplicaRegion=WEST, **members)

    lockout = "The new key policy will not allow you to update the key policy in the future."
    assert refused(Policy='{"Statement": []}') == ("MalformedPolicyDocumentException", lockout)
    assert refused(Policy="{")[0] == "MalformedPolicyDocumentException"
    assert refused(Tags=[{"TagKey": "aws:a", "TagValue": ""}])[0] == "TagException"
    assert kms.metadata(key, HOME)["MultiRegionConfiguration"]["ReplicaKeys"] == []
    kms[HOME].replicate_key(
        KeyId=key, ReplicaRegion=WEST, Policy='{"Statement": []}', BypassPolicyLockoutSafetyCheck=True
    )
    assert refusal(kms[WEST].describe_key, KeyId=key)[0] == "AccessDeniedException"


def test_transient_states_end_while_clients_try_again(kms):
    key = kms.primary()
    blob = kms[HOME].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    answer = kms[HOME].replicate_key(KeyId=key, ReplicaRegion=WEST)
    assert answer["ReplicaKeyMetadata"]["KeyState"] == "Creating"
    # As the documentation tells clients to. How long it takes is not the matter here.
    creating = f"{key_arn(key, WEST)} is creating."
    eventually(lambda: tried(creating, kms[WEST].decrypt, CiphertextBlob=blob))
    kms[HOME].update_primary_region(KeyId=key, PrimaryRegion=WEST)
    kms.opened_everywhere(blob, HOME, WEST)
    updating = f"{key_arn(key, WEST)} is updating."
    eventually(lambda: tried(updating, kms[WEST].disable_key, KeyId=key))
    kms.settled(key, HOME)
    assert [kms.state(key, region) for region in (HOME, WEST)] == ["Enabled", "Disabled"]


def tried(otherwise, call, **members):
    try:
        return call(**members)
    except ClientError as error:
        assert error.response["Error"] == {"Code": "KMSInvalidStateException", "Message": otherwise}
        return None


# Rotation and the primary Region


def test_rotation_is_the_primary_keys_matter_and_everyones_material(kms):
    key = kms.everywhere()
    kms[HOME].enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    status = [kms[region].get_key_rotation_status(KeyId=key) for region in REGIONS]
    for each in status:
        each.pop("ResponseMetadata")
    assert status[0] == status[1] == status[2] and status[0]["RotationPeriodInDays"] == 100
    for call in (kms[WEST].enable_key_rotation, kms[WEST].disable_key_rotation, kms[WEST].rotate_key_on_demand):
        assert refusal(call, KeyId=key) == not_primary(key, WEST)
    blobs = [kms[WEST].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]]
    kms[HOME].rotate_key_on_demand(KeyId=key)
    blobs.append(kms[SOUTH].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"])
    materials = [kms.opened_everywhere(blob) for blob in blobs]
    assert len(set(materials)) == 2
    for region in REGIONS:
        listed = kms[region].list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        assert [entry["KeyMaterialId"] for entry in listed] == materials
        assert kms.metadata(key, region)["CurrentKeyMaterialId"] == materials[1]


def test_the_primary_region_goes_from_one_to_the_next(kms):
    key = kms.everywhere()
    blob = kms[HOME].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    kms[HOME].enable_key_rotation(KeyId=key)
    kms[HOME].update_primary_region(KeyId=key, PrimaryRegion=WEST)
    kms.settled(key, HOME, WEST)
    expected = {region: configuration(key, "REPLICA", WEST, SOUTH, HOME) for region in (HOME, SOUTH)}
    expected[WEST] = configuration(key, "PRIMARY", WEST, SOUTH, HOME)
    assert {region: kms.metadata(key, region)["MultiRegionConfiguration"] for region in REGIONS} == expected
    kms[WEST].rotate_key_on_demand(KeyId=key)
    kms[WEST].disable_key_rotation(KeyId=key)
    assert [kms[region].get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] for region in REGIONS] == [False] * 3
    assert refusal(kms[HOME].rotate_key_on_demand, KeyId=key) == not_primary(key, HOME)
    # What was the primary can go now, and come again.
    kms[HOME].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert kms.state(key, HOME) == "PendingDeletion" and kms.state(key, WEST) == "Enabled"
    pending = ("KMSInvalidStateException", f"{key_arn(key, HOME)} is pending deletion.")
    assert refusal(kms[WEST].update_primary_region, KeyId=key, PrimaryRegion=HOME) == pending
    kms[HOME].cancel_key_deletion(KeyId=key)
    disabled = ("DisabledException", f"{key_arn(key, HOME)} is disabled.")
    assert refusal(kms[WEST].update_primary_region, KeyId=key, PrimaryRegion=HOME) == disabled
    kms[HOME].enable_key(KeyId=key)
    kms[WEST].update_primary_region(KeyId=key, PrimaryRegion=HOME)
    assert kms.metadata(key, SOUTH)["MultiRegionConfiguration"] == configuration(key, "REPLICA", HOME, SOUTH, WEST)
    kms.opened_everywhere(blob)


# Imported material


def test_imported_material_across_replicas(kms):
    first, second, third = (made("SYMMETRIC_DEFAULT").bytes for _ in range(3))
    key = kms.primary(Origin="EXTERNAL")
    waiting = ("KMSInvalidStateException", f"{key_arn(key, HOME)} is pending import.")
    assert refusal(kms[HOME].replicate_key, KeyId=key, ReplicaRegion=WEST) == waiting
    material = imported(kms[HOME], key, first, KeyMaterialDescription="first")["KeyMaterialId"]
    kms.replicate(key, WEST, SOUTH)
    assert [kms.state(key, region) for region in REGIONS] == ["Enabled", "PendingImport", "PendingImport"]
    assert kms.metadata(key, WEST)["CurrentKeyMaterialId"] == material
    assert "ExpirationModel" not in kms.metadata(key, WEST)
    with pytest.raises(kms[WEST].exceptions.IncorrectKeyMaterialException):
        imported(kms[WEST], key, second)
    with pytest.raises(kms[WEST].exceptions.UnsupportedOperationException):
        imported(kms[WEST], key, first, ImportType="NEW_KEY_MATERIAL")
    for region in (WEST, SOUTH):
        answer = imported(kms[region], key, first, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=material)
        assert (answer["KeyId"], answer["KeyMaterialId"]) == (key_arn(key, region), material)
    old = kms[WEST].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    kms.opened_everywhere(old)

    fresh = imported(kms[HOME], key, second, ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="second")
    assert [kms.last_material(key, region) for region in REGIONS] == [
        (WAITS, "IMPORTED"),
        (WAITS, "PENDING_IMPORT"),
        (WAITS, "PENDING_IMPORT"),
    ]
    nothing = f"No available key material pending rotation for the key: {key_arn(key, HOME)}."
    assert refusal(kms[HOME].rotate_key_on_demand, KeyId=key) == ("KMSInvalidStateException", nothing)
    imported(kms[WEST], key, second)
    assert kms.last_material(key, HOME) == (WAITS, "IMPORTED")
    with pytest.raises(kms[HOME].exceptions.KMSInvalidStateException):
        imported(kms[HOME], key, third, ImportType="NEW_KEY_MATERIAL")
    imported(kms[SOUTH], key, second)
    assert {kms.last_material(key, region) for region in REGIONS} == {("PENDING_ROTATION", "IMPORTED")}
    kms[HOME].rotate_key_on_demand(KeyId=key)
    for region in REGIONS:
        assert kms.metadata(key, region)["CurrentKeyMaterialId"] == fresh["KeyMaterialId"]
        listed = kms[region].list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
        assert [entry["KeyMaterialDescription"] for entry in listed] == ["first", "second"]
        blob = kms[region].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
        assert kms.opened_everywhere(blob) == fresh["KeyMaterialId"]
    kms.opened_everywhere(old)
    # A single one of two that is missing makes one key wait, and no other.
    kms[SOUTH].delete_imported_key_material(KeyId=key, KeyMaterialId=material)
    assert [kms.state(key, region) for region in REGIONS] == ["Enabled", "Enabled", "PendingImport"]
    kms.opened_everywhere(old, HOME, WEST)
    imported(kms[SOUTH], key, first)
    kms.opened_everywhere(old)


def test_new_material_is_given_up_by_the_primary_for_all_and_by_a_replica_for_itself(kms):
    first, second = (made("SYMMETRIC_DEFAULT").bytes for _ in range(2))
    key = kms.primary(Origin="EXTERNAL")
    imported(kms[HOME], key, first)
    kms.replicate(key, WEST)
    imported(kms[WEST], key, first)
    material = imported(kms[HOME], key, second, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    imported(kms[WEST], key, second)
    kms[WEST].delete_imported_key_material(KeyId=key, KeyMaterialId=material)
    assert kms.last_material(key, WEST) == (WAITS, "PENDING_IMPORT")
    assert kms.last_material(key, HOME) == (WAITS, "IMPORTED")
    imported(kms[WEST], key, second)
    kms[HOME].delete_imported_key_material(KeyId=key, KeyMaterialId=material)
    for region in (HOME, WEST):
        assert kms.last_material(key, region) == ("CURRENT", "IMPORTED")
        assert kms.state(key, region) == "Enabled"


@pytest.mark.parametrize("spec, usage", [("HMAC_256", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "SIGN_VERIFY")])
def test_imported_material_of_other_keys_is_the_same_everywhere(kms, spec, usage):
    material = made(spec)
    key = kms.primary(KeySpec=spec, KeyUsage=usage, Origin="EXTERNAL")
    imported(kms[HOME], key, material.bytes)
    kms.replicate(key, WEST)
    with pytest.raises(kms[WEST].exceptions.IncorrectKeyMaterialException):
        imported(kms[WEST], key, made(spec).bytes)
    imported(kms[WEST], key, material.bytes)
    crossing(kms[WEST], kms[HOME], key, usage, KINDS[spec, usage][0])


def test_an_import_token_is_for_the_key_of_one_region(kms):
    material = made("SYMMETRIC_DEFAULT").bytes
    key = kms.primary(Origin="EXTERNAL")
    imported(kms[HOME], key, material)
    kms.replicate(key, WEST)
    given = parameters(kms[HOME], key)
    blob = wrapped("RSAES_OAEP_SHA_256", given["PublicKey"], material)
    with pytest.raises(kms[WEST].exceptions.InvalidImportTokenException):
        kms[WEST].import_key_material(
            KeyId=key, ImportToken=given["ImportToken"], EncryptedKeyMaterial=blob, **DOES_NOT_EXPIRE
        )


def test_imported_material_expires_in_each_region_by_itself(life):
    kms, material = Clients(life.server), made("SYMMETRIC_DEFAULT").bytes
    key = kms.primary(Origin="EXTERNAL")
    imported(kms[HOME], key, material)
    kms.replicate(key, WEST)
    ends = kms.metadata(key, WEST)["CreationDate"] + datetime.timedelta(days=10)
    imported(kms[WEST], key, material, ValidTo=ends)
    assert kms.metadata(key, WEST)["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"
    assert "ValidTo" not in kms.metadata(key, HOME)
    blob = kms[WEST].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    life.pass_time(10)
    assert [kms.state(key, region) for region in (HOME, WEST)] == ["Enabled", "PendingImport"]
    kms.opened_everywhere(blob, HOME)
    (event,) = life.events("DeleteExpiredKeyMaterial")
    assert event["awsRegion"] == WEST
    imported(kms[WEST], key, material)
    kms.opened_everywhere(blob, HOME, WEST)


# Deletion


def test_a_primary_key_goes_fourteen_days_after_all_were_scheduled(life):
    kms = Clients(life.server)
    key = kms.everywhere()
    blob = kms[HOME].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    answer = kms[HOME].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    answer.pop("ResponseMetadata")
    assert answer == {"KeyId": key_arn(key, HOME), "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 7}
    shown = kms.metadata(key, HOME)
    assert shown["PendingDeletionWindowInDays"] == 7 and "DeletionDate" not in shown and not shown["Enabled"]
    pending = ("KMSInvalidStateException", f"{key_arn(key, HOME)} is pending deletion.")
    assert refusal(kms[HOME].encrypt, KeyId=key, Plaintext=b"x") == pending
    assert refusal(kms[HOME].replicate_key, KeyId=key, ReplicaRegion=WEST) == pending
    # It may be called off, and waits for ever if it is not.
    kms[HOME].cancel_key_deletion(KeyId=key)
    assert kms.state(key, HOME) == "Disabled" and "PendingDeletionWindowInDays" not in kms.metadata(key, HOME)
    kms[HOME].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    life.pass_time(100)
    assert kms.state(key, HOME) == "PendingReplicaDeletion"
    kms.opened_everywhere(blob, WEST, SOUTH)
    for region in (SOUTH, WEST):
        answer = kms[region].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        assert answer["KeyState"] == "PendingDeletion" and "DeletionDate" in answer
    life.pass_time(7)
    for region in (WEST, SOUTH):
        assert refusal(kms[region].describe_key, KeyId=key)[0] == "NotFoundException"
    shown = kms.metadata(key, HOME)
    assert shown["KeyState"] == "PendingDeletion" and "PendingDeletionWindowInDays" not in shown
    assert shown["MultiRegionConfiguration"] == configuration(key, "PRIMARY", HOME)
    life.pass_time(6)
    assert kms.state(key, HOME) == "PendingDeletion"
    life.pass_time(1)
    assert refusal(kms[HOME].describe_key, KeyId=key)[0] == "NotFoundException"
    assert [event["awsRegion"] for event in sorted(life.events("DeleteKey"), key=lambda e: e["eventTime"])][-1] == HOME
    assert len(life.events("DeleteKey")) == 3


def test_a_region_is_free_again_when_its_replica_is_gone(life):
    kms = Clients(life.server)
    key = kms.everywhere()
    blob = kms[WEST].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    kms[WEST].create_alias(AliasName="alias/west", TargetKeyId=key)
    kms[WEST].create_grant(KeyId=key, GranteePrincipal=ACCOUNT, Operations=["Encrypt"])
    kms[WEST].schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert refusal(kms[HOME].replicate_key, KeyId=key, ReplicaRegion=WEST)[0] == "AlreadyExistsException"
    # The server is killed before the date and started behind it.
    life.down_for(8)
    kms = Clients(life.server)
    assert refusal(kms[WEST].describe_key, KeyId=key)[0] == "NotFoundException"
    assert kms.metadata(key, HOME)["MultiRegionConfiguration"] == configuration(key, "PRIMARY", HOME, SOUTH)
    kms[HOME].rotate_key_on_demand(KeyId=key)
    kms.replicate(key, WEST)
    kms.opened_everywhere(blob)
    assert kms[WEST].list_grants(KeyId=key)["Grants"] == []
    assert refusal(kms[WEST].describe_key, KeyId="alias/west")[0] == "NotFoundException"


# Durability


def test_related_keys_are_whole_after_a_kill(tmp_path):
    server = Trent(tmp_path / "data", *SERVED).start()
    try:
        kms = Clients(server)
        keys = [kms.everywhere() for _ in range(4)]
        blobs = {key: [kms[SOUTH].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]] for key in keys}
        for _ in range(3):
            killed_while_busy(server, kms, keys, blobs)
            kms = Clients(server.start(server.listen_address()))
            for key in keys:
                same_everywhere(kms, key)
                for blob in blobs[key]:
                    kms.opened_everywhere(blob)
    finally:
        assert server.stop() == 0


def killed_while_busy(server, kms, keys, blobs):
    """Rotates keys and moves their primary Region until the server is killed."""

    def busy(key):
        primary = kms.metadata(key, HOME)["MultiRegionConfiguration"]["PrimaryKey"]["Region"]
        try:
            while True:
                kms[primary].rotate_key_on_demand(KeyId=key)
                blobs[key].append(kms[primary].encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"])
                to = random.choice([region for region in REGIONS if region != primary])
                kms[primary].update_primary_region(KeyId=key, PrimaryRegion=to)
                primary = to
        except (ClientError, BotoCoreError):
            # Killed, or rotated as often as a key may be.
            pass

    threads = [threading.Thread(target=busy, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    made = sum(map(len, blobs.values()))
    eventually(lambda: sum(map(len, blobs.values())) > made + len(keys), what="work for every key")
    threading.Event().wait(random.uniform(0, 0.2))
    server.kill()
    for thread in threads:
        thread.join()


def same_everywhere(kms, key):
    """What related keys share is the same in each Region."""
    relations, rotations = [], []
    for region in REGIONS:
        shown = kms.metadata(key, region)["MultiRegionConfiguration"]
        expected = "PRIMARY" if shown["PrimaryKey"]["Region"] == region else "REPLICA"
        assert shown.pop("MultiRegionKeyType") == expected
        relations.append(shown)
        listed = kms[region].list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")
        rotations.append(listed["Rotations"])
    assert relations[0] == relations[1] == relations[2]
    assert rotations[0] == rotations[1] == rotations[2]


# Permissions


class Somebody:
    """A user with one policy of its own."""

    def __init__(self, server, *statements):
        self.world = World(server, server.client("iam"))
        self.name, self.arn, self.key = self.world.user()
        self.may(*statements)

    def may(self, *statements):
        self.world.iam.put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=text(*statements))

    def kms(self, region=HOME):
        return self.world.as_(self.key, "kms", region)


def equals(**values):
    """A condition on keys that are named with an underscore for the colon."""
    return {"Condition": {"StringEquals": {key.replace("_", ":", 1): value for key, value in values.items()}}}


def test_replication_takes_both_permissions_each_in_its_region(kms, server):
    key, somebody = kms.primary(), Somebody(server, allow("kms:DescribeKey"))

    def denied(**members):
        code, message = refusal(somebody.kms().replicate_key, KeyId=key, ReplicaRegion=WEST, **members)
        assert code == "AccessDeniedException"
        return message.split("perform: ")[1].split(" ")[0]

    tags = {"Tags": [{"TagKey": "a", "TagValue": "b"}]}
    assert denied() == "kms:ReplicateKey"
    replicate = allow("kms:ReplicateKey", key_arn(key, HOME))
    somebody.may(replicate)
    assert denied() == "kms:CreateKey"
    somebody.may(replicate, allow("kms:CreateKey", **equals(aws_RequestedRegion=HOME)))
    assert denied() == "kms:CreateKey"
    as_replica = equals(aws_RequestedRegion=WEST, kms_MultiRegionKeyType="REPLICA", kms_MultiRegion="true")
    create = allow("kms:CreateKey", **as_replica)
    # The policy of the new key has to let its maker change it: that is asked in its Region.
    elsewhere = allow("kms:PutKeyPolicy", key_arn(key, WEST), **equals(aws_RequestedRegion=HOME))
    somebody.may(replicate, create, elsewhere)
    code, _ = refusal(somebody.kms().replicate_key, KeyId=key, ReplicaRegion=WEST)
    assert code == "MalformedPolicyDocumentException"
    put = allow("kms:PutKeyPolicy", key_arn(key, WEST), **equals(aws_RequestedRegion=WEST))
    somebody.may(replicate, create, put)
    assert denied(**tags) == "kms:TagResource"
    for region, kind in ((SOUTH, "PRIMARY"), (WEST, "REPLICA")):
        only = equals(kms_ReplicaRegion=region, kms_MultiRegionKeyType=kind)
        somebody.may({**replicate, **only}, create, put)
        assert denied() == "kms:ReplicateKey"
    only = equals(kms_ReplicaRegion=WEST, kms_MultiRegionKeyType="PRIMARY")
    tag = allow("kms:TagResource", Condition={"StringEquals": {"aws:RequestedRegion": WEST, "aws:RequestTag/a": "b"}})
    somebody.may({**replicate, **only}, create, put, tag)
    somebody.kms().replicate_key(KeyId=key, ReplicaRegion=WEST, **tags)


def test_a_new_primary_takes_the_word_of_both_keys(kms, server):
    key, somebody = kms.primary(), Somebody(server, allow("kms:ListKeys"))
    kms.replicate(key, WEST)
    update = somebody.kms().update_primary_region

    def denied(region):
        code, message = refusal(update, KeyId=key, PrimaryRegion=WEST)
        assert code == "AccessDeniedException" and f"on resource: {key_arn(key, region)}" in message

    denied(HOME)
    root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    kms[HOME].put_key_policy(
        KeyId=key, Policy=text(root, allow("kms:UpdatePrimaryRegion", Principal={"AWS": somebody.arn}))
    )
    denied(WEST)
    # Neither a policy for the wrong Region, nor one on the wrong key.
    arn = key_arn(key, WEST)
    for wrong in ({"kms_PrimaryRegion": SOUTH}, {"aws_RequestedRegion": HOME}, {"kms_MultiRegionKeyType": "PRIMARY"}):
        somebody.may(allow("kms:UpdatePrimaryRegion", arn, **equals(**wrong)))
        denied(WEST)
    right = {"kms_PrimaryRegion": WEST, "aws_RequestedRegion": WEST, "kms_MultiRegionKeyType": "REPLICA"}
    somebody.may(allow("kms:UpdatePrimaryRegion", arn, **equals(**right)))
    update(KeyId=key, PrimaryRegion=WEST)
    assert kms.metadata(key, WEST)["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"


def test_multi_region_keys_can_be_forbidden(kms, server):
    somebody = Somebody(server, allow("kms:*"))
    create = somebody.kms().create_key
    code, message = refusal(create, MultiRegion=True)
    # The role in which the service would synchronize the keys has to be allowed, too.
    assert code == "AccessDeniedException" and "perform: iam:CreateServiceLinkedRole on resource" in message
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/mrk.kms.amazonaws.com/*"
    linked = allow("iam:CreateServiceLinkedRole", role, **equals(iam_AWSServiceName="mrk.kms.amazonaws.com"))
    multi = {"Condition": {"Bool": {"kms:MultiRegion": "true"}}}
    somebody.may(allow("kms:*"), linked, deny("kms:*", **multi))
    assert refusal(create, MultiRegion=True)[0] == "AccessDeniedException"
    single = create()["KeyMetadata"]["KeyId"]
    key = kms.primary()
    assert refusal(somebody.kms().encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    somebody.kms().encrypt(KeyId=single, Plaintext=b"x")
    kms.replicate(key, WEST)
    somebody.may(allow("kms:*"), linked, deny("kms:Encrypt", **equals(kms_MultiRegionKeyType="REPLICA")))
    assert create(MultiRegion=True)["KeyMetadata"]["MultiRegion"] is True
    somebody.kms(HOME).encrypt(KeyId=key, Plaintext=b"x")
    assert refusal(somebody.kms(WEST).encrypt, KeyId=key, Plaintext=b"x")[0] == "AccessDeniedException"
    somebody.kms(HOME).encrypt(KeyId=single, Plaintext=b"x")


# The audit trail


def of_request(server, answer):
    request = answer["ResponseMetadata"]["RequestId"]
    records = [record for record in server.records() if record.get("requestID") == request]
    return sorted(records, key=lambda record: "invokedBy" in record["userIdentity"])


def test_replication_and_a_new_primary_are_recorded_in_both_regions(kms, server):
    key = kms.primary()
    first, second = of_request(server, kms[HOME].replicate_key(KeyId=key, ReplicaRegion=WEST))
    seen = [(each["eventName"], each["awsRegion"], each["recipientAccountId"]) for each in (first, second)]
    assert seen == [("ReplicateKey", HOME, ACCOUNT), ("CreateKey", WEST, ACCOUNT)]
    assert [each["ARN"] for each in first["resources"]] == [key_arn(key, HOME)]
    assert [each["ARN"] for each in second["resources"]] == [key_arn(key, WEST)]
    expected = {"keyId": key, "replicaRegion": WEST, "bypassPolicyLockoutSafetyCheck": False, "description": ""}
    assert first["requestParameters"] == expected
    metadata = first["responseElements"]["replicaKeyMetadata"]
    assert (metadata["keyState"], metadata["enabled"], metadata["aWSAccountId"]) == ("Creating", False, ACCOUNT)
    primary = {"arn": key_arn(key, HOME), "region": HOME}
    assert metadata["multiRegionConfiguration"]["primaryKey"] == primary
    assert second["responseElements"] == {"keyMetadata": metadata}
    assert second["userIdentity"] == {**first["userIdentity"], "invokedBy": "kms.amazonaws.com"}
    kms.settled(key, WEST)

    first, second = of_request(server, kms[HOME].update_primary_region(KeyId=key, PrimaryRegion=WEST))
    assert [each["eventName"] for each in (first, second)] == ["UpdatePrimaryRegion"] * 2
    assert [each["awsRegion"] for each in (first, second)] == [HOME, WEST]
    assert first["eventID"] != second["eventID"]
    assert [each["ARN"] for each in first["resources"]] == [key_arn(key, HOME)] and second["resources"] == []
    assert first["requestParameters"] == {"keyId": key, "primaryRegion": WEST}
    assert second["requestParameters"] == {"keyId": key_arn(key, WEST), "primaryRegion": WEST}
    assert second["responseElements"] == {"keyId": key_arn(key, WEST)}
    assert second["userIdentity"]["invokedBy"] == "kms.amazonaws.com"


def test_what_is_copied_to_replicas_is_recorded(kms, server):
    key = kms.everywhere()
    kms[HOME].rotate_key_on_demand(KeyId=key)
    arn = key_arn(key, HOME)
    synchronized = [each for each in server.records() if each["eventName"] == "SynchronizeMultiRegionKey"]
    (event,) = [each for each in synchronized if each["resources"][0]["ARN"] == arn]
    assert event["userIdentity"] == {"accountId": ACCOUNT, "invokedBy": "AWS Internal"}
    assert (event["eventType"], event["awsRegion"], event["readOnly"]) == ("AwsApiCall", HOME, False)
    assert event["responseElements"] == {"keyId": arn} and event["requestParameters"] is None
    assert len(event["requestID"]) == 36 and len(event["resources"]) == 1
