//! UpdateKeyDescription: replaces the description.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::UpdateKeyDescriptionRequest;

use super::shared::update;

pub(crate) struct UpdateKeyDescription;

impl Operation for UpdateKeyDescription {
    const NAME: &'static str = "UpdateKeyDescription";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::NotPendingDeletion;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId"), Audited::member("Description")];

    type Input = UpdateKeyDescriptionRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &UpdateKeyDescriptionRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a UpdateKeyDescriptionRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:UpdateKeyDescription", Resource::Key(key))]
    }

    async fn execute(
        input: &UpdateKeyDescriptionRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::key(key, |key| {
            key.description.clone_from(&input.description);
            Ok(())
        })
    }
}
