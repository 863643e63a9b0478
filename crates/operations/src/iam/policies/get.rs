//! GetPolicy: a managed policy without its text, which is in its versions.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{GetPolicyRequest, GetPolicyResponse};

use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::{links, show};

pub(crate) struct GetPolicy;

impl Operation for GetPolicy {
    const NAME: &'static str = "GetPolicy";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn")];

    type Input = GetPolicyRequest;
    type Output = GetPolicyResponse;
    type Target = PolicyTarget;

    fn target(input: &GetPolicyRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a GetPolicyRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:GetPolicy")]
    }

    async fn execute(
        _: &GetPolicyRequest,
        policy: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetPolicyResponse>, Fault> {
        let policy = policy.managed()?;
        let uses = links::uses(context.account(), &policy.id()?, context).await?;
        Ok(Outcome::read(GetPolicyResponse { policy: Some(show::policy(policy, uses)) }))
    }
}
