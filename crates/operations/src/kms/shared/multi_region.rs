//! Who may do what among related keys.

use trent_engine::{Fault, KeyEntry};

/// Refuses every key that is not the primary key of a multi-Region key.
///
/// # Errors
/// [`Fault::NotPrimary`].
pub(crate) fn require_primary(entry: &KeyEntry) -> Result<(), Fault> {
    if entry.key.is_primary() { Ok(()) } else { Err(Fault::NotPrimary(entry.arn.to_string())) }
}

/// Refuses replicas: what they share with their primary key is changed there.
///
/// # Errors
/// [`Fault::NotPrimary`].
pub(crate) fn refuse_replica(entry: &KeyEntry) -> Result<(), Fault> {
    if entry.key.is_replica() { Err(Fault::NotPrimary(entry.arn.to_string())) } else { Ok(()) }
}
