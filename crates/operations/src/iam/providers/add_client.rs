//! AddClientIDToOpenIDConnectProvider: one more audience.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::AddClientIDToOpenIDConnectProviderRequest;

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};

pub(crate) struct AddClientIDToOpenIDConnectProvider;

impl Operation for AddClientIDToOpenIDConnectProvider {
    const NAME: &'static str = "AddClientIDToOpenIDConnectProvider";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("OpenIDConnectProviderArn"), Audited::member("ClientID")];

    type Input = AddClientIDToOpenIDConnectProviderRequest;
    type Output = ();
    type Target = ProviderTarget;

    fn target(input: &AddClientIDToOpenIDConnectProviderRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        _: &'a AddClientIDToOpenIDConnectProviderRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:AddClientIDToOpenIDConnectProvider")]
    }

    async fn execute(
        input: &AddClientIDToOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        provider.change(&mut changes, |provider| {
            if !provider.client_ids.contains(&input.client_id) {
                provider.client_ids.push(input.client_id.clone());
            }
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
