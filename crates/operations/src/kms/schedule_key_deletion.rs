//! ScheduleKeyDeletion: the key is unusable from now on, and gone when the waiting period is over. That
//! of a primary key begins when its last replica is gone.

use trent_domain::{Deletion, StateRow};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::kms::{self, ScheduleKeyDeletionRequest, ScheduleKeyDeletionResponse};

use super::shared::audit;
use super::shared::last_use::{IdleKey, IdleTarget};
use super::shared::metadata::{named, seconds};

pub(crate) struct ScheduleKeyDeletion;

impl Operation for ScheduleKeyDeletion {
    const NAME: &'static str = "ScheduleKeyDeletion";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::ScheduleDeletion;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::defaulting("PendingWindowInDays", "30")];

    type Input = ScheduleKeyDeletionRequest;
    type Output = ScheduleKeyDeletionResponse;
    type Target = IdleTarget;

    fn target(input: &ScheduleKeyDeletionRequest) -> Result<IdleTarget, Fault> {
        window(input)?;
        Ok(IdleTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a ScheduleKeyDeletionRequest, key: &'a IdleKey) -> Vec<Demand<'a>> {
        vec![key.demand("kms:ScheduleKeyDeletion").fact(
            "kms:schedulekeydeletionpendingwindowindays",
            window(input).unwrap_or(Deletion::MAX_DAYS).to_string(),
        )]
    }

    async fn execute(
        input: &ScheduleKeyDeletionRequest,
        key: &Permit<IdleKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<ScheduleKeyDeletionResponse>, Fault> {
        let (entry, window) = (&key.entry, window(input)?);
        let mut record = entry.key.clone();
        record.schedule_deletion(context.now, window);
        let response = audit::deletion(&record, window);
        let output = ScheduleKeyDeletionResponse {
            key_id: Some(entry.arn.to_string()),
            deletion_date: record.deletion.map(|deletion| seconds(deletion.date)),
            key_state: Some(named(record.stored_state.as_str(), kms::KeyState::from_wire)?),
            pending_window_in_days: Some(i32::from(window)),
        };
        let mut changes = Changes::default();
        changes.replace_key(entry, record)?;
        Ok(Outcome::write(output, changes).responding(response))
    }
}

/// The waiting period in days. The model allows more than the service does.
fn window(input: &ScheduleKeyDeletionRequest) -> Result<u16, Fault> {
    const ALLOWED: std::ops::RangeInclusive<u16> = Deletion::MIN_DAYS..=Deletion::MAX_DAYS;
    let Some(days) = input.pending_window_in_days else { return Ok(Deletion::MAX_DAYS) };
    let days = u16::try_from(days).ok().filter(|days| ALLOWED.contains(days));
    days.ok_or_else(|| Fault::validation("PendingWindowInDays must be between 7 and 30"))
}
