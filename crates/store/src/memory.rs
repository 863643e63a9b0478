//! The store of tests: an ordered map that is gone with the process.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use trent_domain::{Path, PathRange};
use trent_engine::{Batch, CommitError, Revision, Store, StoreError, Stored, Watch};

use crate::batch;
use crate::feed::Feed;

/// A store in memory. Nothing in it survives the process, so its commits are durable in name only.
pub struct MemoryStore {
    records: RwLock<BTreeMap<Path, Held>>,
    feed: Arc<Feed>,
}

struct Held {
    version: u64,
    value: Vec<u8>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self { records: RwLock::default(), feed: Feed::starting_at(Revision::default()) }
    }
}

impl MemoryStore {
    /// Ends all subscriptions; the store itself can still be read and written.
    pub fn close(&self) {
        self.feed.close();
    }
}

impl Drop for MemoryStore {
    fn drop(&mut self) {
        self.feed.close();
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn get(&self, path: &Path) -> Result<Option<Stored>, StoreError> {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        Ok(records.get(path).map(|held| stored(path, held)))
    }

    async fn scan(&self, range: &PathRange, limit: usize) -> Result<Vec<Stored>, StoreError> {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        Ok(within(&records, range).take(limit).map(|(path, held)| stored(path, held)).collect())
    }

    async fn count(&self, range: &PathRange) -> Result<usize, StoreError> {
        let records = self.records.read().unwrap_or_else(PoisonError::into_inner);
        Ok(within(&records, range).count())
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        batch::well_formed(&batch)?;
        let mut records = self.records.write().unwrap_or_else(PoisonError::into_inner);
        let version_of = |path: &Path| Ok(records.get(path).map_or(0, |held| held.version));
        if let Some(path) = batch::conflict::<StoreError>(&batch, version_of)? {
            return Err(CommitError::Conflict(path.clone()));
        }
        if batch::is_question(&batch) {
            return Ok(self.feed.latest());
        }
        let paths = batch::changed_paths(&batch).cloned().collect();
        apply(&mut records, batch);
        // Still under the lock, so that revisions are told in the order they were made.
        let revision = Revision(self.feed.latest().0 + 1);
        self.feed.publish([(revision, paths)]);
        Ok(revision)
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn watch(&self, from: Revision) -> Box<dyn Watch> {
        self.feed.subscribe(from)
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        Ok(self.feed.latest())
    }

    async fn barrier(&self, _revision: Revision) -> Result<(), StoreError> {
        Ok(())
    }
}

fn within<'a>(
    records: &'a BTreeMap<Path, Held>,
    range: &'a PathRange,
) -> impl Iterator<Item = (&'a Path, &'a Held)> {
    let start = match range.start_after() {
        Some(after) => Bound::Excluded(Path::from_stored(after.to_owned())),
        None => Bound::Included(Path::from_stored(range.common_prefix().to_owned())),
    };
    records.range((start, Bound::Unbounded)).take_while(|(path, _)| range.contains(path.as_str()))
}

fn apply(records: &mut BTreeMap<Path, Held>, batch: Batch) {
    for put in batch.puts {
        records.insert(put.path, Held { version: put.version, value: put.value });
    }
    for delete in batch.deletes {
        records.remove(&delete.path);
    }
}

fn stored(path: &Path, held: &Held) -> Stored {
    Stored { path: path.clone(), version: held.version, value: held.value.clone() }
}
