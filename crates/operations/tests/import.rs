//! Importing key material: who is refused, in which words, and what becomes of the store.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::PathRange;
use trent_engine::Store as _;
use trent_testkit::{ACCOUNT, Answer, REGION, Trent, wrapped};

const DAY: i64 = 86_400;

struct Importer {
    trent: Trent,
    key: String,
}

impl Importer {
    /// A key that waits for its material.
    async fn new(create: Value) -> Self {
        let trent = Trent::start().await.unwrap();
        let mut create = create;
        create["Origin"] = "EXTERNAL".into();
        let key = trent.call("CreateKey", &create).await.unwrap().text("/KeyMetadata/Arn");
        Self { trent, key }
    }

    async fn call(&self, operation: &str, members: Value) -> Answer {
        let mut input = json!({ "KeyId": self.key });
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.trent.call(operation, &input).await.unwrap()
    }

    /// The members that carry `material`.
    async fn wrapped(&self, material: &[u8]) -> Value {
        let how = json!({ "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2" });
        wrapped(&self.call("GetParametersForImport", how).await, material).unwrap()
    }

    async fn import(&self, material: &[u8], members: Value) -> Answer {
        let mut input = self.wrapped(material).await;
        if members.get("ValidTo").is_none() {
            input["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE".into();
        }
        input.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        self.call("ImportKeyMaterial", input).await
    }

    async fn metadata(&self) -> Value {
        self.call("DescribeKey", json!({})).await.body["KeyMetadata"].clone()
    }

    /// The store's records of materials, by the ends of their paths.
    async fn stored(&self) -> Vec<String> {
        let records = self.trent.store.scan(&PathRange::all(), 1000).await.unwrap();
        let prefix = format!("/{ACCOUNT}/{REGION}/material/");
        let mut ids = records
            .iter()
            .filter_map(|stored| stored.path.suffix(&prefix))
            .filter_map(|rest| rest.split('/').nth(1).map(str::to_owned))
            .collect::<Vec<_>>();
        ids.sort_unstable();
        ids
    }

    fn seconds_from_now(&self, seconds: i64) -> Value {
        use trent_engine::Clock as _;
        json!(self.trent.clock.now().as_second() + seconds)
    }
}

fn refusal(answer: &Answer) -> (Option<&str>, Option<&str>) {
    (answer.error(), answer.message())
}

#[tokio::test]
async fn material_lies_in_the_store_while_it_is_imported_and_no_longer() {
    let importer = Importer::new(json!({})).await;
    assert_eq!(importer.stored().await, [""; 0]);
    let id = importer.import(&[1; 32], json!({})).await.text("/KeyMaterialId");
    assert_eq!(importer.stored().await, [id.as_str()]);
    // Importing it again writes no second one.
    assert_eq!(importer.import(&[1; 32], json!({})).await.text("/KeyMaterialId"), id);
    assert_eq!(importer.stored().await, [id.as_str()]);
    let deleted = importer.call("DeleteImportedKeyMaterial", json!({})).await;
    assert_eq!(deleted.text("/KeyMaterialId"), id);
    assert_eq!(importer.stored().await, [""; 0]);
    let again = importer.call("DeleteImportedKeyMaterial", json!({})).await;
    assert_eq!((again.status, again.text("/KeyMaterialId")), (200, id.clone()));
    importer.import(&[1; 32], json!({})).await;
    assert_eq!(importer.stored().await, [id]);
}

#[tokio::test]
async fn a_key_that_never_had_material_has_none_to_delete() {
    let importer = Importer::new(json!({})).await;
    let deleted = importer.call("DeleteImportedKeyMaterial", json!({})).await;
    assert_eq!(deleted.body, json!({ "KeyId": importer.key }));
}

#[tokio::test]
async fn expired_material_is_of_no_use_though_nobody_has_removed_it_yet() {
    let importer = Importer::new(json!({})).await;
    let valid_to = importer.seconds_from_now(DAY);
    importer.import(&[1; 32], json!({ "ValidTo": valid_to })).await;
    let metadata = importer.metadata().await;
    assert_eq!(metadata["ExpirationModel"], "KEY_MATERIAL_EXPIRES");
    assert_eq!(metadata["ValidTo"].as_f64(), valid_to.as_f64());
    let encrypt = || importer.call("Encrypt", json!({ "Plaintext": "QUJD" }));
    importer.trent.clock.advance(DAY - 1);
    assert_eq!(encrypt().await.status, 200);
    importer.trent.clock.advance(1);
    let waiting = format!("{} is pending import.", importer.key);
    assert_eq!(refusal(&encrypt().await), (Some("KMSInvalidStateException"), Some(&*waiting)));
    let metadata = importer.metadata().await;
    assert_eq!(metadata["KeyState"], "PendingImport");
    assert_eq!((metadata.get("ExpirationModel"), metadata.get("ValidTo")), (None, None));
    // It may come back before it was removed.
    importer.import(&[1; 32], json!({})).await;
    assert_eq!(encrypt().await.status, 200);
    assert_eq!(importer.stored().await.len(), 1);
}

#[tokio::test]
async fn pending_material_that_expired_makes_room_for_other() {
    let importer = Importer::new(json!({})).await;
    let first = importer.import(&[1; 32], json!({})).await.text("/KeyMaterialId");
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL", "ValidTo": importer.seconds_from_now(DAY) });
    let second = importer.import(&[2; 32], new).await.text("/KeyMaterialId");
    let refused = importer.import(&[3; 32], json!({ "ImportType": "NEW_KEY_MATERIAL" })).await;
    assert_eq!(refused.error(), Some("KMSInvalidStateException"));
    let text = refused.message().unwrap();
    let key = &importer.key;
    let start = "New key material (id: ";
    let end = format!(
        ") cannot be imported into KMS key {key}, because another key material (id: {second}) is pending rotation."
    );
    assert!(text.starts_with(start) && text.ends_with(&end) && text.len() == start.len() + 64 + end.len());
    importer.trent.clock.advance(DAY);
    let third = importer.import(&[3; 32], json!({ "ImportType": "NEW_KEY_MATERIAL" })).await;
    let mut expected = [first, third.text("/KeyMaterialId")];
    expected.sort_unstable();
    assert_eq!(importer.stored().await, expected);
}

#[tokio::test]
async fn a_public_key_is_shown_while_there_is_one() {
    let create = json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" });
    let importer = Importer::new(create).await;
    let pair = trent_crypto::KeyPair::generate(trent_domain::KeySpec::EccNistP256).unwrap();
    let pkcs8 = pair.private_key_pkcs8().expose();
    assert_eq!(importer.import(pkcs8, json!({})).await.status, 200);
    assert_eq!(importer.call("GetPublicKey", json!({})).await.status, 200);
    importer.call("DeleteImportedKeyMaterial", json!({})).await;
    let waiting = format!("{} is pending import.", importer.key);
    let refused = importer.call("GetPublicKey", json!({})).await;
    assert_eq!(refusal(&refused), (Some("KMSInvalidStateException"), Some(&*waiting)));
}

#[tokio::test]
async fn a_key_that_is_pending_deletion_may_lose_its_material_and_stays_so() {
    let importer = Importer::new(json!({})).await;
    importer.import(&[1; 32], json!({})).await;
    importer.call("ScheduleKeyDeletion", json!({})).await;
    let deleted = importer.call("DeleteImportedKeyMaterial", json!({})).await;
    assert_eq!((deleted.status, importer.stored().await.len()), (200, 0));
    assert_eq!(importer.metadata().await["KeyState"], "PendingDeletion");
    importer.call("CancelKeyDeletion", json!({})).await;
    assert_eq!(importer.metadata().await["KeyState"], "PendingImport");
    importer.import(&[1; 32], json!({})).await;
    assert_eq!(importer.metadata().await["KeyState"], "Disabled");
}

#[tokio::test]
async fn tokens_live_a_day_and_belong_to_one_key() {
    let importer = Importer::new(json!({})).await;
    let mut members = importer.wrapped(&[1; 32]).await;
    members["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE".into();
    let other = importer.trent.call("CreateKey", &json!({ "Origin": "EXTERNAL" })).await.unwrap();
    let mut foreign = members.clone();
    foreign["KeyId"] = other.text("/KeyMetadata/KeyId").into();
    let refused = importer.trent.call("ImportKeyMaterial", &foreign).await.unwrap();
    assert_eq!(refusal(&refused), (Some("InvalidImportTokenException"), None));
    importer.trent.clock.advance(DAY);
    let refused = importer.call("ImportKeyMaterial", members).await;
    assert_eq!(refusal(&refused), (Some("ExpiredImportTokenException"), None));
}

#[tokio::test]
async fn other_material_than_the_key_can_have_is_refused() {
    let importer = Importer::new(json!({ "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC" })).await;
    let incorrect = (Some("IncorrectKeyMaterialException"), None);
    assert_eq!(refusal(&importer.import(&[1; 31], json!({})).await), incorrect);
    assert_eq!(importer.import(&[1; 32], json!({})).await.status, 200);
    assert_eq!(refusal(&importer.import(&[2; 32], json!({})).await), incorrect);
    let mut damaged = importer.wrapped(&[1; 32]).await;
    damaged["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE".into();
    damaged["EncryptedKeyMaterial"] = "QUJD".into();
    let refused = importer.call("ImportKeyMaterial", damaged).await;
    assert_eq!(refusal(&refused), (Some("InvalidCiphertextException"), None));
}

#[tokio::test]
async fn keys_of_our_own_making_take_none() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let text = format!("{key} origin is AWS_KMS which is not valid for this operation.");
    for (operation, members) in [
        ("GetParametersForImport", json!({ "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2" })),
        (
            "ImportKeyMaterial",
            json!({
                "ImportToken": "QUJD", "EncryptedKeyMaterial": "QUJD",
                "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
            }),
        ),
        ("DeleteImportedKeyMaterial", json!({})),
    ] {
        let mut input = members;
        input["KeyId"] = key.as_str().into();
        let refused = trent.call(operation, &input).await.unwrap();
        assert_eq!(refusal(&refused), (Some("UnsupportedOperationException"), Some(&*text)), "{operation}");
    }
}

#[tokio::test]
async fn the_worker_removes_what_has_expired() {
    let importer = Importer::new(json!({})).await;
    let valid_to = importer.seconds_from_now(DAY);
    let first = importer.import(&[1; 32], json!({ "ValidTo": valid_to })).await.text("/KeyMaterialId");
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL", "ValidTo": valid_to });
    importer.import(&[2; 32], new).await;
    importer.trent.pass(DAY - 1).await.unwrap();
    assert_eq!(importer.stored().await.len(), 2);
    importer.trent.audit.clear();
    assert_eq!(importer.trent.pass(1).await.unwrap(), None);
    assert_eq!(importer.stored().await, [""; 0]);
    let events = importer.trent.audit.take();
    assert!(events.iter().all(|event| event.name == "DeleteExpiredKeyMaterial"));
    assert_eq!(events.len(), 2);
    // What was pending is forgotten, and the first is waited for.
    let listed = importer.call("ListKeyRotations", json!({ "IncludeKeyMaterial": "ALL_KEY_MATERIAL" })).await;
    let listed = listed.body["Rotations"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["KeyMaterialId"], first.as_str());
    assert_eq!(listed[0]["ImportState"], "PENDING_IMPORT");
    importer.import(&[1; 32], json!({})).await;
    assert_eq!(importer.metadata().await["KeyState"], "Enabled");
}

#[tokio::test]
async fn new_material_is_rotated_to_and_then_missed_like_the_first() {
    let importer = &Importer::new(json!({})).await;
    let encrypt = || async {
        importer.call("Encrypt", json!({ "Plaintext": "QUJD" })).await.body["CiphertextBlob"].clone()
    };
    let decrypt = |blob: Value| async move {
        let answer = importer.trent.call("Decrypt", &json!({ "CiphertextBlob": blob })).await.unwrap();
        (answer.text("/Plaintext"), answer.text("/KeyMaterialId"))
    };
    let first = importer.import(&[1; 32], json!({})).await.text("/KeyMaterialId");
    let before = encrypt().await;
    let nothing = importer.call("RotateKeyOnDemand", json!({})).await;
    let text = format!("No available key material pending rotation for the key: {}.", importer.key);
    assert_eq!(refusal(&nothing), (Some("KMSInvalidStateException"), Some(&*text)));
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL" });
    let second = importer.import(&[2; 32], new).await.text("/KeyMaterialId");
    assert_eq!(importer.call("RotateKeyOnDemand", json!({})).await.status, 200);
    assert_eq!(importer.metadata().await["CurrentKeyMaterialId"], second.as_str());
    let after = encrypt().await;
    let opened = |id: &str| ("QUJD".to_owned(), id.to_owned());
    let both = || async { (decrypt(before.clone()).await, decrypt(after.clone()).await) };
    assert_eq!(both().await, (opened(&first), opened(&second)));
    for (id, material) in [(&first, [1; 32]), (&second, [2; 32])] {
        importer.call("DeleteImportedKeyMaterial", json!({ "KeyMaterialId": id })).await;
        assert_eq!(importer.metadata().await["KeyState"], "PendingImport");
        assert_eq!(decrypt(after.clone()).await, (String::new(), String::new()));
        importer.import(&material, json!({ "KeyMaterialId": id })).await;
        assert_eq!(both().await, (opened(&first), opened(&second)));
    }
}

#[tokio::test]
async fn material_that_expired_is_not_rotated_to() {
    let importer = Importer::new(json!({})).await;
    importer.import(&[1; 32], json!({})).await;
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL", "ValidTo": importer.seconds_from_now(DAY) });
    importer.import(&[2; 32], new).await;
    importer.trent.clock.advance(DAY);
    let nothing = importer.call("RotateKeyOnDemand", json!({})).await;
    assert_eq!(nothing.error(), Some("KMSInvalidStateException"));
    assert_eq!(importer.metadata().await["KeyState"], "Enabled");
}
