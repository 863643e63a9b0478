//! TagResource: sets tags of an account.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::organizations::TagResourceRequest;

use super::account_target::{AccountTarget, FoundAccount};
use super::shared::Org;
use super::tags;

pub(crate) struct TagResource;

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("ResourceId"), Audited::member("Tags")];

    type Input = TagResourceRequest;
    type Output = ();
    type Target = AccountTarget;

    fn target(input: &TagResourceRequest) -> Result<AccountTarget, Fault> {
        Ok(AccountTarget::tagged(&input.resource_id))
    }

    fn demands<'a>(input: &'a TagResourceRequest, account: &'a FoundAccount) -> Vec<Demand<'a>> {
        vec![account.demand("organizations:TagResource").request_tags(tags::requested(&input.tags))]
    }

    async fn execute(
        input: &TagResourceRequest,
        found: &Permit<FoundAccount>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        Org::managed(context).await?;
        found.retag(|held| tags::set(held, &input.tags))
    }
}
