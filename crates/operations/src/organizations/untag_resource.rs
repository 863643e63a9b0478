//! UntagResource: removes tags of an account.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::organizations::UntagResourceRequest;

use super::account_target::{AccountTarget, FoundAccount};
use super::shared::Org;
use super::tags;

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("ResourceId"), Audited::member("TagKeys")];

    type Input = UntagResourceRequest;
    type Output = ();
    type Target = AccountTarget;

    fn target(input: &UntagResourceRequest) -> Result<AccountTarget, Fault> {
        Ok(AccountTarget::tagged(&input.resource_id))
    }

    fn demands<'a>(input: &'a UntagResourceRequest, account: &'a FoundAccount) -> Vec<Demand<'a>> {
        let named = input.tag_keys.iter().map(|key| (key.as_str(), None));
        vec![account.demand("organizations:UntagResource").request_tags(named)]
    }

    async fn execute(
        input: &UntagResourceRequest,
        found: &Permit<FoundAccount>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        Org::managed(context).await?;
        found.retag(|held| tags::remove(held, &input.tag_keys))
    }
}
