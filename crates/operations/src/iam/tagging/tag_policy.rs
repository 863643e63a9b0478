//! TagPolicy: sets tags of a managed policy.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::TagPolicyRequest;

use crate::iam::shared::managed::{self, FoundPolicy, PolicyTarget};
use crate::iam::shared::tags;

pub(crate) struct TagPolicy;

impl Operation for TagPolicy {
    const NAME: &'static str = "TagPolicy";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn"), Audited::member("Tags")];

    type Input = TagPolicyRequest;
    type Output = ();
    type Target = PolicyTarget;

    fn target(input: &TagPolicyRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(input: &'a TagPolicyRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:TagPolicy").request_tags(tags::requested(&input.tags))]
    }

    async fn execute(
        input: &TagPolicyRequest,
        policy: &Permit<FoundPolicy>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        managed::change(policy, &mut changes, |policy| tags::set(&mut policy.tags, &input.tags))?;
        Ok(Outcome::write((), changes))
    }
}
