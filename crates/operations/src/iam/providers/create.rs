//! CreateOpenIDConnectProvider: a new provider, whose tokens may open roles that trust it.

use trent_domain::{OidcProvider, PathRange};
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, ProviderEntry, encode,
};
use trent_model::iam::{CreateOpenIDConnectProviderRequest, CreateOpenIDConnectProviderResponse};

use crate::iam::shared::provider::{FoundProvider, NewProvider};
use crate::iam::shared::{fault, provider, tags};

/// The most providers of an account.
const MOST: usize = 100;

pub(crate) struct CreateOpenIDConnectProvider;

impl Operation for CreateOpenIDConnectProvider {
    const NAME: &'static str = "CreateOpenIDConnectProvider";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[
        Audited::member("Url"),
        Audited::member("ClientIDList"),
        Audited::member("ThumbprintList"),
        Audited::member("Tags"),
    ];

    type Input = CreateOpenIDConnectProviderRequest;
    type Output = CreateOpenIDConnectProviderResponse;
    type Target = NewProvider;

    fn target(input: &CreateOpenIDConnectProviderRequest) -> Result<NewProvider, Fault> {
        NewProvider::new(&input.url)
    }

    fn demands<'a>(
        input: &'a CreateOpenIDConnectProviderRequest,
        provider: &'a FoundProvider,
    ) -> Vec<Demand<'a>> {
        let given = input.tags.as_deref().unwrap_or_default();
        let demand = |action| provider.demand(action).request_tags(tags::requested(given));
        let tag = (!given.is_empty()).then(|| demand("iam:TagOpenIDConnectProvider"));
        [demand("iam:CreateOpenIDConnectProvider")].into_iter().chain(tag).collect()
    }

    async fn execute(
        input: &CreateOpenIDConnectProviderRequest,
        provider: &Permit<FoundProvider>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreateOpenIDConnectProviderResponse>, Fault> {
        let mut changes = Changes::default();
        if provider.known.is_some() {
            let message = format!("Provider with url https://{} already exists.", provider.url);
            return Err(fault::exists_already(message));
        }
        let range = PathRange::providers(context.account());
        if context.records.scan::<ProviderEntry>(&range, MOST).await?.len() >= MOST {
            return Err(fault::quota("OpenIdConnectProvidersPerAccount", MOST));
        }
        let new = OidcProvider {
            account: context.account(),
            url: provider.url.clone(),
            client_ids: input.client_id_list.clone().unwrap_or_default(),
            thumbprints: input.thumbprint_list.clone().unwrap_or_default(),
            created: context.now,
            tags: tags::new(input.tags.as_deref())?,
        };
        provider::check(&new)?;
        changes.create(provider.path(), encode(&new)?);
        let output = CreateOpenIDConnectProviderResponse {
            open_id_connect_provider_arn: Some(provider.arn.clone()),
            tags: tags::shown_if_any(&new.tags),
        };
        Ok(Outcome::write(output, changes))
    }
}
