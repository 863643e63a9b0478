//! ListPolicyTags: the tags of a managed policy, oldest first.

use trent_domain::Tags;
use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{ListPolicyTagsRequest, ListPolicyTagsResponse};

use crate::iam::shared::managed::{FoundPolicy, Managed, PolicyTarget};
use crate::iam::shared::{page, tags};

pub(crate) struct ListPolicyTags;

impl Operation for ListPolicyTags {
    const NAME: &'static str = "ListPolicyTags";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("PolicyArn"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListPolicyTagsRequest;
    type Output = ListPolicyTagsResponse;
    type Target = PolicyTarget;

    fn target(input: &ListPolicyTagsRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a ListPolicyTagsRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:ListPolicyTags")]
    }

    async fn execute(
        input: &ListPolicyTagsRequest,
        policy: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListPolicyTagsResponse>, Fault> {
        let markers = context.markers(Self::NAME, &policy.arn);
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let none = Tags::default();
        let tags = match policy.managed()? {
            Managed::Own(entry) => &entry.policy.tags,
            Managed::Aws(_) => &none,
        };
        let (tags, marker) = tags::cut(page, Some(tags));
        Ok(Outcome::read(ListPolicyTagsResponse { is_truncated: Some(marker.is_some()), marker, tags }))
    }
}
