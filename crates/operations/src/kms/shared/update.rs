//! Changes of a key's record.

use trent_domain::{Key, RotationSchedule};
use trent_engine::{Changes, Context, Family, Fault, LoadedKey, Outcome};

use super::{audit, multi_region};

/// The outcome of changing a key's record by `change`, for operations that answer nothing. A
/// change that leaves the record as it was writes nothing.
///
/// # Errors
/// Those of `change`.
pub(crate) fn key(
    loaded: &LoadedKey,
    change: impl FnOnce(&mut Key) -> Result<(), Fault>,
) -> Result<Outcome<()>, Fault> {
    let entry = &loaded.entry;
    let mut key = entry.key.clone();
    change(&mut key)?;
    let mut changes = Changes::default();
    if key != entry.key {
        changes.replace_key(entry, key)?;
    }
    Ok(Outcome::write((), changes).responding(audit::key_id(&entry.arn)))
}

/// The outcome of giving a key another schedule of rotations, or none. Related keys have the one of
/// their primary key.
///
/// # Errors
/// When the key cannot have one, or only its primary key can.
pub(crate) async fn schedule(
    loaded: &LoadedKey,
    schedule: Option<RotationSchedule>,
    context: &Context<'_>,
) -> Result<Outcome<()>, Fault> {
    let entry = &loaded.entry;
    if !entry.key.has_rotations() {
        return Err(Fault::NotRotatable);
    }
    multi_region::refuse_replica(entry)?;
    let mut key = entry.key.clone();
    key.rotation = schedule;
    let mut changes = Changes::default();
    let synchronized =
        Family::of(entry, context.records).await?.replace(key, context.records, &mut changes).await?;
    let mut outcome = Outcome::write((), changes).responding(audit::key_id(&entry.arn));
    outcome.service.extend(synchronized);
    Ok(outcome)
}
