//! Runs every case of `vectors/*.json`.
//!
//! A case is one of three: a `condition` that `holds` or not; a `document` (or `text`) that is
//! `valid` or has an `error`; or a caller with policies, who is to be `allow`ed or to `deny`, with
//! the words the refusal ends in.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};
use trent_policy::{
    Caller, Decision, Document, DocumentKind, Facts, FederatingUser, Identity, PolicySet, Question, Values,
    decide,
};

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const USER: &str = "arn:aws:iam::111111111111:user/team/alice";

struct Known(BTreeMap<String, Value>);

impl Facts for Known {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        assert_eq!(key, key.to_lowercase(), "asked for a key that is not in lower case");
        match self.0.get(key)? {
            Value::Array(values) => Some(Values::many(values.iter().map(|v| v.as_str().unwrap()))),
            value => Some(Values::one(value.as_str().unwrap())),
        }
    }
}

#[test]
fn every_vector_is_satisfied() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut count = 0;
    let mut failures = Vec::new();
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        for case in cases {
            count += 1;
            if let Err(problem) = run(&case) {
                failures.push(format!("{}: {}: {problem}", path.display(), case["name"]));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 400, "only {count} cases were found");
}

fn run(case: &Value) -> Result<(), String> {
    if case.get("condition").is_some() {
        condition(case)
    } else if case.get("kind").is_some() && case.get("caller").is_none() {
        document(case)
    } else {
        decision(case)
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(found: T, wanted: T) -> Result<(), String> {
    if found == wanted { Ok(()) } else { Err(format!("{found:?} instead of {wanted:?}")) }
}

fn condition(case: &Value) -> Result<(), String> {
    let statement = json!({
        "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": case["condition"]
    });
    let mut policy = json!({"Version": "2012-10-17", "Statement": statement});
    match case.get("version") {
        Some(Value::Null) => drop(policy.as_object_mut().unwrap().remove("Version")),
        Some(version) => policy["Version"] = version.clone(),
        None => {}
    }
    let key_policy = parse(&policy, DocumentKind::KeyPolicy)?;
    let set = PolicySet { key_policy: Some(&key_policy), ..PolicySet::default() };
    let caller = caller("root");
    let facts = facts(case);
    let question = Question { caller: &caller, action: "kms:Encrypt", resource: KEY, facts: &facts };
    let wanted = case["holds"].as_bool().ok_or("neither holds nor does not")?;
    expect(matches!(decide(&question, &set), Decision::Allow(_)), wanted)
}

fn document(case: &Value) -> Result<(), String> {
    let text = case.get("text").and_then(Value::as_str).map(str::to_owned);
    let text = text.unwrap_or_else(|| case["document"].to_string());
    let found = Document::parse(&text, kind(case)).map(drop).map_err(|error| error.to_string());
    match (case.get("error").and_then(Value::as_str), found) {
        (None, found) => found,
        (Some(wanted), Err(found)) if found.starts_with(wanted) => Ok(()),
        (Some(wanted), found) => Err(format!("{found:?} instead of {wanted:?}")),
    }
}

fn decision(case: &Value) -> Result<(), String> {
    let key_policy = optional(case, "key_policy", kind(case))?;
    let boundary = optional(case, "boundary", DocumentKind::Identity)?;
    let identity = list(case, "identity")?.unwrap_or_default();
    let session = list(case, "session")?;
    let set = PolicySet {
        key_policy: key_policy.as_ref(),
        key_account: Some("111111111111".parse().unwrap()),
        cross_account: case.get("cross").and_then(Value::as_bool).unwrap_or(false),
        trusts_owner: false,
        identity: &identity,
        boundary: boundary.as_ref(),
        session: session.as_deref(),
    };
    let caller = caller(case["caller"].as_str().unwrap());
    let text = |name: &str, default: &'static str| {
        case.get(name).and_then(Value::as_str).unwrap_or(default).to_owned()
    };
    let (action, resource) = (text("action", "kms:Encrypt"), text("resource", KEY));
    let facts = facts(case);
    let question = Question { caller: &caller, action: &action, resource: &resource, facts: &facts };
    match (decide(&question, &set), case.get("deny").and_then(Value::as_str)) {
        (Decision::Allow(_), None) => expect(case["allow"].as_bool(), Some(true)),
        (Decision::Allow(grounds), Some(_)) => Err(format!("allowed on {grounds:?}")),
        (Decision::Deny(reason), wanted) => {
            let on = match wanted {
                Some(tail) if tail.contains("does not exist in this Region") => {
                    " on this resource".to_owned()
                }
                _ => format!(" on resource: {resource}"),
            };
            let wanted = wanted.unwrap_or("(allowed)");
            let wanted = format!("User: ME is not authorized to perform: {action}{on} {wanted}");
            expect(reason.message("ME", &action, &resource), wanted)
        }
    }
}

fn kind(case: &Value) -> DocumentKind {
    match case.get("kind").and_then(Value::as_str) {
        None | Some("key") => DocumentKind::KeyPolicy,
        Some("trust") => DocumentKind::Trust,
        Some("identity") => DocumentKind::Identity,
        Some("managed") => DocumentKind::Managed,
        Some("session") => DocumentKind::Session,
        Some(other) => panic!("no such kind: {other}"),
    }
}

fn parse(policy: &Value, kind: DocumentKind) -> Result<Document, String> {
    Document::parse(&policy.to_string(), kind).map_err(|error| error.to_string())
}

fn optional(case: &Value, name: &str, kind: DocumentKind) -> Result<Option<Document>, String> {
    case.get(name).map(|policy| parse(policy, kind)).transpose()
}

fn list(case: &Value, name: &str) -> Result<Option<Vec<Arc<Document>>>, String> {
    let Some(policies) = case.get(name) else { return Ok(None) };
    let policies = policies.as_array().unwrap().iter();
    policies
        .map(|policy| parse(policy, DocumentKind::Identity).map(Arc::new))
        .collect::<Result<_, _>>()
        .map(Some)
}

fn facts(case: &Value) -> Known {
    Known(case.get("facts").cloned().map(|facts| serde_json::from_value(facts).unwrap()).unwrap_or_default())
}

fn caller(name: &str) -> Caller {
    let account = if name.starts_with("other") { "222222222222" } else { "111111111111" };
    let federated =
        |user| Identity::FederatedUser { arn: "arn:aws:sts::111111111111:federated-user/F".to_owned(), user };
    let alice = "AIDAALICEALICEALICE01".to_owned();
    let identity = match name {
        "root" | "other_root" => Identity::Root,
        "user" => Identity::User { arn: USER.to_owned(), id: alice },
        "other_user" => Identity::User {
            arn: "arn:aws:iam::222222222222:user/bob".to_owned(),
            id: "AIDABOBBOBBOBBOBBOB01".to_owned(),
        },
        "session" => Identity::Session {
            arn: "arn:aws:sts::111111111111:assumed-role/R/S".to_owned(),
            role_arn: "arn:aws:iam::111111111111:role/path/R".to_owned(),
            role_id: "AROARRRRRRRRRRRRRRR01".to_owned(),
        },
        "federated" => federated(Some(FederatingUser { arn: USER.to_owned(), id: alice })),
        "federated_root" => federated(None),
        "service" => Identity::Service { name: "backup.amazonaws.com".to_owned() },
        "provider" => Identity::Provider { arn: "arn:aws:iam::111111111111:oidc-provider/h/p".to_owned() },
        other => panic!("no such caller: {other}"),
    };
    Caller { account: account.parse().unwrap(), identity }
}
