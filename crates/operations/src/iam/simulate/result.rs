//! Answers as the API shows them: one result for an action, with one for each resource in it.

use std::collections::{BTreeMap, HashSet};

use trent_model::iam::{
    EvaluationResult, OrganizationsDecisionDetail, PermissionsBoundaryDecisionDetail,
    PolicyEvaluationDecisionType, Position, ResourceSpecificResult, Statement,
};
use trent_policy::Outcome;

use super::simulation::{Answer, Match, Simulation, strictest};
use super::template;

/// The result for an action on all resources of a simulation.
pub(super) fn of(simulation: &Simulation, action: &str) -> EvaluationResult {
    let answers: Vec<Answer> =
        simulation.resources.iter().map(|resource| simulation.answer(action, resource)).collect();
    let outcome = strictest(answers.iter().map(|answer| answer.outcome));
    let organization = answers.iter().map(|answer| answer.organization).collect::<Option<Vec<_>>>();
    let organization = organization.map(|each| strictest(each) == Outcome::Allowed);
    let boundary = answers.iter().map(|answer| answer.boundary_allows).collect::<Option<Vec<_>>>();
    // Whoever names no resource is told everything at once.
    let named = simulation.resources.iter().any(|resource| resource != "*");
    EvaluationResult {
        eval_action_name: action.to_owned(),
        eval_decision: decision(outcome),
        eval_decision_details: (named && organization != Some(false)).then(|| strictest_parts(&answers)),
        eval_resource_name: Some(template::of(action).to_owned()),
        matched_statements: Some(statements(simulation, &contributing(&answers, outcome))),
        missing_context_values: Some(distinct(answers.iter().flat_map(|answer| &answer.missing))),
        organizations_decision_detail: organization
            .map(|allowed| OrganizationsDecisionDetail { allowed_by_organizations: Some(allowed) }),
        permissions_boundary_decision_detail: boundary.map(|each| bounded(each.iter().all(|allows| *allows))),
        resource_specific_results: named.then(|| {
            let each = simulation.resources.iter().zip(&answers);
            each.map(|(resource, answer)| of_resource(simulation, resource, answer)).collect()
        }),
    }
}

fn of_resource(simulation: &Simulation, resource: &str, answer: &Answer) -> ResourceSpecificResult {
    let parts = answer.parts.iter().map(|(name, outcome)| ((*name).to_owned(), decision(*outcome)));
    ResourceSpecificResult {
        eval_decision_details: (!answer.parts.is_empty()).then(|| parts.collect()),
        eval_resource_decision: decision(answer.outcome),
        eval_resource_name: resource.to_owned(),
        matched_statements: Some(statements(simulation, &answer.matched)),
        missing_context_values: Some(answer.missing.clone()),
        permissions_boundary_decision_detail: answer.boundary_allows.map(bounded),
    }
}

/// The statements that led to the answer for all resources together, each once.
fn contributing(answers: &[Answer], outcome: Outcome) -> Vec<Match> {
    if outcome == Outcome::ImplicitDeny {
        return Vec::new();
    }
    let mut seen = HashSet::new();
    let found = answers.iter().filter(|answer| answer.outcome == outcome).flat_map(|answer| &answer.matched);
    found.filter(|one| seen.insert(one.at)).copied().collect()
}

fn statements(simulation: &Simulation, matched: &[Match]) -> Vec<Statement> {
    let shown = |one: &Match| {
        let (name, kind) = simulation.source(one.at.policy)?;
        Some(Statement {
            end_position: Some(position(one.span.end)),
            source_policy_id: Some(name.to_owned()),
            source_policy_type: Some(kind.to_owned()),
            start_position: Some(position(one.span.start)),
        })
    };
    matched.iter().filter_map(shown).collect()
}

fn position(at: trent_policy::Position) -> Position {
    let number = |number: usize| Some(i32::try_from(number).unwrap_or(i32::MAX));
    Position { column: number(at.column), line: number(at.line) }
}

/// The strictest that each kind of policy says of any resource.
fn strictest_parts(answers: &[Answer]) -> BTreeMap<String, PolicyEvaluationDecisionType> {
    let mut parts: BTreeMap<&str, Outcome> = BTreeMap::new();
    for (name, outcome) in answers.iter().flat_map(|answer| &answer.parts) {
        let so_far = parts.get(name).copied();
        parts.insert(name, strictest(so_far.into_iter().chain([*outcome])));
    }
    parts.into_iter().map(|(name, outcome)| (name.to_owned(), decision(outcome))).collect()
}

/// Each key once, as it is first written.
fn distinct<'a>(keys: impl Iterator<Item = &'a String>) -> Vec<String> {
    let mut seen = HashSet::new();
    keys.filter(|key| seen.insert(key.to_lowercase())).cloned().collect()
}

const fn bounded(allowed: bool) -> PermissionsBoundaryDecisionDetail {
    PermissionsBoundaryDecisionDetail { allowed_by_permissions_boundary: Some(allowed) }
}

const fn decision(outcome: Outcome) -> PolicyEvaluationDecisionType {
    match outcome {
        Outcome::Allowed => PolicyEvaluationDecisionType::Allowed,
        Outcome::ExplicitDeny => PolicyEvaluationDecisionType::ExplicitDeny,
        Outcome::ImplicitDeny => PolicyEvaluationDecisionType::ImplicitDeny,
    }
}
