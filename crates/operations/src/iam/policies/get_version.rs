//! GetPolicyVersion: a text of a managed policy.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{GetPolicyVersionRequest, GetPolicyVersionResponse};

use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::{fault, show};

pub(crate) struct GetPolicyVersion;

impl Operation for GetPolicyVersion {
    const NAME: &'static str = "GetPolicyVersion";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn"), Audited::member("VersionId")];

    type Input = GetPolicyVersionRequest;
    type Output = GetPolicyVersionResponse;
    type Target = PolicyTarget;

    fn target(input: &GetPolicyVersionRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a GetPolicyVersionRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:GetPolicyVersion")]
    }

    async fn execute(
        input: &GetPolicyVersionRequest,
        found: &Permit<FoundPolicy>,
        _: &Context<'_>,
    ) -> Result<Outcome<GetPolicyVersionResponse>, Fault> {
        let mut versions = show::versions(found.managed()?).into_iter();
        let wanted = Some(input.version_id.as_str());
        let version = versions.find(|version| version.version_id.as_deref() == wanted);
        let version = version.ok_or_else(|| fault::no_such_version(&found.arn, &input.version_id))?;
        Ok(Outcome::read(GetPolicyVersionResponse { policy_version: Some(version) }))
    }
}
