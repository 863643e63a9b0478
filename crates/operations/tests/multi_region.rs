//! Related keys in several Regions, under a clock that tests move.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::Arc;

use serde_json::{Value, json};
use trent_domain::{Deletion, Path, PathRange};
use trent_engine::{Changes, Clock as _, CommitError, Event, Family, Json, KeyEntry, Store as _, encode};
use trent_testkit::{ACCOUNT, Answer, REGION as HOME, Trent, wrapped};

const DAY: i64 = 86_400;
const WEST: &str = "eu-west-1";
const SOUTH: &str = "ap-south-1";
const EVERYWHERE: [&str; 3] = [HOME, WEST, SOUTH];

async fn start() -> Trent {
    Trent::start_in(&EVERYWHERE).await.unwrap()
}

async fn ask(trent: &Trent, region: &str, operation: &str, key: &str, more: Value) -> Answer {
    let mut input = json!({ "KeyId": key });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    trent.call_in(region, operation, &input).await.unwrap()
}

async fn done(trent: &Trent, region: &str, operation: &str, key: &str, more: Value) -> Value {
    let answer = ask(trent, region, operation, key, more).await;
    assert_eq!(answer.status, 200, "{operation} in {region}: {answer:?}");
    answer.body
}

async fn refused(trent: &Trent, region: &str, operation: &str, key: &str, more: Value) -> (String, String) {
    let answer = ask(trent, region, operation, key, more).await;
    let error = answer.error().unwrap_or_else(|| panic!("{operation} in {region} went through"));
    (error.to_owned(), answer.message().unwrap_or_default().to_owned())
}

fn error(code: &str, message: String) -> (String, String) {
    (code.to_owned(), message)
}

/// A primary key at home, by id.
async fn primary(trent: &Trent, create: Value) -> String {
    let mut input = json!({ "MultiRegion": true });
    input.as_object_mut().unwrap().extend(create.as_object().unwrap().clone());
    trent.call("CreateKey", &input).await.unwrap().text("/KeyMetadata/KeyId")
}

async fn replicate(trent: &Trent, key: &str, regions: &[&str]) {
    for region in regions {
        done(trent, HOME, "ReplicateKey", key, json!({ "ReplicaRegion": region })).await;
    }
    trent.clock.advance(1);
}

/// A primary key at home and a replica in each of the other Regions.
async fn everywhere(trent: &Trent, create: Value) -> String {
    let key = primary(trent, create).await;
    replicate(trent, &key, &[WEST, SOUTH]).await;
    key
}

async fn metadata(trent: &Trent, region: &str, key: &str) -> Value {
    done(trent, region, "DescribeKey", key, json!({})).await["KeyMetadata"].clone()
}

async fn state(trent: &Trent, region: &str, key: &str) -> String {
    metadata(trent, region, key).await["KeyState"].as_str().unwrap().to_owned()
}

async fn states(trent: &Trent, key: &str) -> [String; 3] {
    [state(trent, HOME, key).await, state(trent, WEST, key).await, state(trent, SOUTH, key).await]
}

async fn encrypt(trent: &Trent, region: &str, key: &str) -> Value {
    done(trent, region, "Encrypt", key, json!({ "Plaintext": "QUJD" })).await["CiphertextBlob"].clone()
}

/// The id of the material that `blob` was made with, having opened it in every Region.
async fn decrypt(trent: &Trent, regions: &[&str], blob: &Value) -> String {
    let mut materials = Vec::new();
    for region in regions {
        let answer = trent.call_in(region, "Decrypt", &json!({ "CiphertextBlob": blob })).await.unwrap();
        assert_eq!(answer.body["Plaintext"], "QUJD", "{region}: {answer:?}");
        materials.push(answer.text("/KeyMaterialId"));
    }
    materials.dedup();
    assert_eq!(materials.len(), 1);
    materials.remove(0)
}

async fn rotations(trent: &Trent, region: &str, key: &str) -> Vec<Value> {
    let all = json!({ "IncludeKeyMaterial": "ALL_KEY_MATERIAL" });
    let listed = done(trent, region, "ListKeyRotations", key, all).await;
    listed["Rotations"].as_array().unwrap().clone()
}

/// Where the last material of a key stands, by state and import.
async fn last(trent: &Trent, region: &str, key: &str) -> (String, String) {
    let last = rotations(trent, region, key).await.pop().unwrap();
    let text = |member: &str| last[member].as_str().unwrap_or_default().to_owned();
    (text("KeyMaterialState"), text("ImportState"))
}

async fn import(trent: &Trent, region: &str, key: &str, material: u8, more: Value) -> Answer {
    let how = json!({ "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2" });
    let parameters = ask(trent, region, "GetParametersForImport", key, how).await;
    let mut input = wrapped(&parameters, &[material; 32]).unwrap();
    if more.get("ValidTo").is_none() {
        input["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE".into();
    }
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(trent, region, "ImportKeyMaterial", key, input).await
}

fn arn(region: &str, key: &str) -> String {
    format!("arn:aws:kms:{region}:{ACCOUNT}:key/{key}")
}

fn parsed(json: Option<&Json>) -> Value {
    json.map_or(Value::Null, |json| serde_json::from_str(&json.0).unwrap())
}

fn told(events: &[Event]) -> Vec<(&str, &str)> {
    events.iter().map(|event| (event.name, event.region.as_ref().unwrap().as_str())).collect()
}

fn path(region: &str, key: &str) -> Path {
    Path::key(ACCOUNT.parse().unwrap(), &region.parse().unwrap(), &key.parse().unwrap())
}

async fn stored(trent: &Trent, region: &str, key: &str) -> Arc<KeyEntry> {
    trent.records.get(&path(region, key)).await.unwrap().unwrap()
}

/// Every path of the store that has `text` in it.
async fn paths_with(trent: &Trent, text: &str) -> Vec<String> {
    let all = trent.store.scan(&PathRange::all(), 100_000).await.unwrap();
    let paths = all.iter().map(|stored| stored.path.as_str().to_owned());
    paths.filter(|path| path.contains(text)).collect()
}

#[tokio::test]
async fn a_replica_shares_what_makes_it_interoperable_and_nothing_else() {
    let trent = start().await;
    let tags = json!([{ "TagKey": "a", "TagValue": "b" }]);
    let key = primary(&trent, json!({ "Description": "mine", "Tags": tags })).await;
    assert!(key.starts_with("mrk-") && key.len() == 36);
    let before = metadata(&trent, HOME, &key).await;
    let home = json!({ "Arn": arn(HOME, &key), "Region": HOME });
    assert_eq!(
        before["MultiRegionConfiguration"],
        json!({ "MultiRegionKeyType": "PRIMARY", "PrimaryKey": home, "ReplicaKeys": [] })
    );
    trent.clock.advance(100);
    let answer = done(&trent, HOME, "ReplicateKey", &key, json!({ "ReplicaRegion": WEST })).await;
    let west = json!({ "Arn": arn(WEST, &key), "Region": WEST });
    let shown = &answer["ReplicaKeyMetadata"];
    assert_eq!(
        shown["MultiRegionConfiguration"],
        json!({ "MultiRegionKeyType": "REPLICA", "PrimaryKey": home, "ReplicaKeys": [west] })
    );
    assert_eq!((&shown["Arn"], &shown["KeyId"]), (&json!(arn(WEST, &key)), &json!(key)));
    assert_eq!((&shown["KeyState"], &shown["Enabled"]), (&json!("Creating"), &json!(false)));
    assert_eq!((&shown["Description"], shown.get("CurrentKeyMaterialId")), (&json!(""), None));
    assert_eq!(shown["CreationDate"].as_f64().unwrap(), before["CreationDate"].as_f64().unwrap() + 100.0);
    assert_eq!(answer["ReplicaTags"], json!([]));
    let policy = done(&trent, WEST, "GetKeyPolicy", &key, json!({})).await["Policy"].clone();
    assert_eq!(answer["ReplicaPolicy"], policy);
    // For a moment it can be managed but not used.
    let creating = error("KMSInvalidStateException", format!("{} is creating.", arn(WEST, &key)));
    assert_eq!(refused(&trent, WEST, "Encrypt", &key, json!({ "Plaintext": "QUJD" })).await, creating);
    assert_eq!(refused(&trent, WEST, "EnableKey", &key, json!({})).await, creating);
    done(&trent, WEST, "UpdateKeyDescription", &key, json!({ "Description": "other" })).await;
    trent.clock.advance(1);
    let replica = metadata(&trent, WEST, &key).await;
    assert_eq!((&replica["KeyState"], &replica["Description"]), (&json!("Enabled"), &json!("other")));
    let after = metadata(&trent, HOME, &key).await;
    assert_eq!(replica["CurrentKeyMaterialId"], after["CurrentKeyMaterialId"]);
    assert_eq!(after["MultiRegionConfiguration"]["ReplicaKeys"], json!([west]));
    assert_eq!((&after["Description"], &after["KeyState"]), (&json!("mine"), &json!("Enabled")));
    let listed = done(&trent, WEST, "ListResourceTags", &key, json!({})).await;
    assert_eq!(listed["Tags"], json!([]));
    // Enabled or not is each key's own matter.
    done(&trent, HOME, "DisableKey", &key, json!({})).await;
    let blob = encrypt(&trent, WEST, &key).await;
    done(&trent, HOME, "EnableKey", &key, json!({})).await;
    decrypt(&trent, &[HOME, WEST], &blob).await;
    // Other Regions' ARNs are not followed, though there is a key of that name here.
    let elsewhere = error("NotFoundException", format!("Invalid arn {HOME}"));
    assert_eq!(refused(&trent, WEST, "DescribeKey", &arn(HOME, &key), json!({})).await, elsewhere);
}

#[tokio::test]
async fn what_cannot_be_replicated_is_refused() {
    let trent = start().await;
    let (single, key) = (trent.create_key().await.unwrap(), primary(&trent, json!({})).await);
    let not_primary = |arn: &str| {
        error("UnsupportedOperationException", format!("{arn} is not a multi-region primary key."))
    };
    let into = |region: &str| json!({ "ReplicaRegion": region });
    assert_eq!(refused(&trent, HOME, "ReplicateKey", &single, into(WEST)).await, not_primary(&single));
    replicate(&trent, &key, &[WEST]).await;
    let replica = arn(WEST, &key);
    assert_eq!(refused(&trent, WEST, "ReplicateKey", &key, into(SOUTH)).await, not_primary(&replica));
    for region in [HOME, WEST] {
        let (code, message) = refused(&trent, HOME, "ReplicateKey", &key, into(region)).await;
        assert_eq!(
            (code.as_str(), message),
            ("AlreadyExistsException", format!("{} already exists.", arn(region, &key)))
        );
    }
    for region in ["us-west-2", "cn-north-1"] {
        let (code, _) = refused(&trent, HOME, "ReplicateKey", &key, into(region)).await;
        assert_eq!(code, "ValidationException", "{region}");
    }
    let (code, _) = refused(&trent, HOME, "ReplicateKey", &key, into("nowhere")).await;
    assert_eq!(code, "ValidationException");
    let locked_out = json!({ "ReplicaRegion": SOUTH, "Policy": r#"{"Statement":[]}"# });
    let (code, _) = refused(&trent, HOME, "ReplicateKey", &key, locked_out).await;
    assert_eq!(code, "MalformedPolicyDocumentException");
    let twice = json!([{ "TagKey": "a", "TagValue": "b" }, { "TagKey": "a", "TagValue": "c" }]);
    let (code, _) =
        refused(&trent, HOME, "ReplicateKey", &key, json!({ "ReplicaRegion": SOUTH, "Tags": twice })).await;
    assert_eq!(code, "TagException");
    // Not even the Region of a replica that is about to be deleted is free, until it is gone.
    done(&trent, WEST, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
    let taken = refused(&trent, HOME, "ReplicateKey", &key, into(WEST)).await;
    assert_eq!(taken.0, "AlreadyExistsException");
    trent.pass(7 * DAY).await.unwrap();
    done(&trent, HOME, "ReplicateKey", &key, into(WEST)).await;
    assert_eq!(state(&trent, WEST, &key).await, "Creating");
}

#[tokio::test]
async fn replicas_take_part_in_every_rotation() {
    let trent = start().await;
    let key = primary(&trent, json!({})).await;
    replicate(&trent, &key, &[WEST]).await;
    let mut blobs = vec![encrypt(&trent, HOME, &key).await];
    done(&trent, HOME, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    let status = done(&trent, WEST, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(status, done(&trent, HOME, "GetKeyRotationStatus", &key, json!({})).await);
    assert_eq!(status["KeyRotationEnabled"], true);
    let due = paths_with(&trent, "/due/").await;
    assert!(due.len() == 1 && due[0].contains(HOME), "{due:?}");
    let refusal = error(
        "UnsupportedOperationException",
        format!("{} is not a multi-region primary key.", arn(WEST, &key)),
    );
    for operation in ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand"] {
        assert_eq!(refused(&trent, WEST, operation, &key, json!({})).await, refusal, "{operation}");
    }
    // A disabled replica is given the material all the same.
    done(&trent, WEST, "DisableKey", &key, json!({})).await;
    trent.audit.clear();
    trent.pass(90 * DAY).await.unwrap();
    let events = trent.audit.take();
    assert_eq!(told(&events), [("RotateKey", HOME), ("SynchronizeMultiRegionKey", HOME)]);
    let synchronized = &events[1];
    assert_eq!(&*synchronized.resources[0].arn, arn(HOME, &key));
    assert_eq!(parsed(synchronized.response.as_ref()), json!({ "keyId": arn(HOME, &key) }));
    assert!(synchronized.service.as_ref().unwrap().is_call && !synchronized.request_id.is_nil());
    done(&trent, WEST, "EnableKey", &key, json!({})).await;
    blobs.push(encrypt(&trent, WEST, &key).await);
    trent.audit.clear();
    done(&trent, HOME, "RotateKeyOnDemand", &key, json!({})).await;
    assert_eq!(
        told(&trent.audit.take()),
        [("RotateKeyOnDemand", HOME), ("RotateKey", HOME), ("SynchronizeMultiRegionKey", HOME)]
    );
    // A replica that comes later has all of them, the first as well.
    replicate(&trent, &key, &[SOUTH]).await;
    blobs.push(encrypt(&trent, SOUTH, &key).await);
    let mut materials = Vec::new();
    for blob in &blobs {
        materials.push(decrypt(&trent, &EVERYWHERE, blob).await);
    }
    let listed = rotations(&trent, HOME, &key).await;
    let ids: Vec<&str> = listed.iter().map(|entry| entry["KeyMaterialId"].as_str().unwrap()).collect();
    assert_eq!(ids, materials);
    for region in EVERYWHERE {
        assert_eq!(rotations(&trent, region, &key).await, listed);
    }
    done(&trent, HOME, "DisableKeyRotation", &key, json!({})).await;
    for region in EVERYWHERE {
        let status = done(&trent, region, "GetKeyRotationStatus", &key, json!({})).await;
        assert_eq!(status["KeyRotationEnabled"], false);
    }
}

#[tokio::test]
async fn another_key_becomes_the_primary_one() {
    let trent = start().await;
    let key = everywhere(&trent, json!({})).await;
    done(&trent, HOME, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 100 })).await;
    let blob = encrypt(&trent, HOME, &key).await;
    trent.audit.clear();
    let to = |region: &str| json!({ "PrimaryRegion": region });
    done(&trent, HOME, "UpdatePrimaryRegion", &arn(HOME, &key), to(WEST)).await;
    let events = trent.audit.take();
    assert_eq!(told(&events), [("UpdatePrimaryRegion", HOME), ("UpdatePrimaryRegion", WEST)]);
    let [first, second] = &events[..] else { panic!("two events") };
    assert_eq!((first.request_id, &first.principal), (second.request_id, &second.principal));
    assert_ne!(first.id, second.id);
    assert_eq!((first.invoked_by, second.invoked_by), (None, Some("kms.amazonaws.com")));
    assert_eq!((first.resources.len(), second.resources.len()), (1, 0));
    assert_eq!(&*first.resources[0].arn, arn(HOME, &key));
    let new_primary = arn(WEST, &key);
    assert_eq!(parsed(second.parameters.as_ref()), json!({ "keyId": new_primary, "primaryRegion": WEST }));
    assert_eq!(parsed(second.response.as_ref()), json!({ "keyId": new_primary }));
    assert_eq!(parsed(first.response.as_ref()), json!({ "keyId": arn(HOME, &key) }));
    // Both are updating for a moment, and can be used meanwhile.
    assert_eq!(states(&trent, &key).await, ["Updating", "Updating", "Enabled"]);
    decrypt(&trent, &EVERYWHERE, &blob).await;
    for region in [HOME, WEST] {
        let updating = error("KMSInvalidStateException", format!("{} is updating.", arn(region, &key)));
        for operation in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
            assert_eq!(refused(&trent, region, operation, &key, json!({})).await, updating, "{operation}");
        }
    }
    trent.clock.advance(1);
    assert_eq!(states(&trent, &key).await, ["Enabled"; 3]);
    let replicas = json!([
        { "Arn": arn(SOUTH, &key), "Region": SOUTH }, { "Arn": arn(HOME, &key), "Region": HOME },
    ]);
    for (region, kind) in [(HOME, "REPLICA"), (WEST, "PRIMARY"), (SOUTH, "REPLICA")] {
        let shown = metadata(&trent, region, &key).await["MultiRegionConfiguration"].clone();
        let primary = json!({ "Arn": new_primary, "Region": WEST });
        let expected = json!({ "MultiRegionKeyType": kind, "PrimaryKey": primary, "ReplicaKeys": replicas });
        assert_eq!(shown, expected);
    }
    // The schedule went along.
    let due = paths_with(&trent, "/due/").await;
    assert!(due.len() == 1 && due[0].contains(WEST), "{due:?}");
    trent.audit.clear();
    trent.pass(100 * DAY).await.unwrap();
    assert_eq!(told(&trent.audit.take()), [("RotateKey", WEST), ("SynchronizeMultiRegionKey", WEST)]);
    let blob = encrypt(&trent, HOME, &key).await;
    decrypt(&trent, &EVERYWHERE, &blob).await;
    done(&trent, WEST, "RotateKeyOnDemand", &key, json!({})).await;
    done(&trent, WEST, "UpdatePrimaryRegion", &key, to(HOME)).await;
    assert_eq!(
        metadata(&trent, HOME, &key).await["MultiRegionConfiguration"]["MultiRegionKeyType"],
        "PRIMARY"
    );
}

#[tokio::test]
async fn only_an_enabled_replica_becomes_primary() {
    let trent = start().await;
    let key = primary(&trent, json!({})).await;
    let to = |region: &str| json!({ "PrimaryRegion": region });
    let update = async |region, to| refused(&trent, region, "UpdatePrimaryRegion", &key, to).await;
    for region in [HOME, WEST, "us-west-2"] {
        let none =
            error("NotFoundException", format!("{} has no replica in Region {region}.", arn(HOME, &key)));
        assert_eq!(update(HOME, to(region)).await, none);
    }
    done(&trent, HOME, "ReplicateKey", &key, json!({ "ReplicaRegion": WEST })).await;
    let creating = error("KMSInvalidStateException", format!("{} is creating.", arn(WEST, &key)));
    assert_eq!(update(HOME, to(WEST)).await, creating);
    trent.clock.advance(1);
    let not_primary = format!("{} is not a multi-region primary key.", arn(WEST, &key));
    assert_eq!(update(WEST, to(HOME)).await, error("UnsupportedOperationException", not_primary));
    let single = trent.create_key().await.unwrap();
    let (code, _) = refused(&trent, HOME, "UpdatePrimaryRegion", &single, to(WEST)).await;
    assert_eq!(code, "UnsupportedOperationException");
    for disabled in [HOME, WEST] {
        done(&trent, disabled, "DisableKey", &key, json!({})).await;
        let refusal = error("DisabledException", format!("{} is disabled.", arn(disabled, &key)));
        assert_eq!(update(HOME, to(WEST)).await, refusal);
        done(&trent, disabled, "EnableKey", &key, json!({})).await;
    }
    done(&trent, WEST, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
    let pending = error("KMSInvalidStateException", format!("{} is pending deletion.", arn(WEST, &key)));
    assert_eq!(update(HOME, to(WEST)).await, pending);
    // From its date on there is none, whatever is still to be done about it.
    trent.clock.advance(7 * DAY);
    assert_eq!(update(HOME, to(WEST)).await.0, "NotFoundException");
}

#[tokio::test]
async fn replication_is_told_of_in_both_regions() {
    let trent = start().await;
    let key = primary(&trent, json!({})).await;
    trent.audit.clear();
    let more = json!({
        "ReplicaRegion": WEST, "Description": "there", "Tags": [{ "TagKey": "a", "TagValue": "b" }],
    });
    done(&trent, HOME, "ReplicateKey", &key, more).await;
    let events = trent.audit.take();
    assert_eq!(told(&events), [("ReplicateKey", HOME), ("CreateKey", WEST)]);
    let [replicated, created] = &events[..] else { panic!("two events") };
    assert_eq!(
        parsed(replicated.parameters.as_ref()),
        json!({
            "keyId": key, "replicaRegion": WEST, "bypassPolicyLockoutSafetyCheck": false,
            "description": "there", "tags": [{ "tagKey": "a", "tagValue": "b" }],
        })
    );
    let response = parsed(replicated.response.as_ref());
    let shown = &response["replicaKeyMetadata"];
    assert_eq!(
        (&shown["keyState"], &shown["creationDate"]),
        (&json!("Creating"), &json!("Jan 1, 2026, 12:00:00 AM"))
    );
    assert_eq!(shown["multiRegionConfiguration"]["primaryKey"]["arn"], arn(HOME, &key));
    assert!(response["replicaPolicy"].as_str().unwrap().contains("key-default-1"));
    assert_eq!((replicated.resources.len(), &*replicated.resources[0].arn), (1, &*arn(HOME, &key)));
    assert_eq!((replicated.request_id, created.invoked_by), (created.request_id, Some("kms.amazonaws.com")));
    assert_eq!((created.resources.len(), &*created.resources[0].arn), (1, &*arn(WEST, &key)));
    assert_eq!(parsed(created.parameters.as_ref())["multiRegion"], true);
    assert_eq!(parsed(created.response.as_ref())["keyMetadata"]["arn"], arn(WEST, &key));
    // A refused one is told of where it was asked.
    done(&trent, HOME, "DisableKey", &key, json!({})).await;
    trent.audit.clear();
    refused(&trent, HOME, "ReplicateKey", &key, json!({ "ReplicaRegion": SOUTH })).await;
    assert_eq!(told(&trent.audit.take()), [("ReplicateKey", HOME)]);
}

#[tokio::test]
async fn imported_material_is_brought_to_each_region() {
    let trent = start().await;
    let key = primary(&trent, json!({ "Origin": "EXTERNAL" })).await;
    let waiting = error("KMSInvalidStateException", format!("{} is pending import.", arn(HOME, &key)));
    let into = json!({ "ReplicaRegion": WEST });
    assert_eq!(refused(&trent, HOME, "ReplicateKey", &key, into).await, waiting);
    let first = import(&trent, HOME, &key, 1, json!({ "KeyMaterialDescription": "first" })).await;
    replicate(&trent, &key, &[WEST]).await;
    assert_eq!(state(&trent, WEST, &key).await, "PendingImport");
    assert_eq!(last(&trent, WEST, &key).await, ("CURRENT".to_owned(), "PENDING_IMPORT".to_owned()));
    assert_eq!(rotations(&trent, WEST, &key).await[0]["KeyMaterialDescription"], "first");
    assert_eq!(paths_with(&trent, &format!("{WEST}/material/")).await.len(), 0);
    // Only the primary key's material, and not as new material.
    let other = import(&trent, WEST, &key, 2, json!({})).await;
    assert_eq!(other.error(), Some("IncorrectKeyMaterialException"));
    let new = import(&trent, WEST, &key, 1, json!({ "ImportType": "NEW_KEY_MATERIAL" })).await;
    let not_primary = format!("{} is not a multi-region primary key.", arn(WEST, &key));
    assert_eq!((new.error(), new.message()), (Some("UnsupportedOperationException"), Some(&*not_primary)));
    // Parameters are good for the key of one Region.
    let how = json!({ "WrappingAlgorithm": "SM2PKE", "WrappingKeySpec": "SM2" });
    let parameters = ask(&trent, HOME, "GetParametersForImport", &key, how).await;
    let mut input = wrapped(&parameters, &[1; 32]).unwrap();
    input["ExpirationModel"] = "KEY_MATERIAL_DOES_NOT_EXPIRE".into();
    let (code, _) = refused(&trent, WEST, "ImportKeyMaterial", &key, input).await;
    assert_eq!(code, "InvalidImportTokenException");
    // Its expiry is the replica's own.
    let valid_to = trent.clock.now().as_second() + DAY;
    let again = import(&trent, WEST, &key, 1, json!({ "ValidTo": valid_to })).await;
    assert_eq!(again.text("/KeyMaterialId"), first.text("/KeyMaterialId"));
    assert_eq!(metadata(&trent, WEST, &key).await["ExpirationModel"], "KEY_MATERIAL_EXPIRES");
    assert_eq!(metadata(&trent, HOME, &key).await["ExpirationModel"], "KEY_MATERIAL_DOES_NOT_EXPIRE");
    let blob = encrypt(&trent, WEST, &key).await;
    decrypt(&trent, &[HOME, WEST], &blob).await;
    trent.audit.clear();
    trent.pass(DAY).await.unwrap();
    assert_eq!(told(&trent.audit.take()), [("DeleteExpiredKeyMaterial", WEST)]);
    assert_eq!(state(&trent, WEST, &key).await, "PendingImport");
    decrypt(&trent, &[HOME], &blob).await;
    import(&trent, WEST, &key, 1, json!({})).await;
    done(&trent, HOME, "DeleteImportedKeyMaterial", &key, json!({})).await;
    assert_eq!(state(&trent, HOME, &key).await, "PendingImport");
    decrypt(&trent, &[WEST], &blob).await;
}

#[tokio::test]
async fn new_material_is_rotated_to_when_every_region_has_it() {
    let trent = start().await;
    let key = primary(&trent, json!({ "Origin": "EXTERNAL" })).await;
    import(&trent, HOME, &key, 1, json!({})).await;
    replicate(&trent, &key, &[WEST, SOUTH]).await;
    for region in [WEST, SOUTH] {
        import(&trent, region, &key, 1, json!({})).await;
    }
    trent.audit.clear();
    let new = json!({ "ImportType": "NEW_KEY_MATERIAL", "KeyMaterialDescription": "second" });
    assert_eq!(import(&trent, HOME, &key, 2, new).await.status, 200);
    assert_eq!(told(&trent.audit.take()).last(), Some(&("SynchronizeMultiRegionKey", HOME)));
    let everywhere = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION";
    let standing = |state: &str, import: &str| (state.to_owned(), import.to_owned());
    assert_eq!(last(&trent, HOME, &key).await, standing(everywhere, "IMPORTED"));
    assert_eq!(last(&trent, WEST, &key).await, standing(everywhere, "PENDING_IMPORT"));
    assert_eq!(states(&trent, &key).await, ["Enabled"; 3]);
    let nothing = format!("No available key material pending rotation for the key: {}.", arn(HOME, &key));
    let nothing = error("KMSInvalidStateException", nothing);
    assert_eq!(refused(&trent, HOME, "RotateKeyOnDemand", &key, json!({})).await, nothing);
    assert_eq!(import(&trent, WEST, &key, 2, json!({})).await.status, 200);
    assert_eq!(last(&trent, WEST, &key).await, standing(everywhere, "IMPORTED"));
    assert_eq!(refused(&trent, HOME, "RotateKeyOnDemand", &key, json!({})).await, nothing);
    // A replica that gives it up concerns that replica alone.
    let id = rotations(&trent, WEST, &key).await[1]["KeyMaterialId"].clone();
    let named = json!({ "KeyMaterialId": id });
    done(&trent, WEST, "DeleteImportedKeyMaterial", &key, named.clone()).await;
    assert_eq!(last(&trent, WEST, &key).await, standing(everywhere, "PENDING_IMPORT"));
    assert_eq!(last(&trent, HOME, &key).await, standing(everywhere, "IMPORTED"));
    for region in [WEST, SOUTH] {
        let existing = json!({ "ImportType": "EXISTING_KEY_MATERIAL" });
        assert_eq!(import(&trent, region, &key, 2, existing).await.status, 200);
    }
    for region in EVERYWHERE {
        assert_eq!(last(&trent, region, &key).await, standing("PENDING_ROTATION", "IMPORTED"));
    }
    let old = encrypt(&trent, SOUTH, &key).await;
    done(&trent, HOME, "RotateKeyOnDemand", &key, json!({})).await;
    for region in EVERYWHERE {
        let listed = rotations(&trent, region, &key).await;
        assert_eq!((&listed[1]["KeyMaterialId"], &listed[1]["KeyMaterialState"]), (&id, &json!("CURRENT")));
        assert_eq!(listed[1]["KeyMaterialDescription"], "second");
        let fresh = encrypt(&trent, region, &key).await;
        assert_eq!(decrypt(&trent, &EVERYWHERE, &fresh).await, id.as_str().unwrap());
    }
    decrypt(&trent, &EVERYWHERE, &old).await;
    // One of two materials deleted makes a replica wait, and no other key.
    done(&trent, SOUTH, "DeleteImportedKeyMaterial", &key, named).await;
    assert_eq!(states(&trent, &key).await, ["Enabled", "Enabled", "PendingImport"]);
}

#[tokio::test]
async fn the_primary_gives_new_material_up_for_all() {
    let trent = start().await;
    let key = primary(&trent, json!({ "Origin": "EXTERNAL" })).await;
    import(&trent, HOME, &key, 1, json!({})).await;
    replicate(&trent, &key, &[WEST]).await;
    import(&trent, WEST, &key, 1, json!({})).await;
    let stored = format!("{WEST}/material/");
    for expires in [false, true] {
        let valid_to = trent.clock.now().as_second() + DAY;
        let new = if expires { json!({ "ValidTo": valid_to }) } else { json!({}) };
        let mut new = new;
        new["ImportType"] = "NEW_KEY_MATERIAL".into();
        let id = import(&trent, HOME, &key, 2, new).await.text("/KeyMaterialId");
        import(&trent, WEST, &key, 2, json!({})).await;
        assert_eq!(paths_with(&trent, &stored).await.len(), 2);
        if expires {
            trent.pass(DAY).await.unwrap();
        } else {
            let named = json!({ "KeyMaterialId": id });
            done(&trent, HOME, "DeleteImportedKeyMaterial", &key, named).await;
        }
        assert_eq!(paths_with(&trent, &stored).await.len(), 1);
        assert_eq!(rotations(&trent, WEST, &key).await.len(), 1);
        assert_eq!(
            (state(&trent, HOME, &key).await, state(&trent, WEST, &key).await),
            ("Enabled".into(), "Enabled".into())
        );
    }
}

#[tokio::test]
async fn a_new_primary_without_the_pending_material_waits_for_it() {
    let trent = start().await;
    let key = primary(&trent, json!({ "Origin": "EXTERNAL" })).await;
    import(&trent, HOME, &key, 1, json!({})).await;
    replicate(&trent, &key, &[WEST]).await;
    import(&trent, WEST, &key, 1, json!({})).await;
    let id = import(&trent, HOME, &key, 2, json!({ "ImportType": "NEW_KEY_MATERIAL" })).await;
    done(&trent, HOME, "UpdatePrimaryRegion", &key, json!({ "PrimaryRegion": WEST })).await;
    trent.clock.advance(1);
    let everywhere = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION".to_owned();
    assert_eq!(last(&trent, WEST, &key).await, (everywhere, "PENDING_IMPORT".to_owned()));
    let third = import(&trent, WEST, &key, 3, json!({ "ImportType": "NEW_KEY_MATERIAL" })).await;
    assert_eq!(third.error(), Some("KMSInvalidStateException"));
    // A ciphertext that names it opens nowhere, and is no fault of ours where it is missing.
    let blob = encrypt(&trent, WEST, &key).await;
    import(&trent, WEST, &key, 2, json!({})).await;
    assert_eq!(last(&trent, HOME, &key).await.0, "PENDING_ROTATION");
    done(&trent, WEST, "RotateKeyOnDemand", &key, json!({})).await;
    let fresh = encrypt(&trent, HOME, &key).await;
    assert_eq!(decrypt(&trent, &[HOME, WEST], &fresh).await, id.text("/KeyMaterialId"));
    decrypt(&trent, &[HOME, WEST], &blob).await;
}

#[tokio::test]
async fn a_primary_goes_after_its_replicas_whatever_their_order() {
    let trent = start().await;
    let key = everywhere(&trent, json!({})).await;
    let blob = encrypt(&trent, HOME, &key).await;
    let window = |days: u8| json!({ "PendingWindowInDays": days });
    trent.audit.clear();
    let answer = done(&trent, HOME, "ScheduleKeyDeletion", &key, window(9)).await;
    let expected =
        json!({ "KeyId": arn(HOME, &key), "KeyState": "PendingReplicaDeletion", "PendingWindowInDays": 9 });
    assert_eq!(answer, expected);
    let event = trent.audit.take().remove(0);
    let shown =
        json!({ "keyId": arn(HOME, &key), "keyState": "PendingReplicaDeletion", "pendingWindowInDays": 9 });
    assert_eq!(parsed(event.response.as_ref()), shown);
    let shown = metadata(&trent, HOME, &key).await;
    assert_eq!((&shown["PendingDeletionWindowInDays"], shown.get("DeletionDate")), (&json!(9), None));
    let pending = error("KMSInvalidStateException", format!("{} is pending deletion.", arn(HOME, &key)));
    for (operation, more) in
        [("Encrypt", json!({ "Plaintext": "QUJD" })), ("ReplicateKey", json!({ "ReplicaRegion": WEST }))]
    {
        assert_eq!(refused(&trent, HOME, operation, &key, more).await, pending);
    }
    // It waits for as long as there are replicas, which are used as ever.
    trent.pass(400 * DAY).await.unwrap();
    decrypt(&trent, &[WEST, SOUTH], &blob).await;
    done(&trent, SOUTH, "ScheduleKeyDeletion", &key, window(8)).await;
    done(&trent, WEST, "ScheduleKeyDeletion", &key, window(7)).await;
    trent.pass(7 * DAY).await.unwrap();
    let shown = metadata(&trent, HOME, &key).await;
    assert_eq!(shown["KeyState"], "PendingReplicaDeletion");
    assert_eq!(
        shown["MultiRegionConfiguration"]["ReplicaKeys"],
        json!([{ "Arn": arn(SOUTH, &key), "Region": SOUTH }])
    );
    assert_eq!(paths_with(&trent, &format!("{WEST}/")).await, Vec::<String>::new());
    trent.pass(DAY).await.unwrap();
    let shown = metadata(&trent, HOME, &key).await;
    assert_eq!(
        (&shown["KeyState"], shown.get("PendingDeletionWindowInDays")),
        (&json!("PendingDeletion"), None)
    );
    assert_eq!(shown["DeletionDate"].as_f64().unwrap(), (trent.clock.now().as_second() + 9 * DAY) as f64);
    trent.pass(9 * DAY - 1).await.unwrap();
    assert_eq!(state(&trent, HOME, &key).await, "PendingDeletion");
    trent.audit.clear();
    trent.pass(1).await.unwrap();
    assert_eq!(told(&trent.audit.take()), [("DeleteKey", HOME)]);
    assert_eq!(paths_with(&trent, &key).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_deletion_of_a_primary_can_be_called_off_while_it_waits_for_its_replicas() {
    let trent = start().await;
    let key = everywhere(&trent, json!({})).await;
    done(&trent, HOME, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    done(&trent, HOME, "ScheduleKeyDeletion", &key, json!({})).await;
    let status = done(&trent, HOME, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(status["KeyRotationEnabled"], false);
    done(&trent, HOME, "CancelKeyDeletion", &key, json!({})).await;
    let shown = metadata(&trent, HOME, &key).await;
    assert_eq!((&shown["KeyState"], shown.get("PendingDeletionWindowInDays")), (&json!("Disabled"), None));
    for region in [WEST, SOUTH] {
        done(&trent, region, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
    }
    trent.pass(7 * DAY).await.unwrap();
    let shown = metadata(&trent, HOME, &key).await;
    assert_eq!((&shown["KeyState"], shown.get("DeletionDate")), (&json!("Disabled"), None));
    done(&trent, HOME, "EnableKey", &key, json!({})).await;
    encrypt(&trent, HOME, &key).await;
}

#[tokio::test]
async fn a_replica_whose_deletion_was_cut_short_gets_no_material_any_more() {
    let trent = start().await;
    let key = everywhere(&trent, json!({})).await;
    done(&trent, WEST, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
    // The worker is killed behind its first step.
    trent.clock.advance(7 * DAY);
    let entry = stored(&trent, WEST, &key).await;
    let mut begun = entry.key.clone();
    begun.deletion = begun.deletion.map(|deletion| Deletion { begun: true, ..deletion });
    let mut changes = Changes::default();
    for material in &entry.key.materials {
        entry.delete_material(&material.id, &trent.records, &mut changes).await.unwrap();
    }
    changes.replace_key(&entry, begun).unwrap();
    trent.records.commit(changes).await.unwrap();
    let left = paths_with(&trent, &format!("{WEST}/")).await;
    assert!(left.len() == 2 && !left.iter().any(|path| path.contains("/material/")), "{left:?}");
    let taken = refused(&trent, HOME, "ReplicateKey", &key, json!({ "ReplicaRegion": WEST })).await;
    assert_eq!(taken.0, "AlreadyExistsException");
    done(&trent, HOME, "RotateKeyOnDemand", &key, json!({})).await;
    done(&trent, HOME, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
    done(&trent, HOME, "CancelKeyDeletion", &key, json!({})).await;
    done(&trent, HOME, "EnableKey", &key, json!({})).await;
    assert_eq!(paths_with(&trent, &format!("{WEST}/")).await, left);
    trent.pass(0).await.unwrap();
    assert_eq!(paths_with(&trent, &format!("{WEST}/")).await, Vec::<String>::new());
    // What is left of the family is whole, and a new replica there is like any other.
    replicate(&trent, &key, &[WEST]).await;
    let blob = encrypt(&trent, WEST, &key).await;
    decrypt(&trent, &EVERYWHERE, &blob).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_two_replicas_may_go_at_the_same_moment() {
    let trent = start().await;
    let mut keys = Vec::new();
    for _ in 0..16 {
        let key = everywhere(&trent, json!({})).await;
        for region in EVERYWHERE {
            done(&trent, region, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
        }
        keys.push(key);
    }
    // All in one round, and each told of once.
    trent.clock.advance(7 * DAY);
    trent.audit.clear();
    trent.pass(0).await.unwrap();
    assert_eq!(told(&trent.audit.take()).len(), 2 * keys.len());
    for key in &keys {
        assert_eq!(state(&trent, HOME, key).await, "PendingDeletion");
    }
    trent.pass(7 * DAY).await.unwrap();
    assert_eq!(paths_with(&trent, "mrk-").await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_happens_at_once_related_keys_stay_interoperable() {
    let trent = Arc::new(start().await);
    for _ in 0..8 {
        let key = primary(&trent, json!({})).await;
        let mut tasks = tokio::task::JoinSet::new();
        let mut at_once = |region: &'static str, operation: &'static str, more: Value| {
            let (trent, key) = (Arc::clone(&trent), key.clone());
            tasks.spawn(async move { (operation, ask(&trent, region, operation, &key, more).await) });
        };
        for region in [WEST, SOUTH, WEST, SOUTH] {
            at_once(HOME, "ReplicateKey", json!({ "ReplicaRegion": region }));
            at_once(HOME, "RotateKeyOnDemand", json!({}));
            at_once(HOME, "UpdateKeyDescription", json!({ "Description": region }));
        }
        at_once(HOME, "EnableKeyRotation", json!({}));
        let mut refusals = Vec::new();
        while let Some(done) = tasks.join_next().await {
            let (operation, answer) = done.unwrap();
            refusals.extend(answer.error().map(|error| (operation, error.to_owned())));
        }
        assert_eq!(
            refusals,
            [
                ("ReplicateKey", "AlreadyExistsException".to_owned()),
                ("ReplicateKey", "AlreadyExistsException".to_owned())
            ]
        );
        trent.clock.advance(1);
        let (listed, shown) = (rotations(&trent, HOME, &key).await, metadata(&trent, HOME, &key).await);
        assert_eq!(listed.len(), 5);
        for region in EVERYWHERE {
            assert_eq!(rotations(&trent, region, &key).await, listed);
            let there = metadata(&trent, region, &key).await;
            assert_eq!(
                there["MultiRegionConfiguration"]["ReplicaKeys"],
                shown["MultiRegionConfiguration"]["ReplicaKeys"]
            );
            assert_eq!(paths_with(&trent, &format!("{region}/material/{key}")).await.len(), 5);
            let blob = encrypt(&trent, region, &key).await;
            decrypt(&trent, &EVERYWHERE, &blob).await;
        }
    }
}

/// Records are cached one by one, so one may be older than another: a change must find that out.
#[tokio::test]
async fn a_change_goes_through_only_if_all_that_was_looked_at_is_as_it_was() {
    let trent = start().await;
    let key = everywhere(&trent, json!({})).await;
    let changed = async |family: &Family| {
        let mut after = family.own().key.clone();
        after.description.push('.');
        let mut changes = Changes::default();
        assert!(family.replace(after, &trent.records, &mut changes).await.unwrap().is_none());
        trent.records.commit(changes).await
    };
    let family = Family::of(&stored(&trent, HOME, &key).await, &trent.records).await.unwrap();
    changed(&family).await.unwrap();
    // A relative that the change leaves alone.
    let family = Family::of(&stored(&trent, HOME, &key).await, &trent.records).await.unwrap();
    done(&trent, WEST, "DisableKey", &key, json!({})).await;
    assert_eq!(changed(&family).await, Err(CommitError::Conflict(path(WEST, &key))));
    // One that was not there, and is there now.
    let gone = stored(&trent, SOUTH, &key).await;
    let mut changes = Changes::default();
    changes.delete(path(SOUTH, &key), gone.version);
    trent.records.commit(changes).await.unwrap();
    let family = Family::of(&stored(&trent, HOME, &key).await, &trent.records).await.unwrap();
    let mut changes = Changes::default();
    changes.create(path(SOUTH, &key), encode(&gone.key).unwrap());
    trent.records.commit(changes).await.unwrap();
    assert_eq!(changed(&family).await, Err(CommitError::Conflict(path(SOUTH, &key))));
}
