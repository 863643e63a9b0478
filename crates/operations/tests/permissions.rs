//! Who may do what: every operation with every single permission, held against a table.
//!
//! For each operation and each action, a new key gets a policy that grants the account that action
//! alone, and another key one that grants all but that action. `permissions.txt` says which single
//! actions let the operation through, and which it cannot do without.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_operations::kms_catalog;
use trent_testkit::{ACCOUNT, REGION, Trent, wrapped};

const TABLE: &str = include_str!("permissions.txt");
/// Where replicas are.
const AWAY: &str = "eu-west-1";

/// Every action of the operations there are.
fn actions() -> Vec<String> {
    let catalog = kms_catalog();
    let names = catalog.names().filter(|name| *name != "ReEncrypt").chain(["ReEncryptFrom", "ReEncryptTo"]);
    names.map(|name| format!("kms:{name}")).collect()
}

fn policy(statements: &[(&str, &str)]) -> String {
    let principal = json!({ "AWS": format!("arn:aws:iam::{ACCOUNT}:root") });
    let statements: Vec<Value> = statements
        .iter()
        .map(|(effect, action)| {
            json!({ "Effect": effect, "Principal": principal, "Action": action, "Resource": "*" })
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// A key under `policy`, and what belongs to it.
struct Fixture {
    key: String,
    alias: String,
    /// A ciphertext, signature, tag or public key: whatever the operation takes that a key makes.
    made: Value,
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

async fn furnish(trent: &Trent, number: usize, operation: &str, policy: &str) -> Fixture {
    let (create, maker, mut with, member) = kind(operation);
    let key = trent.call("CreateKey", &create).await.unwrap().text("/KeyMetadata/Arn");
    let alias = format!("alias/a{number}");
    trent.call("CreateAlias", &json!({ "AliasName": alias, "TargetKeyId": key })).await.unwrap();
    with["KeyId"] = key.as_str().into();
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
fn input(operation: &str, fixture: &Fixture) -> Value {
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

/// Whether `operation` is let through on a new key under `policy`; any other refusal is a mistake.
async fn allowed(trent: &Trent, number: &mut usize, operation: &str, policy: &str) -> bool {
    *number += 1;
    let fixture = furnish(trent, *number, operation, policy).await;
    let answer = trent.call(operation, &input(operation, &fixture)).await.unwrap();
    match answer.error() {
        None => true,
        Some("AccessDeniedException") => {
            let message = answer.message().unwrap_or_default();
            assert!(message.contains("is not authorized to perform: kms:"), "{message}");
            false
        }
        Some(other) => panic!("{operation}: {other} {:?}", answer.message()),
    }
}

#[tokio::test]
async fn each_operation_takes_its_permissions_and_no_others() {
    let trent = Trent::start_in(&[REGION, AWAY]).await.unwrap();
    let (catalog, actions, mut number) = (kms_catalog(), actions(), 0);
    let mut table = String::new();
    for operation in catalog.names() {
        let (mut alone, mut needed) = (Vec::new(), Vec::new());
        for action in &actions {
            if allowed(&trent, &mut number, operation, &policy(&[("Allow", action)])).await {
                alone.push(action.as_str());
            }
            let all_but = policy(&[("Allow", "kms:*"), ("Deny", action)]);
            if !allowed(&trent, &mut number, operation, &all_but).await {
                needed.push(action.as_str());
            }
        }
        let alone = if alone.len() == actions.len() { vec!["any"] } else { alone };
        let list = |names: Vec<&str>| if names.is_empty() { "none".to_owned() } else { names.join(" ") };
        table.push_str(&format!("{operation}: alone {}; needs {}\n", list(alone), list(needed)));
    }
    assert_eq!(table, TABLE, "the table under review differs:\n{table}");
}
