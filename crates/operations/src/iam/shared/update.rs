//! Changes of records.

use trent_engine::{Changes, Fault, encode};

use super::entity::{Entity, Stored};
use super::managed::Managed;
use super::named::Found;

/// Changes the record of a user, group or role. A change that leaves it as it was writes nothing.
///
/// # Errors
/// Those of `change`, and `NoSuchEntity`.
pub(crate) fn record<E: Entity>(
    found: &Found<E>,
    changes: &mut Changes,
    change: impl FnOnce(&mut E::Stored) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let entry = &**found.entry()?;
    let mut stored = entry.stored().clone();
    change(&mut stored)?;
    if stored != *entry.stored() {
        changes.replace(stored.place(), entry.version(), encode(&stored)?);
    }
    Ok(())
}

/// Writes a record again as it is, so that whoever counts on what was read of it starts over: what
/// is about to refer to it must not commit beside its deletion.
///
/// # Errors
/// When it cannot be rendered.
pub(crate) fn touch<E: Entity>(entry: &E, changes: &mut Changes) -> Result<(), Fault> {
    let stored = entry.stored();
    changes.replace(stored.place(), entry.version(), encode(stored)?);
    Ok(())
}

/// As [`touch`], for a managed policy. Those of AWS are never deleted.
///
/// # Errors
/// As [`touch`].
pub(crate) fn touch_policy(policy: &Managed, changes: &mut Changes) -> Result<(), Fault> {
    match policy {
        Managed::Own(entry) => touch(&**entry, changes),
        Managed::Aws(_) => Ok(()),
    }
}
