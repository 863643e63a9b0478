"""The wire: statuses, headers and bodies, below any SDK."""

import base64
import json
import re
import uuid
from email.utils import parsedate_to_datetime

import pytest

from trent import ACCOUNT
from wire import JSON, NO_SUCH_KEY, call, key_arn, send, signed_headers

WITHOUT_OUTPUT = {
    "EnableKey": {},
    "DisableKey": {},
    "UpdateKeyDescription": {"Description": "d"},
    "TagResource": {"Tags": [{"TagKey": "a", "TagValue": "b"}]},
    "UntagResource": {"TagKeys": ["a"]},
    "PutKeyPolicy": {},
    "CreateAlias": {},
    "UpdateAlias": {},
    "DeleteAlias": {},
}


def check_headers(answer, content_type=JSON):
    headers = answer.headers
    assert str(uuid.UUID(headers["x-amzn-requestid"])) == headers["x-amzn-requestid"]
    assert headers["content-type"] == content_type
    assert int(headers["content-length"]) == len(answer.body)
    assert parsedate_to_datetime(headers["date"])
    assert headers["cache-control"] == "no-cache, no-store, must-revalidate, private"
    assert (headers["expires"], headers["pragma"]) == ("0", "no-cache")
    assert "server" not in headers


def test_an_answer_has_the_headers_of_the_service(trent, key):
    answer = call(trent, "DescribeKey", {"KeyId": key})
    assert answer.status == 200
    check_headers(answer)
    assert answer.json["KeyMetadata"]["KeyId"] == key


def test_a_refusal_has_them_too_and_a_body_of_type_and_message(trent):
    answer = call(trent, "DescribeKey", {"KeyId": NO_SUCH_KEY})
    assert answer.status == 400
    check_headers(answer)
    assert answer.json == {"__type": "NotFoundException", "message": f"Key '{key_arn(NO_SUCH_KEY)}' does not exist"}


def test_where_there_is_nothing_to_say_the_message_is_absent(trent):
    answer = call(trent, "Decrypt", {"CiphertextBlob": "AAAA"})
    assert (answer.status, answer.json) == (400, {"__type": "InvalidCiphertextException"})


def test_a_denial_has_its_message_in_upper_case(trent):
    answer = call(trent, "DescribeKey", {"KeyId": f"arn:aws:kms:us-east-1:111122223333:key/{NO_SUCH_KEY}"})
    assert (answer.status, answer.json["__type"]) == (400, "AccessDeniedException")
    assert set(answer.json) == {"__type", "Message"}


def test_every_request_has_another_id(trent):
    ids = [call(trent, "ListKeys", {"Limit": 1}).headers["x-amzn-requestid"] for _ in range(20)]
    assert len(set(ids)) == 20


def test_operations_without_output_answer_an_empty_body(trent, kms, key):
    policy = kms.get_key_policy(KeyId=key)["Policy"]
    for operation, members in WITHOUT_OUTPUT.items():
        named = {"AliasName": f"alias/{key}"} if "Alias" in operation else {"KeyId": key}
        if operation in ("CreateAlias", "UpdateAlias"):
            named["TargetKeyId"] = key
        if operation == "PutKeyPolicy":
            named["Policy"] = policy
        answer = call(trent, operation, {**named, **members})
        assert (operation, answer.status, answer.body) == (operation, 200, b"")
        assert answer.headers["content-length"] == "0"
        assert answer.headers["x-amzn-requestid"]


def test_times_are_numbers_and_blobs_padded_base64(trent, key):
    metadata = call(trent, "DescribeKey", {"KeyId": key}).json["KeyMetadata"]
    assert isinstance(metadata["CreationDate"], (int, float))
    body = call(trent, "DescribeKey", {"KeyId": key}).body
    assert re.search(rb'"CreationDate":\d+(\.\d{1,3})?[,}]', body)
    answer = call(trent, "Encrypt", {"KeyId": key, "Plaintext": "eA=="}).json
    assert base64.b64decode(answer["CiphertextBlob"], validate=True)
    assert call(trent, "Decrypt", {"CiphertextBlob": answer["CiphertextBlob"]}).json["Plaintext"] == "eA=="


def test_absent_members_are_left_out_and_not_null(trent, key):
    assert b"null" not in call(trent, "DescribeKey", {"KeyId": key}).body
    assert b"null" not in call(trent, "ListResourceTags", {"KeyId": key}).body


def test_null_members_count_as_absent_and_unknown_ones_not_at_all(trent, key):
    members = {"KeyId": key, "GrantTokens": None, "Surplus": {"a": [1]}}
    assert call(trent, "DescribeKey", members).status == 200
    assert "Value null at 'keyId'" in call(trent, "DescribeKey", {"KeyId": None}).json["message"]


@pytest.mark.parametrize(
    "target",
    [
        "TrentService.NoSuchOperation",
        "TrentService.describekey",
        "TrentService.",
        "TrentService",
        "trentservice.ListKeys",
        "OtherService.ListKeys",
        "ListKeys",
        "TrentService.ListKeys.ListKeys",
        " ",
    ],
)
def test_an_unknown_target(trent, target):
    answer = call(trent, "", {}, target=target)
    assert answer.status in (400, 404)
    assert answer.json == {"__type": "UnknownOperationException"}
    assert answer.headers["x-amzn-requestid"]


def test_no_target(trent):
    answer = call(trent, "", {}, target=None)
    assert answer.status in (400, 404)
    assert b"UnknownOperationException" in answer.body
    assert answer.headers["x-amzn-requestid"]


@pytest.mark.parametrize("operation", ["GetPublicKey", "Sign", "CreateGrant", "ScheduleKeyDeletion"])
def test_an_operation_of_the_api_is_done_or_said_to_be_missing(trent, operation):
    answer = call(trent, operation, {})
    assert answer.status == 400
    assert answer.json["__type"] in ("UnsupportedOperationException", "ValidationException")


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "application/x-amz-json-1.0", "text/plain", JSON + "1"]
)
def test_a_wrong_content_type(trent, content_type):
    answer = call(trent, "ListKeys", {}, content_type=content_type)
    assert answer.status in (400, 404)
    assert b"UnknownOperationException" in answer.body


@pytest.mark.parametrize("content_type", [JSON + "; charset=utf-8", JSON + ";x=y", JSON.upper()])
def test_a_content_type_may_have_parameters_and_any_case(trent, content_type):
    assert call(trent, "ListKeys", {"Limit": 1}, content_type=content_type).status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_another_method_is_no_operation(trent, method):
    answer = call(trent, "ListKeys", b"{}", method=method)
    assert answer.status == 404
    assert b"UnknownOperationException" in answer.body
    assert answer.headers["x-amzn-requestid"]


def test_an_unsigned_get_shows_nothing(trent):
    answer = send(trent, {}, None, method="GET")
    assert 400 <= answer.status < 500
    assert ACCOUNT.encode() not in answer.body


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"7",
        b"{} {}",
        b'{"KeyId": 7}',
        b'{"KeyId": ["a"]}',
        b'{"KeyId": {"a": "b"}}',
        b'{"KeyId": "\xff"}',
        b'{"KeyId": "a", "GrantTokens": "a"}',
        b"{'KeyId': 'a'}",
        b'{"KeyId": "a",}',
        b"\xef\xbb\xbf{}",
        b'{"KeyId": "a", "KeyId": "b"}',
        b'{"KeyId": "\\ud800"}',
        b'{"KeyId": "a\tb"}',
        b'{"KeyId": NaN}',
        b'{"KeyId": "a"} // comment',
    ],
)
def test_what_is_no_input_is_a_serialization_error(trent, body):
    answer = call(trent, "DescribeKey", body)
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")
    check_headers(answer)


@pytest.mark.parametrize("text", ["%%%%", "eA", "eA=", "e A==", "eA==eA==", "_-8=", 7, True, ["eA=="]])
def test_what_is_no_base64_is_a_serialization_error(trent, key, text):
    answer = call(trent, "Encrypt", {"KeyId": key, "Plaintext": text})
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")


@pytest.mark.parametrize(
    ("operation", "members"),
    [
        ("Encrypt", {"EncryptionContext": {"a": 1}}),
        ("Encrypt", {"EncryptionContext": ["a"]}),
        ("Encrypt", {"DryRun": "true"}),
        ("Encrypt", {"DryRun": 1}),
        ("GenerateDataKey", {"NumberOfBytes": "32"}),
        ("GenerateDataKey", {"NumberOfBytes": 32.5}),
        ("GenerateDataKey", {"NumberOfBytes": True}),
        ("GenerateDataKey", {"NumberOfBytes": 1 << 31}),
        ("GenerateDataKey", {"KeySpec": 256}),
    ],
)
def test_a_member_of_the_wrong_type_is_a_serialization_error(trent, key, operation, members):
    answer = call(trent, operation, {"KeyId": key, "Plaintext": "eA==", **members})
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")


def test_a_context_without_a_value_is_refused(trent, key):
    answer = call(trent, "Encrypt", {"KeyId": key, "Plaintext": "eA==", "EncryptionContext": {"a": None}})
    assert answer.status == 400
    assert answer.json["__type"] in ("SerializationException", "ValidationException")


def test_a_context_that_names_a_key_twice_is_a_serialization_error(trent, key):
    body = b'{"KeyId": "%s", "Plaintext": "eA==", "EncryptionContext": {"a": "1", "a": "2"}}' % key.encode()
    answer = call(trent, "Encrypt", body)
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")


def test_deep_nesting_is_a_serialization_error(trent):
    answer = call(trent, "DescribeKey", b'{"KeyId":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert (answer.status, answer.json["__type"]) == (400, "SerializationException")
    answer = call(trent, "DescribeKey", b'{"Unknown":' + b"[" * 100_000 + b"]" * 100_000 + b"}")
    assert answer.status == 400


def test_a_body_over_the_limit_is_refused(trent):
    answer = call(trent, "ListKeys", b" " * (2 << 20))
    assert answer.status in (400, 413)
    assert answer.json["__type"] in ("RequestEntityTooLargeException", "SerializationException")


def test_the_largest_legal_policy_is_no_matter_of_the_protocol(trent, key):
    answer = call(trent, "PutKeyPolicy", {"KeyId": key, "Policy": "\u00ff" * 131072})
    assert answer.status == 400
    assert answer.json["__type"] in ("MalformedPolicyDocumentException", "LimitExceededException")


def test_text_beyond_ascii_comes_back_as_it_was_sent(trent, key):
    text = 'é 🗝 \u2028 \\ " \u0001'
    for body in (
        json.dumps({"KeyId": key, "Description": text}),
        json.dumps({"KeyId": key, "Description": text}, ensure_ascii=False),
    ):
        assert call(trent, "UpdateKeyDescription", body.encode()).status == 200
        assert call(trent, "DescribeKey", {"KeyId": key}).json["KeyMetadata"]["Description"] == text


def test_no_credentials(trent):
    answer = send(trent, {"X-Amz-Target": "TrentService.ListKeys", "Content-Type": JSON}, b"{}")
    assert answer.status in (400, 403)
    assert answer.json == {
        "__type": "MissingAuthenticationTokenException",
        "message": "Request is missing Authentication Token",
    }
    check_headers(answer)


def altered(headers, **changes):
    return {**headers, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_a_changed_body_target_or_secret_breaks_the_signature(trent):
    body, target = b'{"Limit":1}', "TrentService.ListKeys"
    headers = signed_headers(trent, body, target=target)
    assert send(trent, headers, body).status == 200
    answers = [
        send(trent, headers, b'{"Limit":2}'),
        send(trent, altered(headers, X_Amz_Target="TrentService.ListAliases"), body),
        send(trent, altered(headers, Content_Type=JSON + ";x"), body),
        send(trent, signed_headers(trent, body, target=target, secret="x" * 40), body),
        send(trent, headers, body, path="/?a=b"),
    ]
    for answer in answers:
        assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
        assert answer.json["message"].startswith("The request signature we calculated does not match the signature")


def test_an_unknown_access_key(trent):
    headers = signed_headers(trent, b"{}", target="TrentService.ListKeys")
    known = trent.env()["AWS_ACCESS_KEY_ID"]
    headers["Authorization"] = headers["Authorization"].replace(known, "AKIA" + "A" * 16)
    answer = send(trent, headers, b"{}")
    assert (answer.status, answer.json) == (
        400,
        {
            "__type": "UnrecognizedClientException",
            "message": "The security token included in the request is invalid.",
        },
    )


def test_a_signature_for_another_service(trent):
    headers = signed_headers(trent, b"{}", target="TrentService.ListKeys")
    headers["Authorization"] = headers["Authorization"].replace("/kms/", "/s3/")
    answer = send(trent, headers, b"{}")
    assert answer.status == 400
    assert answer.json["message"] == "Credential should be scoped to correct service: 'kms'."


def test_an_old_request_is_expired(trent):
    headers = signed_headers(trent, b"{}", target="TrentService.ListKeys")
    day = headers["X-Amz-Date"][:8]
    old = altered(headers, X_Amz_Date="20200101T000000Z")
    old["Authorization"] = old["Authorization"].replace(day, "20200101")
    answer = send(trent, old, b"{}")
    assert (answer.status, answer.json["__type"]) == (400, "InvalidSignatureException")
    assert re.fullmatch(
        r"Signature expired: 20200101T000000Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)",
        answer.json["message"],
    )
