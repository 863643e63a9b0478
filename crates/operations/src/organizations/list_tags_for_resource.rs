//! ListTagsForResource: the tags of an account, which fit on one page.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::organizations::{ListTagsForResourceRequest, ListTagsForResourceResponse};

use super::account_target::{AccountTarget, FoundAccount};
use super::shared::{self, Org};
use super::tags;

pub(crate) struct ListTagsForResource;

impl Operation for ListTagsForResource {
    const NAME: &'static str = "ListTagsForResource";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("ResourceId")];

    type Input = ListTagsForResourceRequest;
    type Output = ListTagsForResourceResponse;
    type Target = AccountTarget;

    fn target(input: &ListTagsForResourceRequest) -> Result<AccountTarget, Fault> {
        shared::first_page(input.next_token.as_deref())?;
        Ok(AccountTarget::tagged(&input.resource_id))
    }

    fn demands<'a>(_: &'a ListTagsForResourceRequest, account: &'a FoundAccount) -> Vec<Demand<'a>> {
        vec![account.demand("organizations:ListTagsForResource")]
    }

    async fn execute(
        _: &ListTagsForResourceRequest,
        found: &Permit<FoundAccount>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListTagsForResourceResponse>, Fault> {
        Org::managed(context).await?;
        let tags = Some(tags::shown(&found.entry()?.account.tags));
        Ok(Outcome::read(ListTagsForResourceResponse { tags, next_token: None }))
    }
}
