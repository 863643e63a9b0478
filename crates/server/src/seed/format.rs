//! What a seed file looks like. `docs/seeding.md` explains it to those who write one.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, de};
use serde_saphyr::Spanned;
use trent_model::SecretText;

/// A whole file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) accounts: Vec<Spanned<Account>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Account {
    /// The server's own account, unless it says another.
    pub(super) id: Option<Spanned<String>>,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    /// Those of the root user.
    #[serde(default)]
    pub(super) access_keys: Vec<Spanned<AccessKey>>,
    #[serde(default)]
    pub(super) policies: Vec<Spanned<ManagedPolicy>>,
    #[serde(default)]
    pub(super) groups: Vec<Spanned<Group>>,
    #[serde(default)]
    pub(super) users: Vec<Spanned<User>>,
    #[serde(default)]
    pub(super) roles: Vec<Spanned<Role>>,
    #[serde(default)]
    pub(super) keys: Vec<Spanned<Key>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) secret: Secret,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ManagedPolicy {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) description: Option<String>,
    pub(super) document: Document,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) path: Option<String>,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Document>,
    #[serde(default)]
    pub(super) attached_policies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct User {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) permissions_boundary: Option<String>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) groups: Vec<String>,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Document>,
    #[serde(default)]
    pub(super) attached_policies: Vec<String>,
    #[serde(default)]
    pub(super) access_keys: Vec<Spanned<AccessKey>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub(super) name: String,
    pub(super) path: Option<String>,
    pub(super) description: Option<String>,
    pub(super) max_session_duration: Option<u32>,
    pub(super) permissions_boundary: Option<String>,
    pub(super) trust_policy: Document,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) inline_policies: BTreeMap<String, Document>,
    #[serde(default)]
    pub(super) attached_policies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub(super) id: Spanned<String>,
    /// The first Region that is served, unless it says another.
    pub(super) region: Option<Spanned<String>>,
    pub(super) key_spec: Option<String>,
    pub(super) key_usage: Option<String>,
    pub(super) origin: Option<String>,
    pub(super) multi_region: Option<Spanned<bool>>,
    pub(super) material: Option<Spanned<Material>>,
    pub(super) description: Option<String>,
    #[serde(default = "yes")]
    pub(super) enabled: bool,
    pub(super) policy: Option<Document>,
    pub(super) rotation_period_in_days: Option<Spanned<u16>>,
    #[serde(default)]
    pub(super) tags: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) grants: Vec<Spanned<Grant>>,
}

/// One of its members says it all.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Material {
    pub(super) hex: Option<Secret>,
    pub(super) base64: Option<Secret>,
    pub(super) pem: Option<Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Grant {
    /// By which the grant is found again.
    pub(super) name: String,
    pub(super) grantee_principal: String,
    pub(super) retiring_principal: Option<String>,
    pub(super) operations: Vec<String>,
    #[serde(default)]
    pub(super) constraints: Constraints,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Constraints {
    pub(super) encryption_context_equals: Option<BTreeMap<String, String>>,
    pub(super) encryption_context_subset: Option<BTreeMap<String, String>>,
}

const fn yes() -> bool {
    true
}

/// A policy: JSON in a text, or the same said in YAML.
pub(super) struct Document(pub(super) String);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Ok(Self(text)),
            value @ serde_json::Value::Object(_) => Ok(Self(value.to_string())),
            _ => Err(de::Error::custom("a policy is a mapping, or JSON in a text")),
        }
    }
}

/// A text that is not shown: it goes at once into a type that prints a placeholder and wipes itself.
pub(super) struct Secret(pub(super) SecretText);

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_string(SecretVisitor)
    }
}

struct SecretVisitor;

impl de::Visitor<'_> for SecretVisitor {
    type Value = Secret;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Secret, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Secret, E> {
        Ok(Secret(SecretText::from(text)))
    }
}
