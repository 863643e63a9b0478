"""Tokens of identity providers: what they open, for whom, and what becomes of a provider that misbehaves."""

import json
import os
import socket
import subprocess
import sys
import time

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

from certificates import Authority, pem
from identities import code, refusal, text, trust, unique
from issuer import Issuer, answering, encode, not_found, send
from trent import ACCOUNT, REGION, StartFailure, Trent, eventually

DISCOVERY = "/.well-known/openid-configuration"
LIST_KEYS = {"Effect": "Allow", "Action": "kms:ListKeys", "Resource": "*"}
NO_KEY = (
    "Couldn't retrieve verification key from your identity provider,  "
    "please reference AssumeRoleWithWebIdentity documentation for requirements"
)


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return tmp_path_factory.mktemp("issuers")


@pytest.fixture(scope="module")
def authority(directory):
    authority = Authority()
    (directory / "ca.pem").write_bytes(pem(authority.certificate))
    return authority


@pytest.fixture(scope="module")
def server(authority, directory):
    """A server that trusts the authority of the issuers here."""
    server = Trent(directory / "data", "--oidc-ca", directory / "ca.pem").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def held():
    """Holds the ports of issuers that are gone, since the server remembers whose they were."""
    sockets = []
    yield sockets
    for one in sockets:
        one.close()


@pytest.fixture
def issuers(authority, directory, held):
    """Makes issuers, over TLS unless told otherwise."""
    made = []

    def make(authority=authority, **options):
        made.append(Issuer(authority, directory, **options))
        return made[-1]

    yield make
    for issuer in made:
        issuer.close()
        held.append(socket.socket())
        held[-1].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held[-1].bind(("127.0.0.1", issuer.server.server_port))


class World:
    """What an operator sets up for an issuer, and somebody with nothing but a token."""

    def __init__(self, server, issuer):
        self.server, self.issuer = server, issuer
        self.iam = server.client("iam")
        made = self.iam.create_open_id_connect_provider(Url=f"https://{issuer.place}", ClientIDList=["trent"])
        self.provider = made["OpenIDConnectProviderArn"]
        self.anonymous = boto3.session.Session().client(
            "sts",
            region_name=REGION,
            endpoint_url=server.endpoint,
            config=Config(signature_version=UNSIGNED, retries={"total_max_attempts": 1}),
        )

    def trust(self, **more):
        return trust({"Federated": self.provider}, "sts:AssumeRoleWithWebIdentity", **more)

    def role(self, *statements, **condition):
        name = unique("role")
        more = {"Condition": condition} if condition else {}
        role = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=self.trust(**more))["Role"]
        if statements:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=text(*statements))
        return role["Arn"]

    def assume(self, role, token=None, **more):
        token = token or self.issuer.token()
        return self.anonymous.assume_role_with_web_identity(
            RoleArn=role, RoleSessionName="ci", WebIdentityToken=token, **more
        )

    def refusal(self, role, token=None, **more):
        return refusal(self.assume, role=role, token=token, **more)


@pytest.mark.parametrize("algorithm", ["RS256", "PS384", "ES256", "ES384", "EdDSA"])
def test_a_token_opens_a_role(server, issuers, algorithm):
    world = World(server, issuers(algorithm=algorithm))
    place = world.issuer.place
    condition = {f"{place}:sub": "repo:team/app", f"{place}:aud": "trent"}
    role = world.role(LIST_KEYS, StringEquals=condition)
    answer = world.assume(role, DurationSeconds=900)
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"]) == ("repo:team/app", "trent")
    assert answer["Provider"] == world.provider
    assert answer["AssumedRoleUser"]["AssumedRoleId"].endswith(":ci")
    session = server.client("sts", credentials=answer["Credentials"])
    assert session.get_caller_identity()["Arn"] == answer["AssumedRoleUser"]["Arn"]
    kms = server.client(credentials=answer["Credentials"])
    kms.list_keys()
    assert code(kms.list_aliases) == "AccessDeniedException"
    assert world.refusal(role, world.issuer.token(sub="repo:team/other")) == (
        403,
        "AccessDenied",
        "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    )


def test_tokens_that_are_not_believed(server, issuers):
    world = World(server, issuers(algorithm="RS256"))
    issuer, role = world.issuer, world.role()
    now = int(time.time())
    header, body, signature = issuer.token().split(".")
    other_body = encode(issuer.claims(sub="repo:team/root"))
    for token, expected in [
        (issuer.token(exp=now - 1), "ExpiredTokenException"),
        (issuer.token(aud="other"), "InvalidIdentityToken"),
        (issuer.token(azp="other"), "InvalidIdentityToken"),
        (issuer.token(iss="https://127.0.0.1:1"), "InvalidIdentityToken"),
        (issuer.token(sub=None), "InvalidIdentityToken"),
        (issuer.token(iat=now + 600), "InvalidIdentityToken"),
        (issuer.token({"alg": "none"}), "InvalidIdentityToken"),
        (issuer.token({"alg": "HS256"}), "InvalidIdentityToken"),
        (issuer.token({"alg": "PS256"}, sub="x")[:-4] + "AAAA", "InvalidIdentityToken"),
        (f"{header}.{other_body}.{signature}", "InvalidIdentityToken"),
        (f"{header}.{body}.{signature[:-4]}AAAA", "InvalidIdentityToken"),
        (f"{header}.{body}.", "InvalidIdentityToken"),
        (issuer.token(key=issuers(algorithm="RS256").key), "InvalidIdentityToken"),
    ]:
        status, found, _ = world.refusal(role, token)
        assert (status, found) == (400, expected), token
    world.assume(role)
    assert set(issuer.requests) == {DISCOVERY, "/keys"}


def test_keys_are_rotated(server, issuers):
    world = World(server, issuers())
    role = world.role()
    world.assume(role)
    old = world.issuer.token()
    world.issuer.rotate()
    # Made-up keys do not make Trent ask; the new one is found when Trent may ask again.
    start = time.monotonic()
    for n in range(30):
        assert world.refusal(role, world.issuer.token({"kid": f"made-up-{n}"}))[2] == NO_KEY
    may_ask = 2 + (time.monotonic() - start) // 10
    assert world.issuer.requests.count("/keys") <= may_ask

    def assumed():
        try:
            return world.assume(role)
        except world.anonymous.exceptions.InvalidIdentityTokenException:
            return None

    eventually(assumed, 40, "the new key")
    assert world.refusal(role, old)[1:] == ("InvalidIdentityToken", NO_KEY)


def huge(handler):
    send(handler, 200, b'{"keys": [' + b" " * (1 << 20) + b"]}")


def slow(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    handler.wfile.write(b"{")
    time.sleep(20)


def endless(handler):
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 4096)
    except OSError:
        pass


BROKEN = {
    "missing": ({DISCOVERY: not_found}, "InvalidIdentityToken"),
    "no keys": ({"/keys": not_found}, "InvalidIdentityToken"),
    "failing": ({"/keys": lambda handler: send(handler, 503)}, "IDPCommunicationError"),
    "busy": ({DISCOVERY: lambda handler: send(handler, 429)}, "IDPCommunicationError"),
    "silent": ({DISCOVERY: lambda handler: time.sleep(20)}, "IDPCommunicationError"),
    "slow": ({DISCOVERY: slow}, "IDPCommunicationError"),
    "hanging up": ({DISCOVERY: lambda handler: handler.connection.close()}, "IDPCommunicationError"),
    "huge": ({"/keys": huge}, "InvalidIdentityToken"),
    "endless": ({"/keys": endless}, "InvalidIdentityToken"),
    "not JSON": ({"/keys": lambda handler: send(handler, 200, b"<html>")}, "InvalidIdentityToken"),
    "empty": ({"/keys": answering(lambda: {"keys": []})}, "InvalidIdentityToken"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_provider_that_misbehaves(server, issuers, name):
    answers, expected = BROKEN[name]
    world = World(server, issuers())
    world.issuer.answers.update(answers)
    role = world.role()
    assert world.refusal(role)[:2] == (400, expected)
    asked = len(world.issuer.requests)
    # It is left alone for a while, and nobody else is kept waiting.
    assert world.refusal(role)[:2] == (400, expected)
    assert len(world.issuer.requests) == asked
    assert "the keys of an identity provider could not be fetched" in server.log()


def test_trent_goes_nowhere_else(server, issuers):
    elsewhere = issuers()
    for answers in [
        {DISCOVERY: lambda handler: send(handler, 302, Location=elsewhere.url + DISCOVERY)},
        {"/keys": lambda handler: send(handler, 307, Location=elsewhere.url + "/keys")},
    ]:
        world = World(server, issuers())
        world.issuer.answers.update(answers)
        assert world.refusal(world.role())[1:] == ("InvalidIdentityToken", NO_KEY)
    world = World(server, issuers())
    plain = issuers(authority=None)
    discovery = {"issuer": world.issuer.url, "jwks_uri": plain.url + "/keys"}
    world.issuer.answers[DISCOVERY] = answering(lambda: discovery)
    assert world.refusal(world.role())[1:] == ("InvalidIdentityToken", NO_KEY)
    # An issuer that no account has registered, however genuine its tokens.
    assert world.refusal(world.role(), elsewhere.token())[1:] == (
        "InvalidIdentityToken",
        f"No OpenIDConnect provider found in your account for {elsewhere.url}",
    )
    assert elsewhere.requests == plain.requests == []


def test_keys_may_be_elsewhere_if_the_issuer_says_so(server, issuers):
    world, elsewhere = World(server, issuers()), issuers()
    elsewhere.published = world.issuer.published
    discovery = {"issuer": world.issuer.url, "jwks_uri": elsewhere.url + "/keys"}
    world.issuer.answers[DISCOVERY] = answering(lambda: discovery)
    world.assume(world.role())
    assert elsewhere.requests == ["/keys"]


def test_a_provider_that_nobody_vouches_for(server, issuers):
    world = World(server, issuers(authority=Authority("Another authority")))
    assert world.refusal(world.role())[1:] == ("InvalidIdentityToken", NO_KEY)
    assert world.issuer.requests == []
    gone = World(server, issuers())
    gone.issuer.server.server_close()
    assert gone.refusal(gone.role())[1] == "IDPCommunicationError"


def test_plain_http_is_for_tests(server, issuers, start):
    world = World(server, issuers(authority=None))
    assert world.refusal(world.role())[1:] == (
        "InvalidIdentityToken",
        f"No OpenIDConnect provider found in your account for {world.issuer.url}",
    )
    assert world.issuer.requests == []
    dev = World(start("--dev"), world.issuer)
    dev.assume(dev.role())


RUNNER = """
import boto3, json, sys
kms = boto3.client("kms")
def outcome(call, **arguments):
    try:
        call(**arguments)
        return "done"
    except kms.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
secrets, other = sys.argv[1:]
blob = kms.encrypt(KeyId=secrets, Plaintext=b"from the build")["CiphertextBlob"]
print(json.dumps({
    "blob": blob.hex(),
    "who": boto3.client("sts").get_caller_identity()["Arn"],
    "other key": outcome(kms.encrypt, KeyId=other, Plaintext=b"x"),
    "decrypt": outcome(kms.decrypt, CiphertextBlob=blob),
    "describe": outcome(kms.describe_key, KeyId=secrets),
    "delete": outcome(kms.schedule_key_deletion, KeyId=secrets),
    "list": outcome(kms.list_keys),
    "policy": outcome(kms.get_key_policy, KeyId=secrets),
}))
"""


class Runner:
    """A build: it has a token in a file, the name of a role, and nothing else."""

    def __init__(self, world, role, directory):
        file = directory / unique("token")
        file.write_text(world.issuer.token())
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(directory),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_WEB_IDENTITY_TOKEN_FILE": str(file),
            "AWS_ROLE_ARN": role,
            "AWS_ROLE_SESSION_NAME": "build-7",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL_STS": world.server.endpoint,
            "AWS_ENDPOINT_URL_KMS": world.server.endpoint,
        }

    def run(self, *command):
        return subprocess.run(
            [sys.executable, *command], env=self.environment, capture_output=True, text=True, check=False
        )


@pytest.fixture
def build(server, issuers):
    """A world in which builds of one branch may encrypt with one key, and that key and another."""
    world = World(server, issuers(algorithm="RS256"))
    kms = server.client()
    secrets, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    condition = {f"{world.issuer.place}:sub": "repo:team/app"}
    role = world.role({"Effect": "Allow", "Action": "kms:Encrypt", "Resource": secrets}, StringEquals=condition)
    return world, role, secrets, other


def test_a_build_encrypts_with_nothing_but_its_token(server, build, directory):
    world, role, secrets, other = build
    ran = Runner(world, role, directory).run("-c", RUNNER, secrets, other)
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    name = role.rsplit("/", 1)[1]
    assert told.pop("who") == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/build-7"
    blob = bytes.fromhex(told.pop("blob"))
    assert set(told.values()) == {"AccessDeniedException"}, told
    assert server.client().decrypt(CiphertextBlob=blob)["Plaintext"] == b"from the build"

    records = server.records()
    began = [r for r in records if (r["requestParameters"] or {}).get("roleArn") == role]
    assert began[0]["userIdentity"] == {
        "type": "WebIdentityUser",
        "principalId": f"{world.provider}:trent:repo:team/app",
        "userName": "repo:team/app",
        "identityProvider": world.provider,
    }
    assert began[0]["responseElements"]["provider"] == world.provider
    used = [r for r in records if r["eventName"] == "Encrypt" and name in json.dumps(r["userIdentity"])]
    context = used[0]["userIdentity"]["sessionContext"]
    assert context["webIdFederationData"] == {"federatedProvider": world.provider, "attributes": {}}
    everything = json.dumps(records) + server.log()
    assert world.issuer.token().split(".")[2] not in everything


def test_the_command_line_does_the_same(build, directory):
    world, role, secrets, other = build
    runner = Runner(world, role, directory)
    plaintext = directory / "plaintext"
    plaintext.write_bytes(b"from the build")
    encrypt = ["-m", "awscli", "kms", "encrypt", "--plaintext", f"fileb://{plaintext}", "--key-id"]
    ran = runner.run(*encrypt, secrets)
    assert ran.returncode == 0 and json.loads(ran.stdout)["KeyId"] == secrets, ran.stderr
    ran = runner.run(*encrypt, other)
    assert ran.returncode != 0 and "AccessDeniedException" in ran.stderr


def test_another_branch_gets_nothing(build, directory):
    world, role, secrets, other = build
    world.issuer.claims = lambda **changes: Issuer.claims(world.issuer, sub="repo:team/fork", **changes)
    ran = Runner(world, role, directory).run("-c", RUNNER, secrets, other)
    assert ran.returncode != 0 and "Not authorized to perform sts:AssumeRoleWithWebIdentity" in ran.stderr


def test_what_is_trusted_is_read_at_the_start(tmp_path, start):
    file = tmp_path / "ca.pem"
    for content in [b"", b"nonsense"]:
        file.write_bytes(content)
        with pytest.raises(StartFailure) as failed:
            start("--oidc-ca", file)
        assert failed.value.code == 2 and "ca.pem" in failed.value.output
