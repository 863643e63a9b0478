//! TagOpenIDConnectProvider: sets tags.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::TagOpenIDConnectProviderRequest;

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};
use crate::iam::shared::tags;

pub(crate) struct TagOpenIDConnectProvider;

impl Operation for TagOpenIDConnectProvider {
    const NAME: &'static str = "TagOpenIDConnectProvider";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("OpenIDConnectProviderArn"), Audited::member("Tags")];

    type Input = TagOpenIDConnectProviderRequest;
    type Output = ();
    type Target = ProviderTarget;

    fn target(input: &TagOpenIDConnectProviderRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        input: &'a TagOpenIDConnectProviderRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:TagOpenIDConnectProvider").request_tags(tags::requested(&input.tags))]
    }

    async fn execute(
        input: &TagOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        provider.change(&mut changes, |provider| tags::set(&mut provider.tags, &input.tags))?;
        Ok(Outcome::write((), changes))
    }
}
