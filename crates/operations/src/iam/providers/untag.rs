//! UntagOpenIDConnectProvider: removes tags.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::UntagOpenIDConnectProviderRequest;

use crate::iam::shared::provider::{FoundProvider, ProviderTarget};
use crate::iam::shared::tags;

pub(crate) struct UntagOpenIDConnectProvider;

impl Operation for UntagOpenIDConnectProvider {
    const NAME: &'static str = "UntagOpenIDConnectProvider";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("OpenIDConnectProviderArn"), Audited::member("TagKeys")];

    type Input = UntagOpenIDConnectProviderRequest;
    type Output = ();
    type Target = ProviderTarget;

    fn target(input: &UntagOpenIDConnectProviderRequest) -> Result<ProviderTarget, Fault> {
        Ok(ProviderTarget::by_arn(&input.open_id_connect_provider_arn))
    }

    fn demands<'a>(
        input: &'a UntagOpenIDConnectProviderRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        vec![provider.demand("iam:UntagOpenIDConnectProvider").request_tags(tags::named(&input.tag_keys))]
    }

    async fn execute(
        input: &UntagOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        provider.change(&mut changes, |provider| tags::remove(&mut provider.tags, &input.tag_keys))?;
        Ok(Outcome::write((), changes))
    }
}
