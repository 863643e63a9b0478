"""The shortest way through everything."""


def test_a_key_encrypts_and_decrypts(kms, key):
    made = kms.encrypt(KeyId=key, Plaintext=b"attack at dawn", EncryptionContext={"a": "b"})
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext={"a": "b"})
    assert opened["Plaintext"] == b"attack at dawn"


def test_every_request_leaves_a_record(trent, kms, key):
    request_id = kms.describe_key(KeyId=key)["ResponseMetadata"]["RequestId"]
    assert [record["eventName"] for record in trent.records() if record.get("requestID") == request_id] == ["DescribeKey"]
