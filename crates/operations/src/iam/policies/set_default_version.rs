//! SetDefaultPolicyVersion: another text of a managed policy counts, for all who have it.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::SetDefaultPolicyVersionRequest;

use crate::iam::shared::fault;
use crate::iam::shared::managed::{self, FoundPolicy, PolicyTarget};

pub(crate) struct SetDefaultPolicyVersion;

impl Operation for SetDefaultPolicyVersion {
    const NAME: &'static str = "SetDefaultPolicyVersion";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn"), Audited::member("VersionId")];

    type Input = SetDefaultPolicyVersionRequest;
    type Output = ();
    type Target = PolicyTarget;

    fn target(input: &SetDefaultPolicyVersionRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a SetDefaultPolicyVersionRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:SetDefaultPolicyVersion")]
    }

    async fn execute(
        input: &SetDefaultPolicyVersionRequest,
        found: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        managed::change(found, &mut changes, |policy| {
            let version = policy.version(&input.version_id).map(|version| version.number);
            let number = version.ok_or_else(|| fault::no_such_version(&found.arn, &input.version_id))?;
            if policy.default_version != number {
                policy.default_version = number;
                policy.updated = context.now;
            }
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
