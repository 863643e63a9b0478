//! RemoveClientIDFromOpenIDConnectProvider: an audience less.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::RemoveClientIDFromOpenIDConnectProviderRequest;

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};

pub(crate) struct RemoveClientIDFromOpenIDConnectProvider;

impl Operation for RemoveClientIDFromOpenIDConnectProvider {
    const NAME: &'static str = "RemoveClientIDFromOpenIDConnectProvider";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("OpenIDConnectProviderArn"), Audited::member("ClientID")];

    type Input = RemoveClientIDFromOpenIDConnectProviderRequest;
    type Output = ();
    type Target = ProviderTarget;

    fn target(input: &RemoveClientIDFromOpenIDConnectProviderRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        _: &'a RemoveClientIDFromOpenIDConnectProviderRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:RemoveClientIDFromOpenIDConnectProvider")]
    }

    async fn execute(
        input: &RemoveClientIDFromOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        provider.change(&mut changes, |provider| {
            provider.client_ids.retain(|known| *known != input.client_id);
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
