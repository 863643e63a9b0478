//! DeleteOpenIDConnectProvider: a provider goes, if it is there; nobody it vouches for gets in any more.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::DeleteOpenIDConnectProviderRequest;

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};

pub(crate) struct DeleteOpenIDConnectProvider;

impl Operation for DeleteOpenIDConnectProvider {
    const NAME: &'static str = "DeleteOpenIDConnectProvider";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("OpenIDConnectProviderArn")];

    type Input = DeleteOpenIDConnectProviderRequest;
    type Output = ();
    type Target = ProviderTarget;

    fn target(input: &DeleteOpenIDConnectProviderRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        _: &'a DeleteOpenIDConnectProviderRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:DeleteOpenIDConnectProvider")]
    }

    async fn execute(
        _: &DeleteOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        if let Some(entry) = &provider.known {
            changes.delete(provider.path(), entry.version);
        }
        Ok(Outcome::write((), changes))
    }
}
