//! EnableKeyRotation: new material by itself, every so many days from now on.

use trent_domain::{RotationSchedule, StateRow};
use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::EnableKeyRotationRequest;

use super::shared::update;

pub(crate) struct EnableKeyRotation;

impl Operation for EnableKeyRotation {
    const NAME: &'static str = "EnableKeyRotation";
    const READ_ONLY: bool = false;
    const STATE: StateRow = StateRow::AutomaticRotation;
    const AUDITED: &'static [Audited] =
        &[Audited::member("KeyId"), Audited::defaulting("RotationPeriodInDays", "365")];

    type Input = EnableKeyRotationRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &EnableKeyRotationRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a EnableKeyRotationRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        vec![
            Demand::new("kms:EnableKeyRotation", Resource::Key(key))
                .fact("kms:rotationperiodindays", period(input).to_string()),
        ]
    }

    async fn execute(
        input: &EnableKeyRotationRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let schedule = RotationSchedule::starting(context.now, period(input));
        update::schedule(key, Some(schedule), context).await
    }
}

/// The model has held the number against its bounds.
fn period(input: &EnableKeyRotationRequest) -> u16 {
    let given = input.rotation_period_in_days.and_then(|days| u16::try_from(days).ok());
    given.unwrap_or(RotationSchedule::DEFAULT_PERIOD)
}
