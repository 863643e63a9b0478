//! One call of every operation that works when it is permitted, and the key it is made with.

use serde_json::{Value, json};
use trent_testkit::{ACCOUNT, Trent, wrapped};

/// Where replicas are.
pub(crate) const AWAY: &str = "eu-west-1";

/// A key policy of statements about the account that has the key.
pub(crate) fn policy(statements: &[(&str, &str)]) -> String {
    let principal = json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") });
    let statements: Vec<Value> = statements
        .iter()
        .map(|(effect, action)| {
            json!({ "Effect": effect, "Principal": principal, "Action": action, "Resource": "*" })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A key under some policy, and what belongs to it.
pub(crate) struct Fixture {
    /// The key's ARN.
    pub(crate) key: String,
    /// The name of an alias of it.
    pub(crate) alias: String,
    /// A ciphertext, signature, tag or public key: whatever the operation takes that a key makes.
    pub(crate) made: Value,
}

/// Adds the members of `more`.
pub(crate) fn add(input: &mut Value, more: Value) {
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
}

/// The key an operation needs, how something is made with it beforehand, and what that is called.
fn kind(operation: &str) -> (Value, &'static str, Value, &'static str) {
    let of = |spec: &str, usage: &str| json!({ "KeySpec": spec, "KeyUsage": usage });
    match operation {
        "Sign" | "Verify" => (
            of("ECC_NIST_P256", "SIGN_VERIFY"),
            "Sign",
            json!({ "Message": "QUJD", "SigningAlgorithm": "ECDSA_SHA_256" }),
            "Signature",
        ),
        "GenerateMac" | "VerifyMac" => (
            of("HMAC_256", "GENERATE_VERIFY_MAC"),
            "GenerateMac",
            json!({ "Message": "QUJD", "MacAlgorithm": "HMAC_SHA_256" }),
            "Mac",
        ),
        "DeriveSharedSecret" | "GetPublicKey" => {
            (of("ECC_NIST_P256", "KEY_AGREEMENT"), "GetPublicKey", json!({}), "PublicKey")
        }
        "Encapsulate" | "Decapsulate" => (
            of("ML_KEM_768", "ENCAPSULATE_DECAPSULATE"),
            "Encapsulate",
            json!({ "EncapsulationAlgorithm": "ML_KEM" }),
            "SharedSecretCiphertextBlob",
        ),
        "ListGrants" | "RetireGrant" | "RevokeGrant" => (
            json!({}),
            "CreateGrant",
            json!({ "GranteePrincipal": ACCOUNT, "Operations": ["Encrypt"] }),
            "GrantId",
        ),
        "DeleteImportedKeyMaterial" | "GetParametersForImport" | "ImportKeyMaterial" => (
            json!({ "Origin": "EXTERNAL" }),
            "GetParametersForImport",
            json!({ "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2" }),
            "",
        ),
        "ReplicateKey" | "UpdatePrimaryRegion" => {
            (json!({ "MultiRegion": true }), "Encrypt", json!({ "Plaintext": "QUJD" }), "CiphertextBlob")
        }
        _ => (json!({}), "Encrypt", json!({ "Plaintext": "QUJD" }), "CiphertextBlob"),
    }
}

/// A new key under `policy` for a call of `operation`. What it makes beforehand is made with `more`.
pub(crate) async fn furnish(
    trent: &Trent,
    number: usize,
    operation: &str,
    policy: &str,
    more: Value,
) -> Fixture {
    let (mut create, maker, mut with, member) = kind(operation);
    create["Tags"] = json!([{ "TagKey": "stage", "TagValue": "test" }]);
    let key = trent.call("CreateKey", &create).await.unwrap().text("/KeyMetadata/Arn");
    let alias = format!("alias/a{number}");
    trent.call("CreateAlias", &json!({ "AliasName": alias, "TargetKeyId": key })).await.unwrap();
    add(&mut with, json!({ "KeyId": key }));
    add(&mut with, more);
    let answer = trent.call(maker, &with).await.unwrap();
    let made = match member {
        "" => wrapped(&answer, &[7; 32]).unwrap(),
        member => answer.body[member].clone(),
    };
    if operation == "CancelKeyDeletion" {
        trent.call("ScheduleKeyDeletion", &json!({ "KeyId": key })).await.unwrap();
    }
    if operation == "UpdatePrimaryRegion" {
        let replicate = json!({
            "KeyId": key, "ReplicaRegion": AWAY, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true,
        });
        assert_eq!(trent.call("ReplicateKey", &replicate).await.unwrap().status, 200);
        trent.clock.advance(1);
    }
    let put = json!({ "KeyId": key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true });
    assert_eq!(trent.call("PutKeyPolicy", &put).await.unwrap().status, 200);
    Fixture { key, alias, made }
}

/// An input for `operation` that works when it is permitted.
pub(crate) fn input(operation: &str, fixture: &Fixture) -> Value {
    let Fixture { key, alias, made } = fixture;
    match operation {
        "CreateAlias" => json!({ "AliasName": format!("{alias}-new"), "TargetKeyId": key }),
        "UpdateAlias" => json!({ "AliasName": alias, "TargetKeyId": key }),
        "DeleteAlias" => json!({ "AliasName": alias }),
        "Decrypt" => json!({ "CiphertextBlob": made }),
        "Encrypt" => json!({ "KeyId": key, "Plaintext": "QUJD" }),
        "ReEncrypt" => json!({ "CiphertextBlob": made, "DestinationKeyId": key }),
        "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" => {
            json!({ "KeyId": key, "KeySpec": "AES_256" })
        }
        "GenerateDataKeyPair" | "GenerateDataKeyPairWithoutPlaintext" => {
            json!({ "KeyId": key, "KeyPairSpec": "ECC_NIST_P256" })
        }
        "Sign" => json!({ "KeyId": key, "Message": "QUJD", "SigningAlgorithm": "ECDSA_SHA_256" }),
        "Verify" => json!({
            "KeyId": key, "Message": "QUJD", "SigningAlgorithm": "ECDSA_SHA_256", "Signature": made
        }),
        "GenerateMac" => json!({ "KeyId": key, "Message": "QUJD", "MacAlgorithm": "HMAC_SHA_256" }),
        "VerifyMac" => {
            json!({ "KeyId": key, "Message": "QUJD", "MacAlgorithm": "HMAC_SHA_256", "Mac": made })
        }
        "DeriveSharedSecret" => {
            json!({ "KeyId": key, "KeyAgreementAlgorithm": "ECDH", "PublicKey": made })
        }
        "Encapsulate" => json!({ "KeyId": key, "EncapsulationAlgorithm": "ML_KEM" }),
        "Decapsulate" => json!({
            "KeyId": key, "EncapsulationAlgorithm": "ML_KEM", "SharedSecretCiphertextBlob": made
        }),
        "CreateGrant" => {
            json!({ "KeyId": key, "GranteePrincipal": ACCOUNT, "Operations": ["DescribeKey"] })
        }
        "RetireGrant" | "RevokeGrant" => json!({ "KeyId": key, "GrantId": made }),
        "ListRetirableGrants" => json!({ "RetiringPrincipal": ACCOUNT }),
        "GetParametersForImport" => {
            json!({ "KeyId": key, "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2" })
        }
        "ImportKeyMaterial" => json!({
            "KeyId": key, "ImportToken": made["ImportToken"],
            "EncryptedKeyMaterial": made["EncryptedKeyMaterial"],
            "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
        }),
        "ReplicateKey" => json!({ "KeyId": key, "ReplicaRegion": AWAY }),
        "UpdatePrimaryRegion" => json!({ "KeyId": key, "PrimaryRegion": AWAY }),
        "GenerateRandom" => json!({ "NumberOfBytes": 16 }),
        "CreateKey" | "ListKeys" | "ListAliases" => json!({}),
        "PutKeyPolicy" => json!({ "KeyId": key, "Policy": policy(&[("Allow", "kms:*")]) }),
        "TagResource" => json!({ "KeyId": key, "Tags": [{ "TagKey": "a", "TagValue": "b" }] }),
        "UntagResource" => json!({ "KeyId": key, "TagKeys": ["a"] }),
        "UpdateKeyDescription" => json!({ "KeyId": key, "Description": "new" }),
        _ => json!({ "KeyId": key }),
    }
}
