//! UpdateOpenIDConnectProviderThumbprint: other thumbprints.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::UpdateOpenIDConnectProviderThumbprintRequest;

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};

pub(crate) struct UpdateOpenIDConnectProviderThumbprint;

impl Operation for UpdateOpenIDConnectProviderThumbprint {
    const NAME: &'static str = "UpdateOpenIDConnectProviderThumbprint";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("OpenIDConnectProviderArn"), Audited::member("ThumbprintList")];

    type Input = UpdateOpenIDConnectProviderThumbprintRequest;
    type Output = ();
    type Target = ProviderTarget;

    fn target(input: &UpdateOpenIDConnectProviderThumbprintRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        _: &'a UpdateOpenIDConnectProviderThumbprintRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:UpdateOpenIDConnectProviderThumbprint")]
    }

    async fn execute(
        input: &UpdateOpenIDConnectProviderThumbprintRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        provider.change(&mut changes, |provider| {
            provider.thumbprints.clone_from(&input.thumbprint_list);
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
