//! Service control policies, as an input makes them up.

use std::sync::Arc;

use trent_engine::Fault;
use trent_model::iam::OrderedOrganizationPolicyType;
use trent_policy::{Document, Outcome, PolicySet, Question, decide};

use super::simulation::strictest;
use crate::iam::shared::policy;

/// The policies of every level, from the root of the organization down to the account.
pub(super) struct Levels(Vec<Vec<Arc<Document>>>);

impl Levels {
    /// Those of an input; none when it has none.
    ///
    /// # Errors
    /// `InvalidInput` when a text is no policy.
    pub(super) fn read(given: Option<&[OrderedOrganizationPolicyType]>) -> Result<Option<Self>, Fault> {
        let level = |level: &OrderedOrganizationPolicyType| {
            let texts = level.service_control_policy_input_list.as_deref().unwrap_or_default();
            texts.iter().map(|text| policy::given(text)).collect::<Result<Vec<_>, _>>()
        };
        given.map(|levels| levels.iter().map(level).collect::<Result<_, _>>().map(Self)).transpose()
    }

    /// How much there is to look at.
    pub(super) fn weight(&self) -> usize {
        self.0.iter().flatten().map(|document| document.weight()).sum()
    }

    /// What they say together: every level must allow.
    pub(super) fn outcome(&self, question: &Question<'_>) -> Outcome {
        let levels = self
            .0
            .iter()
            .map(|identity| decide(question, &PolicySet { identity, ..PolicySet::default() }).outcome());
        strictest(levels)
    }
}
