//! DisableKey: makes a key unusable; doing it twice is fine.

use trent_domain::{KeyState, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::DisableKeyRequest;

use super::shared::update;

pub(crate) struct DisableKey;

impl Operation for DisableKey {
    const NAME: &'static str = "DisableKey";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::EnableDisable;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = DisableKeyRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &DisableKeyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a DisableKeyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:DisableKey", Resource::Key(key))]
    }

    async fn execute(
        _: &DisableKeyRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::key(key, |key| {
            key.stored_state = KeyState::Disabled;
            Ok(())
        })
    }
}
