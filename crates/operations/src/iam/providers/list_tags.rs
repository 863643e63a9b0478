//! ListOpenIDConnectProviderTags: tags, oldest first.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{ListOpenIDConnectProviderTagsRequest, ListOpenIDConnectProviderTagsResponse};

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};
use crate::iam::shared::{page, tags};

pub(crate) struct ListOpenIDConnectProviderTags;

impl Operation for ListOpenIDConnectProviderTags {
    const NAME: &'static str = "ListOpenIDConnectProviderTags";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("OpenIDConnectProviderArn"),
        Audited::member("Marker"),
        Audited::member("MaxItems"),
    ];

    type Input = ListOpenIDConnectProviderTagsRequest;
    type Output = ListOpenIDConnectProviderTagsResponse;
    type Target = ProviderTarget;

    fn target(input: &ListOpenIDConnectProviderTagsRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        _: &'a ListOpenIDConnectProviderTagsRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:ListOpenIDConnectProviderTags")]
    }

    async fn execute(
        input: &ListOpenIDConnectProviderTagsRequest,
        provider: &Permit<FoundProvider>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListOpenIDConnectProviderTagsResponse>, Fault> {
        let markers = context.markers(Self::NAME, &provider.arn);
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let (tags, marker) = tags::cut(page, Some(&provider.entry()?.provider.tags));
        let is_truncated = Some(marker.is_some());
        Ok(Outcome::read(ListOpenIDConnectProviderTagsResponse { is_truncated, marker, tags }))
    }
}
