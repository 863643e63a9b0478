//! Which operation a key bears in which state: the catalog held against a table under review.
//!
//! `states.txt` is the published table of key states, for the operations there are. `ok` lets the
//! operation through; any other word names the refusal, whose error and text stand below the table.

#![expect(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::{KeyState, Origin, StateRefusal, StateRow};
use trent_engine::{Fault, WireError};
use trent_operations::kms_catalog;
use trent_testkit::Trent;

const TABLE: &str = include_str!("states.txt");
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
        "GranteePrincipal": "arn:aws:iam::000000000000:root",
    })
}

/// A new key in one of the states that a key can be brought into, and a ciphertext of it.
async fn key_in(trent: &Trent, state: KeyState) -> (String, Value) {
    if state == KeyState::PendingImport {
        let made = trent.call("CreateKey", &json!({ "Origin": "EXTERNAL" })).await.unwrap();
        return (made.text("/KeyMetadata/Arn"), Value::Null);
    }
    let key = trent.create_key().await.unwrap();
    let made = trent.call("Encrypt", &json!({ "KeyId": key, "Plaintext": "QUJD" })).await.unwrap();
    let change = match state {
        KeyState::Disabled => Some("DisableKey"),
        KeyState::PendingDeletion => Some("ScheduleKeyDeletion"),
        _ => None,
    };
    if let Some(change) = change {
        assert_eq!(trent.call(change, &json!({ "KeyId": key })).await.unwrap().status, 200);
    }
    (key, made.body["CiphertextBlob"].clone())
}

/// The same cells through the whole pipeline, for the states that keys can be brought into.
#[tokio::test]
async fn requests_meet_the_table() {
    let trent = Trent::start().await.unwrap();
    let reachable =
        [KeyState::Enabled, KeyState::Disabled, KeyState::PendingDeletion, KeyState::PendingImport];
    for (operation, words) in rows() {
        for (state, word) in
            KeyState::ALL.into_iter().zip(words).filter(|(state, _)| reachable.contains(state))
        {
            let origin = origin(operation, state);
            // A key without material made no ciphertext, and keys with imported material are for
            // the tests of imports.
            let none_made = matches!(operation, "Decrypt" | "ReEncrypt") && state == KeyState::PendingImport;
            if none_made || (origin == Origin::External && state != KeyState::PendingImport) {
                continue;
            }
            let (key, ciphertext) = key_in(&trent, state).await;
            let alias = format!("alias/{operation}-{}", state.as_str());
            if operation == "UpdateAlias" {
                let other = trent.create_key().await.unwrap();
                let create = json!({ "AliasName": alias, "TargetKeyId": other });
                assert_eq!(trent.call("CreateAlias", &create).await.unwrap().status, 200);
            }
            let answer = trent.call(operation, &input(&key, &ciphertext, &alias)).await.unwrap();
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
