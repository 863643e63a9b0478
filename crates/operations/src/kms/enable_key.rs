//! EnableKey: makes a key usable again; doing it twice is fine.

use trent_domain::{KeyState, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::EnableKeyRequest;

use super::shared::update;

pub(crate) struct EnableKey;

impl Operation for EnableKey {
    const NAME: &'static str = "EnableKey";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::EnableDisable;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = EnableKeyRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &EnableKeyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a EnableKeyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:EnableKey", Resource::Key(key))]
    }

    async fn execute(
        _: &EnableKeyRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::key(key, |key| {
            key.stored_state = KeyState::Enabled;
            Ok(())
        })
    }
}
