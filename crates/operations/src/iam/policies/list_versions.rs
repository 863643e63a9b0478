//! ListPolicyVersions: the versions of a managed policy, newest first, without their texts.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{ListPolicyVersionsRequest, ListPolicyVersionsResponse, PolicyVersion};

use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::{page, show};

pub(crate) struct ListPolicyVersions;

impl Operation for ListPolicyVersions {
    const NAME: &'static str = "ListPolicyVersions";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("PolicyArn"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListPolicyVersionsRequest;
    type Output = ListPolicyVersionsResponse;
    type Target = PolicyTarget;

    fn target(input: &ListPolicyVersionsRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a ListPolicyVersionsRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:ListPolicyVersions")]
    }

    async fn execute(
        input: &ListPolicyVersionsRequest,
        found: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListPolicyVersionsResponse>, Fault> {
        let markers = context.markers(Self::NAME, &found.arn);
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let versions = show::versions(found.managed()?).into_iter();
        let versions = versions.map(|version| PolicyVersion { document: None, ..version });
        let (versions, marker) = page::cut(page, versions, behind);
        Ok(Outcome::read(ListPolicyVersionsResponse {
            is_truncated: Some(marker.is_some()),
            marker,
            versions: Some(versions),
        }))
    }
}

/// What a version is called in markers: newer ones come first.
fn behind(version: &PolicyVersion) -> String {
    let number = version.version_id.as_deref().and_then(|id| id.strip_prefix('v')?.parse::<u32>().ok());
    format!("{:010}", u32::MAX - number.unwrap_or_default())
}
