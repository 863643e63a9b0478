//! When keys, access keys and roles were last used, without a write to the store for every use.
//!
//! Uses are noted in memory and written down by the worker, at most a minute later; what was not
//! written down when the process is killed is lost, and an earlier use is named then.

mod last_use;
mod signer;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::Serialize;
use trent_domain::Path;

use crate::records::{Changes, Record};
use crate::{Records, StoreError};

pub use last_use::{LastUse, UsageEntry};
pub(crate) use signer::LastSigned;
pub use signer::{SignedEntry, Signer};

/// Requests that use different things seldom meet, and those that use the same one hold it for the
/// time of a hash table's insertion.
const SHARDS: usize = 64;
/// How many uses of a shard wait to be written down. Beyond, what is used for the first time in a
/// minute goes unnoticed: memory is worth more than that.
const MOST: usize = 8192;

/// A use of something.
pub(crate) trait Use: Clone + PartialEq + Send + Sync {
    /// What is used.
    type Of: Clone + Eq + Hash + Send + Sync;
    /// Its stored record.
    type Entry: UseEntry + for<'a> From<&'a Self>;

    /// When.
    fn time(&self) -> Timestamp;
}

/// The stored record of the last use of something.
pub(crate) trait UseEntry: Record + Serialize {
    /// When.
    fn time(&self) -> Timestamp;
    /// The record's version.
    fn version(&self) -> u64;
}

/// Uses that are not written down yet, by what was used.
pub(crate) struct Notes<U: Use> {
    shards: [Mutex<HashMap<U::Of, U>>; SHARDS],
    hasher: RandomState,
}

impl<U: Use> Default for Notes<U> {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl<U: Use> Notes<U> {
    /// Notes a use.
    pub(crate) fn note(&self, of: &U::Of, used: &U) {
        let Some(mut shard) = self.shard(of) else { return };
        let is_full = shard.len() >= MOST;
        match shard.get_mut(of) {
            // Requests may end in another order than they are noted.
            Some(noted) if noted.time() > used.time() => {}
            Some(noted) => noted.clone_from(used),
            None if is_full => {}
            None => drop(shard.insert(of.clone(), used.clone())),
        }
    }

    /// The last use that is not written down yet.
    fn noted<Q: Hash + Eq + ?Sized>(&self, of: &Q) -> Option<U>
    where
        U::Of: Borrow<Q>,
    {
        self.shard(of)?.get(of).cloned()
    }

    /// All that is to be written down.
    pub(crate) fn all(&self) -> Vec<(U::Of, U)> {
        let all = self.shards.iter().map(lock);
        all.flat_map(|shard| shard.iter().map(|(of, used)| (of.clone(), used.clone())).collect::<Vec<_>>())
            .collect()
    }

    /// Forgets a use that was written down, unless there was another since.
    pub(crate) fn written(&self, of: &U::Of, used: &U) {
        if let Some(mut shard) = self.shard(of)
            && shard.get(of) == Some(used)
        {
            shard.remove(of);
        }
    }

    fn shard<Q: Hash + ?Sized>(&self, of: &Q) -> Option<MutexGuard<'_, HashMap<U::Of, U>>> {
        let hash = self.hasher.hash_one(of);
        let index = usize::try_from(hash % SHARDS as u64).ok()?;
        self.shards.get(index).map(lock)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The later of a use that was noted and the one that is written down at `path`.
async fn latest<U: Use>(
    noted: Option<U>,
    path: &Path,
    records: &Records,
) -> Result<Option<U::Entry>, StoreError> {
    let stored = records.fetch::<U::Entry>(path).await?;
    let noted = noted.as_ref().map(U::Entry::from);
    Ok(noted.into_iter().chain(stored).max_by_key(UseEntry::time))
}

/// Lists the change that removes what is written down at `path`, and sees to it that nothing is written
/// there meanwhile.
pub(crate) async fn forget<E: UseEntry>(
    path: Path,
    records: &Records,
    changes: &mut Changes,
) -> Result<(), StoreError> {
    match records.fetch::<E>(&path).await? {
        Some(entry) => changes.delete(path, entry.version()),
        None => changes.require(path, 0),
    }
    Ok(())
}

/// Everything that was used and is not written down yet.
#[derive(Default)]
pub struct Usage {
    /// By the ARN of the key.
    pub(crate) keys: Notes<LastUse>,
    pub(crate) signers: Notes<LastSigned>,
}

impl Usage {
    /// The last use of the key `arn` that is not written down yet.
    #[must_use]
    pub fn noted(&self, arn: &str) -> Option<LastUse> {
        self.keys.noted(arn)
    }

    /// Notes who signed the request of an event, if it proved it.
    pub(crate) fn signed(&self, signed: Option<(Signer, LastSigned)>) {
        if let Some((signer, last)) = signed {
            self.signers.note(&signer, &last);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use super::*;

    fn used(second: i64) -> LastUse {
        let time = Timestamp::from_second(second).unwrap();
        LastUse { operation: "Encrypt", time, event: Uuid::from_u128(second as u128), request: Uuid::nil() }
    }

    #[test]
    fn the_latest_use_stays_until_it_is_written_down() {
        let notes = Notes::default();
        let arn: Arc<str> = "arn:aws:kms:us-east-1:000000000000:key/a".into();
        for second in [2, 3, 1] {
            notes.note(&arn, &used(second));
        }
        assert_eq!(notes.noted(&*arn), Some(used(3)));
        assert_eq!(notes.all(), [(Arc::clone(&arn), used(3))]);
        // A use in the meantime is not forgotten with the one that was written down.
        notes.note(&arn, &used(4));
        notes.written(&arn, &used(3));
        assert_eq!(notes.noted(&*arn), Some(used(4)));
        notes.written(&arn, &used(4));
        assert_eq!((notes.noted(&*arn), notes.all().len()), (None, 0));
    }

    #[test]
    fn memory_is_bounded() {
        let notes = Notes::default();
        for number in 0..SHARDS * MOST + SHARDS * 100 {
            notes.note(&number.to_string().into(), &used(1));
        }
        assert!(notes.all().len() <= SHARDS * MOST);
        // What is noted already is kept up to date even so.
        let (of, _) = notes.all().swap_remove(0);
        notes.note(&of, &used(2));
        assert_eq!(notes.noted(&*of), Some(used(2)));
    }
}
