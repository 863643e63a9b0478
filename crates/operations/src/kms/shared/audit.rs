//! `responseElements` of the audit trail.

use serde_json::{Map, Value, json};
use trent_domain::Key;
use trent_engine::Json;

/// What writes on a key leave in the trail, whatever their API answer is.
pub(crate) fn key_id(arn: &str) -> Json {
    Json(json!({ "keyId": arn }).to_string())
}

/// The whole metadata of a new key, in the spelling of the trail: member names begin with a small
/// letter and times are English text.
pub(crate) fn key_metadata(key: &Key, metadata: Value) -> Json {
    let mut members: Map<String, Value> = match metadata {
        Value::Object(members) => {
            members.into_iter().map(|(name, value)| (lower_first(&name), value)).collect()
        }
        _ => Map::new(),
    };
    let created = key.created.strftime("%b %-d, %Y, %-I:%M:%S %p").to_string();
    members.insert("creationDate".to_owned(), Value::String(created));
    Json(json!({ "keyMetadata": members }).to_string())
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
