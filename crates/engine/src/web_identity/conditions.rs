//! The condition keys that a token answers: `ISSUER:aud`, `ISSUER:sub` and their like.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use trent_crypto::WebTokenClaims;
use trent_policy::Values;

/// Claims that are keys under their own names. The first are those that the service has of every
/// provider, the others those it has of the build services it knows. Here every provider has them: a
/// build service that somebody runs for themselves is at no address that could be known.
const CLAIMS: [&str; 12] = [
    "amr",
    "email",
    "sub",
    "actor",
    "actor_id",
    "enterprise_id",
    "environment",
    "job_workflow_ref",
    "ref",
    "repository",
    "repository_id",
    "workflow",
];

/// The keys that the session of a role goes on answering.
const LASTING: [&str; 3] = ["amr", "aud", "sub"];

/// Condition keys, in lower case, and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FederationKeys(BTreeMap<String, Vec<String>>);

impl FederationKeys {
    /// Those of a token for `audience` from the provider at `url`, which has no scheme.
    pub(crate) fn of(url: &str, audience: &str, claims: &WebTokenClaims) -> Self {
        let claimed = CLAIMS.into_iter().filter_map(|name| Some((name, texts(claims.all.get(name)?))));
        let others = [("aud", vec![audience.to_owned()]), ("oaud", claims.audience.clone())];
        let keys = claimed.chain(others).filter(|(_, values)| !values.is_empty());
        Self(keys.map(|(name, values)| (format!("{url}:{name}").to_lowercase(), values)).collect())
    }

    /// Those that a session begun with them keeps.
    #[must_use]
    pub fn lasting(&self) -> Self {
        let lasts = |key: &str| key.rsplit_once(':').is_some_and(|(_, name)| LASTING.contains(&name));
        let kept = self.0.iter().filter(|(key, _)| lasts(key));
        Self(kept.map(|(key, values)| (key.clone(), values.clone())).collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What a policy is answered that asks for `key`. How somebody was authenticated has many values,
    /// however many they are.
    pub(crate) fn get(&self, key: &str) -> Option<Values<'_>> {
        match self.0.get(key)?.as_slice() {
            [one] if !key.ends_with(":amr") => Some(Values::one(one.as_str())),
            many => Some(Values::many(many.iter().map(String::as_str))),
        }
    }
}

/// A claim as texts; what is neither plain nor a list of plain things is none.
fn texts(claim: &Value) -> Vec<String> {
    match claim {
        Value::String(text) => vec![text.clone()],
        Value::Bool(_) | Value::Number(_) => vec![claim.to_string()],
        Value::Array(several) => several.iter().filter(|one| !one.is_array()).flat_map(texts).collect(),
        Value::Null | Value::Object(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn keys() -> FederationKeys {
        let all = json!({
            "sub": "repo:a/b",
            "aud": ["x", "y"],
            "amr": ["pwd"],
            "email": "a@b.example",
            "ref": null,
            "actor_id": 7,
            "environment": {"a": 1},
            "repository": [["deep"], "flat"],
            "custom": "z",
        });
        let Value::Object(all) = all else { panic!("it is an object") };
        let claims = WebTokenClaims {
            issuer: "https://I.example/Realm".to_owned(),
            subject: "repo:a/b".to_owned(),
            audience: vec!["x".to_owned(), "y".to_owned()],
            authorized_party: Some("z".to_owned()),
            expires: 0,
            issued: 0,
            not_before: None,
            all,
        };
        FederationKeys::of("I.example/Realm", "z", &claims)
    }

    fn one(value: &str) -> Option<Values<'_>> {
        Some(Values::one(value))
    }

    #[test]
    fn a_token_answers_the_documented_keys() {
        let keys = keys();
        let answer = |name: &str| keys.get(&format!("i.example/realm:{name}"));
        assert_eq!(answer("sub"), one("repo:a/b"));
        assert_eq!(answer("aud"), one("z"));
        assert_eq!(answer("oaud"), Some(Values::many(["x", "y"])));
        assert_eq!(answer("amr"), Some(Values::many(["pwd"])));
        assert_eq!(answer("email"), one("a@b.example"));
        assert_eq!(answer("actor_id"), one("7"));
        assert_eq!(answer("repository"), one("flat"));
        for absent in ["ref", "environment", "custom", "iss", "exp"] {
            assert_eq!(answer(absent), None, "{absent}");
        }
        assert_eq!(keys.get("sub"), None);
        assert_eq!(keys.get("other.example:sub"), None);
    }

    #[test]
    fn a_session_keeps_few_of_them() {
        let kept = keys().lasting();
        let names: Vec<_> = kept.0.keys().map(String::as_str).collect();
        assert_eq!(names, ["i.example/realm:amr", "i.example/realm:aud", "i.example/realm:sub"]);
        assert!(!kept.is_empty() && FederationKeys::default().is_empty());
    }
}
