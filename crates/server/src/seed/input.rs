//! Inputs of operations, made of what a seed file says and checked as those that clients send.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use trent_model::kms::{CreateGrantRequest, CreateKeyRequest};
use trent_model::organizations::CreateAccountRequest;
use trent_model::{CheckError, Input};

use super::format;

/// Whether an account may be called so.
///
/// # Errors
/// The service's own message.
pub(super) fn create_account(name: &str, email: &str) -> Result<(), String> {
    decoded::<CreateAccountRequest>(&json!({ "AccountName": name, "Email": email })).map(drop)
}

/// What CreateKey would be asked.
///
/// # Errors
/// The service's own message.
pub(super) fn create_key(key: &format::Key) -> Result<CreateKeyRequest, String> {
    let tags: Vec<Value> =
        key.tags.iter().map(|(key, value)| json!({ "TagKey": key, "TagValue": value })).collect();
    decoded(&object([
        ("KeySpec", key.key_spec.as_ref().map(|spec| json!(spec))),
        ("KeyUsage", key.key_usage.as_ref().map(|usage| json!(usage))),
        ("Origin", key.origin.as_ref().map(|origin| json!(origin))),
        ("Description", key.description.as_ref().map(|text| json!(text))),
        ("Policy", key.policy.as_ref().map(|policy| json!(policy.0))),
        ("Tags", (!tags.is_empty()).then_some(Value::Array(tags))),
    ]))
}

/// What CreateGrant would be asked.
///
/// # Errors
/// The service's own message.
pub(super) fn create_grant(key: &str, grant: &format::Grant) -> Result<CreateGrantRequest, String> {
    let pairs = |pairs: &Option<BTreeMap<String, String>>| pairs.as_ref().map(|pairs| json!(pairs));
    let constraints = object([
        ("EncryptionContextEquals", pairs(&grant.constraints.encryption_context_equals)),
        ("EncryptionContextSubset", pairs(&grant.constraints.encryption_context_subset)),
    ]);
    let constrained = constraints.as_object().is_some_and(|constraints| !constraints.is_empty());
    decoded(&object([
        ("KeyId", Some(json!(key))),
        ("Name", Some(json!(grant.name))),
        ("GranteePrincipal", Some(json!(grant.grantee_principal))),
        ("RetiringPrincipal", grant.retiring_principal.as_ref().map(|principal| json!(principal))),
        ("Operations", Some(json!(grant.operations))),
        ("Constraints", constrained.then_some(constraints)),
    ]))
}

/// A form of the Query protocol.
#[derive(Default)]
pub(super) struct Form(String);

impl Form {
    /// With a member, if it has a value.
    pub(super) fn with<T: ToString>(mut self, name: &str, value: Option<T>) -> Self {
        if let Some(value) = value {
            self.push(name, &value.to_string());
        }
        self
    }

    /// With a list of tags.
    pub(super) fn tags<'a>(mut self, tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Self {
        for (number, (key, value)) in (1..).zip(tags) {
            self.push(&format!("Tags.member.{number}.Key"), key);
            self.push(&format!("Tags.member.{number}.Value"), value);
        }
        self
    }

    /// As it is on the wire.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    fn push(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        self.0.push_str(name);
        self.0.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    self.0.push(byte.into())
                }
                _ => self.0.push_str(&format!("%{byte:02X}")),
            }
        }
    }
}

fn object<const N: usize>(members: [(&str, Option<Value>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn decoded<I: Input>(value: &Value) -> Result<I, String> {
    let body = value.to_string();
    let mut value = trent_model::parse(body.as_bytes()).map_err(|error| error.to_string())?;
    let checked = trent_model::check(I::SHAPE, &mut value);
    checked.and_then(|()| trent_model::decode(value)).map_err(|error| match error {
        CheckError::Serialization(message) | CheckError::Validation(message) => message,
    })
}
