//! GetOpenIDConnectProvider: a provider.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{GetOpenIDConnectProviderRequest, GetOpenIDConnectProviderResponse};

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};
use crate::iam::shared::show;
use crate::iam::shared::tags;

pub(crate) struct GetOpenIDConnectProvider;

impl Operation for GetOpenIDConnectProvider {
    const NAME: &'static str = "GetOpenIDConnectProvider";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("OpenIDConnectProviderArn")];

    type Input = GetOpenIDConnectProviderRequest;
    type Output = GetOpenIDConnectProviderResponse;
    type Target = ProviderTarget;

    fn target(input: &GetOpenIDConnectProviderRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(_: &'a GetOpenIDConnectProviderRequest, provider: &'a FoundProvider) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:GetOpenIDConnectProvider")]
    }

    async fn execute(
        _: &GetOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<GetOpenIDConnectProviderResponse>, Fault> {
        let provider = &provider.entry()?.provider;
        Ok(Outcome::read(GetOpenIDConnectProviderResponse {
            client_id_list: Some(provider.client_ids.clone()),
            create_date: Some(show::seconds(provider.created)),
            tags: tags::shown_if_any(&provider.tags),
            thumbprint_list: Some(provider.thumbprints.clone()),
            url: Some(provider.url.clone()),
            ..GetOpenIDConnectProviderResponse::default()
        }))
    }
}
