"""Importing key material: wrapped by others, used by Trent, and held against the same key outside."""

import datetime
import hashlib
import hmac
import json
import os
import sqlite3
from contextlib import closing

import pytest
from Crypto.Hash import SHA512
from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding

from decrypt import decrypt as decrypt_outside
from every_key import KINDS, NIST, RSA
from importing import (
    DOES_NOT_EXPIRE,
    imported,
    made,
    made_by_openssl,
    parameters,
    waiting_key,
    wrapped,
    wrapped_by_openssl,
)
from outside import SM2_IDENTITY, digest, hash_of, openssl_output, scheme, verifies
from test_dev import advance
from trent import Trent, eventually

DAY = 86_400
MESSAGE = b"brought along"
OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
KEY_WRAP = ["RSA_AES_KEY_WRAP_SHA_1", "RSA_AES_KEY_WRAP_SHA_256"]
IMPORTABLE = [kind for kind in KINDS if not kind[0].startswith("ML_")]


def ways():
    """Each importable spec with each way of wrapping it that there is, by the library and by openssl."""
    for way in ways_to_wrap():
        yield (*way, "openssl")
        # The library has no SM2.
        if way[1] != "SM2PKE":
            yield (*way, "python")


def ways_to_wrap():
    for spec in dict.fromkeys(spec for spec, _ in IMPORTABLE):
        for algorithm in [*OAEP, *KEY_WRAP]:
            if algorithm in KEY_WRAP or (spec not in RSA and spec != "ECC_NIST_P521"):
                yield spec, algorithm, "RSA_2048"
        if spec not in RSA:
            yield spec, "SM2PKE", "SM2"
    for spec, algorithm in [("ECC_NIST_P521", name) for name in OAEP] + [("RSA_4096", name) for name in KEY_WRAP]:
        yield spec, algorithm, "RSA_3072"
    for algorithm in [*OAEP, *KEY_WRAP]:
        yield "SYMMETRIC_DEFAULT", algorithm, "RSA_4096"


def usage_of(spec):
    return next(usage for other, usage in IMPORTABLE if other == spec)


def refused(kms, operation, **members):
    with pytest.raises(ClientError) as error:
        getattr(kms, operation)(**members)
    return error.value.response["Error"]["Code"]


def state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


@pytest.mark.parametrize("spec, algorithm, wrapping, by", list(ways()), ids="-".join)
def test_every_spec_is_imported_in_every_way(kms, spec, algorithm, wrapping, by):
    make, wrap = (made, wrapped) if by == "python" else (made_by_openssl, wrapped_by_openssl)
    key, material = waiting_key(kms, spec, usage_of(spec)), make(spec)
    given = parameters(kms, key, algorithm, wrapping)
    valid_for = given["ParametersValidTo"] - datetime.datetime.now(datetime.timezone.utc)
    assert abs(valid_for - datetime.timedelta(days=1)) < datetime.timedelta(minutes=1)
    answer = kms.import_key_material(
        KeyId=key,
        ImportToken=given["ImportToken"],
        EncryptedKeyMaterial=wrap(algorithm, given["PublicKey"], material.bytes),
        **DOES_NOT_EXPIRE,
    )
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert answer["KeyId"] == given["KeyId"] == metadata["Arn"]
    assert (metadata["KeyState"], metadata["Enabled"]) == ("Enabled", True)
    assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE" and "ValidTo" not in metadata
    assert answer.get("KeyMaterialId") == metadata.get("CurrentKeyMaterialId")
    assert ("KeyMaterialId" in answer) == (spec == "SYMMETRIC_DEFAULT")
    if spec != "SYMMETRIC_DEFAULT" and not spec.startswith("HMAC"):
        assert kms.get_public_key(KeyId=key)["PublicKey"] == material.public_key


@pytest.fixture(scope="module")
def brought(kms):
    """Keys with imported material, and the material, by kind."""
    keys = {}

    def of(spec, usage):
        if (spec, usage) not in keys:
            material, key = made(spec), waiting_key(kms, spec, usage)
            how = ("SM2PKE", "SM2") if spec == "SM2" else (KEY_WRAP[1], "RSA_2048")
            imported(kms, key, material.bytes, *how)
            keys[spec, usage] = key, material
        return keys[spec, usage]

    return of


def test_ciphertexts_open_with_the_material_outside(kms, brought):
    key, material = brought("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")
    context = {"for": "outside"}
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE, EncryptionContext=context)["CiphertextBlob"]
    assert decrypt_outside(material.bytes, context, blob) == MESSAGE
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    current = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert (opened["Plaintext"], opened["KeyMaterialId"]) == (MESSAGE, current)


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs_made_outside_are_verified(kms, brought, bits):
    key, material = brought(f"HMAC_{bits}", "GENERATE_VERIFY_MAC")
    common = {"KeyId": key, "Message": MESSAGE, "MacAlgorithm": f"HMAC_SHA_{bits}"}
    mac = hmac.digest(material.bytes, MESSAGE, f"sha{bits}")
    assert kms.verify_mac(Mac=mac, **common)["MacValid"]
    assert kms.generate_mac(**common)["Mac"] == mac
    bad = bytes([mac[0] ^ 1]) + mac[1:]
    assert refused(kms, "verify_mac", Mac=bad, **common) == "KMSInvalidMacException"


SIGNING = [(spec, name) for (spec, usage), names in KINDS.items() if usage == "SIGN_VERIFY" for name in names]
SIGNING = [(spec, name) for spec, name in SIGNING if not spec.startswith("ML_")]


def signed_outside(material, algorithm):
    """A signature of the message by the private key outside; for Ed25519ph by what KMS calls its digest."""
    if algorithm == "SM2DSA":
        sign = ["pkeyutl", "-sign", "-rawin", "-digest", "sm3", *SM2_IDENTITY, "-keyform", "DER"]
        return openssl_output(*sign, "-inkey", "{key}", "-in", "{data}", key=material.bytes, data=MESSAGE)
    if algorithm == "ED25519_PH_SHA_512":
        given = hashlib.sha512(MESSAGE).digest()
        return eddsa.new(ECC.import_key(material.bytes), "rfc8032").sign(SHA512.new(given))
    used = hash_of(algorithm) if algorithm.startswith(("RSASSA", "ECDSA")) else None
    return material.private.sign(MESSAGE, *scheme(algorithm, used))


@pytest.mark.parametrize("spec, algorithm", SIGNING, ids="-".join)
def test_signatures_made_outside_are_verified(kms, brought, spec, algorithm):
    key, material = brought(spec, "SIGN_VERIFY")
    signature = signed_outside(material, algorithm)
    given = digest(algorithm, MESSAGE, material.public_key)
    for kind, message in [("RAW", MESSAGE), ("DIGEST", given)]:
        if {"ED25519_SHA_512": "DIGEST", "ED25519_PH_SHA_512": "RAW"}.get(algorithm) == kind:
            continue
        common = {"KeyId": key, "Message": message, "MessageType": kind, "SigningAlgorithm": algorithm}
        assert kms.verify(Signature=signature, **common)["SignatureValid"]
        ours = kms.sign(**common)["Signature"]
        if algorithm != "ED25519_PH_SHA_512":
            assert verifies(algorithm, MESSAGE, material.public_key, ours)
        else:
            assert ours == signature
        bad = signature[:-1] + bytes([signature[-1] ^ 1])
        assert refused(kms, "verify", Signature=bad, **common) == "KMSInvalidSignatureException"


@pytest.mark.parametrize("algorithm", OAEP)
@pytest.mark.parametrize("spec", RSA)
def test_rsa_ciphertexts_go_both_ways(kms, brought, spec, algorithm):
    key, material = brought(spec, "ENCRYPT_DECRYPT")
    used = hashes.SHA1() if algorithm == OAEP[0] else hashes.SHA256()
    oaep = padding.OAEP(padding.MGF1(used), used, None)
    common = {"KeyId": key, "EncryptionAlgorithm": algorithm}
    blob = kms.encrypt(Plaintext=MESSAGE, **common)["CiphertextBlob"]
    assert material.private.decrypt(blob, oaep) == MESSAGE
    theirs = material.private.public_key().encrypt(MESSAGE, oaep)
    assert kms.decrypt(CiphertextBlob=theirs, **common)["Plaintext"] == MESSAGE


@pytest.mark.parametrize("spec", NIST)
def test_secrets_are_agreed_with_the_key_outside(kms, brought, spec):
    key, material = brought(spec, "KEY_AGREEMENT")
    peer = made(spec)
    answer = kms.derive_shared_secret(KeyId=key, KeyAgreementAlgorithm="ECDH", PublicKey=peer.public_key)
    assert answer["KeyOrigin"] == "EXTERNAL"
    assert answer["SharedSecret"] == peer.private.exchange(ec.ECDH(), material.private.public_key())


def test_sm2_ciphertexts_go_both_ways(kms, brought):
    key, material = brought("SM2", "ENCRYPT_DECRYPT")
    common = {"KeyId": key, "EncryptionAlgorithm": "SM2PKE"}
    blob = kms.encrypt(Plaintext=MESSAGE, **common)["CiphertextBlob"]
    opens = ["pkeyutl", "-decrypt", "-keyform", "DER", "-inkey", "{key}", "-in", "{data}"]
    assert openssl_output(*opens, key=material.bytes, data=blob) == MESSAGE
    theirs = wrapped_by_openssl("SM2PKE", material.public_key, MESSAGE)
    assert kms.decrypt(CiphertextBlob=theirs, **common)["Plaintext"] == MESSAGE


# What is refused.


def import_members(kms, key, material, algorithm="RSAES_OAEP_SHA_256", **members):
    given = parameters(kms, key, algorithm)
    blob = wrapped(algorithm, given["PublicKey"], material)
    common = {"KeyId": key, "ImportToken": given["ImportToken"], "EncryptedKeyMaterial": blob}
    return {**common, **DOES_NOT_EXPIRE, **members}


def test_material_of_another_kind_is_refused(kms):
    key = waiting_key(kms)
    for bad in (bytes(31), bytes(33), bytes(16), made("ECC_NIST_P256").bytes):
        members = import_members(kms, key, bad, KEY_WRAP[1])
        assert refused(kms, "import_key_material", **members) == "IncorrectKeyMaterialException"
    pair = waiting_key(kms, "ECC_NIST_P256", "SIGN_VERIFY")
    for bad in (made("ECC_NIST_P384").bytes, made("ECC_SECG_P256K1").bytes, bytes(32)):
        members = import_members(kms, pair, bad, KEY_WRAP[1])
        assert refused(kms, "import_key_material", **members) == "IncorrectKeyMaterialException"
    assert state(kms, key) == state(kms, pair) == "PendingImport"
    assert refused(kms, "encrypt", KeyId=key, Plaintext=b"x") == "KMSInvalidStateException"


def test_what_was_wrapped_otherwise_is_refused(kms):
    key, material = waiting_key(kms), os.urandom(32)
    one, other = (import_members(kms, key, material) for _ in range(2))
    mixed = {**one, "EncryptedKeyMaterial": other["EncryptedKeyMaterial"]}
    assert refused(kms, "import_key_material", **mixed) == "InvalidCiphertextException"
    twice = parameters(kms, key, KEY_WRAP[1])
    for algorithm in (OAEP[0], OAEP[1], KEY_WRAP[0]):
        blob = wrapped(algorithm, twice["PublicKey"], material)
        mixed = {**one, "ImportToken": twice["ImportToken"], "EncryptedKeyMaterial": blob}
        assert refused(kms, "import_key_material", **mixed) == "InvalidCiphertextException"
    # Neither token was used up by that.
    kms.import_key_material(**other)
    kms.import_key_material(**one)


def test_tokens_are_good_for_their_own_key(kms):
    material = os.urandom(32)
    members = import_members(kms, waiting_key(kms), material)
    foreign = {**members, "KeyId": waiting_key(kms)}
    assert refused(kms, "import_key_material", **foreign) == "InvalidImportTokenException"
    token = bytearray(members["ImportToken"])
    token[-1] ^= 1
    for bad in (bytes(token), b"x", members["ImportToken"][:-1]):
        assert refused(kms, "import_key_material", **{**members, "ImportToken": bad}) == "InvalidImportTokenException"


def test_only_keys_made_for_it_take_material(kms, key):
    members = {"WrappingAlgorithm": OAEP[1], "WrappingKeySpec": "RSA_2048"}
    assert refused(kms, "get_parameters_for_import", KeyId=key, **members) == "UnsupportedOperationException"
    assert refused(kms, "delete_imported_key_material", KeyId=key) == "UnsupportedOperationException"
    members = {"ImportToken": b"x", "EncryptedKeyMaterial": b"x", **DOES_NOT_EXPIRE}
    assert refused(kms, "import_key_material", KeyId=key, **members) == "UnsupportedOperationException"


@pytest.mark.parametrize(
    "spec, algorithm, wrapping",
    [
        ("RSA_2048", OAEP[1], "RSA_4096"),
        ("ECC_NIST_P521", OAEP[0], "RSA_2048"),
        ("SYMMETRIC_DEFAULT", "RSAES_PKCS1_V1_5", "RSA_2048"),
        ("SYMMETRIC_DEFAULT", "SM2PKE", "RSA_2048"),
        ("SYMMETRIC_DEFAULT", OAEP[1], "SM2"),
    ],
)
def test_ways_that_do_not_go_together_are_refused(kms, spec, algorithm, wrapping):
    members = {"KeyId": waiting_key(kms, spec, usage_of(spec)), "WrappingAlgorithm": algorithm}
    code = refused(kms, "get_parameters_for_import", WrappingKeySpec=wrapping, **members)
    assert code == "UnsupportedOperationException"


def test_members_that_do_not_go_together_are_refused(kms):
    key = waiting_key(kms)
    members = import_members(kms, key, os.urandom(32))
    now = datetime.datetime.now(datetime.timezone.utc)
    for bad in (
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES"},
        {"ValidTo": now + datetime.timedelta(days=1)},
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": now - datetime.timedelta(seconds=5)},
        {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": now + datetime.timedelta(days=366)},
        {"ImportType": "NEW_KEY_MATERIAL", "KeyMaterialId": "0" * 64},
    ):
        assert refused(kms, "import_key_material", **{**members, **bad}) == "ValidationException"
    del members["ExpirationModel"]
    with pytest.raises(ClientError) as error:
        kms.import_key_material(**members)
    assert error.value.response["Error"]["Message"] == (
        "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
    )
    pair = waiting_key(kms, "HMAC_256", "GENERATE_VERIFY_MAC")
    members = import_members(kms, pair, os.urandom(32))
    for bad in ({"ImportType": "NEW_KEY_MATERIAL"}, {"KeyMaterialDescription": "x"}, {"KeyMaterialId": "0" * 64}):
        assert refused(kms, "import_key_material", **members, **bad) == "ValidationException"


# What happens to imported material over time.


def test_deleted_material_comes_back_and_no_other_does(kms):
    key, material = waiting_key(kms), os.urandom(32)
    first = imported(kms, key, material)
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    deleted = kms.delete_imported_key_material(KeyId=key)
    assert (deleted["KeyId"], deleted["KeyMaterialId"]) == (first["KeyId"], first["KeyMaterialId"])
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingImport" and "ExpirationModel" not in metadata
    assert metadata["CurrentKeyMaterialId"] == first["KeyMaterialId"]
    assert refused(kms, "decrypt", CiphertextBlob=blob) == "KMSInvalidStateException"
    kms.delete_imported_key_material(KeyId=key)
    members = import_members(kms, key, os.urandom(32))
    assert refused(kms, "import_key_material", **members) == "IncorrectKeyMaterialException"
    members = import_members(kms, key, material, KeyMaterialId="0" * 64)
    assert refused(kms, "import_key_material", **members) == "IncorrectKeyMaterialException"
    again = imported(kms, key, material, KeyMaterialId=first["KeyMaterialId"])
    assert again["KeyMaterialId"] == first["KeyMaterialId"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE


def test_pairs_have_one_material_for_life(kms):
    key, material = waiting_key(kms, "ECC_NIST_P256", "SIGN_VERIFY"), made("ECC_NIST_P256").bytes
    imported(kms, key, material)
    for _ in range(2):
        members = import_members(kms, key, made("ECC_NIST_P256").bytes)
        assert refused(kms, "import_key_material", **members) == "IncorrectKeyMaterialException"
        assert "KeyMaterialId" not in kms.delete_imported_key_material(KeyId=key)
    assert refused(kms, "get_public_key", KeyId=key) == "KMSInvalidStateException"
    imported(kms, key, material)
    assert state(kms, key) == "Enabled"


def test_the_same_material_has_another_name_in_another_key(kms):
    material = os.urandom(32)
    one, other = (imported(kms, waiting_key(kms), material)["KeyMaterialId"] for _ in range(2))
    assert one != other


def test_a_disabled_key_stays_so(kms):
    key, material = waiting_key(kms), os.urandom(32)
    imported(kms, key, material)
    kms.disable_key(KeyId=key)
    kms.delete_imported_key_material(KeyId=key)
    assert state(kms, key) == "PendingImport"
    imported(kms, key, material)
    assert state(kms, key) == "Disabled"


def test_new_material_waits_for_a_rotation(kms):
    key, old, new = waiting_key(kms), os.urandom(32), os.urandom(32)
    first = imported(kms, key, old, KeyMaterialDescription="first")["KeyMaterialId"]
    before = kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
    second = imported(kms, key, new, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    with pytest.raises(ClientError) as error:
        imported(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")
    assert error.value.response["Error"]["Code"] == "KMSInvalidStateException"
    assert f"(id: {second}) is pending rotation." in error.value.response["Error"]["Message"]
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"] == first
    # What is pending is not the key's yet: the key does without it.
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second)
    assert state(kms, key) == "Enabled"
    assert kms.decrypt(CiphertextBlob=before)["Plaintext"] == b"before"
    assert refused(kms, "delete_imported_key_material", KeyId=key, KeyMaterialId=second) == "NotFoundException"
    again = imported(kms, key, new, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
    assert again == second


def test_each_material_opens_what_it_made_before_and_after_rotations(kms):
    key, materials, blobs = waiting_key(kms), [os.urandom(32) for _ in range(3)], []
    for material in materials:
        imported(kms, key, material, ImportType="NEW_KEY_MATERIAL")
        if blobs:
            kms.rotate_key_on_demand(KeyId=key)
        blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
        blobs.append((kms.decrypt(CiphertextBlob=blob)["KeyMaterialId"], blob))
    assert len({id for id, _ in blobs}) == 3
    for material, (id, blob) in zip(materials, blobs):
        assert decrypt_outside(material, {}, blob) == MESSAGE
        opened = kms.decrypt(CiphertextBlob=blob)
        assert (opened["Plaintext"], opened["KeyMaterialId"]) == (MESSAGE, id)
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    assert sorted(entry["KeyMaterialId"] for entry in listed) == sorted(id for id, _ in blobs)


# Time.


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    server = Trent(tmp_path_factory.mktemp("dev") / "data", "--dev").start()
    yield server
    if server.running():
        assert server.stop() == 0


def trents_now(kms):
    return kms.create_key()["KeyMetadata"]["CreationDate"]


def stored_materials(server, key):
    """The ids of a key's materials whose bytes lie in the store, by the paths of its records."""
    with closing(sqlite3.connect(f"file:{server.data_dir}/trent.db?mode=ro", uri=True)) as database:
        paths = database.execute("SELECT path FROM records WHERE path LIKE ?", (f"%/material/{key}/%",))
        return sorted(path.rsplit("/", 1)[1] for (path,) in paths)


def test_tokens_expire_after_a_day(dev):
    kms = dev.client()
    key, material = waiting_key(kms), os.urandom(32)
    members = import_members(kms, key, material)
    advance(dev, DAY - 60)
    kms.import_key_material(**members)
    advance(dev, 61)
    assert refused(kms, "import_key_material", **members) == "ExpiredImportTokenException"


def test_material_expires_and_is_imported_again(dev):
    kms = dev.client()
    key, material = waiting_key(kms), os.urandom(32)
    valid_to = (trents_now(kms) + datetime.timedelta(days=30)).replace(microsecond=0)
    id = imported(kms, key, material, ValidTo=valid_to)["KeyMaterialId"]
    assert stored_materials(dev, key) == [id]
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["ExpirationModel"], metadata["ValidTo"]) == ("KEY_MATERIAL_EXPIRES", valid_to)
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    advance(dev, 29 * DAY)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE
    advance(dev, DAY)
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingImport"
    assert "ExpirationModel" not in metadata and "ValidTo" not in metadata
    assert refused(kms, "decrypt", CiphertextBlob=blob) == "KMSInvalidStateException"
    eventually(lambda: stored_materials(dev, key) == [], what="the removal of the material")
    imported(kms, key, material)
    assert stored_materials(dev, key) == [id]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE


def test_importing_again_puts_the_expiry_off(dev):
    kms = dev.client()
    key, material = waiting_key(kms), os.urandom(32)
    imported(kms, key, material, ValidTo=trents_now(kms) + datetime.timedelta(days=1))
    imported(kms, key, material, ValidTo=trents_now(kms) + datetime.timedelta(days=10))
    advance(dev, 2 * DAY)
    assert state(kms, key) == "Enabled"
    imported(kms, key, material)
    advance(dev, 20 * DAY)
    assert state(kms, key) == "Enabled"


def test_imports_outlive_the_process(start):
    server = start()
    kms = server.client()
    key, material = waiting_key(kms), os.urandom(32)
    members = import_members(kms, key, material)
    server.kill()
    server.start(server.listen_address())
    kms.import_key_material(**members)
    blob = kms.encrypt(KeyId=key, Plaintext=MESSAGE)["CiphertextBlob"]
    server.kill()
    server.start(server.listen_address())
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == MESSAGE


def test_the_trail_names_the_material_and_shows_no_secret(start):
    server = start()
    kms = server.client()
    key = waiting_key(kms)
    answer = imported(kms, key, os.urandom(32), KeyMaterialDescription="mine")
    kms.delete_imported_key_material(KeyId=key)
    assert server.stop() == 0
    records = {record["eventName"]: record for record in server.records()}
    shown = records["GetParametersForImport"]
    assert (shown["readOnly"], shown["responseElements"]) == (True, None)
    assert shown["requestParameters"] == {
        "keyId": key, "wrappingAlgorithm": OAEP[1], "wrappingKeySpec": "RSA_2048",
    }
    for name in ("ImportKeyMaterial", "DeleteImportedKeyMaterial"):
        expected = {"keyId": answer["KeyId"], "keyMaterialId": answer["KeyMaterialId"]}
        assert records[name]["responseElements"] == expected
    given = records["ImportKeyMaterial"]["requestParameters"]
    assert given["keyMaterialDescription"] == "mine"
    assert not {"importToken", "encryptedKeyMaterial"} & set(given)
    assert json.dumps(records).count("BEGIN") == 0
