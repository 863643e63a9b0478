//! DisableKeyRotation: no new material by itself any more.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::DisableKeyRotationRequest;

use super::shared::update;

pub(crate) struct DisableKeyRotation;

impl Operation for DisableKeyRotation {
    const NAME: &'static str = "DisableKeyRotation";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::AutomaticRotation;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = DisableKeyRotationRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &DisableKeyRotationRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a DisableKeyRotationRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:DisableKeyRotation", Resource::Key(key))]
    }

    async fn execute(
        _: &DisableKeyRotationRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::schedule(key, None, context).await
    }
}
