//! CancelKeyDeletion: the key stays, disabled.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{CancelKeyDeletionRequest, CancelKeyDeletionResponse};

use super::shared::audit;

pub(crate) struct CancelKeyDeletion;

impl Operation for CancelKeyDeletion {
    const NAME: &'static str = "CancelKeyDeletion";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::CancelDeletion;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = CancelKeyDeletionRequest;
    type Output = CancelKeyDeletionResponse;
    type Target = KeyTarget;

    fn target(input: &CancelKeyDeletionRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a CancelKeyDeletionRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:CancelKeyDeletion", Resource::Key(key))]
    }

    async fn execute(
        _: &CancelKeyDeletionRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<CancelKeyDeletionResponse>, Fault> {
        let (entry, arn) = (&key.entry, &key.entry.arn);
        let mut record = entry.key.clone();
        record.cancel_deletion();
        let mut changes = Changes::default();
        changes.replace_key(entry, record)?;
        let output = CancelKeyDeletionResponse { key_id: Some(arn.to_string()) };
        Ok(Outcome::write(output, changes).responding(audit::key_id(arn)))
    }
}
