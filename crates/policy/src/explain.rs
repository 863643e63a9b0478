//! Explanations: every statement that applies to a question, for simulators and operators.

use crate::statement::Effect;
use crate::{Document, PolicyRef, PolicySet, Question, StatementRef};

/// A statement that applies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// Which.
    pub at: StatementRef,
    /// What it is called.
    pub sid: Option<String>,
    /// What it does.
    pub effect: Effect,
}

/// Every statement of `set` that applies to `question`, whether it decides or not.
#[must_use]
pub fn explain(question: &Question<'_>, set: &PolicySet<'_>) -> Vec<Applied> {
    let identity = set.identity.iter().enumerate().map(|(i, document)| (PolicyRef::Identity(i), &**document));
    let session = set.session.unwrap_or_default().iter().enumerate();
    let session = session.map(|(i, document)| (PolicyRef::Session(i), &**document));
    let resource = set.key_policy.map(|document| (PolicyRef::Resource, document));
    let boundary = set.boundary.map(|document| (PolicyRef::Boundary, document));
    let all = resource.into_iter().chain(identity).chain(boundary).chain(session);
    all.flat_map(|(policy, document)| applied(question, policy, document)).collect()
}

fn applied(question: &Question<'_>, policy: PolicyRef, document: &Document) -> Vec<Applied> {
    let statements = document.statements().iter().enumerate();
    statements
        .filter(|(_, statement)| statement.standing(question).is_some() || statement.applies(question))
        .map(|(index, statement)| Applied {
            at: StatementRef { policy, index },
            sid: statement.sid().map(str::to_owned),
            effect: statement.effect(),
        })
        .collect()
}
