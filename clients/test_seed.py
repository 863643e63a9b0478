"""`--seed`: a file that says what the store is to hold."""

import base64
import hashlib
import hmac
import json
import os
import re
import stat
import subprocess

import pytest
import yaml
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, mlkem
from kyber_py.ml_kem import ML_KEM_512

from decrypt import decrypt
from every_key import KINDS, having
from importing import made
from outside import verifies
from test_dev import advance, post
from trent import ACCOUNT, BINARY, ROOT, StartFailure, Trent, clean_environment, eventually
from wire import alias_arn, key_arn

PAGE = (ROOT / "docs" / "seeding.md").read_text()
EXAMPLE = re.search(r"```yaml\n(.*?)```", PAGE, re.S).group(1)
OTHER = "111122223333"


def access_key(name, secret):
    return {"AccessKeyId": name, "SecretAccessKey": secret}


APP = access_key("AKIAAPPAPPAPPAPPAPP0", "a-secret-of-the-app-that-is-for-tests-0")
GUEST = access_key("AKIAGUESTGUESTGUEST0", "a-secret-of-the-guest-that-is-for-test")
AES = bytes(range(32))
AGENT = b"trent serve --seed"
KEY, MAC, SIGN, OFF, WAITING = (
    "1234abcd-12ab-34cd-56ef-1234567890ab",
    "2345bcde-23bc-45de-67f0-234567890abc",
    "3456cdef-34cd-56ef-7801-34567890abcd",
    "4567def0-45de-67f0-8912-4567890abcde",
    "5678ef01-56ef-7801-9a23-567890abcdef",
)


@pytest.fixture
def seed(tmp_path):
    """Writes seeds, as text or as what it is in YAML."""

    def write(content, mode=0o600):
        path = tmp_path / "seed.yaml"
        path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
        path.chmod(mode)
        return path

    return write


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """A server that was started with the example of the page."""
    directory = tmp_path_factory.mktemp("seed")
    (directory / "seed.yaml").write_text(EXAMPLE)
    server = Trent(directory / "data", "--dev", "--seed", directory / "seed.yaml").start()
    yield server
    assert server.stop() == 0


def refused(tmp_path, *arguments, data_dir="data", environment=None):
    """The one line with which a start is refused."""
    server = Trent(tmp_path / data_dir, *arguments, environment=environment)
    with pytest.raises(StartFailure) as caught:
        server.start()
    assert caught.value.code == 2, caught.value.output
    lines = [line for line in caught.value.output.splitlines() if line.startswith("trent: ")]
    assert len(lines) == 1, caught.value.output
    return lines[0]


def one_key(**members):
    return {"accounts": [{"keys": [{"id": KEY, **members}]}]}


def state(server):
    """All that a seed can say of keys and people, as clients see it."""
    kms, iam = server.client(), server.client("iam")
    keys = {}
    for entry in kms.list_keys()["Keys"]:
        key = entry["KeyId"]
        keys[key] = (
            kms.describe_key(KeyId=key)["KeyMetadata"],
            kms.get_key_policy(KeyId=key)["Policy"],
            kms.list_resource_tags(KeyId=key)["Tags"],
            kms.list_grants(KeyId=key)["Grants"],
            kms.list_aliases(KeyId=key)["Aliases"],
        )
    people = [iam.list_users()["Users"], iam.list_roles()["Roles"], iam.list_groups()["Groups"]]
    people += [iam.list_policies(Scope="Local")["Policies"]]
    people += [iam.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"] for user in people[0]]
    accounts = server.client("organizations").list_accounts()["Accounts"]
    return keys, people, accounts


def events(server):
    return [record for record in server.records() if record.get("userAgent") == AGENT.decode()]


# The example of the page.


def test_ciphertexts_of_known_material_open_without_trent(example):
    kms = example.client()
    blob = kms.encrypt(KeyId="alias/app", Plaintext=b"known", EncryptionContext={"a": "b"})["CiphertextBlob"]
    assert decrypt(AES, {"a": "b"}, blob) == b"known"
    metadata = kms.describe_key(KeyId=KEY)["KeyMetadata"]
    assert (metadata["Arn"], metadata["Origin"], metadata["Description"]) == (key_arn(KEY), "AWS_KMS", "for tests")
    assert kms.list_resource_tags(KeyId=KEY)["Tags"] == [{"TagKey": "stage", "TagValue": "test"}]
    assert kms.get_key_rotation_status(KeyId=KEY)["RotationPeriodInDays"] == 90


def test_macs_of_known_material_are_those_that_others_compute(example):
    answer = example.client().generate_mac(KeyId="alias/mac", Message=b"m", MacAlgorithm="HMAC_SHA_256")
    assert answer["Mac"] == hmac.digest(AES, b"m", hashlib.sha256)


def test_signatures_of_a_known_key_verify_under_its_public_half(example):
    pem = re.search(r"-----BEGIN.*?END PRIVATE KEY-----", EXAMPLE, re.S).group()
    private = serialization.load_pem_private_key(re.sub(r"(?m)^ +", "", pem).encode(), None)
    kms = example.client()
    signature = kms.sign(KeyId="alias/sign", Message=b"m", SigningAlgorithm="ECDSA_SHA_256")["Signature"]
    private.public_key().verify(signature, b"m", ec.ECDSA(hashes.SHA256()))
    policy = json.loads(kms.get_key_policy(KeyId=SIGN)["Policy"])
    assert policy["Statement"][1]["Principal"]["AWS"] == f"arn:aws:iam::{ACCOUNT}:role/auditor"


def test_keys_are_in_the_state_they_are_said_to_be_in(example):
    kms = example.client()
    assert kms.describe_key(KeyId=OFF)["KeyMetadata"]["KeyState"] == "Disabled"
    waiting = kms.describe_key(KeyId=WAITING)["KeyMetadata"]
    assert (waiting["KeyState"], waiting["Origin"]) == ("PendingImport", "EXTERNAL")


def test_a_user_has_what_its_group_allows(example):
    kms = example.client(credentials=APP)
    blob = kms.encrypt(KeyId="alias/app", Plaintext=b"x")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    with pytest.raises(ClientError) as caught:
        kms.disable_key(KeyId=KEY)
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    iam = example.client("iam")
    assert iam.list_user_tags(UserName="app")["Tags"] == [{"Key": "team", "Value": "storage"}]


def test_a_user_of_the_other_account_has_what_it_was_granted(example):
    assert example.client("sts", credentials=GUEST).get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:user/guest"
    kms, context = example.client(credentials=GUEST), {"tenant": "guest", "more": "x"}
    blob = kms.encrypt(KeyId=alias_arn("alias/app"), Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"x"
    with pytest.raises(ClientError):
        kms.encrypt(KeyId=alias_arn("alias/app"), Plaintext=b"x", EncryptionContext={"tenant": "app"})
    (grant,) = example.client().list_grants(KeyId=KEY)["Grants"]
    assert (grant["Name"], grant["GranteePrincipal"]) == ("guest", f"arn:aws:iam::{OTHER}:user/guest")


def test_a_role_can_be_assumed_by_those_it_trusts(example):
    role = f"arn:aws:iam::{ACCOUNT}:role/auditor"
    session = example.client("sts", credentials=GUEST).assume_role(RoleArn=role, RoleSessionName="visit")
    assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/auditor/visit"


def test_the_root_user_of_the_other_account_has_a_key_of_few_letters(example):
    assert example.client("sts", credentials=access_key("test", "test")).get_caller_identity()["Account"] == OTHER
    made = example.client(credentials=access_key("test", "test")).create_key()["KeyMetadata"]
    assert made["AWSAccountId"] == OTHER


def test_nothing_secret_is_told(example):
    told = example.log() + json.dumps(example.records())
    assert len(events(example)) > 10
    for secret in (APP["SecretAccessKey"], GUEST["SecretAccessKey"], AES.hex(), base64.b64encode(AES).decode(), "MIGHAgEAMBMG", "bJ1DALbreaEcN9YP"):
        assert secret in EXAMPLE and secret not in told, secret
    for path in example.data_dir.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert APP["SecretAccessKey"].encode() not in content and AES not in content, path


def test_what_was_seeded_is_in_the_trail(example):
    found = [record for record in events(example) if record["eventName"] == "SeedKey"]
    assert len(found) == 5
    record = next(record for record in found if record["requestParameters"]["keyId"] == KEY)
    assert record["userIdentity"]["type"] == "Root" and record["readOnly"] is False
    assert [resource["ARN"] for resource in record["resources"]] == [key_arn(KEY)]
    assert record["requestParameters"] == {
        "keyId": KEY,
        "keySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "materialGiven": True,
        "aliases": ["alias/app"],
    }


# More than once.


def test_a_seed_that_is_applied_again_changes_nothing(start, seed):
    server = start("--dev", "--seed", seed(EXAMPLE))
    first, told = state(server), len(events(server))
    server.restart()
    assert state(server) == first and len(events(server)) == told
    server.kill()
    server.start()
    assert state(server) == first and len(events(server)) == told
    assert "otherwise is left" not in server.log()


@pytest.mark.parametrize("done", [1, 4, 8, 12])
def test_a_start_that_was_killed_is_completed_by_the_next(tmp_path, seed, done):
    """Killed after so many of its requests, or a few more."""
    path, data = seed(EXAMPLE), tmp_path / "data"
    command = [BINARY, "serve", "--data-dir", data, "--listen", "127.0.0.1:0", "--dev", "--seed", path]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=clean_environment(), **quiet)
    told = lambda: sum(file.read_bytes().count(AGENT) for file in (data / "audit").rglob("*.open"))  # noqa: E731
    eventually(lambda: told() >= done, what="the seeding")
    process.kill()
    process.wait()
    server = Trent(data, "--dev", "--seed", path).start()
    keys, people, accounts = state(server)
    assert sorted(keys) == [KEY, MAC, SIGN, OFF, WAITING]
    assert len(keys[KEY][3]) == 1 and len(accounts) == 2 and len(people[1]) == 1
    assert server.client(credentials=APP).encrypt(KeyId="alias/app", Plaintext=b"x")
    blob = server.client().encrypt(KeyId="alias/app", Plaintext=b"x")["CiphertextBlob"]
    assert decrypt(AES, {}, blob) == b"x"
    assert server.stop() == 0


def test_a_changed_seed_adds_and_leaves_what_clients_have_changed(start, seed):
    first = {"accounts": [{"keys": [{"id": KEY, "tags": {"a": "1"}, "description": "old"}], "users": [{"name": "u"}]}]}
    path = seed(first)
    server = start("--dev", "--seed", path)
    kms = server.client()
    kms.disable_key(KeyId=KEY)
    kms.tag_resource(KeyId=KEY, Tags=[{"TagKey": "a", "TagValue": "2"}])
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "kms:*", "Resource": "*"}}
    grantee = f"arn:aws:iam::{ACCOUNT}:user/u"
    seed(
        {
            "accounts": [
                {
                    "keys": [
                        {
                            "id": KEY,
                            "tags": {"a": "1", "b": "3"},
                            "description": "new",
                            "aliases": ["alias/new"],
                            "grants": [{"name": "g", "grantee_principal": grantee, "operations": ["Encrypt"]}],
                        },
                        {"id": MAC, "key_spec": "HMAC_512", "key_usage": "GENERATE_VERIFY_MAC"},
                    ],
                    "users": [{"name": "u", "inline_policies": {"p": policy}, "groups": ["g"], "tags": {"t": "1"}}],
                    "groups": [{"name": "g"}],
                }
            ]
        }
    )
    server.restart()
    kms, iam = server.client(), server.client("iam")
    metadata = kms.describe_key(KeyId="alias/new")["KeyMetadata"]
    assert (metadata["KeyId"], metadata["KeyState"], metadata["Description"]) == (KEY, "Disabled", "old")
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=KEY)["Tags"]}
    assert tags == {"a": "2", "b": "3"}
    assert [grant["Name"] for grant in kms.list_grants(KeyId=KEY)["Grants"]] == ["g"]
    assert kms.describe_key(KeyId=MAC)["KeyMetadata"]["KeySpec"] == "HMAC_512"
    assert iam.list_user_policies(UserName="u")["PolicyNames"] == ["p"]
    assert [group["GroupName"] for group in iam.list_groups_for_user(UserName="u")["Groups"]] == ["g"]
    assert iam.list_user_tags(UserName="u")["Tags"] == [{"Key": "t", "Value": "1"}]
    assert 'differ=["description", "tags", "state"]' in server.log()


def test_a_key_that_waits_gets_its_material_later(start, seed):
    path = seed(one_key(origin="EXTERNAL"))
    server = start("--dev", "--seed", path)
    seed(one_key(origin="EXTERNAL", material={"hex": AES.hex()}))
    server.restart()
    metadata = server.client().describe_key(KeyId=KEY)["KeyMetadata"]
    assert (metadata["KeyState"], metadata["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    blob = server.client().encrypt(KeyId=KEY, Plaintext=b"x")["CiphertextBlob"]
    assert decrypt(AES, {}, blob) == b"x"
    server.restart()


def test_a_key_that_was_rotated_is_still_the_one_that_was_seeded(start, seed):
    server = start("--dev", "--seed", seed(one_key(material={"hex": AES.hex()}, rotation_period_in_days=90)))
    kms = server.client()
    blob = kms.encrypt(KeyId=KEY, Plaintext=b"x")["CiphertextBlob"]
    advance(server, 91 * 86400)
    assert len(kms.list_key_rotations(KeyId=KEY)["Rotations"]) == 1
    server.restart()
    assert server.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"


def test_a_reset_brings_the_seed_back(start, seed):
    server = start("--dev", "--seed", seed(EXAMPLE))
    kms = server.client()
    kms.create_key()
    kms.delete_alias(AliasName="alias/app")
    assert post(server, "reset")[0] == 200
    assert sorted(key["KeyId"] for key in kms.list_keys()["Keys"]) == [KEY, MAC, SIGN, OFF, WAITING]
    assert server.client(credentials=APP).encrypt(KeyId="alias/app", Plaintext=b"x")


# Material of every spec.


def pem(der):
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN PRIVATE KEY-----\n{body}-----END PRIVATE KEY-----\n"


def encoded(way, data):
    return {way: {"hex": data.hex, "base64": lambda: base64.b64encode(data).decode(), "pem": lambda: pem(data)}[way]()}


def ml_kem_512():
    """A seed as PKCS #8 (RFC 9935) and the SubjectPublicKeyInfo of its public half."""
    seed = os.urandom(64)
    algorithm = bytes.fromhex("300b0609608648016503040401")
    public, _ = ML_KEM_512.key_derive(seed)
    head = bytes.fromhex("30820332"), bytes.fromhex("0382032100")
    return bytes.fromhex("3054020100") + algorithm + bytes.fromhex("04428040") + seed, head[0] + algorithm + head[1] + public


def material_of(spec):
    """Material made by others, and for a pair the public half as they have it."""
    form = serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    public = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    if spec == "ML_KEM_512":
        return ml_kem_512()
    kinds = {"ML_DSA": (mldsa, "MLDSA{}PrivateKey"), "ML_KEM": (mlkem, "MLKEM{}PrivateKey")}
    if spec[:6] in kinds:
        module, name = kinds[spec[:6]]
        private = getattr(module, name.format(spec[7:])).generate()
        return private.private_bytes(*form), private.public_key().public_bytes(*public)
    material = made(spec)
    is_pair = not spec.startswith(("SYMMETRIC", "HMAC"))
    return material.bytes, material.public_key if is_pair else None


@pytest.fixture(scope="module")
def every_seeded(tmp_path_factory):
    """One key of each kind, with material that was made elsewhere."""
    directory = tmp_path_factory.mktemp("every")
    keys, materials = [], {}
    ways = ["hex", "base64", "pem"]
    for number, (spec, usage) in enumerate(KINDS):
        data, public = material_of(spec)
        way = ways[number % (2 if public is None else 3)]
        key = f"00000000-0000-4000-8000-{number:012}"
        materials[spec, usage] = key, data, public
        keys.append({"id": key, "key_spec": spec, "key_usage": usage, "material": encoded(way, data)})
    path = directory / "seed.yaml"
    path.write_text(yaml.safe_dump({"accounts": [{"keys": keys}]}))
    path.chmod(0o600)
    server = Trent(directory / "data", "--seed-material", "--seed", path).start()
    yield server.client(), materials
    assert server.restart().stop() == 0


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind[0].startswith(("SYM", "HMAC"))])
def test_a_pair_has_the_public_half_that_its_maker_knows(every_seeded, kind):
    kms, materials = every_seeded
    key, _, public = materials[kind]
    assert kms.get_public_key(KeyId=key)["PublicKey"] == public


@pytest.mark.parametrize("spec, algorithm", having("SIGN_VERIFY"))
def test_signatures_verify_elsewhere(every_seeded, spec, algorithm):
    if algorithm == "ED25519_PH_SHA_512":
        pytest.skip("its message is a digest; the other algorithm uses the same key")
    kms, materials = every_seeded
    key, _, public = materials[spec, "SIGN_VERIFY"]
    signature = kms.sign(KeyId=key, Message=b"m", SigningAlgorithm=algorithm)["Signature"]
    assert verifies(algorithm, b"m", public, signature)


@pytest.mark.parametrize("bits", [224, 256, 384, 512])
def test_macs_are_those_that_others_compute(every_seeded, bits):
    kms, materials = every_seeded
    key, data, _ = materials[f"HMAC_{bits}", "GENERATE_VERIFY_MAC"]
    answer = kms.generate_mac(KeyId=key, Message=b"m", MacAlgorithm=f"HMAC_SHA_{bits}")["Mac"]
    assert answer == hmac.digest(data, b"m", f"sha{bits}")


def test_a_ciphertext_opens_elsewhere(every_seeded):
    kms, materials = every_seeded
    key, data, _ = materials["SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"]
    assert decrypt(data, {}, kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]) == b"x"


# What is refused.


CONTRADICTIONS = [
    ({"material": {"hex": "11" * 32}}, "with other material"),
    ({"key_spec": "HMAC_256", "key_usage": "GENERATE_VERIFY_MAC"}, "with the spec SYMMETRIC_DEFAULT and not HMAC_256"),
    ({"origin": "EXTERNAL"}, "with the origin AWS_KMS and not EXTERNAL"),
]


@pytest.mark.parametrize("members, told", CONTRADICTIONS)
def test_a_key_that_is_another_one_is_refused(start, tmp_path, seed, members, told):
    server = start("--dev", "--seed", seed(one_key(material={"hex": AES.hex()})), data_dir=tmp_path / "data")
    before = state(server)
    assert server.stop() == 0
    new = {"id": MAC}
    path = seed({"accounts": [{"users": [{"name": "new"}], "keys": [new, {"id": KEY, **members}]}]})
    line = refused(tmp_path, "--dev", "--seed", path)
    assert line.startswith(f"trent: the seed `{path}`: line ") and line.endswith(told), line
    assert "column" in line
    # Nothing was written, not even of what came before it in the file.
    assert state(start("--dev", data_dir=tmp_path / "data")) == before


def test_an_access_key_of_somebody_else_is_refused(start, tmp_path, seed):
    def people(secret, **other):
        return {"accounts": [{"users": [{"name": "u", "access_keys": [{"id": "AKIAX", "secret": secret}]}], **other}]}

    server = start("--dev", "--seed", seed(people("one")), data_dir=tmp_path / "data")
    assert server.stop() == 0
    line = refused(tmp_path, "--dev", "--seed", seed(people("two")))
    assert line.endswith("the access key `AKIAX` is there already, with another secret") and "two" not in line
    root = {"accounts": [{"access_keys": [{"id": "AKIAX", "secret": "one"}]}]}
    assert refused(tmp_path, "--dev", "--seed", seed(root)).endswith("belongs to somebody else")
    taken = {"accounts": [{"id": OTHER, "access_keys": [{"id": "AKIAX", "secret": "one"}]}]}
    assert refused(tmp_path, "--dev", "--seed", seed(taken)).endswith("belongs to somebody else")


def test_what_the_service_refuses_is_told_in_its_words(tmp_path, seed):
    nobody = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/no"}, "Action": "*", "Resource": "*"}
    for number, (content, told) in enumerate(
        [
            (one_key(policy={"Version": "2012-10-17", "Statement": nobody}), "one or more invalid principals"),
            (one_key(policy="{"), "line"),
            (one_key(key_spec="RSA_2048"), "You must specify a KeyUsage value"),
            (one_key(rotation_period_in_days=100, origin="EXTERNAL"), "are rotated by themselves"),
            (one_key(tags={"aws:x": "y"}), "aws:"),
            ({"accounts": [{"users": [{"name": "a b"}]}]}, "userName"),
            ({"accounts": [{"users": [{"name": "u", "groups": ["none"]}]}]}, "cannot be found"),
            ({"accounts": [{"users": [{"name": "u", "attached_policies": ["arn:aws:iam::aws:policy/None"]}]}]}, "line"),
            (
                one_key(grants=[{"name": "g", "grantee_principal": "nobody", "operations": ["Encrypt"]}]),
                "line",
            ),
        ]
    ):
        line = refused(tmp_path, "--dev", "--seed", seed(content), data_dir=f"data{number}")
        assert "line " in line and told in line, line


def test_a_file_that_is_none_is_refused_before_anything_is_made(tmp_path, seed):
    line = refused(tmp_path, "--dev", "--seed", seed("accounts:\n  - kees: []\n"))
    assert line.endswith("line 2, column 5: there is no `kees` here, but " + line.split("but ")[1]), line
    assert "no such file" in refused(tmp_path, "--dev", "--seed", tmp_path / "none").lower()
    assert not (tmp_path / "data").exists()


def test_secrets_are_for_dev_or_for_those_who_say_so(start, tmp_path, seed):
    secret = seed(one_key(material={"hex": AES.hex()}), mode=0o644)
    assert "or for --seed-material" in refused(tmp_path, "--seed", secret)
    assert "everybody can read it" in refused(tmp_path, "--seed-material", "--seed", secret)
    assert not (tmp_path / "data").exists()
    server = start("--dev", environment={"TRENT_SEED": str(secret)})
    assert "everybody can read the secrets of the seed" in server.log()
    secret.chmod(stat.S_IRUSR)
    start("--seed-material", "--seed", secret)
    # Without secrets neither is asked for.
    assert start("--seed", seed(one_key(), mode=0o644)).client().describe_key(KeyId=KEY)


def test_keys_go_where_they_are_said_to(start, seed):
    server = start("--region", "eu-west-1,us-east-1", "--seed", seed(
        {"accounts": [{"keys": [{"id": KEY}, {"id": MAC, "region": "us-east-1"}]}]}
    ))
    for region, key in (("eu-west-1", KEY), ("us-east-1", MAC)):
        assert [entry["KeyId"] for entry in server.client(region=region).list_keys()["Keys"]] == [key]


def test_quotas_hold_for_seeds_too(start, tmp_path, seed):
    path = seed({"accounts": [{"keys": [{"id": KEY}, {"id": MAC}]}]})
    line = refused(tmp_path, "--resource-quota", "keys=1", "--seed", path)
    assert "maximum number of KMS keys" in line
    # Rates do not: nobody waits for a seed but the start.
    start("--rate-quota", "aws", "--seed", path)
