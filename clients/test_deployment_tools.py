"""What deployment tools ask, call by call: sops, cosign, and the Kubernetes plugin aws-encryption-provider,
each with the policy that its users give it and no more."""

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from identities import ROOT, Caller, allow, code, guarded_key, refusal, text, trust, unique
from wire import OF_CIPHERTEXT

DENIED = "AccessDeniedException"


def delegated(kms, **members):
    """A key whose policy leaves everything to the account's identity policies: the default one."""
    return kms.create_key(**members)["KeyMetadata"]["Arn"]


class Sops:
    """The calls of `sops --kms ARN+ROLE`: with its own credentials, or those of the role."""

    def __init__(self, caller, key, role=None, context=None):
        self.caller, self.key, self.role = caller, key, role
        self.context = {"EncryptionContext": context} if context else {}

    def kms(self):
        if self.role is None:
            return self.caller.client()
        sts = self.caller.client("sts")
        answer = sts.assume_role(RoleArn=self.role, RoleSessionName="sops@build.example.com")
        return Caller(self.caller.trent, answer["AssumedRoleUser"]["Arn"], answer["Credentials"]).client()

    def encrypt(self, data_key):
        return self.kms().encrypt(KeyId=self.key, Plaintext=data_key, **self.context)["CiphertextBlob"]

    def decrypt(self, blob):
        return self.kms().decrypt(KeyId=self.key, CiphertextBlob=blob, **self.context)["Plaintext"]


# As its documentation gives it to users.
SOPS = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]


def test_sops_with_credentials_of_its_own(kms, callers):
    key = delegated(kms)
    sops = Sops(callers.user(allow(SOPS, key)), key)
    blob = sops.encrypt(b"k" * 32)
    assert sops.decrypt(blob) == b"k" * 32
    other = Sops(callers.user(allow(SOPS, delegated(kms))), key)
    assert code(other.encrypt, data_key=b"k") == code(other.decrypt, blob=blob) == DENIED


def test_sops_with_a_role_and_a_context(kms, callers, world):
    """Two teams share a key; each has a role that may use it under the team's context alone."""
    key = delegated(kms)

    def sops(team, context):
        only = {"StringEquals": {"kms:EncryptionContext:Team": team}}
        _, role = world.role(trust(ROOT), allow(SOPS, key, Condition=only))
        return Sops(callers.user(allow("sts:AssumeRole", role)), key, role, context)

    blue, red = sops("blue", {"Team": "blue", "App": "web"}), sops("red", {"Team": "red"})
    blob = blue.encrypt(b"k" * 32)
    assert blue.decrypt(blob) == b"k" * 32
    assert code(red.decrypt, blob=blob) == "InvalidCiphertextException"
    red.context = blue.context
    assert code(red.decrypt, blob=blob) == DENIED
    blue.caller = callers.user()
    status, name, message = refusal(blue.decrypt, blob=blob)
    assert (status, name) == (403, "AccessDenied")
    assert message == f"User: {blue.caller.arn} is not authorized to perform: sts:AssumeRole on resource: {blue.role}"


def test_sops_with_a_key_of_another_account(kms, strangers, elsewhere):
    """The key's policy names the role, and the role's policy the key."""
    role_name, role = elsewhere.role(trust(elsewhere.root))
    key = guarded_key(kms, {**allow(SOPS), "Principal": {"AWS": role}})
    sops = Sops(strangers.user(allow("sts:AssumeRole", role)), key, role, {"App": "web"})
    assert code(sops.encrypt, data_key=b"k") == DENIED
    elsewhere.iam.put_role_policy(
        RoleName=role_name, PolicyName="p", PolicyDocument=text(allow(SOPS, key))
    )
    assert sops.decrypt(sops.encrypt(b"k" * 32)) == b"k" * 32


def test_sops_rotates_to_another_key(kms, callers):
    """`sops rotate` with other recipients: opened with the one, encrypted with the other."""
    old, new = delegated(kms), delegated(kms)
    caller = callers.user(allow("kms:Decrypt", old), allow("kms:Encrypt", new))
    data_key = Sops(caller, old).decrypt(kms.encrypt(KeyId=old, Plaintext=b"k")["CiphertextBlob"])
    blob = Sops(caller, new).encrypt(data_key)
    assert code(Sops(caller, new).decrypt, blob=blob) == DENIED
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"k"


class Cosign:
    """The calls of `cosign … --key awskms:///NAME`."""

    def __init__(self, kms, name):
        self.kms, self.name = kms, name

    def generate(self):
        """`cosign generate-key-pair`: the key is made when there is none."""
        try:
            return self.public()
        except self.kms.exceptions.NotFoundException:
            key = self.kms.create_key(
                CustomerMasterKeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Description="Created by Sigstore"
            )["KeyMetadata"]
            self.kms.create_alias(AliasName=self.name, TargetKeyId=key["KeyId"])
            return self.public()

    def public(self):
        return load_der_public_key(self.kms.get_public_key(KeyId=self.name)["PublicKey"])

    def algorithm(self):
        return self.kms.describe_key(KeyId=self.name)["KeyMetadata"]["SigningAlgorithms"][0]

    def sign(self, digest):
        message = {"Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": self.algorithm()}
        return self.kms.sign(KeyId=self.name, **message)["Signature"]

    def verify(self, digest, signature):
        message = {"Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": self.algorithm()}
        return self.kms.verify(KeyId=self.name, Signature=signature, **message)["SignatureValid"]


def test_cosign(kms, callers):
    name = f"alias/{unique('cosign')}"
    maker = callers.user(
        allow(["kms:CreateKey", "kms:CreateAlias", "kms:GetPublicKey", "kms:DescribeKey", "kms:PutKeyPolicy"])
    )
    public = Cosign(maker.client(), name).generate()
    assert Cosign(maker.client(), name).generate().public_numbers() == public.public_numbers()
    key = kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"]
    # Whoever signs may use the key by its name alone, whoever verifies may not sign.
    by_name = {"Condition": {"StringEquals": {"kms:RequestAlias": name}}}
    reads = ["kms:GetPublicKey", "kms:DescribeKey"]
    signer = Cosign(callers.session(allow(["kms:Sign", *reads], key, **by_name)).client(), name)
    verifier = Cosign(callers.session(allow(["kms:Verify", *reads], key, **by_name)).client(), name)
    digest = hashlib.sha256(b"image").digest()
    signature = signer.sign(digest)
    verifier.public().verify(signature, digest, ec.ECDSA(Prehashed(SHA256())))
    assert verifier.verify(digest, signature)
    assert code(verifier.sign, digest=digest) == code(signer.verify, digest=digest, signature=signature) == DENIED
    signer.name = key
    assert code(signer.sign, digest=digest) == DENIED


class EncryptionProvider:
    """The calls of aws-encryption-provider: the key is not named when Kubernetes reads a secret."""

    def __init__(self, kms, key, context):
        self.kms, self.key, self.context = kms, key, {"EncryptionContext": context}

    def encrypt(self, plaintext):
        return b"2" + self.kms.encrypt(KeyId=self.key, Plaintext=plaintext, **self.context)["CiphertextBlob"]

    def decrypt(self, ciphertext):
        return self.kms.decrypt(CiphertextBlob=ciphertext[1:], **self.context)["Plaintext"]

    def healthy(self):
        return self.decrypt(self.encrypt(b"foo")) == b"foo"


def test_the_kubernetes_plugin(kms, callers, strangers):
    key = delegated(kms)
    cluster = {"cluster": "blue"}
    only = {"Condition": {"StringEquals": {"kms:EncryptionContext:cluster": "blue"}}}
    may = ["kms:Encrypt", "kms:Decrypt", "kms:DescribeKey"]
    node = callers.session(allow(may, key, **only))
    plugin = EncryptionProvider(node.client(), key, cluster)
    assert plugin.healthy()
    secret = plugin.encrypt(b"dek")
    stolen = EncryptionProvider(node.client(), key, {"cluster": "red"})
    assert code(stolen.decrypt, ciphertext=secret) == DENIED
    for somebody in (callers.session(), strangers.session(allow(may))):
        status, name, message = refusal(EncryptionProvider(somebody.client(), key, cluster).decrypt, ciphertext=secret)
        # Its liveness tells by the name that the fault is the user's and not the service's.
        assert (status, name) == (400, DENIED) and f"kms:Decrypt {OF_CIPHERTEXT}" in message
    kms.disable_key(KeyId=key)
    assert code(plugin.encrypt, plaintext=b"dek") == "DisabledException"


@pytest.mark.parametrize("kind", ["user", "session"])
def test_envelopes_of_the_encryption_sdk(kms, callers, kind):
    """GenerateDataKey where it writes, Decrypt where it reads; the SDK names the key both times."""
    key = delegated(kms)
    writer = getattr(callers, kind)(allow("kms:GenerateDataKey*", key)).client()
    reader = getattr(callers, kind)(allow("kms:Decrypt", key)).client()
    context = {"EncryptionContext": {"aws-crypto-public-key": "A" * 68, "purpose": "test"}}
    made = writer.generate_data_key(KeyId=key, NumberOfBytes=32, **context)
    assert reader.decrypt(KeyId=key, CiphertextBlob=made["CiphertextBlob"], **context)["Plaintext"] == made["Plaintext"]
    without = writer.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256", **context)
    assert reader.decrypt(KeyId=key, CiphertextBlob=without["CiphertextBlob"], **context)["Plaintext"]
    assert code(writer.decrypt, CiphertextBlob=made["CiphertextBlob"], **context) == DENIED
    assert code(reader.generate_data_key, KeyId=key, NumberOfBytes=32) == DENIED
