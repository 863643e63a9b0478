//! UntagPolicy: removes tags of a managed policy.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::UntagPolicyRequest;

use crate::iam::shared::managed::{self, FoundPolicy, PolicyTarget};
use crate::iam::shared::tags;

pub(crate) struct UntagPolicy;

impl Operation for UntagPolicy {
    const NAME: &'static str = "UntagPolicy";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn"), Audited::member("TagKeys")];

    type Input = UntagPolicyRequest;
    type Output = ();
    type Target = PolicyTarget;

    fn target(input: &UntagPolicyRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(input: &'a UntagPolicyRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:UntagPolicy").request_tags(tags::named(&input.tag_keys))]
    }

    async fn execute(
        input: &UntagPolicyRequest,
        policy: &Permit<FoundPolicy>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        managed::change(policy, &mut changes, |policy| tags::remove(&mut policy.tags, &input.tag_keys))?;
        Ok(Outcome::write((), changes))
    }
}
