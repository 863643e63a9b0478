"""The audit trail: one record a request, in the format of CloudTrail, without a secret."""

import base64
import gzip
import json
import re
import secrets
import time
import uuid
from datetime import datetime, timezone

import pytest

from trent import ACCOUNT, REGION, Trent
from wire import NO_SUCH_KEY, alias_arn, call, key_arn, missing, request_id, send, signed_headers

ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ALGORITHM = {"encryptionAlgorithm": "SYMMETRIC_DEFAULT"}
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": ROOT}, "Action": "kms:*", "Resource": "*"}],
    }
)
COMMON = {
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "requestParameters",
    "responseElements",
    "requestID",
    "eventID",
    "readOnly",
    "resources",
    "eventType",
    "managementEvent",
    "eventCategory",
    "recipientAccountId",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Trent(tmp_path_factory.mktemp("audit") / "data").start()
    yield server
    assert server.stop() == 0


@pytest.fixture(scope="module")
def kms(server):
    return server.client(parameter_validation=False)


@pytest.fixture
def record(server):
    """The one record of a request."""

    def find(request):
        found = [record for record in server.records() if record.get("requestID") == request]
        assert len(found) == 1
        return found[0]

    return find


@pytest.fixture
def key(kms):
    """A new key of the server of these tests."""
    return kms.create_key()["KeyMetadata"]["KeyId"]


@pytest.fixture
def alias(kms, key):
    name = f"alias/audit-{key}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    return name


@pytest.fixture
def blob(kms, key):
    return kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]


def resources(*arns):
    return [{"accountId": ACCOUNT, "type": "AWS::KMS::Key", "ARN": arn} for arn in arns]


def test_a_record_has_the_documented_members(server, kms, key, record):
    before = int(time.time())
    request = request_id(kms.encrypt, KeyId=key, Plaintext=b"x")
    found = record(request)
    assert set(found) - {"additionalEventData", "tlsDetails"} == COMMON
    assert found["eventVersion"] == "1.11"
    assert found["userIdentity"] == {
        "type": "Root",
        "principalId": ACCOUNT,
        "arn": ROOT,
        "accountId": ACCOUNT,
        "accessKeyId": server.env()["AWS_ACCESS_KEY_ID"],
    }
    told = datetime.strptime(found["eventTime"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert before <= told.timestamp() <= time.time()
    assert found["eventSource"] == "kms.amazonaws.com"
    assert found["awsRegion"] == REGION
    assert found["sourceIPAddress"] == "127.0.0.1"
    assert "Boto3/" in found["userAgent"]
    assert (found["eventType"], found["managementEvent"]) == ("AwsApiCall", True)
    assert found["eventCategory"] == "Management"
    assert found["recipientAccountId"] == ACCOUNT
    assert str(uuid.UUID(found["eventID"])) == found["eventID"]
    assert found["eventID"] != request
    assert "tlsDetails" not in found


def test_the_request_id_of_a_record_is_that_of_the_answers_header(server, key, record):
    answer = call(server, "DescribeKey", {"KeyId": key})
    assert record(answer.headers["x-amzn-requestid"])["eventName"] == "DescribeKey"


def test_a_user_agent_is_cut_at_a_kilobyte(server, record):
    headers = signed_headers(server, b"{}", target="TrentService.ListKeys")
    answer = send(server, {**headers, "User-Agent": "a" * 5000}, b"{}")
    assert record(answer.headers["x-amzn-requestid"])["userAgent"] == "a" * 1024


def test_parameters_beyond_100_kilobytes_are_left_out_and_said_to_be(kms, key, record):
    request = request_id(kms.encrypt, KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b" * 200_000})
    assert record(request)["requestParameters"] == {"omitted": "too long to be recorded"}


# Operation, its input, and what the record says of it: parameters, resources, whether it only reads.
# KEY, ARN, ALIAS, ALIAS_ARN and BLOB are filled in.
RECORDED = [
    ("describe_key", {"KeyId": "ALIAS"}, {"keyId": "ALIAS"}, ["ARN"], True),
    ("describe_key", {"KeyId": "ARN"}, {"keyId": "ARN"}, ["ARN"], True),
    ("list_keys", {"Limit": 5}, {"limit": 5}, [], True),
    ("enable_key", {"KeyId": "KEY"}, {"keyId": "KEY"}, ["ARN"], False),
    ("disable_key", {"KeyId": "ARN"}, {"keyId": "ARN"}, ["ARN"], False),
    ("update_key_description", {"KeyId": "KEY", "Description": "clear"}, {"keyId": "KEY", "description": "clear"}, ["ARN"], False),
    ("create_alias", {"AliasName": "alias/KEY", "TargetKeyId": "KEY"}, {"aliasName": "alias/KEY", "targetKeyId": "KEY"}, ["NEW_ALIAS_ARN", "ARN"], False),
    ("delete_alias", {"AliasName": "ALIAS"}, {"aliasName": "ALIAS"}, ["ALIAS_ARN", "ARN"], False),
    ("list_aliases", {"Limit": 5}, {"limit": 5}, [], True),
    ("tag_resource", {"KeyId": "KEY", "Tags": [{"TagKey": "a", "TagValue": "b"}]}, {"keyId": "KEY", "tags": [{"tagKey": "a", "tagValue": "b"}]}, ["ARN"], False),
    ("untag_resource", {"KeyId": "KEY", "TagKeys": ["a"]}, {"keyId": "KEY", "tagKeys": ["a"]}, ["ARN"], False),
    ("list_resource_tags", {"KeyId": "KEY", "Limit": 5}, {"keyId": "KEY", "limit": 5}, ["ARN"], True),
    ("put_key_policy", {"KeyId": "KEY", "Policy": POLICY, "PolicyName": "default"}, {"keyId": "KEY", "policy": POLICY, "policyName": "default"}, ["ARN"], False),
    ("get_key_policy", {"KeyId": "KEY", "PolicyName": "default"}, {"keyId": "KEY", "policyName": "default"}, ["ARN"], True),
    ("list_key_policies", {"KeyId": "KEY"}, {"keyId": "KEY"}, ["ARN"], True),
    ("encrypt", {"KeyId": "KEY", "Plaintext": b"x", "EncryptionContext": {"A": "b"}}, {"keyId": "KEY", **ALGORITHM, "encryptionContext": {"A": "b"}}, ["ARN"], True),
    ("decrypt", {"KeyId": "KEY", "CiphertextBlob": "BLOB"}, {"keyId": "KEY", **ALGORITHM}, ["ARN"], True),
    ("re_encrypt", {"CiphertextBlob": "BLOB", "SourceKeyId": "KEY", "DestinationKeyId": "ALIAS", "DestinationEncryptionContext": {"A": "b"}}, {"sourceKeyId": "KEY", "destinationKeyId": "ALIAS", "sourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT", "destinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT", "destinationEncryptionContext": {"A": "b"}}, ["ARN", "ARN"], True),
    ("generate_data_key", {"KeyId": "KEY", "KeySpec": "AES_256", "EncryptionContext": {"A": "b"}}, {"keyId": "KEY", "keySpec": "AES_256", "encryptionContext": {"A": "b"}}, ["ARN"], True),
    ("generate_data_key_without_plaintext", {"KeyId": "KEY", "NumberOfBytes": 7}, {"keyId": "KEY", "numberOfBytes": 7}, ["ARN"], True),
]  # fmt: skip


def filled(value, names):
    """Puts names in the places of a table's row."""
    if isinstance(value, dict):
        return {name: filled(inner, names) for name, inner in value.items()}
    if isinstance(value, list):
        return [filled(inner, names) for inner in value]
    if value == "alias/KEY":
        return f"alias/{names['KEY']}"
    return names.get(value, value) if isinstance(value, str) else value


@pytest.mark.parametrize(
    ("operation", "members", "parameters", "arns", "reads"), RECORDED, ids=[row[0] for row in RECORDED]
)
def test_what_the_record_of_an_operation_says(
    kms, key, alias, blob, record, operation, members, parameters, arns, reads
):
    names = {
        "KEY": key,
        "ARN": key_arn(key),
        "ALIAS": alias,
        "ALIAS_ARN": alias_arn(alias),
        "NEW_ALIAS_ARN": alias_arn(f"alias/{key}"),
        "BLOB": blob,
    }
    answer = getattr(kms, operation)(**filled(members, names))
    found = record(answer["ResponseMetadata"]["RequestId"])
    assert found["eventName"] == kms.meta.method_to_api_mapping[operation]
    assert found["requestParameters"] == filled(parameters, names)
    assert found["responseElements"] == (None if reads else {"keyId": key_arn(key)})
    named = filled(arns, names)
    assert found["resources"] in (resources(*named), resources(*dict.fromkeys(named)))
    assert found["readOnly"] is reads
    assert "errorCode" not in found and "errorMessage" not in found


def test_a_moved_alias_is_recorded_with_its_new_key(kms, key, alias, record):
    new = kms.create_key()["KeyMetadata"]["KeyId"]
    found = record(request_id(kms.update_alias, AliasName=alias, TargetKeyId=new))
    assert found["requestParameters"] == {"aliasName": alias, "targetKeyId": new}
    assert found["responseElements"] == {"keyId": key_arn(new)}
    # Whether the service names the old key as well is not published.
    named = [resource for resource in found["resources"] if resource not in resources(key_arn(key))]
    assert named == resources(alias_arn(alias), key_arn(new))
    assert found["readOnly"] is False


def test_an_alias_moved_to_where_it_was_names_its_key_once(kms, key, alias, record):
    found = record(request_id(kms.update_alias, AliasName=alias, TargetKeyId=key))
    assert found["resources"] == resources(alias_arn(alias), key_arn(key))


def test_a_new_key_is_recorded_whole(kms, record):
    answer = kms.create_key(Description="clear", Tags=[{"TagKey": "a", "TagValue": "b"}], Policy=POLICY)
    metadata = answer["KeyMetadata"]
    found = record(answer["ResponseMetadata"]["RequestId"])
    assert found["requestParameters"] == {
        "keySpec": "SYMMETRIC_DEFAULT",
        "customerMasterKeySpec": "SYMMETRIC_DEFAULT",
        "keyUsage": "ENCRYPT_DECRYPT",
        "origin": "AWS_KMS",
        "description": "clear",
        "bypassPolicyLockoutSafetyCheck": False,
        "multiRegion": False,
        "tags": [{"tagKey": "a", "tagValue": "b"}],
        "policy": POLICY,
    }
    shown = found["responseElements"]["keyMetadata"]
    created = metadata.pop("CreationDate").astimezone(timezone.utc)
    assert shown.pop("creationDate") == re.sub(r"\b0(\d)", r"\1", created.strftime("%b %d, %Y, ")) + re.sub(
        "^0", "", created.strftime("%I:%M:%S %p")
    )
    assert shown == {name[:1].lower() + name[1:]: value for name, value in metadata.items()}
    assert found["resources"] == resources(metadata["Arn"])
    assert found["readOnly"] is False


def test_random_bytes_concern_no_key(kms, record):
    found = record(request_id(kms.generate_random, NumberOfBytes=8))
    assert (found["responseElements"], found["resources"], found["readOnly"]) == (None, [], True)


def test_decrypt_is_recorded_with_the_key_the_blob_names(kms, key, blob, record):
    assert record(request_id(kms.decrypt, CiphertextBlob=blob))["resources"] == resources(key_arn(key))


@pytest.mark.parametrize(
    ("operation", "members", "code"),
    [
        ("encrypt", {"KeyId": NO_SUCH_KEY, "Plaintext": b"x"}, "NotFoundException"),
        ("encrypt", {"KeyId": "KEY", "Plaintext": b"x", "DryRun": True}, "DryRunOperationException"),
        ("decrypt", {"KeyId": "KEY", "CiphertextBlob": b"no blob"}, "InvalidCiphertextException"),
        ("decrypt", {"KeyId": "OTHER", "CiphertextBlob": "BLOB"}, "IncorrectKeyException"),
        ("enable_key", {"KeyId": "ALIAS"}, "InvalidArnException"),
        ("create_alias", {"AliasName": "ALIAS", "TargetKeyId": "KEY"}, "AlreadyExistsException"),
        ("tag_resource", {"KeyId": "KEY", "Tags": [{"TagKey": "aws:x", "TagValue": ""}]}, "TagException"),
        ("generate_random", {"NumberOfBytes": 0}, "ValidationException"),
        ("list_keys", {"Marker": "nobody's"}, "InvalidMarkerException"),
    ],
)
def test_a_refusal_is_recorded_in_the_words_of_its_answer(kms, key, alias, blob, record, operation, members, code):
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    members = filled(members, {"KEY": key, "ALIAS": alias, "BLOB": blob, "OTHER": other})
    with pytest.raises(kms.exceptions.ClientError) as caught:
        getattr(kms, operation)(**members)
    answer = caught.value.response
    found = record(answer["ResponseMetadata"]["RequestId"])
    assert found["errorCode"] == answer["Error"]["Code"] == code
    assert found.get("errorMessage", "") == answer["Error"].get("Message", "")
    assert found["responseElements"] is None
    assert found["eventName"] == kms.meta.method_to_api_mapping[operation]
    sent = members.get("KeyId") or members.get("TargetKeyId")
    if sent:
        assert sent in found["requestParameters"].values()


def test_a_denial_is_spelled_as_the_service_spells_it(kms, key, record):
    policy = json.loads(POLICY)
    policy["Statement"].append({"Effect": "Deny", "Principal": "*", "Action": "kms:Encrypt", "Resource": "*"})
    kms.put_key_policy(KeyId=key, Policy=json.dumps(policy))
    found = record(request_id(kms.encrypt, KeyId=key, Plaintext=b"x"))
    assert found["errorCode"] == "AccessDenied"
    assert found["errorMessage"].startswith(f"User: {ROOT} is not authorized to perform: kms:Encrypt on resource: ")


def test_requests_that_never_became_operations_are_recorded_too(server, record):
    answers = [
        (call(server, "ListKeys", b"{"), "SerializationException"),
        (call(server, "Encrypt", {}), "ValidationException"),
        (call(server, "NoSuchOperation", {}), "UnknownOperationException"),
    ]
    for answer, code in answers:
        assert record(answer.headers["x-amzn-requestid"])["errorCode"] == code
    assert missing("keyId") in record(answers[1][0].headers["x-amzn-requestid"])["errorMessage"]


def security(server):
    text = b""
    for path in sorted((server.data_dir / "audit" / "security").rglob("security_*")):
        content = path.read_bytes()
        text += gzip.decompress(content) if path.suffix == ".gz" else content
    return text


def test_who_failed_to_authenticate_is_in_the_security_log_and_not_in_the_trail(server, key):
    body = json.dumps({"KeyId": key}).encode()
    forged = signed_headers(server, body, target="TrentService.DescribeKey", secret="x" * 40)
    request = send(server, forged, body).headers["x-amzn-requestid"]
    assert request not in {record.get("requestID") for record in server.records()}
    assert request.encode() in security(server)


def test_a_request_too_large_to_be_read_is_in_the_security_log(server):
    answer = call(server, "ListKeys", b" " * (2 << 20))
    assert answer.headers["x-amzn-requestid"].encode() in security(server)


def test_every_request_of_a_server_has_exactly_one_record(start):
    server = start()
    kms = server.client(parameter_validation=False)
    asked = [request_id(kms.create_key)]
    key = kms.list_keys()["Keys"][0]["KeyId"]
    asked += [request_id(kms.describe_key, KeyId=key) for _ in range(20)]
    asked += [request_id(kms.describe_key, KeyId="none") for _ in range(20)]
    asked += [request_id(kms.encrypt) for _ in range(5)]
    expected = sorted(asked)
    while_open = [record.get("requestID") for record in server.records() if record["eventName"] != "ListKeys"]
    assert sorted(while_open) == expected
    assert server.stop() == 0
    closed = [record.get("requestID") for record in server.records() if record["eventName"] != "ListKeys"]
    assert sorted(set(closed)) == expected


def needles(*secrets_):
    """The forms in which a secret could lie about."""
    for secret in secrets_:
        yield secret
        yield secret.hex().encode()
        for shift in range(3):
            # Base64 of the secret wherever it begins, without the letters that its neighbours touch.
            yield base64.b64encode(b"\0" * shift + secret)[4 if shift else 0 : -4]


def files(server):
    for path in [server.log_path, *server.data_dir.rglob("*")]:
        if path.is_file() and path.name != "credentials":
            content = path.read_bytes()
            yield path, gzip.decompress(content) if path.suffix == ".gz" else content


def found_in(server, wanted):
    wanted = list(wanted)
    return [(path.name, needle[:12]) for path, content in files(server) for needle in wanted if needle in content]


def use_everything(kms, key):
    """Every cryptographic operation, answered and refused; answers all secrets that were seen."""
    plaintexts = [secrets.token_bytes(48) for _ in range(4)]
    blobs = [
        kms.encrypt(KeyId=key, Plaintext=plaintexts[0], EncryptionContext={"public": "context"})["CiphertextBlob"],
        kms.encrypt(KeyId=key, Plaintext=plaintexts[1])["CiphertextBlob"],
    ]
    request_id(kms.encrypt, KeyId=key, Plaintext=plaintexts[2], DryRun=True)
    request_id(kms.encrypt, KeyId=NO_SUCH_KEY, Plaintext=plaintexts[3])
    request_id(kms.encrypt, KeyId="", Plaintext=plaintexts[3] * 100)
    kms.decrypt(CiphertextBlob=blobs[1])
    request_id(kms.decrypt, CiphertextBlob=blobs[0])
    request_id(kms.decrypt, CiphertextBlob=plaintexts[2])
    moved = kms.re_encrypt(CiphertextBlob=blobs[1], DestinationKeyId=key)["CiphertextBlob"]
    made = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
    bare = kms.generate_data_key_without_plaintext(KeyId=key, NumberOfBytes=64)["CiphertextBlob"]
    hidden = kms.decrypt(CiphertextBlob=bare)["Plaintext"]
    random = kms.generate_random(NumberOfBytes=64)["Plaintext"]
    kms.disable_key(KeyId=key)
    request_id(kms.decrypt, CiphertextBlob=blobs[1])
    secret = [*plaintexts, made["Plaintext"], hidden, random]
    return secret, [*blobs, moved, made["CiphertextBlob"], bare]


def test_no_secret_lies_in_the_trail_the_log_or_the_data(start):
    server = start("--log-level", "trace")
    kms = server.client(parameter_validation=False)
    env = server.env()
    key = kms.create_key(Description="to be found")["KeyMetadata"]["KeyId"]
    secret, blobs = use_everything(kms, key)
    call(server, "Encrypt", {"KeyId": key, "Plaintext": secret[0].decode("latin-1")})
    call(server, "Encrypt", b'{"KeyId": 7, "Plaintext": "%s"}' % base64.b64encode(secret[1]))
    access_secret = env["AWS_SECRET_ACCESS_KEY"].encode()
    wanted = [*needles(*secret), *needles(access_secret), *(needle for blob in blobs for needle in needles(blob[-40:]))]
    assert found_in(server, wanted) == []
    assert server.stop() == 0
    assert found_in(server, wanted) == []
    # The search finds what is there.
    assert found_in(server, [key.encode()])
    assert found_in(server, needles(b"to be found", env["AWS_ACCESS_KEY_ID"].encode()))
