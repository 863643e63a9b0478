//! What a token of an identity provider asks to have set on the session: tags and a source identity,
//! in the claims that the service reads them from.

use std::borrow::Cow;

use serde_json::{Map, Value};
use trent_engine::Fault;
use trent_model::sts::{Tag, shapes};
use trent_model::{CheckError, Shape, Value as Checked, check};

/// One claim with everything in it, `{"principal_tags": {KEY: [VALUE]}, "transitive_tag_keys": […]}`.
const NESTED: &str = "https://aws.amazon.com/tags";
/// Or one claim for each tag, for providers that cannot nest,
const FLAT_TAG: &str = "https://aws.amazon.com/tags/principal_tags/";
/// and one for the keys of those that are transitive.
const FLAT_TRANSITIVE: &str = "https://aws.amazon.com/tags/transitive_tag_keys";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

/// What a token asks for.
#[derive(Debug, Default)]
pub(crate) struct Wishes {
    /// Session tags.
    pub(crate) tags: Vec<Tag>,
    /// Keys of those that sessions begun from this one inherit.
    pub(crate) transitive: Vec<String>,
    /// The source identity.
    pub(crate) source_identity: Option<String>,
}

impl Wishes {
    /// Reads the claims of a token.
    ///
    /// # Errors
    /// When they are not of the form, or hold what no request could ask for.
    pub(crate) fn read(claims: &Map<String, Value>) -> Result<Self, Fault> {
        let mut wishes = Self::default();
        if let Some(nested) = claims.get(NESTED) {
            wishes.read_nested(nested).ok_or_else(|| malformed(NESTED))?;
        }
        for (name, value) in claims {
            if let Some(key) = name.strip_prefix(FLAT_TAG) {
                wishes.tag(key, value).ok_or_else(|| malformed(name))?;
            }
        }
        if let Some(keys) = claims.get(FLAT_TRANSITIVE) {
            wishes.transitive.extend(texts(keys).ok_or_else(|| malformed(FLAT_TRANSITIVE))?);
        }
        if let Some(identity) = claims.get(SOURCE_IDENTITY) {
            wishes.source_identity = Some(text(identity).ok_or_else(|| malformed(SOURCE_IDENTITY))?);
        }
        wishes.check()?;
        Ok(wishes)
    }

    fn read_nested(&mut self, claim: &Value) -> Option<()> {
        let claim = claim.as_object()?;
        if let Some(tags) = claim.get("principal_tags") {
            tags.as_object()?.iter().try_for_each(|(key, value)| self.tag(key, value))?;
        }
        if let Some(keys) = claim.get("transitive_tag_keys") {
            self.transitive.extend(texts(keys)?);
        }
        Some(())
    }

    fn tag(&mut self, key: &str, value: &Value) -> Option<()> {
        self.tags.push(Tag { key: key.to_owned(), value: text(value)? });
        Some(())
    }

    /// These as the audit trail has them, among the parameters of the request.
    pub(crate) fn shown(&self) -> Map<String, Value> {
        let mut shown = Map::new();
        if !self.tags.is_empty() {
            let tags = self.tags.iter().map(|tag| (tag.key.clone(), Value::from(tag.value.as_str())));
            shown.insert("principalTags".to_owned(), Value::Object(tags.collect()));
        }
        if !self.transitive.is_empty() {
            shown.insert("transitiveTagKeys".to_owned(), Value::from(self.transitive.clone()));
        }
        if let Some(identity) = &self.source_identity {
            shown.insert("sourceIdentity".to_owned(), Value::from(identity.as_str()));
        }
        shown
    }

    /// The constraints that the model has for requests that ask for the same.
    fn check(&self) -> Result<(), Fault> {
        let keys = self.tags.iter().map(|tag| (&shapes::TAG_KEY_TYPE, &tag.key));
        let values = self.tags.iter().map(|tag| (&shapes::TAG_VALUE_TYPE, &tag.value));
        let identity = self.source_identity.iter().map(|identity| (&shapes::SOURCE_IDENTITY_TYPE, identity));
        keys.chain(values).chain(identity).try_for_each(|(shape, text)| check_text(shape, text))
    }
}

fn check_text(shape: &Shape, text: &str) -> Result<(), Fault> {
    check(shape, &mut Checked::Text(Cow::Borrowed(text))).map_err(|error| match error {
        CheckError::Serialization(message) | CheckError::Validation(message) => Fault::validation(message),
    })
}

/// A text, or a list of one.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(one) => match one.as_slice() {
            [Value::String(text)] => Some(text.clone()),
            _ => None,
        },
        _ => None,
    }
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

/// The service's text is not published.
fn malformed(claim: &str) -> Fault {
    Fault::named("InvalidIdentityToken", 400, format!("Invalid claim: {claim}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(claims: Value) -> Result<Wishes, Fault> {
        Wishes::read(claims.as_object().unwrap())
    }

    fn pairs(wishes: &Wishes) -> Vec<(&str, &str)> {
        wishes.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
    }

    #[test]
    fn both_forms_are_read() {
        let nested = json!({ NESTED: {
            "principal_tags": { "Project": ["Pegasus"], "CostCenter": ["24680"] },
            "transitive_tag_keys": ["Project"],
        }});
        let flat = json!({
            "https://aws.amazon.com/tags/principal_tags/Project": "Pegasus",
            "https://aws.amazon.com/tags/principal_tags/CostCenter": "24680",
            FLAT_TRANSITIVE: ["Project"],
        });
        for form in [nested, flat] {
            let wishes = read(form).unwrap();
            assert_eq!(pairs(&wishes), [("CostCenter", "24680"), ("Project", "Pegasus")]);
            assert_eq!(wishes.transitive, ["Project"]);
            assert_eq!(wishes.source_identity, None);
        }
        let identity = read(json!({ SOURCE_IDENTITY: "alice" })).unwrap();
        assert_eq!((identity.source_identity.as_deref(), identity.tags.len()), (Some("alice"), 0));
        assert_eq!(read(json!({ "sub": "x" })).unwrap().tags.len(), 0);
    }

    #[test]
    fn what_no_request_could_ask_for_no_token_can() {
        let code = |claims| read(claims).map(drop).unwrap_err().wire().code;
        for malformed in [
            json!({ NESTED: "x" }),
            json!({ NESTED: { "principal_tags": ["x"] } }),
            json!({ NESTED: { "principal_tags": { "a": ["b", "c"] } } }),
            json!({ NESTED: { "principal_tags": { "a": [] } } }),
            json!({ NESTED: { "principal_tags": { "a": 1 } } }),
            json!({ NESTED: { "transitive_tag_keys": "a" } }),
            json!({ FLAT_TRANSITIVE: [1] }),
            json!({ SOURCE_IDENTITY: null }),
        ] {
            assert_eq!(code(malformed), "InvalidIdentityToken");
        }
        for refused in [
            json!({ NESTED: { "principal_tags": { "a": "x".repeat(257) } } }),
            json!({ NESTED: { "principal_tags": { "": "x" } } }),
            json!({ NESTED: { "principal_tags": { "a*": "x" } } }),
            json!({ SOURCE_IDENTITY: "a b" }),
            json!({ SOURCE_IDENTITY: "a" }),
        ] {
            assert_eq!(code(refused), "ValidationException");
        }
    }
}
