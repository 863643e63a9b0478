//! DeletePolicyVersion: a text of a managed policy that does not count any more.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::DeletePolicyVersionRequest;

use crate::iam::shared::fault;
use crate::iam::shared::managed::{self, FoundPolicy, PolicyTarget};

pub(crate) struct DeletePolicyVersion;

impl Operation for DeletePolicyVersion {
    const NAME: &'static str = "DeletePolicyVersion";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn"), Audited::member("VersionId")];

    type Input = DeletePolicyVersionRequest;
    type Output = ();
    type Target = PolicyTarget;

    fn target(input: &DeletePolicyVersionRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a DeletePolicyVersionRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:DeletePolicyVersion")]
    }

    async fn execute(
        input: &DeletePolicyVersionRequest,
        found: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        managed::change(found, &mut changes, |policy| {
            let version = policy.version(&input.version_id).map(|version| version.number);
            let number = version.ok_or_else(|| fault::no_such_version(&found.arn, &input.version_id))?;
            if number == policy.default_version {
                return Err(fault::conflict("Cannot delete the default version of a policy."));
            }
            policy.versions.retain(|version| version.number != number);
            policy.updated = context.now;
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
