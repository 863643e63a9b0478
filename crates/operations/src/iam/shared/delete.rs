//! The end of users, groups and roles.

use trent_engine::{Changes, Fault};

use super::entity::{Entity, Holder, Stored as _};
use super::fault;
use super::named::Found;

/// Removes one that has no policies any more, and its name. Whatever is given to it also writes its
/// record, so nothing can be given to it meanwhile.
///
/// # Errors
/// `DeleteConflict`.
pub(crate) fn holder<E: Entity<Stored: Holder>>(
    found: &Found<E>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let entry = &**found.entry()?;
    let policies = entry.stored().policies();
    if !policies.attached.is_empty() {
        return Err(fault::conflict("Cannot delete entity, must detach all policies first."));
    }
    if !policies.inline.is_empty() {
        return Err(fault::conflict("Cannot delete entity, must delete policies first."));
    }
    changes.delete(entry.stored().place(), entry.version());
    found.unlist(changes);
    Ok(())
}
