//! The slow evaluator: reads policies as plain JSON, request by request, straight from the rules.
//!
//! It shares nothing with the crate but the texts. Nothing is compiled, cached or cut short, so that
//! what is wrong here is unlikely to be wrong there in the same way.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::compare::{self, Family};
use crate::glob;
use crate::text::{self, Facts};

/// Everything one decision needs, as JSON.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) resource_policy: Option<Value>,
    pub(crate) trust: bool,
    pub(crate) identity: Vec<Value>,
    pub(crate) boundary: Option<Value>,
    pub(crate) session: Option<Vec<Value>>,
    pub(crate) caller: Value,
    pub(crate) owner: Option<&'static str>,
    pub(crate) crosses: bool,
    pub(crate) action: &'static str,
    pub(crate) resource: String,
    pub(crate) facts: Map<String, Value>,
}

/// An answer, in the words of a refusal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) words: &'static str,
    pub(crate) explicit: bool,
    /// Told of refusals only.
    pub(crate) own_policies_allow: Option<bool>,
}

pub(crate) const ALLOWED: &str = "allowed";
pub(crate) const UNREACHABLE: &str = "because the resource does not exist";

/// How often conditions held and did not, by operator.
pub(crate) type Coverage = BTreeMap<String, [u64; 2]>;

/// What the statements of one or more policies come to.
#[derive(Default, Clone, Copy)]
struct Says {
    denies: bool,
    allows_by_name: bool,
    allows_by_role: bool,
    allows_by_account: bool,
}

impl Says {
    const fn allows(self) -> bool {
        self.allows_by_name || self.allows_by_role || self.allows_by_account
    }
}

pub(crate) fn decide(case: &Case, coverage: &mut Coverage) -> Answer {
    let mut evaluator = Evaluator { case, names: Names::of(&case.caller), coverage };
    let resource = case.resource_policy.iter().cloned().collect::<Vec<_>>();
    let resource = evaluator.all(&resource, !case.trust);
    let identity = evaluator.all(&case.identity, false);
    let boundary = case.boundary.clone().map(|policy| evaluator.all(&[policy], false));
    let session = case.session.clone().map(|policies| evaluator.all(&policies, false));
    let opinions = Opinions { case, resource, identity, boundary, session };
    let own_denies = identity.denies
        || boundary.is_some_and(|says| says.denies)
        || session.is_some_and(|says| says.denies);
    let explicit = resource.denies || own_denies;
    let words = opinions.words();
    let words = if words != ALLOWED && opinions.foreign() { UNREACHABLE } else { words };
    let own_policies_allow = (words != ALLOWED).then(|| !own_denies && opinions.iam() == ALLOWED);
    Answer { words, explicit, own_policies_allow }
}

struct Opinions<'a> {
    case: &'a Case,
    resource: Says,
    identity: Says,
    boundary: Option<Says>,
    session: Option<Says>,
}

impl Opinions<'_> {
    fn foreign(&self) -> bool {
        let kind = self.case.caller["type"].as_str().unwrap();
        !matches!(kind, "service" | "provider")
            && self.case.owner.is_some_and(|owner| self.case.caller["account"] != owner)
    }

    fn words(&self) -> &'static str {
        if self.resource.denies {
            return "with an explicit deny in a resource-based policy";
        }
        if self.identity.denies {
            return "with an explicit deny in an identity-based policy";
        }
        if self.boundary.is_some_and(|says| says.denies) {
            return "with an explicit deny in a permissions boundary";
        }
        if self.session.is_some_and(|says| says.denies) {
            return "with an explicit deny in a session policy";
        }
        if self.foreign() {
            let admitted = self.case.crosses && self.resource.allows();
            return if admitted { self.iam() } else { UNREACHABLE };
        }
        self.same_account()
    }

    fn same_account(&self) -> &'static str {
        if self.case.resource_policy.is_none() || self.only_delegated() {
            return self.iam();
        }
        if self.resource.allows_by_name {
            return ALLOWED;
        }
        if self.resource.allows_by_role { self.limits() } else { "because no resource-based policy allows" }
    }

    const fn only_delegated(&self) -> bool {
        let Says { allows_by_name, allows_by_role, allows_by_account, .. } = self.resource;
        allows_by_account && !allows_by_name && !allows_by_role
    }

    /// Identity policies, limited by boundary and session policies.
    fn iam(&self) -> &'static str {
        let needs_no_identity_policy = match self.case.caller["type"].as_str().unwrap() {
            "root" => true,
            "federated" => self.case.caller["user"].is_null(),
            _ => false,
        };
        if self.identity.allows() || needs_no_identity_policy {
            self.limits()
        } else {
            "because no identity-based policy allows"
        }
    }

    fn limits(&self) -> &'static str {
        if self.boundary.is_some_and(|says| !says.allows()) {
            "because no permissions boundary allows"
        } else if self.session.is_some_and(|says| !says.allows()) {
            "because no session policy allows"
        } else {
            ALLOWED
        }
    }
}

/// The names of a caller, by level; each as `TYPE NAME`.
struct Names {
    own: Vec<String>,
    role: Vec<String>,
    account: Vec<String>,
}

impl Names {
    fn of(caller: &Value) -> Self {
        let text = |value: &Value| format!("AWS {}", value.as_str().unwrap());
        let account = caller["account"].as_str().unwrap();
        let account = vec![format!("AWS {account}"), format!("AWS arn:aws:iam::{account}:root")];
        let names = |own: Vec<String>, role: Vec<String>| Self { own, role, account: account.clone() };
        match caller["type"].as_str().unwrap() {
            "root" => Self { own: account, role: vec![], account: vec![] },
            "user" => names(vec![text(&caller["arn"]), text(&caller["id"])], vec![]),
            "session" => {
                names(vec![text(&caller["arn"])], vec![text(&caller["role_arn"]), text(&caller["role_id"])])
            }
            "federated" => {
                let user = &caller["user"];
                let user = if user.is_null() { vec![] } else { vec![text(&user["arn"]), text(&user["id"])] };
                names(vec![text(&caller["arn"])], user)
            }
            "service" => Self::only(format!("Service {}", caller["name"].as_str().unwrap())),
            _ => Self::only(format!("Federated {}", caller["arn"].as_str().unwrap())),
        }
    }

    fn only(name: String) -> Self {
        Self { own: vec![name], role: vec![], account: vec![] }
    }

    fn levels(&self) -> impl Iterator<Item = &Vec<String>> {
        [&self.own, &self.role, &self.account].into_iter().filter(|level| !level.is_empty())
    }
}

struct Evaluator<'a> {
    case: &'a Case,
    names: Names,
    coverage: &'a mut Coverage,
}

impl Evaluator<'_> {
    fn all(&mut self, policies: &[Value], is_key_policy: bool) -> Says {
        let mut says = Says::default();
        for policy in policies {
            let facts = Facts {
                known: &self.case.facts,
                variables: policy["Version"] == "2012-10-17",
                hides_aliases: is_key_policy,
            };
            for statement in text::list(&policy["Statement"]) {
                self.statement(statement, &facts, &mut says);
            }
        }
        says
    }

    fn statement(&mut self, statement: &Value, facts: &Facts<'_>, says: &mut Says) {
        let action = |pattern: &str| glob::matches(&glob::plain(pattern), self.case.action, true);
        let resource = |pattern: &str| glob::resource(pattern, &self.case.resource, facts);
        let trust = self.case.trust && !statement["Principal"].is_null();
        let holds = self.conditions(&statement["Condition"], facts);
        let covered = listed(statement, "Action", action) == Some(true)
            && (trust || listed(statement, "Resource", resource) == Some(true))
            && holds;
        if !covered {
            return;
        }
        let principal = ["Principal", "NotPrincipal"].map(|name| statement.get(name).map(entries));
        if statement["Effect"] == "Deny" {
            says.denies |= self.denied(&principal);
        } else {
            self.allowed(&principal, says);
        }
    }

    fn denied(&self, principal: &[Option<Vec<String>>; 2]) -> bool {
        match principal {
            [None, None] => true,
            [Some(named), _] => is_everyone(named) || self.names.levels().any(|level| meet(level, named)),
            [None, Some(exempt)] => {
                !is_everyone(exempt) && self.names.levels().any(|level| !meet(level, exempt))
            }
        }
    }

    fn allowed(&self, principal: &[Option<Vec<String>>; 2], says: &mut Says) {
        match principal {
            [None, None] => says.allows_by_name = true,
            [Some(named), _] => {
                // Whom a provider vouches for is nobody yet, and not among everyone.
                let everyone = is_everyone(named) && self.case.caller["type"] != "provider";
                says.allows_by_name |= everyone || meet(&self.names.own, named);
                says.allows_by_role |= meet(&self.names.role, named);
                says.allows_by_account |= meet(&self.names.account, named);
            }
            [None, Some(exempt)] => {
                says.allows_by_name |=
                    !is_everyone(exempt) && !self.names.levels().any(|level| meet(level, exempt));
            }
        }
    }

    fn conditions(&mut self, block: &Value, facts: &Facts<'_>) -> bool {
        let mut all = true;
        for (operator, keys) in block.as_object().into_iter().flatten() {
            for (key, operands) in keys.as_object().unwrap() {
                let holds = condition(operator, key, operands, facts);
                self.coverage.entry(operator.clone()).or_default()[usize::from(holds)] += 1;
                all &= holds;
            }
        }
        all
    }
}

fn condition(operator: &str, key: &str, operands: &Value, facts: &Facts<'_>) -> bool {
    let (set, rest) = operator.split_once(':').unwrap_or(("", operator));
    let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
    let values = facts.values(key);
    let operands: Vec<String> = text::list(operands).map(text::scalar).collect();
    if name == "Null" {
        let absent = if values.is_empty() { "true" } else { "false" };
        return operands.iter().any(|wanted| wanted.eq_ignore_ascii_case(absent));
    }
    let family = Family::of(name);
    if values.is_empty() {
        return match set {
            "ForAllValues" => true,
            "ForAnyValue" => if_exists,
            _ => if_exists || family.negated,
        };
    }
    let mut each = values.iter().map(|value| {
        let results: Option<Vec<bool>> =
            operands.iter().map(|operand| compare::compare(&family, value, operand, facts)).collect();
        // A value that cannot be compared meets nothing, not even without operands.
        let comparable = compare::is_comparable(&family, value);
        comparable && results.is_some_and(|results| results.contains(&true) != family.negated)
    });
    if set == "ForAllValues" { each.all(|met| met) } else { each.any(|met| met) }
}

/// Whether an element, or else its complement, holds something; none without either.
fn listed(statement: &Value, name: &str, matches: impl Fn(&str) -> bool) -> Option<bool> {
    let any = |element: &Value| text::list(element).any(|pattern| matches(pattern.as_str().unwrap()));
    match (statement.get(name), statement.get(format!("Not{name}"))) {
        (Some(element), _) => Some(any(element)),
        (None, Some(complement)) => Some(!any(complement)),
        (None, None) => None,
    }
}

/// The entries of a `Principal`, each as `TYPE NAME`.
fn entries(principal: &Value) -> Vec<String> {
    if principal == "*" {
        return vec!["AWS *".to_owned()];
    }
    let kinds = principal.as_object().unwrap().iter();
    kinds
        .flat_map(|(kind, names)| text::list(names).map(move |name| format!("{kind} {}", text::scalar(name))))
        .collect()
}

fn is_everyone(named: &[String]) -> bool {
    named.iter().any(|name| name == "AWS *")
}

fn meet(level: &[String], named: &[String]) -> bool {
    level.iter().any(|name| named.contains(name))
}
