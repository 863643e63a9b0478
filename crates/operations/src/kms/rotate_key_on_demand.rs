//! RotateKeyOnDemand: new material now, whatever the schedule says.

use jiff::{SignedDuration, Timestamp};
use trent_domain::{MAX_ON_DEMAND_ROTATIONS, RotationType, StateRow};
use trent_engine::{
    Audited, Changes, Context, Demand, Family, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit,
    Resource, rotate,
};
use trent_model::kms::{RotateKeyOnDemandRequest, RotateKeyOnDemandResponse};

use super::shared::{audit, multi_region};

pub(crate) struct RotateKeyOnDemand;

impl Operation for RotateKeyOnDemand {
    const NAME: &'static str = "RotateKeyOnDemand";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::OnDemandRotation;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId")];

    type Input = RotateKeyOnDemandRequest;
    type Output = RotateKeyOnDemandResponse;
    type Target = KeyTarget;

    fn target(input: &RotateKeyOnDemandRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(_: &'a RotateKeyOnDemandRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![Demand::new("kms:RotateKeyOnDemand", Resource::Key(key))]
    }

    async fn execute(
        _: &RotateKeyOnDemandRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<RotateKeyOnDemandResponse>, Fault> {
        let (entry, arn) = (&key.entry, &key.entry.arn);
        if !entry.key.has_rotations() {
            return Err(Fault::NotRotatable);
        }
        multi_region::refuse_replica(entry)?;
        if entry.key.on_demand_rotations() >= MAX_ON_DEMAND_ROTATIONS {
            return Err(Fault::RotatedOften(arn.to_string()));
        }
        if is_near(entry.key.next_rotation(), context.now) {
            return Err(Fault::RotationConflict);
        }
        let mut changes = Changes::default();
        let family = Family::of(entry, context.records).await?;
        let events =
            rotate(&family, RotationType::OnDemand, context.now, context.records, &mut changes).await?;
        let output = RotateKeyOnDemandResponse { key_id: Some(arn.to_string()) };
        let mut outcome = Outcome::write(output, changes).responding(audit::key_id(arn));
        outcome.service.extend(events);
        Ok(outcome)
    }
}

/// Whether an automatic rotation is due within twenty minutes, or overdue.
fn is_near(next: Option<Timestamp>, now: Timestamp) -> bool {
    const NEAR: SignedDuration = SignedDuration::from_mins(20);
    next.is_some_and(|next| next.duration_since(now) <= NEAR)
}
