//! DisableKey: makes a key unusable; doing it twice is fine.

use trent_domain::{KeyState, StateRow};
use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::kms::DisableKeyRequest;

use super::shared::last_use::{IdleKey, IdleTarget};
use super::shared::update;

pub(crate) struct DisableKey;

impl Operation for DisableKey {
    const NAME: &'static str = "DisableKey";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::EnableDisable;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = DisableKeyRequest;
    type Output = ();
    type Target = IdleTarget;

    fn target(input: &DisableKeyRequest) -> Result<IdleTarget, Fault> {
        Ok(IdleTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a DisableKeyRequest, key: &'a IdleKey) -> Vec<Demand<'a>> {
        vec![key.demand("kms:DisableKey")]
    }

    async fn execute(
        _: &DisableKeyRequest,
        key: &Permit<IdleKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        update::key(key, |key| {
            key.stored_state = KeyState::Disabled;
            Ok(())
        })
    }
}
