//! `responseElements` of the audit trail.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use trent_domain::{Grant, Key};
use trent_engine::{Fault, Json};
use trent_model::kms::KeyMetadata;

/// What writes on a key leave in the trail, whatever their API answer is.
pub(crate) fn key_id(arn: &str) -> Json {
    Json(json!({ "keyId": arn }).to_string())
}

/// What a new grant leaves in the trail; its token is not shown.
pub(crate) fn grant_on_key(grant: &Grant) -> Json {
    Json(json!({ "grantId": grant.id, "keyId": grant.key_arn() }).to_string())
}

/// The grant of a request that shows no parameters.
pub(crate) fn grant_id(grant: &Grant) -> Json {
    Json(json!({ "grantId": grant.id }).to_string())
}

/// What imports and deletions of material leave in the trail.
pub(crate) fn key_and_material(arn: &str, material: Option<&str>) -> Json {
    match material {
        Some(material) => Json(json!({ "keyId": arn, "keyMaterialId": material }).to_string()),
        None => key_id(arn),
    }
}

/// What CreateKey leaves in the trail: the whole metadata of the new key.
///
/// # Errors
/// When the metadata is not an object, which its type rules out.
pub(crate) fn key_metadata(key: &Key, metadata: &KeyMetadata) -> Result<Json, Fault> {
    Ok(Json(json!({ "keyMetadata": spelled(key, metadata)? }).to_string()))
}

/// What ReplicateKey leaves in the trail.
///
/// # Errors
/// As [`key_metadata`].
pub(crate) fn replica(key: &Key, metadata: &KeyMetadata, policy: &str) -> Result<Json, Fault> {
    let shown = json!({ "replicaKeyMetadata": spelled(key, metadata)?, "replicaPolicy": policy });
    Ok(Json(shown.to_string()))
}

/// The metadata of a new key in the spelling of the trail: member names begin with a small letter and
/// times are English text.
fn spelled(key: &Key, metadata: &KeyMetadata) -> Result<Value, Fault> {
    let members: Value = serde_json::from_slice(&trent_model::encode(metadata))
        .map_err(|error| Fault::Internal(error.to_string()))?;
    let mut shown = with_small_letters(members);
    if let Some(members) = shown.as_object_mut() {
        members.insert("creationDate".to_owned(), Value::String(date(key.created)));
    }
    Ok(shown)
}

fn with_small_letters(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let spelled = |(name, value): (String, Value)| (lower_first(&name), with_small_letters(value));
            Value::Object(members.into_iter().map(spelled).collect::<Map<_, _>>())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(with_small_letters).collect()),
        other => other,
    }
}

/// What ScheduleKeyDeletion leaves in the trail.
pub(crate) fn deletion(key: &Key, window: u16) -> Json {
    let mut shown = Map::new();
    shown.insert("keyId".to_owned(), json!(key.arn().to_string()));
    shown.insert("keyState".to_owned(), json!(key.stored_state.as_str()));
    if let Some(deletion) = key.deletion {
        shown.insert("deletionDate".to_owned(), json!(date(deletion.date)));
    }
    shown.insert("pendingWindowInDays".to_owned(), json!(window));
    Json(Value::Object(shown).to_string())
}

/// A time in the words of the trail.
fn date(time: Timestamp) -> String {
    time.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
