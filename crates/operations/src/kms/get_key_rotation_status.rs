//! GetKeyRotationStatus: whether, how often and when next a key gets new material by itself.

use trent_domain::StateRow;
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{GetKeyRotationStatusRequest, GetKeyRotationStatusResponse};

use super::shared::metadata::seconds;

pub(crate) struct GetKeyRotationStatus;

impl Operation for GetKeyRotationStatus {
    const NAME: &'static str = "GetKeyRotationStatus";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const STATE: StateRow = StateRow::RotationStatus;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = GetKeyRotationStatusRequest;
    type Output = GetKeyRotationStatusResponse;
    type Target = KeyTarget;

    fn target(input: &GetKeyRotationStatusRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a GetKeyRotationStatusRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:GetKeyRotationStatus", Resource::Key(key))]
    }

    async fn execute(
        _: &GetKeyRotationStatusRequest,
        key: &Permit<LoadedKey>,
        _: &Context<'_>,
    ) -> Result<Outcome<GetKeyRotationStatusResponse>, Fault> {
        let record = &key.entry.key;
        // What is about to be deleted is not rotated; a cancelled deletion brings the schedule back.
        let schedule = record.rotation.filter(|_| !record.is_pending_deletion());
        Ok(Outcome::read(GetKeyRotationStatusResponse {
            key_id: Some(record.id.to_string()),
            key_rotation_enabled: Some(schedule.is_some()),
            rotation_period_in_days: schedule.map(|schedule| i32::from(schedule.period_days)),
            next_rotation_date: schedule.map(|schedule| seconds(schedule.next)),
            // A rotation on demand is over when it is answered.
            on_demand_rotation_start_date: None,
        }))
    }
}
