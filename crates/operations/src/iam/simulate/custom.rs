//! SimulateCustomPolicy: what policies that an input brings along say of actions.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{SimulateCustomPolicyRequest, SimulatePolicyResponse};

use super::caller::SimulatedCaller;
use super::organization::Levels;
use super::run::Asked;
use super::simulation::{NamedPolicy, Policies, Simulation};
use crate::iam::shared::holder::HolderArn;

pub(crate) struct SimulateCustomPolicy;

impl Operation for SimulateCustomPolicy {
    const NAME: &'static str = "SimulateCustomPolicy";
    const READ_ONLY: bool = true;
    /// Not the policies: they are nobody's, and as long as a request may be.
    const AUDITED: &'static [Audited] = &[
        Audited::member("ActionNames"),
        Audited::member("ResourceArns"),
        Audited::member("ResourceOwner"),
        Audited::member("CallerArn"),
        Audited::member("ResourceHandlingOption"),
        Audited::member("Marker"),
        Audited::member("MaxItems"),
    ];

    type Input = SimulateCustomPolicyRequest;
    type Output = SimulatePolicyResponse;
    type Target = ();

    fn target(input: &SimulateCustomPolicyRequest) -> Result<(), Fault> {
        Asked::from(input).check_actions(false)
    }

    fn demands<'a>(_: &'a SimulateCustomPolicyRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:SimulateCustomPolicy", Resource::Any)]
    }

    async fn execute(
        input: &SimulateCustomPolicyRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<SimulatePolicyResponse>, Fault> {
        let asked = Asked::from(input);
        let simulated = match asked.caller_arn {
            Some(arn) => SimulatedCaller::named(&HolderArn::parse(arn)?),
            None => SimulatedCaller::nobody(context.account()),
        };
        let levels = input.ordered_organization_policy_input_list.as_deref();
        let policies = Policies {
            identity: NamedPolicy::given(&input.policy_input_list)?,
            boundary: asked.boundary()?,
            levels: Levels::read(levels)?,
        };
        let simulation = Simulation::new(&asked, simulated, policies)?;
        let rest = format!("{:?} {levels:?}", input.policy_input_list);
        asked.run(simulation, (Self::NAME, rest), context).await
    }
}
