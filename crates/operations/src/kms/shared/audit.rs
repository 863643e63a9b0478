//! `responseElements` of the audit trail.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use trent_domain::{Grant, Key, KeyState};
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

/// The whole metadata of a new key, in the spelling of the trail: member names begin with a small
/// letter and times are English text.
///
/// # Errors
/// When the metadata is not an object, which its type rules out.
pub(crate) fn key_metadata(key: &Key, metadata: &KeyMetadata) -> Result<Json, Fault> {
    let members: Map<String, Value> = serde_json::from_slice(&trent_model::encode(metadata))
        .map_err(|error| Fault::Internal(error.to_string()))?;
    let mut shown: Map<String, Value> =
        members.into_iter().map(|(name, value)| (lower_first(&name), value)).collect();
    shown.insert("creationDate".to_owned(), Value::String(date(key.created)));
    Ok(Json(json!({ "keyMetadata": shown }).to_string()))
}

/// What ScheduleKeyDeletion leaves in the trail.
pub(crate) fn deletion(arn: &str, at: Timestamp, window: u16) -> Json {
    let shown = json!({
        "keyId": arn,
        "keyState": KeyState::PendingDeletion.as_str(),
        "deletionDate": date(at),
        "pendingWindowInDays": window,
    });
    Json(shown.to_string())
}

/// A time in the words of the trail.
fn date(time: Timestamp) -> String {
    time.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string()
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
