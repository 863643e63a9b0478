//! What happens to keys over time, under a clock that tests move.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::{AccountId, Deletion, Path, PathRange};
use trent_engine::{Changes, Clock as _, Event, Json, KeyEntry, Store as _, encode};
use trent_testkit::{ACCOUNT, Answer, REGION, Trent};

const DAY: i64 = 86_400;

async fn ask(trent: &Trent, operation: &str, key: &str, more: Value) -> Answer {
    let mut input = json!({ "KeyId": key });
    input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    trent.call(operation, &input).await.unwrap()
}

async fn done(trent: &Trent, operation: &str, key: &str, more: Value) -> Value {
    let answer = ask(trent, operation, key, more).await;
    assert_eq!(answer.status, 200, "{operation}: {answer:?}");
    answer.body
}

async fn refused(trent: &Trent, operation: &str, key: &str, more: Value) -> (String, String) {
    let answer = ask(trent, operation, key, more).await;
    let error = answer.error().unwrap_or_else(|| panic!("{operation} went through"));
    (error.to_owned(), answer.message().unwrap_or_default().to_owned())
}

async fn metadata(trent: &Trent, key: &str) -> Value {
    done(trent, "DescribeKey", key, json!({})).await["KeyMetadata"].clone()
}

async fn encrypt(trent: &Trent, key: &str) -> Value {
    done(trent, "Encrypt", key, json!({ "Plaintext": "QUJD" })).await["CiphertextBlob"].clone()
}

/// The id of the material that `blob` was made with, having opened it.
async fn decrypt(trent: &Trent, blob: &Value) -> String {
    let answer = trent.call("Decrypt", &json!({ "CiphertextBlob": blob })).await.unwrap();
    assert_eq!(answer.body["Plaintext"], "QUJD", "{answer:?}");
    answer.text("/KeyMaterialId")
}

async fn rotations(trent: &Trent, key: &str, which: &str) -> Vec<Value> {
    let listed = done(trent, "ListKeyRotations", key, json!({ "IncludeKeyMaterial": which })).await;
    assert_eq!(listed["Truncated"], false);
    listed["Rotations"].as_array().unwrap().clone()
}

fn service_events(trent: &Trent) -> Vec<Event> {
    trent.audit.take().into_iter().filter(|event| event.service.is_some()).collect()
}

fn parsed(json: Option<&Json>) -> Value {
    json.map_or(Value::Null, |json| serde_json::from_str(&json.0).unwrap())
}

fn seconds(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Every path of the store that has `text` in it.
async fn paths_with(trent: &Trent, text: &str) -> Vec<String> {
    let all = trent.store.scan(&PathRange::all(), 100_000).await.unwrap();
    let paths = all.iter().map(|stored| stored.path.as_str().to_owned());
    paths.filter(|path| path.contains(text)).collect()
}

fn id_of(arn: &str) -> &str {
    arn.rsplit_once('/').unwrap().1
}

#[tokio::test]
async fn keys_rotate_by_themselves_and_open_what_they_ever_made() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let start = seconds(&metadata(&trent, &key).await["CreationDate"]);
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    let status = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(
        status,
        json!({
            "KeyId": id_of(&key), "KeyRotationEnabled": true, "RotationPeriodInDays": 90,
            "NextRotationDate": start + 90.0 * 86_400.0,
        })
    );
    let mut made = Vec::new();
    for number in 1..=12 {
        made.push((
            encrypt(&trent, &key).await,
            metadata(&trent, &key).await["CurrentKeyMaterialId"].clone(),
        ));
        trent.audit.clear();
        trent.pass(90 * DAY - 1).await.unwrap();
        assert_eq!(service_events(&trent), []);
        trent.pass(1).await.unwrap();
        let events = service_events(&trent);
        let current = metadata(&trent, &key).await["CurrentKeyMaterialId"].clone();
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].name, "RotateKey");
        assert_eq!(&*events[0].resources[0].arn, key);
        assert_eq!(
            parsed(events[0].service.as_ref().unwrap().details.as_ref()),
            json!({
                "rotationType": "AUTOMATIC", "keyOrigin": "AWS_KMS", "keyId": id_of(&key),
                "previousKeyMaterialId": made.last().unwrap().1, "currentKeyMaterialId": current,
            })
        );
        let status = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
        let next = start + f64::from(number + 1) * 90.0 * 86_400.0;
        assert_eq!(seconds(&status["NextRotationDate"]), next);
        for (blob, material) in &made {
            assert_eq!(decrypt(&trent, blob).await, material.as_str().unwrap());
        }
        let fresh = encrypt(&trent, &key).await;
        assert_eq!(decrypt(&trent, &fresh).await, current.as_str().unwrap());
    }
    let listed = rotations(&trent, &key, "ROTATIONS_ONLY").await;
    assert_eq!(listed.len(), 12);
    assert_eq!(seconds(&listed[0]["RotationDate"]), start + 90.0 * 86_400.0);
    assert!(listed.iter().all(|entry| entry["RotationType"] == "AUTOMATIC"));
    let all = rotations(&trent, &key, "ALL_KEY_MATERIAL").await;
    assert_eq!(
        all[0],
        json!({ "KeyId": id_of(&key), "KeyMaterialId": made[0].1, "KeyMaterialState": "NON_CURRENT" })
    );
    let states: Vec<&str> = all.iter().map(|entry| entry["KeyMaterialState"].as_str().unwrap()).collect();
    assert_eq!((states.len(), states.iter().filter(|state| **state == "CURRENT").count()), (13, 1));
    assert_eq!(states.last(), Some(&"CURRENT"));
}

#[tokio::test]
async fn missed_rotations_are_made_up_for_by_one() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({})).await;
    let first = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(first["RotationPeriodInDays"], 365);
    // Nobody is there for three and a half years.
    trent.clock.advance(3 * 365 * DAY + 180 * DAY);
    let next = trent.worker.round().await.unwrap();
    assert_eq!(rotations(&trent, &key, "ROTATIONS_ONLY").await.len(), 1);
    let after = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    let expected = seconds(&first["NextRotationDate"]) + 3.0 * 365.0 * 86_400.0;
    assert_eq!(seconds(&after["NextRotationDate"]), expected);
    assert_eq!(next.unwrap().as_second() as f64, expected);
}

#[tokio::test]
async fn a_disabled_key_rotates_when_it_is_enabled_again() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 100 })).await;
    done(&trent, "DisableKey", &key, json!({})).await;
    assert_eq!(trent.pass(250 * DAY).await.unwrap(), None);
    assert_eq!(rotations(&trent, &key, "ROTATIONS_ONLY").await.len(), 0);
    let refusal = refused(&trent, "EnableKeyRotation", &key, json!({})).await;
    assert_eq!(refusal, ("DisabledException".to_owned(), format!("{key} is disabled.")));
    done(&trent, "EnableKey", &key, json!({})).await;
    trent.pass(0).await.unwrap();
    assert_eq!(rotations(&trent, &key, "ROTATIONS_ONLY").await.len(), 1);
    trent.pass(50 * DAY).await.unwrap();
    assert_eq!(rotations(&trent, &key, "ROTATIONS_ONLY").await.len(), 2);
}

#[tokio::test]
async fn rotation_ends_when_it_is_switched_off_and_starts_over_when_it_is_changed() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({})).await;
    trent.pass(300 * DAY).await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 2560 })).await;
    trent.pass(2559 * DAY).await.unwrap();
    assert_eq!(rotations(&trent, &key, "ALL_KEY_MATERIAL").await.len(), 1);
    trent.pass(DAY).await.unwrap();
    assert_eq!(rotations(&trent, &key, "ALL_KEY_MATERIAL").await.len(), 2);
    done(&trent, "DisableKeyRotation", &key, json!({})).await;
    let status = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(status, json!({ "KeyId": id_of(&key), "KeyRotationEnabled": false }));
    assert_eq!(trent.pass(10_000 * DAY).await.unwrap(), None);
    assert_eq!(rotations(&trent, &key, "ALL_KEY_MATERIAL").await.len(), 2);
    assert_eq!(paths_with(&trent, "/due/").await, Vec::<String>::new());
    for days in [89, 2561] {
        let (code, message) =
            refused(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": days })).await;
        assert_eq!(code, "ValidationException");
        assert!(message.contains(&format!("Value '{days}' at 'rotationPeriodInDays'")), "{message}");
    }
}

#[tokio::test]
async fn rotations_on_demand_are_counted_for_life() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    let schedule = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    let blob = encrypt(&trent, &key).await;
    for number in 1..=25 {
        trent.audit.clear();
        let answer = done(&trent, "RotateKeyOnDemand", id_of(&key), json!({})).await;
        assert_eq!(answer, json!({ "KeyId": key }));
        let events = trent.audit.take();
        let names: Vec<&str> = events.iter().map(|event| event.name).collect();
        assert_eq!(names, ["RotateKeyOnDemand", "RotateKey"]);
        assert_eq!(parsed(events[0].response.as_ref()), json!({ "keyId": key }));
        let details = parsed(events[1].service.as_ref().unwrap().details.as_ref());
        assert_eq!(details["rotationType"], "ON_DEMAND");
        assert_eq!(details["currentKeyMaterialId"], metadata(&trent, &key).await["CurrentKeyMaterialId"]);
        assert_eq!(rotations(&trent, &key, "ROTATIONS_ONLY").await.len(), number);
    }
    // Automatic ones are not counted, and go on as scheduled.
    assert_eq!(done(&trent, "GetKeyRotationStatus", &key, json!({})).await, schedule);
    trent.pass(90 * DAY).await.unwrap();
    let limit = format!(
        "The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can \
         be performed for this key: {key}"
    );
    let refusal = refused(&trent, "RotateKeyOnDemand", &key, json!({})).await;
    assert_eq!(refusal, ("LimitExceededException".to_owned(), limit));
    assert_eq!(rotations(&trent, &key, "ALL_KEY_MATERIAL").await.len(), 27);
    decrypt(&trent, &blob).await;
}

#[tokio::test]
async fn a_rotation_on_demand_keeps_out_of_the_way_of_an_automatic_one() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    trent.clock.advance(90 * DAY - 20 * 60 - 1);
    done(&trent, "RotateKeyOnDemand", &key, json!({})).await;
    trent.clock.advance(1);
    assert_eq!(refused(&trent, "RotateKeyOnDemand", &key, json!({})).await.0, "ConflictException");
    trent.pass(20 * 60).await.unwrap();
    done(&trent, "RotateKeyOnDemand", &key, json!({})).await;
}

#[tokio::test]
async fn only_symmetric_keys_rotate() {
    let trent = Trent::start().await.unwrap();
    for kind in [
        json!({ "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC" }),
        json!({ "KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY" }),
    ] {
        let key = trent.call("CreateKey", &kind).await.unwrap().text("/KeyMetadata/Arn");
        for operation in ["EnableKeyRotation", "DisableKeyRotation", "RotateKeyOnDemand", "ListKeyRotations"]
        {
            let answer = ask(&trent, operation, &key, json!({})).await;
            assert_eq!(answer.body, json!({ "__type": "UnsupportedOperationException" }), "{operation}");
        }
        let status = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
        assert_eq!(status["KeyRotationEnabled"], false);
    }
    let imported = trent.call("CreateKey", &json!({ "Origin": "EXTERNAL" })).await.unwrap();
    let key = imported.text("/KeyMetadata/Arn");
    assert_eq!(rotations(&trent, &key, "ALL_KEY_MATERIAL").await, Vec::<Value>::new());
    let waiting = refused(&trent, "RotateKeyOnDemand", &key, json!({})).await;
    assert_eq!(waiting, ("KMSInvalidStateException".to_owned(), format!("{key} is pending import.")));
}

#[tokio::test]
async fn the_list_of_rotations_has_pages() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    for _ in 0..7 {
        done(&trent, "RotateKeyOnDemand", &key, json!({})).await;
    }
    let all = rotations(&trent, &key, "ALL_KEY_MATERIAL").await;
    let (mut read, mut marker) = (Vec::new(), Value::Null);
    for pages in 1.. {
        let input = json!({ "IncludeKeyMaterial": "ALL_KEY_MATERIAL", "Limit": 3, "Marker": marker });
        let page = done(&trent, "ListKeyRotations", &key, input).await;
        read.extend(page["Rotations"].as_array().unwrap().clone());
        marker = page["NextMarker"].clone();
        if page["Truncated"] == false {
            assert_eq!(pages, 3);
            break;
        }
        // A marker is good for the view it came from only.
        let (code, _) = refused(&trent, "ListKeyRotations", &key, json!({ "Marker": marker })).await;
        assert_eq!(code, "InvalidMarkerException");
    }
    assert_eq!(read, all);
    assert_eq!(all.len(), 8);
}

#[tokio::test]
async fn a_deletion_that_is_called_off_leaves_the_key_disabled() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let start = seconds(&metadata(&trent, &key).await["CreationDate"]);
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    trent.audit.clear();
    let answer = done(&trent, "ScheduleKeyDeletion", id_of(&key), json!({})).await;
    let date = start + 30.0 * 86_400.0;
    let expected = json!({
        "KeyId": key, "DeletionDate": date, "KeyState": "PendingDeletion", "PendingWindowInDays": 30,
    });
    assert_eq!(answer, expected);
    let event = &trent.audit.take()[0];
    assert_eq!(parsed(event.parameters.as_ref()), json!({ "keyId": id_of(&key), "pendingWindowInDays": 30 }));
    assert_eq!(
        parsed(event.response.as_ref()),
        json!({
            "keyId": key, "keyState": "PendingDeletion", "pendingWindowInDays": 30,
            "deletionDate": "Jan 31, 2026, 12:00:00 AM",
        })
    );
    let shown = metadata(&trent, &key).await;
    assert_eq!((&shown["KeyState"], &shown["Enabled"]), (&json!("PendingDeletion"), &json!(false)));
    assert_eq!(seconds(&shown["DeletionDate"]), date);
    let pending = ("KMSInvalidStateException".to_owned(), format!("{key} is pending deletion."));
    for operation in ["ScheduleKeyDeletion", "EnableKey", "DisableKey", "EnableKeyRotation"] {
        assert_eq!(refused(&trent, operation, &key, json!({})).await, pending, "{operation}");
    }
    assert_eq!(refused(&trent, "Encrypt", &key, json!({ "Plaintext": "QUJD" })).await, pending);
    let status = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(status["KeyRotationEnabled"], false);

    trent.pass(30 * DAY - 1).await.unwrap();
    assert_eq!(done(&trent, "CancelKeyDeletion", &key, json!({})).await, json!({ "KeyId": key }));
    let shown = metadata(&trent, &key).await;
    assert_eq!((&shown["KeyState"], shown.get("DeletionDate")), (&json!("Disabled"), None));
    let status = done(&trent, "GetKeyRotationStatus", &key, json!({})).await;
    assert_eq!(status["KeyRotationEnabled"], true);
    let (code, message) = refused(&trent, "CancelKeyDeletion", &key, json!({})).await;
    assert_eq!(
        (code.as_str(), message),
        ("KMSInvalidStateException", format!("{key} is not pending deletion."))
    );
    trent.pass(1000 * DAY).await.unwrap();
    done(&trent, "EnableKey", &key, json!({})).await;
    encrypt(&trent, &key).await;
    for days in [6, 31] {
        let refusal =
            refused(&trent, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": days })).await;
        let message = "PendingWindowInDays must be between 7 and 30".to_owned();
        assert_eq!(refusal, ("ValidationException".to_owned(), message));
    }
}

/// A key with all that a key can have, pending deletion for seven days, and a ciphertext of it.
async fn doomed(trent: &Trent) -> (String, Value) {
    let key = trent.create_key().await.unwrap();
    for number in 0..130 {
        let alias = json!({ "AliasName": format!("alias/{}-{number}", id_of(&key)), "TargetKeyId": key });
        // The quota of aliases is not the matter here.
        if trent.call("CreateAlias", &alias).await.unwrap().status != 200 {
            break;
        }
    }
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    for number in 0..130 {
        let grant = json!({
            "GranteePrincipal": root, "RetiringPrincipal": root, "Operations": ["Decrypt"],
            "Name": format!("grant{number}"),
        });
        done(trent, "CreateGrant", &key, grant).await;
    }
    done(trent, "RotateKeyOnDemand", &key, json!({})).await;
    let blob = encrypt(trent, &key).await;
    trent.worker.write_usage().await;
    done(trent, "ScheduleKeyDeletion", &key, json!({ "PendingWindowInDays": 7 })).await;
    (key, blob)
}

async fn is_gone(trent: &Trent, key: &str, blob: &Value) {
    let missing = ("NotFoundException".to_owned(), format!("Key '{key}' does not exist"));
    for operation in ["DescribeKey", "CancelKeyDeletion", "EnableKey", "ScheduleKeyDeletion"] {
        assert_eq!(refused(trent, operation, key, json!({})).await, missing, "{operation}");
    }
    let answer = trent.call("Decrypt", &json!({ "CiphertextBlob": blob })).await.unwrap();
    assert_eq!(answer.error(), Some("AccessDeniedException"));
    let alias = format!("alias/{}-0", id_of(key));
    assert_eq!(refused(trent, "DescribeKey", &alias, json!({})).await.0, "NotFoundException");
    let keys = trent.call("ListKeys", &json!({})).await.unwrap().body;
    assert!(!keys.to_string().contains(id_of(key)), "{keys}");
    let aliases = trent.call("ListAliases", &json!({ "Limit": 100 })).await.unwrap().body;
    assert!(!aliases.to_string().contains(id_of(key)), "{aliases}");
}

#[tokio::test]
async fn nothing_of_a_deleted_key_remains() {
    let trent = Trent::start().await.unwrap();
    let other = trent.create_key().await.unwrap();
    let kept = encrypt(&trent, &other).await;
    let (key, blob) = doomed(&trent).await;
    assert!(paths_with(&trent, id_of(&key)).await.len() > 400);
    trent.pass(7 * DAY - 1).await.unwrap();
    assert_eq!(metadata(&trent, &key).await["KeyState"], "PendingDeletion");
    // From the very moment on, before anything was done about it.
    trent.clock.advance(1);
    is_gone(&trent, &key, &blob).await;
    trent.audit.clear();
    trent.pass(0).await.unwrap();
    is_gone(&trent, &key, &blob).await;
    assert_eq!(paths_with(&trent, id_of(&key)).await, Vec::<String>::new());
    let events = service_events(&trent);
    assert_eq!(events.len(), 1);
    assert_eq!((events[0].name, &*events[0].resources[0].arn), ("DeleteKey", key.as_str()));
    assert_eq!(parsed(events[0].response.as_ref()), json!({ "keyId": key }));
    decrypt(&trent, &kept).await;
}

#[tokio::test]
async fn what_could_not_be_told_is_told_later_and_once() {
    let trent = Trent::start().await.unwrap();
    let (key, blob) = doomed(&trent).await;
    let other = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &other, json!({ "RotationPeriodInDays": 90 })).await;
    trent.audit.set_broken(true);
    trent.pass(7 * DAY).await.unwrap();
    trent.pass(83 * DAY).await.unwrap();
    let done_at = trent.clock.now();
    trent.audit.set_broken(false);
    is_gone(&trent, &key, &blob).await;
    assert_eq!(rotations(&trent, &other, "ROTATIONS_ONLY").await.len(), 1);
    assert_eq!(paths_with(&trent, "/untold/").await.len(), 2);
    trent.audit.clear();
    trent.pass(DAY).await.unwrap();
    let mut told = service_events(&trent);
    told.sort_by_key(|event| event.time);
    assert_eq!(told.iter().map(|event| event.name).collect::<Vec<_>>(), ["DeleteKey", "RotateKey"]);
    // It happened when it happened.
    assert!(told[0].time < told[1].time && told[1].time == done_at);
    assert_eq!(paths_with(&trent, "/untold/").await, Vec::<String>::new());
    trent.pass(0).await.unwrap();
    assert_eq!(service_events(&trent).len(), 0);
}

#[tokio::test]
async fn a_note_that_cannot_be_read_keeps_nothing_from_being_done() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({ "RotationPeriodInDays": 90 })).await;
    let mut changes = Changes::default();
    changes.create(Path::untold("damaged"), encode(&"no event").unwrap());
    trent.records.commit(changes).await.unwrap();
    trent.pass(90 * DAY).await.unwrap();
    assert_eq!(rotations(&trent, &key, "ROTATIONS_ONLY").await.len(), 1);
}

#[tokio::test]
async fn a_deletion_that_has_begun_is_gone_on_with() {
    let trent = Trent::start().await.unwrap();
    let (key, blob) = doomed(&trent).await;
    let account: AccountId = ACCOUNT.parse().unwrap();
    let path = Path::key(account, &REGION.parse().unwrap(), &id_of(&key).parse().unwrap());
    let entry = trent.records.get::<KeyEntry>(&path).await.unwrap().unwrap();
    let mut record = entry.key.clone();
    record.deletion = record.deletion.map(|deletion| Deletion { begun: true, ..deletion });
    let mut changes = Changes::default();
    for material in &entry.key.materials {
        entry.delete_material(&material.id, &trent.records, &mut changes).await.unwrap();
    }
    changes.replace_key(&entry, record).unwrap();
    trent.records.commit(changes).await.unwrap();
    // Its time has not come by this clock, which may have been set back: it is gone all the same.
    is_gone(&trent, &key, &blob).await;
    trent.audit.clear();
    trent.pass(7 * DAY).await.unwrap();
    assert_eq!(service_events(&trent).len(), 1);
    assert_eq!(paths_with(&trent, id_of(&key)).await, Vec::<String>::new());
}

#[tokio::test]
async fn an_entry_of_the_index_that_leads_nowhere_is_struck() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    done(&trent, "EnableKeyRotation", &key, json!({})).await;
    let account: AccountId = ACCOUNT.parse().unwrap();
    let path = Path::key(account, &REGION.parse().unwrap(), &id_of(&key).parse().unwrap());
    let mut changes = Changes::default();
    changes.delete(path, 2);
    trent.records.commit(changes).await.unwrap();
    assert_eq!(paths_with(&trent, "/due/").await.len(), 1);
    assert_eq!(trent.pass(365 * DAY).await.unwrap(), None);
    assert_eq!(paths_with(&trent, "/due/").await.len(), 0);
}

async fn last_usage(trent: &Trent, key: &str) -> Value {
    done(trent, "GetKeyLastUsage", key, json!({})).await
}

#[tokio::test]
async fn the_last_use_of_a_key_names_its_record_in_the_trail() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let created = metadata(&trent, &key).await["CreationDate"].clone();
    assert_eq!(
        last_usage(&trent, id_of(&key)).await,
        json!({
            "KeyId": id_of(&key), "KeyCreationDate": created, "TrackingStartDate": created,
            "KeyLastUsage": {},
        })
    );
    trent.clock.advance(3600);
    let revision = trent.store.revision().await.unwrap();
    trent.audit.clear();
    let blob = encrypt(&trent, &key).await;
    let event = trent.audit.take().remove(0);
    let used = last_usage(&trent, &key).await["KeyLastUsage"].clone();
    assert_eq!(
        used,
        json!({
            "Operation": "Encrypt", "Timestamp": seconds(&created) + 3600.0,
            "CloudTrailEventId": event.id.to_string(), "KmsRequestId": event.request_id.to_string(),
        })
    );
    assert_eq!(trent.store.revision().await.unwrap(), revision, "a use is not a write");

    // Neither failures, dry runs nor other operations are uses.
    let dry = json!({ "Plaintext": "QUJD", "DryRun": true });
    assert_eq!(refused(&trent, "Encrypt", &key, dry).await.0, "DryRunOperationException");
    let wrong = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "b" } });
    assert_eq!(refused(&trent, "Decrypt", &key, wrong).await.0, "InvalidCiphertextException");
    metadata(&trent, &key).await;
    assert_eq!(last_usage(&trent, &key).await["KeyLastUsage"], used);

    // Written down, it is still there when memory forgets; what is not written down is lost.
    trent.worker.write_usage().await;
    assert_eq!(trent.records.usage().noted(&key), None);
    let revision = trent.store.revision().await.unwrap();
    trent.worker.write_usage().await;
    assert_eq!(trent.store.revision().await.unwrap(), revision);
    assert_eq!(last_usage(&trent, &key).await["KeyLastUsage"], used);
    trent.clock.advance(5);
    decrypt(&trent, &blob).await;
    trent.worker.write_usage().await;
    assert_eq!(last_usage(&trent, &key).await["KeyLastUsage"]["Operation"], "Decrypt");
}

#[tokio::test]
async fn both_keys_of_a_re_encryption_are_used() {
    let trent = Trent::start().await.unwrap();
    let (from, to) = (trent.create_key().await.unwrap(), trent.create_key().await.unwrap());
    let blob = encrypt(&trent, &from).await;
    trent.clock.advance(1);
    let input = json!({ "CiphertextBlob": blob, "DestinationKeyId": to });
    assert_eq!(trent.call("ReEncrypt", &input).await.unwrap().status, 200);
    let (one, other) = (last_usage(&trent, &from).await, last_usage(&trent, &to).await);
    assert_eq!(one["KeyLastUsage"]["Operation"], "ReEncrypt");
    assert_eq!(one["KeyLastUsage"], other["KeyLastUsage"]);
    let (code, _) = refused(&trent, "GetKeyLastUsage", "alias/none", json!({})).await;
    assert_eq!(code, "InvalidArnException");
}
