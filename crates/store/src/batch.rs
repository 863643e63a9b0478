//! What a batch demands and changes, read the same way by every store.

use std::collections::HashSet;

use trent_domain::Path;
use trent_engine::{Batch, CommitError, StoreError};

/// Refuses a batch that writes or removes one path twice: what it wants cannot be said.
pub(crate) fn well_formed(batch: &Batch) -> Result<(), CommitError> {
    let mut seen = HashSet::new();
    match changed_paths(batch).find(|path| !seen.insert(*path)) {
        Some(path) => Err(StoreError::Failed(format!("a batch changes `{path}` twice")).into()),
        None => Ok(()),
    }
}

/// The first path whose record has not the version that the batch demands, or `None` when the
/// batch may go through. `version_of` tells a record's version, 0 when there is no record.
pub(crate) fn conflict<E>(
    batch: &Batch,
    mut version_of: impl FnMut(&Path) -> Result<u64, E>,
) -> Result<Option<&Path>, E> {
    for (path, demanded) in demands(batch) {
        if demanded != Some(version_of(path)?) {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// Whether the batch changes nothing and only asks whether its checks hold.
pub(crate) const fn is_question(batch: &Batch) -> bool {
    batch.puts.is_empty() && batch.deletes.is_empty()
}

/// Every path the batch writes or removes.
pub(crate) fn changed_paths(batch: &Batch) -> impl Iterator<Item = &Path> {
    let puts = batch.puts.iter().map(|put| &put.path);
    puts.chain(batch.deletes.iter().map(|delete| &delete.path))
}

/// The version each path must have now; `None` is a demand that no state fulfils: there is no
/// version before 0, and what does not exist cannot be removed.
fn demands(batch: &Batch) -> impl Iterator<Item = (&Path, Option<u64>)> {
    let checks = batch.checks.iter().map(|check| (&check.path, Some(check.version)));
    let puts = batch.puts.iter().map(|put| (&put.path, put.version.checked_sub(1)));
    let deletes = batch.deletes.iter().map(|d| (&d.path, Some(d.version).filter(|v| *v > 0)));
    checks.chain(puts).chain(deletes)
}
