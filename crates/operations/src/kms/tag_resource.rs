//! TagResource: sets tags of a key.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::TagResourceRequest;

use super::shared::{tags, update};

pub(crate) struct TagResource;

impl Operation for TagResource {
    const NAME: &'static str = "TagResource";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::NotPendingDeletion;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId"), Audited::member("Tags")];

    type Input = TagResourceRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &TagResourceRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a TagResourceRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let requested = tags::requested(&input.tags);
        vec![Demand::new("kms:TagResource", Resource::Key(key)).request_tags(requested)]
    }

    async fn execute(
        input: &TagResourceRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::key(key, |key| tags::set(&mut key.tags, &input.tags))
    }
}
