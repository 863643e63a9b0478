//! Which operation a key bears in which state: the catalog held against a table under review.
//!
//! `states.txt` is the published table of key states, for the operations there are. `ok` lets the
//! operation through; any other word names the refusal, whose error and text stand below the table.

#![expect(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::{KeyState, Origin, StateRefusal, StateRow};
use trent_engine::{Fault, WireError};
use trent_operations::kms_catalog;
use trent_testkit::{REGION, Trent};

const TABLE: &str = include_str!("states.txt");
/// Where replicas are, and where there are none.
const AWAY: &str = "eu-west-1";
const NOWHERE: &str = "ap-south-1";
const ARN: &str = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// The table: each operation with its words, in the order of the states.
fn rows() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut lines = TABLE.lines().take_while(|line| !line.is_empty());
    let mut words = lines.next().unwrap().split_whitespace().skip(1);
    assert!(KeyState::ALL.iter().all(|state| words.next() == Some(state.as_str())));
    let row = |line: &'static str| {
        let mut words = line.split_whitespace();
        (words.next().unwrap(), words.collect())
    };
    lines.map(row).collect()
}

/// The error and the text of a refusal of the key `arn`.
fn refusal(word: &str, arn: &str, origin: Origin) -> (&'static str, String) {
    let lines = TABLE.lines().skip_while(|line| !line.is_empty()).skip(1);
    let mut found = lines.filter_map(|line| {
        let (name, rest) = line.split_once(' ')?;
        let (code, text) = rest.trim_start().split_once(' ')?;
        (name == word).then(|| (code, text.trim_start()))
    });
    let (code, text) = found.next().unwrap_or_else(|| panic!("`{word}` is no refusal"));
    (code, text.replace("ARN", arn).replace("ORIGIN", origin.as_str()))
}

/// The origin of a key in `state`: only imported material can be waited for. Operations on imported
/// material are held against keys that have it.
fn origin(operation: &str, state: KeyState) -> Origin {
    let imports = ["GetParametersForImport", "ImportKeyMaterial", "DeleteImportedKeyMaterial"];
    let external = state == KeyState::PendingImport || imports.contains(&operation);
    if external { Origin::External } else { Origin::AwsKms }
}

#[test]
fn every_cell_of_the_table_holds() {
    let catalog = kms_catalog();
    let mut operations = Vec::new();
    for (operation, words) in rows() {
        let row = catalog.state_row(operation).unwrap_or_else(|| panic!("no operation {operation}"));
        for (state, word) in KeyState::ALL.into_iter().zip(words) {
            let origin = origin(operation, state);
            match row.check(state, origin) {
                Ok(()) => assert_eq!(word, "ok", "{operation} {}", state.as_str()),
                Err(refused) => {
                    let (code, message) = refusal(word, ARN, origin);
                    let fault = Fault::refused(ARN, refused, origin);
                    assert_eq!(fault.wire(), WireError { status: 400, code, message: Some(message) });
                }
            }
        }
        operations.push(operation);
    }
    assert_eq!(operations, catalog.names().collect::<Vec<_>>(), "every operation has a row");
}

/// What no state has to do with: keys that can never have the operation.
#[test]
fn origins_are_refused_after_states_but_for_imports() {
    use KeyState::{Disabled, Enabled, PendingDeletion};
    let check = |row: StateRow, state, origin| row.check(state, origin).err();
    for row in [StateRow::AutomaticRotation, StateRow::RotationStatus] {
        assert_eq!(check(row, Enabled, Origin::External), Some(StateRefusal::Origin), "{row:?}");
        assert_eq!(check(row, Enabled, Origin::AwsKms), None, "{row:?}");
    }
    let rotation = StateRow::AutomaticRotation;
    assert_eq!(check(rotation, Disabled, Origin::External), Some(StateRefusal::Disabled));
    for row in [StateRow::ImportParameters, StateRow::Import, StateRow::DeleteImported] {
        for state in [Enabled, Disabled, PendingDeletion] {
            assert_eq!(check(row, state, Origin::AwsKms), Some(StateRefusal::Origin), "{row:?} {state:?}");
        }
        assert_eq!(check(row, Enabled, Origin::External), None, "{row:?}");
    }
    assert_eq!(check(StateRow::OnDemandRotation, Enabled, Origin::External), None);
}

/// An input for any operation on `key`; members that an operation does not have are passed over.
fn input(key: &str, ciphertext: &Value, alias: &str) -> Value {
    json!({
        "KeyId": key, "DestinationKeyId": key, "TargetKeyId": key, "AliasName": alias,
        "Plaintext": "QUJD", "CiphertextBlob": ciphertext, "KeySpec": "AES_256",
        "KeyPairSpec": "ECC_NIST_P256", "Message": "QUJD", "Signature": "QUJD", "Mac": "QUJD",
        "SigningAlgorithm": "ECDSA_SHA_256", "MacAlgorithm": "HMAC_SHA_256",
        "KeyAgreementAlgorithm": "ECDH", "PublicKey": "QUJD", "EncapsulationAlgorithm": "ML_KEM",
        "SharedSecretCiphertextBlob": "QUJD", "Tags": [{ "TagKey": "a", "TagValue": "b" }],
        "TagKeys": ["a"], "Description": "new", "Policy": "{}", "Operations": ["Decrypt"],
        "GranteePrincipal": "arn:aws:iam::000000000000:root", "ReplicaRegion": NOWHERE, "PrimaryRegion": REGION,
    })
}

/// A key in a state, by ARN, and a ciphertext of it.
struct Fixture {
    region: &'static str,
    key: String,
    ciphertext: Value,
}

/// A new key in one of the states that a key can be brought into, fit for `operation`.
async fn key_in(trent: &Trent, state: KeyState, operation: &str) -> Fixture {
    use KeyState::{Creating, Disabled, PendingDeletion, PendingImport, PendingReplicaDeletion, Updating};
    let has_replica = matches!(state, Creating | Updating | PendingReplicaDeletion);
    let multi_region = has_replica || matches!(operation, "ReplicateKey" | "UpdatePrimaryRegion");
    let origin = if state == PendingImport { "EXTERNAL" } else { "AWS_KMS" };
    let create = json!({ "Origin": origin, "MultiRegion": multi_region });
    let key = trent.call("CreateKey", &create).await.unwrap().text("/KeyMetadata/Arn");
    let encrypt = json!({ "KeyId": key, "Plaintext": "QUJD" });
    let ciphertext = trent.call("Encrypt", &encrypt).await.unwrap().body["CiphertextBlob"].clone();
    let change = async |operation, members: Value| {
        let mut input = json!({ "KeyId": key });
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        assert_eq!(trent.call(operation, &input).await.unwrap().status, 200);
    };
    if has_replica {
        change("ReplicateKey", json!({ "ReplicaRegion": AWAY })).await;
    }
    match state {
        Disabled => change("DisableKey", json!({})).await,
        PendingDeletion | PendingReplicaDeletion => change("ScheduleKeyDeletion", json!({})).await,
        Updating => {
            trent.clock.advance(1);
            change("UpdatePrimaryRegion", json!({ "PrimaryRegion": AWAY })).await;
        }
        _ => {}
    }
    match state {
        Creating | Updating => Fixture { region: AWAY, key: key.replace(REGION, AWAY), ciphertext },
        _ => Fixture { region: REGION, key, ciphertext },
    }
}

/// The same cells through the whole pipeline, for the states that keys can be brought into.
#[tokio::test]
async fn requests_meet_the_table() {
    let trent = Trent::start_in(&[REGION, AWAY, NOWHERE]).await.unwrap();
    for (operation, words) in rows() {
        for (state, word) in
            KeyState::ALL.into_iter().zip(words).filter(|(state, _)| *state != KeyState::Unavailable)
        {
            let origin = origin(operation, state);
            // A key without material made no ciphertext, and keys with imported material are for
            // the tests of imports.
            let none_made = matches!(operation, "Decrypt" | "ReEncrypt") && state == KeyState::PendingImport;
            if none_made || (origin == Origin::External && state != KeyState::PendingImport) {
                continue;
            }
            let Fixture { region, key, ciphertext } = key_in(&trent, state, operation).await;
            let alias = format!("alias/{operation}-{}", state.as_str());
            if operation == "UpdateAlias" {
                let other = trent.call_in(region, "CreateKey", &json!({})).await.unwrap();
                let create = json!({ "AliasName": alias, "TargetKeyId": other.text("/KeyMetadata/KeyId") });
                assert_eq!(trent.call_in(region, "CreateAlias", &create).await.unwrap().status, 200);
            }
            let input = input(&key, &ciphertext, &alias);
            let answer = trent.call_in(region, operation, &input).await.unwrap();
            let said = answer.message().unwrap_or_default();
            if word == "ok" {
                assert!(!said.starts_with(&format!("{key} is ")), "{operation} {}: {said}", state.as_str());
            } else {
                let (code, message) = refusal(word, &key, origin);
                assert_eq!((answer.error(), said), (Some(code), message.as_str()), "{operation}");
            }
        }
    }
}
