//! What must hold of every policy.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test fails by panicking")]

use proptest::prelude::*;
use serde_json::{Value, json};
use trent_policy::{
    Caller, Decision, Document, DocumentKind, Facts, Identity, PolicySet, Question, Values, decide, explain,
};

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/a";
const USER: &str = "arn:aws:iam::111111111111:user/alice";

/// `aws:x` is `a`; nothing else is known.
struct OneFact;

impl Facts for OneFact {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        (key == "aws:x").then(|| Values::one("a"))
    }
}

fn ask(statements: &[Value], kind: DocumentKind, caller: &Caller) -> (Decision, usize) {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let document = std::sync::Arc::new(Document::parse(&policy.to_string(), kind).unwrap());
    let identity = [document.clone()];
    let set = match kind {
        DocumentKind::Identity => PolicySet { identity: &identity, ..PolicySet::default() },
        _ => PolicySet { key_policy: Some(&document), ..PolicySet::default() },
    };
    let question = Question { caller, action: "kms:Encrypt", resource: KEY, facts: &OneFact };
    (decide(&question, &set), explain(&question, &set).applied.len())
}

fn callers() -> impl Strategy<Value = Caller> {
    let user = Identity::User { arn: USER.to_owned(), id: "AIDAALICEALICEALICE01".to_owned() };
    prop_oneof![Just(Identity::Root), Just(user)]
        .prop_map(|identity| Caller { account: "111111111111".parse().unwrap(), identity })
}

prop_compose! {
    fn statement(effect: &'static [&'static str])(
        effect in prop::sample::select(effect),
        principal in prop::sample::select(&["*", USER, "arn:aws:iam::111111111111:root", "arn:aws:iam::111111111111:user/bob"][..]),
        not_principal: bool,
        action in prop::sample::select(&["kms:*", "kms:Encrypt", "kms:Decrypt", "*"][..]),
        not_action: bool,
        resource in prop::sample::select(&["*", KEY, "arn:aws:kms:*:*:key/b"][..]),
        not_resource: bool,
        key in prop::sample::select(&["aws:x", "aws:y"][..]),
        value in prop::sample::select(&["a", "b"][..]),
        operator in prop::option::of(prop::sample::select(
            &["StringEquals", "StringNotEquals", "StringLikeIfExists", "ForAllValues:StringNotLike"][..]
        )),
    ) -> Value {
        let name = |complement: bool, name: &str| format!("{}{name}", if complement { "Not" } else { "" });
        let mut statement = json!({
            "Effect": effect,
            name(not_principal, "Principal"): {"AWS": principal},
            name(not_action, "Action"): action,
            name(not_resource, "Resource"): resource,
        });
        if let Some(operator) = operator {
            statement["Condition"] = json!({ operator: { key: value } });
        }
        statement
    }
}

const EITHER: &[&str] = &["Allow", "Deny"];
const DENY: &[&str] = &["Deny"];

/// The same question, answered from the JSON by the shortest way, without compiling anything.
/// Knows just what `statement` makes: a user or the root of one account, and the key's own policy.
fn naive(statements: &[Value], caller: &Caller) -> bool {
    let root = "arn:aws:iam::111111111111:root";
    let is_root = caller.identity == Identity::Root;
    let names: &[&str] = if is_root { &[root] } else { &[USER, root] };
    let applies = |statement: &&Value| {
        let listed = |name: &str, values: &[&str]| match (&statement[name], &statement[format!("Not{name}")])
        {
            (Value::String(value), _) => values.contains(&value.as_str()),
            (_, value) => !values.contains(&value.as_str().unwrap()),
        };
        listed("Action", &["kms:*", "kms:Encrypt", "*"])
            && listed("Resource", &["*", KEY])
            && holds(&statement["Condition"])
    };
    let reaches = |statement: &Value| {
        let deny = statement["Effect"] == "Deny";
        match (statement["Principal"]["AWS"].as_str(), statement["NotPrincipal"]["AWS"].as_str()) {
            (Some("*"), _) => true,
            // Delegation to the account of a user without identity policies is no permission.
            (Some(name), _) => names.contains(&name) && (deny || is_root || name == USER),
            (None, Some("*")) => false,
            (None, Some(name)) if deny => names.iter().any(|level| *level != name),
            (None, name) => !names.contains(&name.unwrap()),
        }
    };
    let hits: Vec<&Value> = statements.iter().filter(applies).filter(|s| reaches(s)).collect();
    hits.iter().all(|s| s["Effect"] == "Allow") && !hits.is_empty()
}

fn holds(condition: &Value) -> bool {
    let Some((operator, keys)) = condition.as_object().and_then(|block| block.iter().next()) else {
        return true;
    };
    let (key, value) = keys.as_object().unwrap().iter().next().unwrap();
    match (operator.as_str(), key == "aws:x", value == "a") {
        ("StringEquals", known, same) => known && same,
        ("StringLikeIfExists", known, same) => !known || same,
        (_, known, same) => !known || !same,
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(text in any::<String>()) {
        for kind in [DocumentKind::KeyPolicy, DocumentKind::Identity, DocumentKind::Trust] {
            let _ = Document::parse(&text, kind);
        }
    }

    #[test]
    fn no_operand_breaks_the_parser_or_the_evaluation(
        operator in "(ForAllValues:|ForAnyValue:)?(String|Numeric|Date|Arn)(Not)?(Equals|Like|LessThan)(IfExists)?",
        operand in r"[${}*?:,' a1T.-]{0,12}",
        resource in r"(arn:aws:kms:)?[${}*?:,'a]{0,12}",
    ) {
        let policy = json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "*", "Resource": ["*", resource], "Condition": { operator: { "aws:x": operand } },
        }});
        if let Ok(document) = Document::parse(&policy.to_string(), DocumentKind::Identity) {
            let identity = [std::sync::Arc::new(document)];
            let caller = Caller { account: "111111111111".parse().unwrap(), identity: Identity::Root };
            let question = Question { caller: &caller, action: "kms:Encrypt", resource: KEY, facts: &OneFact };
            let set = PolicySet { identity: &identity, ..PolicySet::default() };
            // No Deny, so nothing to forbid the root user anything.
            prop_assert!(matches!(decide(&question, &set), Decision::Allow(_)));
        }
    }

    #[test]
    fn agrees_with_a_naive_evaluator(statements in prop::collection::vec(statement(EITHER), 0..5), caller in callers()) {
        let (decision, _) = ask(&statements, DocumentKind::KeyPolicy, &caller);
        prop_assert_eq!(matches!(decision, Decision::Allow(_)), naive(&statements, &caller));
    }

    #[test]
    fn a_deny_never_permits(
        mut statements in prop::collection::vec(statement(EITHER), 0..5),
        deny in statement(DENY),
        at in any::<prop::sample::Index>(),
        caller in callers(),
    ) {
        let (before, _) = ask(&statements, DocumentKind::KeyPolicy, &caller);
        statements.insert(at.index(statements.len() + 1), deny);
        let (after, _) = ask(&statements, DocumentKind::KeyPolicy, &caller);
        prop_assert!(matches!(before, Decision::Allow(_)) || matches!(after, Decision::Deny(_)));
    }

    #[test]
    fn what_decides_is_explained(statements in prop::collection::vec(statement(EITHER), 0..5), caller in callers()) {
        let (decision, applied) = ask(&statements, DocumentKind::KeyPolicy, &caller);
        let decided = match &decision {
            Decision::Allow(_) => true,
            Decision::Deny(reason) => reason.statement().is_some(),
        };
        prop_assert!(applied > 0 || !decided);
    }
}
