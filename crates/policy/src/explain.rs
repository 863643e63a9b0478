//! Explanations: what applies to a question and what was missing, for simulators and operators.

use std::collections::HashSet;

use crate::statement::{Effect, Statement};
use crate::{
    Decision, Document, Outcome, PolicyRef, PolicySet, Question, Span, StatementRef, Values, decide,
};

/// A decision and how it came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The answer.
    pub decision: Decision,
    /// Every statement that applies, whether it decides or not.
    pub applied: Vec<Applied>,
    /// The condition keys without a value that statements about this caller and action mention, each
    /// as it is first written. A variable with a default needs none.
    pub missing: Vec<String>,
    /// Whether the permissions boundary allows; none without a boundary.
    pub boundary_allows: Option<bool>,
}

impl Explanation {
    /// The statements that a simulator lists: those that deny when one does, those that allow when
    /// the answer is yes, else none.
    pub fn matched(&self) -> impl Iterator<Item = &Applied> {
        let wanted = match self.decision.outcome() {
            Outcome::Allowed => Some(Effect::Allow),
            Outcome::ExplicitDeny => Some(Effect::Deny),
            Outcome::ImplicitDeny => None,
        };
        self.applied.iter().filter(move |applied| Some(applied.effect) == wanted)
    }

    /// What the statements of some of the policies say, were there no others.
    pub fn outcome_of(&self, concerned: impl Fn(PolicyRef) -> bool) -> Outcome {
        let mut effects =
            self.applied.iter().filter(|a| concerned(a.at.policy)).map(|applied| applied.effect);
        match effects.next() {
            None => Outcome::ImplicitDeny,
            Some(Effect::Deny) => Outcome::ExplicitDeny,
            Some(Effect::Allow) if effects.any(|effect| effect == Effect::Deny) => Outcome::ExplicitDeny,
            Some(Effect::Allow) => Outcome::Allowed,
        }
    }
}

/// A statement that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Which.
    pub at: StatementRef,
    /// What it is called.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
    /// Where it stands in the text of its policy.
    pub span: Span,
}

/// Decides, and says how that came about. Slow: every statement is looked at.
#[must_use]
pub fn explain(question: &Question<'_>, set: &PolicySet<'_>) -> Explanation {
    let documents = documents(set);
    let applied = documents.iter().flat_map(|(policy, document)| applied(question, *policy, document));
    let boundary = set.boundary.map(|boundary| boundary.verdict(question));
    Explanation {
        decision: decide(question, set),
        applied: applied.collect(),
        missing: missing(question, &documents),
        boundary_allows: boundary.map(|verdict| verdict.deny.is_none() && verdict.allow.is_some()),
    }
}

fn documents<'a>(set: &PolicySet<'a>) -> Vec<(PolicyRef, &'a Document)> {
    let identity = set.identity.iter().enumerate().map(|(i, document)| (PolicyRef::Identity(i), &**document));
    let session = set.session.unwrap_or_default().iter().enumerate();
    let session = session.map(|(i, document)| (PolicyRef::Session(i), &**document));
    let resource = set.key_policy.map(|document| (PolicyRef::Resource, document));
    let boundary = set.boundary.map(|document| (PolicyRef::Boundary, document));
    resource.into_iter().chain(identity).chain(boundary).chain(session).collect()
}

fn applied(question: &Question<'_>, policy: PolicyRef, document: &Document) -> Vec<Applied> {
    let statements = document.statements().iter().enumerate();
    statements
        .filter(|(_, statement)| statement.standing(question).is_some() || statement.applies(question))
        .map(|(index, statement)| Applied {
            at: StatementRef { policy, index },
            sid: statement.sid().map(str::to_owned),
            effect: statement.effect(),
            span: statement.span(),
        })
        .collect()
}

fn missing(question: &Question<'_>, documents: &[(PolicyRef, &Document)]) -> Vec<String> {
    let known =
        |key: &str| question.facts.get(key).is_some_and(|values: Values<'_>| !values.as_slice().is_empty());
    let statements = documents.iter().flat_map(|(_, document)| document.statements());
    let mentions = statements.filter(|statement| statement.concerns(question)).flat_map(Statement::mentions);
    let mut seen = HashSet::new();
    let missing = mentions.filter(|mention| !mention.optional && !known(mention.key));
    missing.filter(|mention| seen.insert(mention.key)).map(|mention| mention.name.to_owned()).collect()
}
