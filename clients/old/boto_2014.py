"""The operations as boto 2.49 has them, of the API of 2014, told as JSON."""

import base64
import json
import sys

import legacy  # noqa: F401
import boto
import boto.kms.exceptions
import boto.kms.layer1

host, port = sys.argv[1].split("://")[1].rsplit(":", 1)
kms = boto.kms.layer1.KMSConnection(host=host, port=int(port), is_secure=False)
# boto takes both from the host's name, which here says neither.
kms.auth_region_name = "us-east-1"
kms.auth_service_name = "kms"

key = kms.create_key(description="of 2014", key_usage="ENCRYPT_DECRYPT")["KeyMetadata"]
other = kms.create_key()["KeyMetadata"]
kms.create_alias("alias/boto-2014", key["KeyId"])
context = {"purpose": "test"}
blob = kms.encrypt("alias/boto-2014", b"attack at dawn", encryption_context=context)["CiphertextBlob"]
# On Python 3 its `re_encrypt` fails before it sends anything: it makes bytes where JSON needs text.
again = kms.make_request(
    action="ReEncrypt",
    body=json.dumps(
        {
            "CiphertextBlob": base64.b64encode(blob).decode(),
            "DestinationKeyId": other["KeyId"],
            "SourceEncryptionContext": context,
        }
    ),
)["CiphertextBlob"]
opened = kms.decrypt(base64.b64decode(again))
made = kms.generate_data_key(key["KeyId"], key_spec="AES_256")
made_again = kms.decrypt(made["CiphertextBlob"])
try:
    kms.decrypt(blob)
    refused = None
except boto.kms.exceptions.InvalidCiphertextException:
    refused = "InvalidCiphertextException"
try:
    kms.describe_key("alias/there-is-none")
    missing = None
except boto.kms.exceptions.NotFoundException:
    missing = "NotFoundException"
kms.disable_key(key["KeyId"])

json.dump(
    {
        "versions": [boto.__version__],
        "key": key["KeyId"],
        "created": key["CreationDate"],
        "state": kms.describe_key("alias/boto-2014")["KeyMetadata"]["KeyState"],
        "policy": json.loads(kms.get_key_policy(key["KeyId"], "default")["Policy"])["Version"],
        "random": len(kms.generate_random(24)["Plaintext"]),
        "opened": opened["Plaintext"].decode(),
        "opened_with": opened["KeyId"],
        "other": other["Arn"],
        "data_key": base64.b64encode(made["Plaintext"]).decode(),
        "data_key_again": base64.b64encode(made_again["Plaintext"]).decode(),
        "refused": refused,
        "missing": missing,
        "aliases": {alias["AliasName"]: alias.get("TargetKeyId") for alias in kms.list_aliases()["Aliases"]},
        "keys": [found["KeyId"] for found in kms.list_keys(limit=100)["Keys"]],
    },
    sys.stdout,
)
