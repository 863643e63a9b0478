"""The operations as boto3 1.4.4 with botocore 1.5.80 has them, told as JSON."""

import base64
import json
import sys

import legacy  # noqa: F401
import boto3
import botocore

endpoint = sys.argv[1]
# Nothing is told to the client that it could not be told in 2017: it knows no AWS_ENDPOINT_URL_KMS.
kms = boto3.client("kms", endpoint_url=endpoint)

key = kms.create_key(Description="of 2017", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]
other = kms.create_key()["KeyMetadata"]
kms.create_alias(AliasName="alias/boto3-2017", TargetKeyId=key["KeyId"])
context = {"purpose": "test"}
blob = kms.encrypt(KeyId="alias/boto3-2017", Plaintext=b"attack at dawn", EncryptionContext=context)
again = kms.re_encrypt(
    CiphertextBlob=blob["CiphertextBlob"], SourceEncryptionContext=context, DestinationKeyId=other["KeyId"]
)
opened = kms.decrypt(CiphertextBlob=again["CiphertextBlob"])
made = kms.generate_data_key(KeyId=key["KeyId"], KeySpec="AES_256")
made_again = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
try:
    kms.decrypt(CiphertextBlob=blob["CiphertextBlob"])
    refused = None
except botocore.exceptions.ClientError as error:
    refused = error.response["Error"]["Code"]
kms.disable_key(KeyId=key["KeyId"])
pages = kms.get_paginator("list_aliases").paginate()

json.dump(
    {
        "versions": [boto3.__version__, botocore.__version__],
        "key": key["KeyId"],
        "created": key["CreationDate"].isoformat(),
        "state": kms.describe_key(KeyId="alias/boto3-2017")["KeyMetadata"]["KeyState"],
        "tags": kms.list_resource_tags(KeyId=key["KeyId"])["Tags"],
        "opened": opened["Plaintext"].decode(),
        "opened_with": opened["KeyId"],
        "other": other["Arn"],
        "data_key": base64.b64encode(made["Plaintext"]).decode(),
        "data_key_again": base64.b64encode(made_again["Plaintext"]).decode(),
        "refused": refused,
        "aliases": {alias["AliasName"]: alias["TargetKeyId"] for page in pages for alias in page["Aliases"]},
    },
    sys.stdout,
)
