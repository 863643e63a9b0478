//! The evaluator against a slow one that was written from the rules alone, over generated policies.
//!
//! `TRENT_POLICY_PAIRS` says how many pairs of policies and request to compare (50,000 unless told),
//! `TRENT_POLICY_SEED` where to begin. The same seed makes the same pairs:
//!
//! ```text
//! TRENT_POLICY_PAIRS=1000000 cargo test -p trent-policy --release --test differential -- --nocapture
//! ```

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod compare;
mod conditions;
mod generate;
mod glob;
mod naive;
mod text;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Map, Value, json};
use trent_policy::{
    Caller, Decision, Document, DocumentKind, Facts, FederatingUser, Identity, PolicySet, Question, Values,
    decide,
};

use crate::generate::Random;
use crate::naive::{ALLOWED, Answer, Case, Coverage, UNREACHABLE};

/// Requests against each set of policies.
const REQUESTS: usize = 5;

/// How refusals are worded, and permission.
const OUTCOMES: [&str; 10] = [
    ALLOWED,
    UNREACHABLE,
    "with an explicit deny in a resource-based policy",
    "with an explicit deny in an identity-based policy",
    "with an explicit deny in a permissions boundary",
    "with an explicit deny in a session policy",
    "because no resource-based policy allows",
    "because no identity-based policy allows",
    "because no permissions boundary allows",
    "because no session policy allows",
];

#[test]
fn both_evaluators_agree() {
    let number = |name: &str, default: usize| match std::env::var(name) {
        Ok(text) => text.parse().unwrap(),
        Err(_) => default,
    };
    let (pairs, seed) = (number("TRENT_POLICY_PAIRS", 50_000), number("TRENT_POLICY_SEED", 1));
    let sets = pairs.div_ceil(REQUESTS);
    let halves =
        [0..sets / 2, sets / 2..sets].map(|range| std::thread::spawn(move || Tally::of(seed, range)));
    let mut tally = Tally::default();
    for half in halves {
        tally.add(half.join().unwrap());
    }
    println!("{}", tally.report());
    assert!(tally.differences.is_empty(), "{}", tally.differences.join("\n"));
    tally.check_spread();
}

/// What was seen.
#[derive(Default)]
struct Tally {
    pairs: u64,
    explicit: u64,
    outcomes: BTreeMap<&'static str, u64>,
    coverage: Coverage,
    differences: Vec<String>,
}

impl Tally {
    fn of(seed: usize, range: std::ops::Range<usize>) -> Self {
        let mut tally = Self::default();
        for set in range {
            let mut random = Random(u64::try_from(seed * 1_000_000_007 + set).unwrap());
            let cases = generate::cases(&mut random, REQUESTS);
            let compiled = Compiled::of(&cases[0]);
            for case in &cases {
                tally.compare(set, case, &compiled);
            }
        }
        tally
    }

    fn compare(&mut self, set: usize, case: &Case, compiled: &Compiled) {
        let wanted = naive::decide(case, &mut self.coverage);
        let found = compiled.answer(case);
        if found != wanted && self.differences.len() < 3 {
            let case = describe(case);
            self.differences.push(format!("set {set}: {found:?} instead of {wanted:?} for {case}"));
        }
        self.pairs += 1;
        self.explicit += u64::from(wanted.explicit);
        *self.outcomes.entry(wanted.words).or_default() += 1;
    }

    fn add(&mut self, other: Self) {
        self.pairs += other.pairs;
        self.explicit += other.explicit;
        self.differences.extend(other.differences);
        for (outcome, count) in other.outcomes {
            *self.outcomes.entry(outcome).or_default() += count;
        }
        for (operator, [fails, holds]) in other.coverage {
            let counts = self.coverage.entry(operator).or_default();
            *counts = [counts[0] + fails, counts[1] + holds];
        }
    }

    fn percent(&self, outcome: &str) -> f64 {
        let count = u32::try_from(self.outcomes.get(outcome).copied().unwrap_or_default()).unwrap();
        100.0 * f64::from(count) / f64::from(u32::try_from(self.pairs).unwrap())
    }

    fn report(&self) -> String {
        let outcomes: Vec<String> =
            OUTCOMES.iter().map(|outcome| format!("{:6.2} % {outcome}", self.percent(outcome))).collect();
        let (pairs, differences) = (self.pairs, self.differences.len());
        let operators = self.coverage.len();
        format!(
            "{pairs} pairs compared, {differences} differences, {} explicit denials, {operators} forms of operators\n{}",
            self.explicit,
            outcomes.join("\n")
        )
    }

    /// A comparison of nothing but refusals, or of half the language, would say little.
    fn check_spread(&self) {
        if self.pairs < 50_000 {
            return;
        }
        let allowed = self.percent(ALLOWED);
        assert!((20.0..50.0).contains(&allowed), "{allowed} % are allowed");
        for outcome in OUTCOMES {
            assert!(self.percent(outcome) > 0.3, "{outcome} is too rare");
        }
        let one_sided: Vec<_> = self.coverage.iter().filter(|(_, counts)| counts.contains(&0)).collect();
        assert!(one_sided.is_empty(), "operators that always come out the same: {one_sided:?}");
        // Each of the 26 with all prefixes and suffixes, and Null.
        assert_eq!(self.coverage.len(), 26 * 3 * 2 + 1);
    }
}

/// The policies of a case, as the evaluator takes them.
struct Compiled {
    resource: Option<Document>,
    identity: Vec<Arc<Document>>,
    boundary: Option<Document>,
    session: Option<Vec<Arc<Document>>>,
    caller: Caller,
}

impl Compiled {
    fn of(case: &Case) -> Self {
        let kind = if case.trust { DocumentKind::Trust } else { DocumentKind::KeyPolicy };
        let parse = |policy: &Value, kind| {
            Document::parse(&policy.to_string(), kind).unwrap_or_else(|error| panic!("{error}: {policy}"))
        };
        let shared = |policies: &Vec<Value>| {
            policies.iter().map(|policy| Arc::new(parse(policy, DocumentKind::Identity))).collect()
        };
        Self {
            resource: case.resource_policy.as_ref().map(|policy| parse(policy, kind)),
            identity: shared(&case.identity),
            boundary: case.boundary.as_ref().map(|policy| parse(policy, DocumentKind::Identity)),
            session: case.session.as_ref().map(shared),
            caller: caller(&case.caller),
        }
    }

    fn answer(&self, case: &Case) -> Answer {
        let facts = Known(&case.facts);
        let question =
            Question { caller: &self.caller, action: case.action, resource: &case.resource, facts: &facts };
        let set = PolicySet {
            key_policy: self.resource.as_ref(),
            key_account: case.owner.map(|owner| owner.parse().unwrap()),
            cross_account: case.crosses,
            trusts_owner: false,
            identity: &self.identity,
            boundary: self.boundary.as_ref(),
            session: self.session.as_deref(),
        };
        match decide(&question, &set) {
            Decision::Allow(_) => Answer { words: ALLOWED, explicit: false, own_policies_allow: None },
            Decision::Deny(reason) => {
                let message = reason.message("ME", case.action, "*");
                let words = OUTCOMES.into_iter().find(|words| message.contains(words)).unwrap();
                Answer {
                    words,
                    explicit: reason.is_explicit(),
                    own_policies_allow: Some(reason.identity_allows()),
                }
            }
        }
    }
}

struct Known<'a>(&'a Map<String, Value>);

impl Facts for Known<'_> {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match self.0.iter().find(|(name, _)| name.to_lowercase() == key)?.1 {
            Value::Array(values) => Some(Values::many(values.iter().map(|v| v.as_str().unwrap()))),
            value => Some(Values::one(value.as_str().unwrap())),
        }
    }
}

fn caller(value: &Value) -> Caller {
    let text = |name: &str| value[name].as_str().unwrap().to_owned();
    let user = |user: &Value| FederatingUser {
        arn: user["arn"].as_str().unwrap().to_owned(),
        id: user["id"].as_str().unwrap().to_owned(),
    };
    let identity = match value["type"].as_str().unwrap() {
        "root" => Identity::Root,
        "user" => Identity::User { arn: text("arn"), id: text("id") },
        "session" => {
            Identity::Session { arn: text("arn"), role_arn: text("role_arn"), role_id: text("role_id") }
        }
        "federated" => Identity::FederatedUser {
            arn: text("arn"),
            user: Some(&value["user"]).filter(|user| !user.is_null()).map(user),
        },
        "service" => Identity::Service { name: text("name") },
        _ => Identity::Provider { arn: text("arn") },
    };
    Caller { account: text("account").parse().unwrap(), identity }
}

/// A case as one line of JSON.
fn describe(case: &Case) -> Value {
    json!({
        "resource_policy": case.resource_policy, "trust": case.trust, "identity": case.identity,
        "boundary": case.boundary, "session": case.session, "caller": case.caller, "owner": case.owner,
        "crosses": case.crosses, "action": case.action, "resource": case.resource, "facts": case.facts,
    })
}
