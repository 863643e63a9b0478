"""Recipient: answers that only an attested enclave can read, and policies about what it measured."""

import json
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from enclaves import HOUR, Enclave, Signer, cbor, public_der, recipient
from outside import openssl_output
from test_policies import ROOT, document, statement
from trent import StartFailure, Trent
from wire import OF_CIPHERTEXT, key_arn, refusal, request_id

REFUSED = "The attestation document cannot be accepted: {}."


@pytest.fixture(scope="module")
def root():
    return Signer("a root of our own")


@pytest.fixture(scope="module")
def server(tmp_path_factory, root):
    directory = tmp_path_factory.mktemp("recipient")
    (directory / "root.pem").write_bytes(root.pem)
    server = Trent(directory / "data", "--attestation-root", directory / "root.pem").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def kms(server):
    return server.client(parameter_validation=False)


@pytest.fixture(scope="module")
def enclave(root):
    return Enclave(root)


@pytest.fixture
def key(kms):
    return kms.create_key()["KeyMetadata"]["KeyId"]


def members(answer):
    return set(answer) - {"ResponseMetadata"}


def test_decrypt(kms, key, enclave):
    blob = kms.encrypt(KeyId=key, Plaintext=b"for the enclave", EncryptionContext={"a": "b"})["CiphertextBlob"]
    answer = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"}, Recipient=enclave.recipient())
    assert members(answer) == {"KeyId", "EncryptionAlgorithm", "CiphertextForRecipient"}
    assert answer["KeyId"] == key_arn(key)
    assert enclave.open(answer["CiphertextForRecipient"]) == b"for the enclave"


def test_decrypt_with_an_rsa_key(kms, enclave):
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    algorithm = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    blob = kms.encrypt(Plaintext=b"secret", **algorithm)["CiphertextBlob"]
    answer = kms.decrypt(CiphertextBlob=blob, Recipient=enclave.recipient(), **algorithm)
    assert enclave.open(answer["CiphertextForRecipient"]) == b"secret"


def test_generate_data_key(kms, key, enclave):
    answer = kms.generate_data_key(KeyId=key, KeySpec="AES_256", Recipient=enclave.recipient())
    assert members(answer) == {"KeyId", "CiphertextBlob", "CiphertextForRecipient"}
    plaintext = kms.decrypt(CiphertextBlob=answer["CiphertextBlob"])["Plaintext"]
    assert len(plaintext) == 32
    assert enclave.open(answer["CiphertextForRecipient"]) == plaintext


@pytest.mark.parametrize("spec", ["ECC_NIST_P256", "RSA_2048"])
def test_generate_data_key_pair(kms, key, enclave, spec):
    answer = kms.generate_data_key_pair(KeyId=key, KeyPairSpec=spec, Recipient=enclave.recipient())
    assert members(answer) == {
        "KeyId",
        "KeyPairSpec",
        "PublicKey",
        "PrivateKeyCiphertextBlob",
        "CiphertextForRecipient",
        "KeyMaterialId",
    }
    private = enclave.open(answer["CiphertextForRecipient"])
    assert private == kms.decrypt(CiphertextBlob=answer["PrivateKeyCiphertextBlob"])["Plaintext"]
    assert public_der(serialization.load_der_private_key(private, None)) == answer["PublicKey"]


def test_generate_random(kms, enclave):
    answer = kms.generate_random(NumberOfBytes=100, Recipient=enclave.recipient())
    assert members(answer) == {"CiphertextForRecipient"}
    assert len(enclave.open(answer["CiphertextForRecipient"])) == 100


def test_derive_shared_secret(kms, enclave):
    key = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    public = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    mine = ec.generate_private_key(ec.SECP384R1())
    asked = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public_der(mine)}
    answer = kms.derive_shared_secret(Recipient=enclave.recipient(), **asked)
    assert members(answer) == {"KeyId", "KeyAgreementAlgorithm", "KeyOrigin", "CiphertextForRecipient"}
    assert enclave.open(answer["CiphertextForRecipient"]) == mine.exchange(ec.ECDH(), public)


@pytest.mark.parametrize("size", [3072, 4096])
def test_the_enclave_may_have_a_larger_key(kms, root, size):
    enclave = Enclave(root, key_size=size)
    answer = kms.generate_random(NumberOfBytes=16, Recipient=enclave.recipient())
    assert len(enclave.open(answer["CiphertextForRecipient"])) == 16


def test_the_document_may_be_tagged(kms, enclave):
    tagged = recipient(b"\xd2" + enclave.document())
    answer = kms.generate_random(NumberOfBytes=16, Recipient=tagged)
    assert len(enclave.open(answer["CiphertextForRecipient"])) == 16


def test_the_message_is_the_profile_that_enclaves_read(kms, enclave):
    message = kms.generate_random(NumberOfBytes=32, Recipient=enclave.recipient())["CiphertextForRecipient"]
    told = openssl_output("cms", "-cmsout", "-print", "-inform", "DER", "-in", "{message}", message=message)
    for line in (
        b"contentType: pkcs7-envelopedData (1.2.840.113549.1.7.3)",
        b"d.subjectKeyIdentifier:",
        b"algorithm: rsaesOaep (1.2.840.113549.1.1.7)",
        b"OBJECT            :mgf1",
        b"OBJECT            :sha256",
        b"contentType: pkcs7-data (1.2.840.113549.1.7.1)",
        b"algorithm: aes-256-cbc (2.16.840.1.101.3.4.1.42)",
    ):
        assert line in told, line
    assert told.count(b"version: 2") == 2
    assert message[:2] == b"\x30\x80"


def test_only_the_enclave_can_read_the_answer(kms, root, enclave):
    message = kms.generate_random(NumberOfBytes=32, Recipient=enclave.recipient())["CiphertextForRecipient"]
    with pytest.raises(AssertionError):
        assert len(Enclave(root).open(message)) == 32


# Refusals.


def tampered(enclave):
    """A document with another measurement under the signature of the right one."""
    payload = cbor(enclave.payload())
    measured = cbor(enclave.pcrs[0])
    assert payload.count(measured) == 1
    genuine = enclave.leaf.sign1(payload)
    return genuine.replace(measured, cbor(b"\0" * 48))


DOCUMENTS = {
    "another root": (
        lambda root, enclave: Enclave(Signer("another root")).document(),
        "its root certificate is not trusted",
    ),
    "a namesake of the root": (
        lambda root, enclave: Enclave(Signer("a root of our own")).document(),
        "its root certificate is not trusted",
    ),
    "a root put before a foreign chain": (
        lambda root, enclave: (other := Enclave(Signer("another root"))).document(
            cabundle=[root.der, other.intermediate.der]
        ),
        "its certificates do not form a valid chain",
    ),
    "an expired leaf": (
        lambda root, enclave: enclave.colleague(Signer("old", enclave.intermediate, False, -2 * HOUR, -HOUR / 60)),
        "a certificate of its chain has expired or is not yet valid",
    ),
    "a leaf that is an authority": (
        lambda root, enclave: enclave.colleague(Signer("an authority", enclave.intermediate)),
        "its certificates do not form a valid chain",
    ),
    "a tampered measurement": (lambda root, enclave: tampered(enclave), "its signature is invalid"),
    "a foreign signature": (
        lambda root, enclave: enclave.intermediate.sign1(cbor(enclave.payload())),
        "its signature is invalid",
    ),
    "an old document": (
        lambda root, enclave: enclave.document(timestamp=int((time.time() - 4 * 3600) * 1000)),
        "its timestamp is too old or lies in the future",
    ),
    "a document of tomorrow": (
        lambda root, enclave: enclave.document(timestamp=int((time.time() + 86400) * 1000)),
        "its timestamp is too old or lies in the future",
    ),
    "no public key": (lambda root, enclave: enclave.document(public_key=None), "it contains no public key"),
    "an elliptic public key": (
        lambda root, enclave: enclave.document(public_key=public_der(ec.generate_private_key(ec.SECP256R1()))),
        "its public key is not an RSA key of 2048, 3072 or 4096 bits",
    ),
    "a small public key": (
        lambda root, enclave: enclave.document(public_key=public_der(rsa.generate_private_key(65537, 1024))),
        "its public key is not an RSA key of 2048, 3072 or 4096 bits",
    ),
    "another digest": (lambda root, enclave: enclave.document(digest="SHA256"), "it is malformed: digest"),
    "no measurements": (lambda root, enclave: enclave.document(pcrs={}), "it is malformed: pcrs"),
    "nothing at all": (lambda root, enclave: b"\0", "it is malformed: it is not COSE_Sign1"),
}


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_that_is_not_right_is_refused(kms, key, root, enclave, kind):
    make, reason = DOCUMENTS[kind]
    refused = ("ValidationException", REFUSED.format(reason))
    of = recipient(make(root, enclave))
    assert refusal(kms.generate_random, NumberOfBytes=16, Recipient=of) == refused
    assert refusal(kms.generate_data_key, KeyId=key, KeySpec="AES_256", Recipient=of) == refused


def test_a_recipient_is_whole(kms, enclave):
    whole = enclave.recipient()
    for name in whole:
        less = {other: value for other, value in whole.items() if other != name}
        code, message = refusal(kms.generate_random, NumberOfBytes=16, Recipient=less)
        assert code == "ValidationException"
        assert f"recipient.{name[0].lower()}{name[1:]}" in message
    wrong = {**whole, "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_1"}
    assert refusal(kms.generate_random, NumberOfBytes=16, Recipient=wrong)[0] == "ValidationException"


def test_a_server_without_our_root_does_not_trust_it(start, enclave):
    kms = start().client()
    refused = ("ValidationException", REFUSED.format("its root certificate is not trusted"))
    assert refusal(kms.generate_random, NumberOfBytes=16, Recipient=enclave.recipient()) == refused


def test_a_dry_run_checks_the_document(kms, key, enclave):
    asked = {"KeyId": key, "KeySpec": "AES_256", "DryRun": True}
    code, _ = refusal(kms.generate_data_key, Recipient=enclave.recipient(), **asked)
    assert code == "DryRunOperationException"
    code, _ = refusal(kms.generate_data_key, Recipient=recipient(tampered(enclave)), **asked)
    assert code == "ValidationException"


# Conditions.


def guarded(kms, conditions, effect="Allow"):
    """A key that does cryptography under conditions only, and a ciphertext of it."""
    uses = ["kms:Decrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyPair"]
    statements = [statement(Action=uses, Effect=effect, Condition=conditions)]
    if effect == "Allow":
        others = statement(NotAction=uses)
        del others["Action"]
        statements.append(others)
    else:
        statements.append(statement())
    key = kms.create_key(Policy=document(*statements))["KeyMetadata"]["KeyId"]
    return key, kms.encrypt(KeyId=key, Plaintext=b"measured")["CiphertextBlob"]


def denial(action, on, reason="because no resource-based policy allows the {} action"):
    told = f"User: {ROOT} is not authorized to perform: {action} {on} "
    return "AccessDeniedException", told + reason.format(action)


def test_a_key_opens_to_one_image_only(kms, root, enclave):
    image = enclave.pcrs[0].hex()
    key, blob = guarded(kms, {"StringEquals": {"kms:RecipientAttestation:ImageSha384": image}})
    answer = kms.decrypt(CiphertextBlob=blob, Recipient=enclave.recipient())
    assert enclave.open(answer["CiphertextForRecipient"]) == b"measured"
    assert refusal(kms.decrypt, CiphertextBlob=blob) == denial("kms:Decrypt", OF_CIPHERTEXT)
    other = enclave.recipient(pcrs={**enclave.pcrs, 0: b"\1" * 48})
    assert refusal(kms.decrypt, CiphertextBlob=blob, Recipient=other) == denial("kms:Decrypt", OF_CIPHERTEXT)
    for call, members in (
        (kms.generate_data_key, {"KeySpec": "AES_128"}),
        (kms.generate_data_key_pair, {"KeyPairSpec": "ECC_NIST_P256"}),
    ):
        assert "CiphertextForRecipient" in call(KeyId=key, Recipient=enclave.recipient(), **members)
        assert refusal(call, KeyId=key, Recipient=other, **members)[0] == "AccessDeniedException"
        assert refusal(call, KeyId=key, **members)[0] == "AccessDeniedException"


def test_a_shared_secret_is_for_one_image_only(kms, enclave):
    image = {"kms:RecipientAttestation:ImageSha384": enclave.pcrs[0].hex()}
    conditional = statement(Action="kms:DeriveSharedSecret", Condition={"StringEquals": image})
    others = statement(NotAction="kms:DeriveSharedSecret")
    del others["Action"]
    kind = {"KeySpec": "ECC_NIST_P256", "KeyUsage": "KEY_AGREEMENT"}
    key = kms.create_key(Policy=document(conditional, others), **kind)["KeyMetadata"]["KeyId"]
    public = kms.get_public_key(KeyId=key)["PublicKey"]
    asked = {"KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": public}
    assert "CiphertextForRecipient" in kms.derive_shared_secret(Recipient=enclave.recipient(), **asked)
    assert refusal(kms.derive_shared_secret, **asked) == denial("kms:DeriveSharedSecret", f"on resource: {key_arn(key)}")


@pytest.mark.parametrize(
    ("name", "operator", "index", "met"),
    [
        ("PCR0", "StringEquals", 0, True),
        ("PCR1", "StringEquals", 1, True),
        ("pcr8", "StringEquals", 8, True),
        ("PCR1", "StringEquals", 2, False),
        ("PCR01", "StringEquals", 1, False),
        ("PCR+1", "StringEquals", 1, False),
        ("PCR5", "StringLike", None, False),
        ("NitroTPMPCR4", "StringEquals", 4, False),
        ("ModuleId", "StringLike", None, False),
    ],
)
def test_every_register_is_a_condition(kms, enclave, name, operator, index, met):
    value = "*" if index is None else enclave.pcrs[index].hex()
    _, blob = guarded(kms, {operator: {f"kms:RecipientAttestation:{name}": value}})
    if met:
        assert "CiphertextForRecipient" in kms.decrypt(CiphertextBlob=blob, Recipient=enclave.recipient())
    else:
        refused = refusal(kms.decrypt, CiphertextBlob=blob, Recipient=enclave.recipient())
        assert refused == denial("kms:Decrypt", OF_CIPHERTEXT)


def test_measurements_are_in_small_letters(kms, enclave):
    image = {"kms:RecipientAttestation:ImageSha384": enclave.pcrs[8].hex().upper()}
    measured = enclave.recipient(pcrs={0: enclave.pcrs[8]})
    _, blob = guarded(kms, {"StringEquals": image})
    assert refusal(kms.decrypt, CiphertextBlob=blob, Recipient=measured)[0] == "AccessDeniedException"
    _, blob = guarded(kms, {"StringEqualsIgnoreCase": image})
    assert "CiphertextForRecipient" in kms.decrypt(CiphertextBlob=blob, Recipient=measured)


def test_without_a_document_there_is_no_measurement(kms, enclave):
    absent = {"Null": {"kms:RecipientAttestation:ImageSha384": "true"}}
    _, blob = guarded(kms, absent, effect="Deny")
    reason = "with an explicit deny in a resource-based policy"
    assert refusal(kms.decrypt, CiphertextBlob=blob) == denial("kms:Decrypt", OF_CIPHERTEXT, reason)
    assert "CiphertextForRecipient" in kms.decrypt(CiphertextBlob=blob, Recipient=enclave.recipient())


def test_a_nitro_tpm_has_registers_of_its_own(kms, enclave):
    def of_a_tpm():
        payload = enclave.payload(module_id="i-1-tpm0", nitrotpm_pcrs=enclave.pcrs)
        del payload["pcrs"]
        return recipient(enclave.leaf.sign1(cbor(payload)))

    measured = enclave.pcrs[4].hex()
    _, blob = guarded(kms, {"StringEquals": {"kms:RecipientAttestation:NitroTPMPCR4": measured}})
    answer = kms.decrypt(CiphertextBlob=blob, Recipient=of_a_tpm())
    assert enclave.open(answer["CiphertextForRecipient"]) == b"measured"
    for name in ("PCR4", "ImageSha384"):
        _, blob = guarded(kms, {"StringLike": {f"kms:RecipientAttestation:{name}": "*"}})
        assert refusal(kms.decrypt, CiphertextBlob=blob, Recipient=of_a_tpm())[0] == "AccessDeniedException"


# The audit trail.


def test_the_trail_names_the_recipient(server, kms, key, enclave):
    request = kms.generate_data_key(KeyId=key, KeySpec="AES_256", Recipient=enclave.recipient())
    bare = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    found = {record.get("requestID"): record for record in server.records()}
    record = found[request["ResponseMetadata"]["RequestId"]]
    assert record["additionalEventData"]["recipient"] == {
        "attestationDocumentModuleId": Enclave.MODULE,
        "attestationDocumentEnclaveImageDigest": enclave.pcrs[0].hex(),
        **{f"attestationDocumentEnclavePCR{index}": enclave.pcrs[index].hex() for index in (1, 2, 3, 4, 8)},
    }
    assert record["requestParameters"] == {"keyId": key, "keySpec": "AES_256"}
    assert "recipient" not in found[bare["ResponseMetadata"]["RequestId"]].get("additionalEventData", {})


def test_the_trail_names_a_recipient_who_was_denied(server, kms, enclave):
    image = {"kms:RecipientAttestation:ImageSha384": "00"}
    _, blob = guarded(kms, {"StringEquals": image})
    request = request_id(kms.decrypt, CiphertextBlob=blob, Recipient=enclave.recipient())
    (record,) = [record for record in server.records() if record.get("requestID") == request]
    assert record["errorCode"] == "AccessDenied"
    told = record["additionalEventData"]["recipient"]
    assert told["attestationDocumentEnclaveImageDigest"] == enclave.pcrs[0].hex()
    request = request_id(kms.decrypt, CiphertextBlob=blob, Recipient=recipient(tampered(enclave)))
    (record,) = [record for record in server.records() if record.get("requestID") == request]
    assert record["errorCode"] == "ValidationException"
    assert "additionalEventData" not in record


# Configuration.


def test_roots_that_are_none_are_refused(tmp_path, root, enclave):
    for name, text, reason in (
        ("absent.pem", None, "No such file"),
        ("empty.pem", b"", "there is no certificate in it"),
        ("leaf.pem", enclave.leaf.pem, "cannot be a root of attestation"),
        ("broken.pem", root.pem.replace(b"M", b"N", 1), "cannot be a root of attestation"),
    ):
        file = tmp_path / name
        if text is not None:
            file.write_bytes(text)
        with pytest.raises(StartFailure) as caught:
            Trent(tmp_path / "data", "--attestation-root", file).start()
        assert caught.value.code == 2
        assert name in caught.value.output
        assert reason in caught.value.output


def test_roots_come_from_variables_and_files_too(start, tmp_path, root, enclave):
    (tmp_path / "root.pem").write_bytes(root.pem + Signer("one more").pem)
    (tmp_path / "trent.toml").write_text(f"attestation-root = {json.dumps(str(tmp_path / 'root.pem'))}\n")
    variable = {"TRENT_ATTESTATION_ROOT": str(tmp_path / "root.pem")}
    for server in (start("--config", tmp_path / "trent.toml"), start(environment=variable)):
        answer = server.client().generate_random(NumberOfBytes=16, Recipient=enclave.recipient())
        assert len(enclave.open(answer["CiphertextForRecipient"])) == 16
