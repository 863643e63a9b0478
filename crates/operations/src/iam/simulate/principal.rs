//! SimulatePrincipalPolicy: what the policies of a user, group or role say of actions.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{SimulatePolicyResponse, SimulatePrincipalPolicyRequest};

use super::caller::SimulatedCaller;
use super::exclusions::Exclusions;
use super::run::Asked;
use super::simulation::{NamedPolicy, Policies, Simulation};
use crate::iam::shared::holder::{FoundHolder, HolderArn, HolderTarget};

pub(crate) struct SimulatePrincipalPolicy;

impl Operation for SimulatePrincipalPolicy {
    const NAME: &'static str = "SimulatePrincipalPolicy";
    const READ_ONLY: bool = true;
    /// Not the policies: they are nobody's, and as long as a request may be.
    const AUDITED: &'static [Audited] = &[
        Audited::member("PolicySourceArn"),
        Audited::member("ActionNames"),
        Audited::member("ResourceArns"),
        Audited::member("ResourceOwner"),
        Audited::member("CallerArn"),
        Audited::member("ResourceHandlingOption"),
        Audited::member("Marker"),
        Audited::member("MaxItems"),
    ];

    type Input = SimulatePrincipalPolicyRequest;
    type Output = SimulatePolicyResponse;
    type Target = HolderTarget;

    /// Wildcards in actions are refused of the other simulation only.
    fn target(input: &SimulatePrincipalPolicyRequest) -> Result<HolderTarget, Fault> {
        Asked::from(input).check_actions(true)?;
        HolderTarget::by_arn(&input.policy_source_arn)
    }

    fn demands<'a>(_: &'a SimulatePrincipalPolicyRequest, holder: &'a FoundHolder) -> Vec<Demand<'a>> {
        vec![holder.demand("iam:SimulatePrincipalPolicy")]
    }

    async fn execute(
        input: &SimulatePrincipalPolicyRequest,
        holder: &Permit<FoundHolder>,
        context: &Context<'_>,
    ) -> Result<Outcome<SimulatePolicyResponse>, Fault> {
        let asked = Asked::from(input);
        let simulated = match asked.caller_arn.filter(|arn| *arn != holder.arn.text) {
            Some(arn) => SimulatedCaller::named(&HolderArn::parse(arn)?),
            None => SimulatedCaller::existing(holder)?,
        };
        let policies = policies(input, holder, context).await?;
        let simulation = Simulation::new(&asked, simulated, policies)?;
        let (given, excluded) = (&input.policy_input_list, &input.policy_exclusion_list);
        let rest = format!("{} {given:?} {excluded:?}", holder.arn.text);
        asked.run(simulation, (Self::NAME, rest), context).await
    }
}

/// What the simulated one has, without what is to be left out, and with what the input adds. No
/// service control policies can be in effect, so nothing is said of them.
async fn policies(
    input: &SimulatePrincipalPolicyRequest,
    holder: &FoundHolder,
    context: &Context<'_>,
) -> Result<Policies, Fault> {
    let holdings = holder.holdings(context).await?;
    let exclusions = Exclusions::read(input.policy_exclusion_list.as_deref().unwrap_or_default())?;
    let held = holdings.identity.iter().filter(|held| !exclusions.hide(held)).map(NamedPolicy::held);
    let given = NamedPolicy::given(input.policy_input_list.as_deref().unwrap_or_default())?;
    let own = holdings.boundary.filter(|_| !exclusions.hide_boundary());
    Ok(Policies {
        identity: held.chain(given).collect(),
        boundary: Asked::from(input).boundary()?.or(own),
        levels: None,
    })
}
