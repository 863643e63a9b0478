//! ListOpenIDConnectProviders: the ARNs of all providers.

use trent_domain::PathRange;
use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, ProviderEntry, Resource};
use trent_model::iam::{
    ListOpenIDConnectProvidersRequest, ListOpenIDConnectProvidersResponse, OpenIDConnectProviderListEntry,
};

/// More than an account may have.
const ALL: usize = 1000;

pub(crate) struct ListOpenIDConnectProviders;

impl Operation for ListOpenIDConnectProviders {
    const NAME: &'static str = "ListOpenIDConnectProviders";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = ListOpenIDConnectProvidersRequest;
    type Output = ListOpenIDConnectProvidersResponse;
    type Target = ();

    fn target(_: &ListOpenIDConnectProvidersRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a ListOpenIDConnectProvidersRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:ListOpenIDConnectProviders", Resource::Any)]
    }

    async fn execute(
        _: &ListOpenIDConnectProvidersRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListOpenIDConnectProvidersResponse>, Fault> {
        let found =
            context.records.scan::<ProviderEntry>(&PathRange::providers(context.account()), ALL).await?;
        let listed = found.into_iter().map(|(_, entry)| OpenIDConnectProviderListEntry {
            arn: Some(entry.provider.arn()),
            is_trusted_identity_propagation_enabled: None,
        });
        let open_id_connect_provider_list = Some(listed.collect());
        Ok(Outcome::read(ListOpenIDConnectProvidersResponse { open_id_connect_provider_list }))
    }
}
