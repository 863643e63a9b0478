//! Changes of a key's record.

use trent_domain::Key;
use trent_engine::{Changes, Fault, LoadedKey, Outcome};

use super::audit;

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
