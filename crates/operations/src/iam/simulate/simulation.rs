//! A simulation: who asks, under which policies and condition keys, and what the answer is for one
//! action on one resource.

use std::sync::Arc;

use trent_domain::{AccountId, Arn};
use trent_engine::{Catalog, Fault, HeldPolicy, PolicyOrigin};
use trent_policy::{
    Caller, Document, DocumentKind, Effect, Outcome, PolicyRef, PolicySet, Question, Span, StatementRef,
    explain,
};

use super::caller::SimulatedCaller;
use super::facts::SimulatedFacts;
use super::organization::Levels;
use super::run::Asked;
use crate::iam::shared::{fault, policy};

/// A policy, and what answers call it.
pub(super) struct NamedPolicy {
    pub(super) name: String,
    pub(super) document: Arc<Document>,
}

impl NamedPolicy {
    /// A policy that somebody has, named as the service names it.
    pub(super) fn held(held: &HeldPolicy) -> Self {
        let name = match &held.origin {
            PolicyOrigin::Inline { kind, holder, name } => format!("{}_{holder}_{name}", kind.as_str()),
            PolicyOrigin::Managed(arn) => arn.rsplit('/').next().unwrap_or(arn).to_owned(),
        };
        Self { name, document: Arc::clone(&held.document) }
    }

    /// The policies that an input brings along.
    ///
    /// # Errors
    /// `InvalidInput` when one is no policy.
    pub(super) fn given(texts: &[String]) -> Result<Vec<Self>, Fault> {
        let named = |(index, text): (usize, &String)| {
            Ok(Self { name: format!("PolicyInputList.{}", index + 1), document: policy::given(text)? })
        };
        texts.iter().enumerate().map(named).collect()
    }
}

/// The strictest of several answers; without any nothing forbids.
pub(super) fn strictest(outcomes: impl IntoIterator<Item = Outcome>) -> Outcome {
    let rank = |outcome: &Outcome| match outcome {
        Outcome::Allowed => 0,
        Outcome::ImplicitDeny => 1,
        Outcome::ExplicitDeny => 2,
    };
    outcomes.into_iter().max_by_key(rank).unwrap_or(Outcome::Allowed)
}

/// The policies of a simulation.
pub(super) struct Policies {
    /// Identity policies.
    pub(super) identity: Vec<NamedPolicy>,
    /// The permissions boundary.
    pub(super) boundary: Option<Arc<Document>>,
    /// Service control policies.
    pub(super) levels: Option<Levels>,
}

/// Everything that an answer depends on but the action.
pub(super) struct Simulation {
    caller: Caller,
    facts: SimulatedFacts,
    names: Vec<String>,
    identity: Vec<Arc<Document>>,
    boundary: Option<Arc<Document>>,
    levels: Option<Levels>,
    resource_policy: Option<ResourcePolicy>,
    owner: Option<AccountId>,
    /// What is asked about; `*` when nothing is named.
    pub(super) resources: Vec<String>,
}

/// The policy that every resource is to have.
struct ResourcePolicy {
    document: Document,
    kms: Catalog,
}

/// The answer for one action on one resource.
pub(super) struct Answer {
    /// In a word.
    pub(super) outcome: Outcome,
    /// The statements that make it so.
    pub(super) matched: Vec<Match>,
    /// The condition keys that policies ask for and that have no value.
    pub(super) missing: Vec<String>,
    /// Whether the permissions boundary allows, if there is one.
    pub(super) boundary_allows: Option<bool>,
    /// What each kind of policy says, if the resource is another account's.
    pub(super) parts: Vec<(&'static str, Outcome)>,
    /// What the service control policies say, if there are any.
    pub(super) organization: Option<Outcome>,
}

/// A statement, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Match {
    pub(super) at: StatementRef,
    pub(super) span: Span,
}

impl Simulation {
    /// Puts a simulation together.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub(super) fn new(
        asked: &Asked<'_>,
        simulated: SimulatedCaller,
        policies: Policies,
    ) -> Result<Self, Fault> {
        let resource_policy =
            asked.resource_policy.map(|text| ResourcePolicy::new(text, &simulated)).transpose()?;
        let (names, identity) = policies.identity.into_iter().map(|p| (p.name, p.document)).unzip();
        Ok(Self {
            caller: simulated.caller,
            facts: SimulatedFacts::new(simulated.facts, asked.context_entries)?,
            names,
            identity,
            boundary: policies.boundary,
            levels: policies.levels,
            resource_policy,
            owner: asked.resource_owner.map(owner).transpose()?,
            resources: resources(asked.resources)?,
        })
    }

    /// How much there is to look at for one action.
    pub(super) fn weight(&self) -> usize {
        let identity = self.identity.iter().map(|document| document.weight());
        let resource = self.resource_policy.iter().map(|policy| policy.document.weight());
        let boundary = self.boundary.iter().map(|document| document.weight());
        let levels = self.levels.iter().map(Levels::weight);
        let one = identity.chain(resource).chain(boundary).chain(levels).sum::<usize>();
        one.max(1).saturating_mul(self.resources.len())
    }

    /// What answers call a policy, and its kind; nothing of those that they do not list.
    pub(super) fn source(&self, policy: PolicyRef) -> Option<(&str, &'static str)> {
        match policy {
            PolicyRef::Resource => Some(("ResourcePolicy", RESOURCE_POLICY)),
            PolicyRef::Identity(index) => self.names.get(index).map(|name| (name.as_str(), IAM_POLICY)),
            PolicyRef::Boundary | PolicyRef::Session(_) => None,
        }
    }

    /// Refuses a resource policy that has nothing to do with one of the resources.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub(super) fn check_resource_policy(&self) -> Result<(), Fault> {
        let Some(policy) = &self.resource_policy else { return Ok(()) };
        let strays = |resource: &&String| !policy.document.covers(&self.question("", resource));
        match self.resources.iter().find(strays) {
            Some(resource) => Err(fault::invalid_input(format!(
                "The resource policy is not applicable to resource {resource}."
            ))),
            None => Ok(()),
        }
    }

    /// What the policies say of an action on a resource.
    pub(super) fn answer(&self, action: &str, resource: &str) -> Answer {
        let question = self.question(action, resource);
        let owner = self.owner_of(resource);
        let foreign = self.resource_policy.is_some() && owner != self.caller.account;
        let found = explain(&question, &self.policies(action, owner));
        let organization = self.levels.as_ref().map(|levels| levels.outcome(&question));
        let mut answer = Answer {
            outcome: found.decision.outcome(),
            matched: Vec::new(),
            missing: found.missing.clone(),
            boundary_allows: found.boundary_allows,
            parts: Vec::new(),
            organization,
        };
        if let Some(denied) = organization.filter(|outcome| *outcome != Outcome::Allowed) {
            // Nothing else is looked at.
            answer.outcome = denied;
            return answer;
        }
        // Across accounts it is told who would allow even if not all do, as the service's example has it.
        let wanted = match answer.outcome {
            Outcome::Allowed => Some(Effect::Allow),
            Outcome::ExplicitDeny => Some(Effect::Deny),
            Outcome::ImplicitDeny => foreign.then_some(Effect::Allow),
        };
        let listed = found.applied.iter().filter(|one| Some(one.effect) == wanted);
        let listed = listed.filter(|one| self.source(one.at.policy).is_some());
        answer.matched = listed.map(|one| Match { at: one.at, span: one.span }).collect();
        if foreign {
            let of = |part: fn(PolicyRef) -> bool| found.outcome_of(part);
            answer.parts.push((IAM_POLICY, of(|policy| matches!(policy, PolicyRef::Identity(_)))));
            answer.parts.push((RESOURCE_POLICY, of(|policy| policy == PolicyRef::Resource)));
            if self.boundary.is_some() {
                answer.parts.push((BOUNDARY_POLICY, of(|policy| policy == PolicyRef::Boundary)));
            }
        }
        answer
    }

    fn question<'a>(&'a self, action: &'a str, resource: &'a str) -> Question<'a> {
        Question { caller: &self.caller, action, resource, facts: &self.facts }
    }

    /// Without a policy of the resource it does not matter whose it is.
    fn policies(&self, action: &str, owner: AccountId) -> PolicySet<'_> {
        let set = PolicySet {
            identity: &self.identity,
            boundary: self.boundary.as_deref(),
            ..PolicySet::default()
        };
        match &self.resource_policy {
            Some(policy) => PolicySet {
                key_policy: Some(&policy.document),
                key_account: Some(owner),
                cross_account: policy.crosses_accounts(action),
                trusts_owner: kms_operation(action).is_none(),
                ..set
            },
            None => set,
        }
    }

    /// Whose a resource is: its ARN says so, or the input, or it is the caller's.
    fn owner_of(&self, resource: &str) -> AccountId {
        let named = Arn::parse(resource).ok().and_then(|arn| arn.account.parse().ok());
        named.or(self.owner).unwrap_or(self.caller.account)
    }
}

const IAM_POLICY: &str = "IAM Policy";
const RESOURCE_POLICY: &str = "Resource Policy";
const BOUNDARY_POLICY: &str = "Permissions Boundary Policy";

impl ResourcePolicy {
    /// As with the service, only users can be simulated with a resource's policy.
    fn new(text: &str, simulated: &SimulatedCaller) -> Result<Self, Fault> {
        if !simulated.is_user {
            return Err(fault::invalid_input("Invalid caller - Caller must be an IAM user in this context."));
        }
        let document = Document::parse(text, DocumentKind::KeyPolicy);
        let document = document.map_err(|error| fault::invalid_input(error.to_string()))?;
        Ok(Self { document, kms: crate::catalog::kms() })
    }

    /// Whether an action can be allowed on another account's resource; of KMS not all can.
    fn crosses_accounts(&self, action: &str) -> bool {
        kms_operation(action).is_none_or(|name| self.kms.crosses_accounts(name))
    }
}

/// The operation of KMS that an action belongs to.
fn kms_operation(action: &str) -> Option<&str> {
    let (service, name) = action.split_once(':')?;
    let is_re_encrypt = ["ReEncryptFrom", "ReEncryptTo"].iter().any(|one| one.eq_ignore_ascii_case(name));
    service.eq_ignore_ascii_case("kms").then_some(if is_re_encrypt { "ReEncrypt" } else { name })
}

fn owner(text: &str) -> Result<AccountId, Fault> {
    let arn = Arn::parse(text).ok().filter(|arn| arn.service == "iam" && arn.resource == "root");
    let account = arn.and_then(|arn| arn.account.parse().ok());
    account.ok_or_else(|| fault::invalid_input(format!("'{text}' is not a valid as a Resource Owner.")))
}

fn resources(given: Option<&[String]>) -> Result<Vec<String>, Fault> {
    let given = given.unwrap_or_default();
    if let Some(bad) = given.iter().find(|text| *text != "*" && Arn::parse(text).is_err()) {
        return Err(fault::invalid_input(format!("Invalid Resource Arn: {bad}")));
    }
    Ok(if given.is_empty() { vec!["*".to_owned()] } else { given.to_vec() })
}
