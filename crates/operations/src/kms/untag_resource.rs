//! UntagResource: removes tags of a key; tags it does not have are passed over.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::UntagResourceRequest;

use super::shared::update;

pub(crate) struct UntagResource;

impl Operation for UntagResource {
    const NAME: &'static str = "UntagResource";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::NotPendingDeletion;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId"), Audited::member("TagKeys")];

    type Input = UntagResourceRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &UntagResourceRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a UntagResourceRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let named = input.tag_keys.iter().map(|key| (key.as_str(), None));
        vec![Demand::new("kms:UntagResource", Resource::Key(key)).request_tags(named)]
    }

    async fn execute(
        input: &UntagResourceRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::key(key, |key| Ok(key.tags.remove(&input.tag_keys)?))
    }
}
