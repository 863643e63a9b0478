//! What both simulations do with their input: a page of actions, each answered for all resources.

use std::sync::Arc;

use trent_engine::{Context, Effort, Fault, Outcome};
use trent_model::iam::{
    ContextEntry, SimulateCustomPolicyRequest, SimulatePolicyResponse, SimulatePrincipalPolicyRequest,
};
use trent_policy::Document;

use super::result;
use super::simulation::Simulation;
use crate::iam::shared::{fault, page, policy};

/// How much a page may cost: statements and the condition keys they mention, for each resource and
/// action. The service may give fewer results than asked for, too, and has limits of its own; ours keep
/// a small request from having an answer of hundreds of megabytes.
const MOST: usize = 250_000;

/// The members that the two inputs have in common.
pub(super) struct Asked<'a> {
    pub(super) actions: &'a [String],
    pub(super) resources: Option<&'a [String]>,
    pub(super) resource_policy: Option<&'a str>,
    pub(super) resource_owner: Option<&'a str>,
    pub(super) caller_arn: Option<&'a str>,
    pub(super) context_entries: &'a [ContextEntry],
    pub(super) boundaries: &'a [String],
    max_items: Option<i32>,
    marker: Option<&'a str>,
}

macro_rules! asked {
    ($($input:ident),+) => {$(
        impl<'a> From<&'a $input> for Asked<'a> {
            fn from(input: &'a $input) -> Self {
                Self {
                    actions: &input.action_names,
                    resources: input.resource_arns.as_deref(),
                    resource_policy: input.resource_policy.as_deref(),
                    resource_owner: input.resource_owner.as_deref(),
                    caller_arn: input.caller_arn.as_deref(),
                    context_entries: input.context_entries.as_deref().unwrap_or_default(),
                    boundaries: input.permissions_boundary_policy_input_list.as_deref().unwrap_or_default(),
                    max_items: input.max_items,
                    marker: input.marker.as_deref(),
                }
            }
        }
    )+};
}
asked!(SimulateCustomPolicyRequest, SimulatePrincipalPolicyRequest);

impl Asked<'_> {
    /// Refuses actions that cannot be any. The service answers for names that no service has.
    ///
    /// # Errors
    /// `InvalidInput`.
    pub(super) fn check_actions(&self, wildcards: bool) -> Result<(), Fault> {
        match self.actions.iter().find(|name| !is_action(name, wildcards)) {
            Some(name) => Err(fault::invalid_input(format!("Invalid Action Name: {name}"))),
            None => Ok(()),
        }
    }

    /// The permissions boundary that the input brings along.
    ///
    /// # Errors
    /// `InvalidInput` when there are several, or it is no policy.
    pub(super) fn boundary(&self) -> Result<Option<Arc<Document>>, Fault> {
        match self.boundaries {
            [] => Ok(None),
            [text] => policy::given(text).map(Some),
            _ => Err(fault::invalid_input("Only one permissions boundary can be simulated at a time.")),
        }
    }

    /// Answers for the actions of the page that is asked for. `operation` and `rest`, which is what
    /// else the input says, tell its markers from others.
    ///
    /// # Errors
    /// A foreign marker, and `InvalidInput`.
    pub(super) async fn run(
        &self,
        simulation: Simulation,
        (operation, rest): (&str, String),
        context: &Context<'_>,
    ) -> Result<Outcome<SimulatePolicyResponse>, Fault> {
        let Self { actions, resources, resource_policy, resource_owner, .. } = self;
        let (entries, caller, boundaries) = (self.context_entries, self.caller_arn, self.boundaries);
        let filter = (actions, resources, resource_policy, resource_owner, entries, caller, boundaries);
        let markers = context.markers(operation, &format!("{filter:?} {rest}"));
        let most = match MOST.checked_div(simulation.weight()) {
            Some(most) if most > 0 => i32::try_from(most).unwrap_or(i32::MAX),
            _ => return Err(fault::invalid_input("There are too many resources for that many statements.")),
        };
        let page = page::new(Some(self.max_items.unwrap_or(100).min(most)), self.marker, markers)?;
        let numbered = actions.iter().cloned().enumerate();
        let (actions, marker) = page::cut(page, numbered, |(index, _)| format!("{index:08}"));
        let work = move || {
            simulation.check_resource_policy()?;
            Ok::<_, Fault>(actions.iter().map(|(_, action)| result::of(&simulation, action)).collect())
        };
        let results = context.offload(Effort::Generation, work).await??;
        Ok(Outcome::read(SimulatePolicyResponse {
            evaluation_results: Some(results),
            is_truncated: Some(marker.is_some()),
            marker,
        }))
    }
}

/// `service:Name`; with wildcards where they may be, which stand for themselves.
fn is_action(name: &str, wildcards: bool) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || (wildcards && matches!(b, b'*' | b'?'));
    let whole = |part: &str| !part.is_empty() && part.bytes().all(legal);
    name.split_once(':').is_some_and(|(service, name)| whole(service) && whole(name))
}

#[cfg(test)]
mod tests {
    use super::is_action;

    #[test]
    fn actions_name_their_service() {
        assert!(is_action("kms:Encrypt", false) && is_action("s3api:list-buckets", false));
        assert!(is_action("kms:*", true) && !is_action("kms:*", false));
        for bad in ["Encrypt", "kms:", ":Encrypt", "kms:a:b", "kms:En crypt", "kms:é", "*"] {
            assert!(!is_action(bad, true), "{bad}");
        }
    }
}
