//! A store on top of another one, for trying what would come of changes: it reads what lies below
//! and keeps all changes to itself.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;
use trent_domain::{Path, PathRange};
use trent_engine::{Batch, CommitError, Revision, Store, StoreError, Stored, Watch};

use crate::batch;
use crate::feed::Feed;

/// What a store would be after changes that are not made. Nobody may write to the store below while
/// this one is in use. Memory is taken by the changes alone, and nothing of them is durable.
pub struct OverlayStore {
    below: Arc<dyn Store>,
    changes: Mutex<BTreeMap<Path, Change>>,
    feed: Arc<Feed>,
}

/// What became of a record.
struct Change {
    /// The record now; `None` when it was removed.
    now: Option<Stored>,
    /// Whether the store below has it.
    is_below: bool,
}

impl OverlayStore {
    /// A store that begins as the one below is.
    ///
    /// # Errors
    /// When that one cannot say where it stands.
    pub async fn over(below: Arc<dyn Store>) -> Result<Self, StoreError> {
        let feed = Feed::starting_at(below.revision().await?);
        Ok(Self { below, changes: Mutex::default(), feed })
    }

    /// Ends all subscriptions; the store itself can still be read and written.
    pub fn close(&self) {
        self.feed.close();
    }

    /// The versions of the records that a batch speaks of.
    async fn versions(
        &self,
        changes: &BTreeMap<Path, Change>,
        batch: &Batch,
    ) -> Result<HashMap<Path, u64>, StoreError> {
        let mut versions = HashMap::new();
        let checked = batch.checks.iter().map(|check| &check.path);
        for path in checked.chain(batch::changed_paths(batch)) {
            let found = match changes.get(path) {
                Some(change) => change.now.as_ref().map(|stored| stored.version),
                None => self.below.get(path).await?.map(|stored| stored.version),
            };
            versions.insert(path.clone(), found.unwrap_or(0));
        }
        Ok(versions)
    }
}

impl Drop for OverlayStore {
    fn drop(&mut self) {
        self.feed.close();
    }
}

#[async_trait]
impl Store for OverlayStore {
    async fn get(&self, path: &Path) -> Result<Option<Stored>, StoreError> {
        match self.changes.lock().await.get(path) {
            Some(change) => Ok(change.now.clone()),
            None => self.below.get(path).await,
        }
    }

    async fn scan(&self, range: &PathRange, limit: usize) -> Result<Vec<Stored>, StoreError> {
        let changes = self.changes.lock().await;
        let within = changes.iter().filter(|(path, _)| range.contains(path.as_str()));
        let within = within.collect::<Vec<_>>();
        // As many of those found below may be gone or other by now.
        let found = self.below.scan(range, limit.saturating_add(within.len())).await?;
        let mut merged =
            found.into_iter().map(|stored| (stored.path.clone(), stored)).collect::<BTreeMap<_, _>>();
        for (path, change) in within {
            match &change.now {
                Some(stored) => drop(merged.insert(path.clone(), stored.clone())),
                None => drop(merged.remove(path)),
            }
        }
        Ok(merged.into_values().take(limit).collect())
    }

    async fn count(&self, range: &PathRange) -> Result<usize, StoreError> {
        let changes = self.changes.lock().await;
        let within = || changes.iter().filter(|(path, _)| range.contains(path.as_str()));
        let new = within().filter(|(_, change)| change.now.is_some() && !change.is_below).count();
        let gone = within().filter(|(_, change)| change.now.is_none() && change.is_below).count();
        Ok((self.below.count(range).await? + new).saturating_sub(gone))
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        batch::well_formed(&batch)?;
        // Held to the end, so that commits come one after the other and are told in their order.
        let mut changes = self.changes.lock().await;
        let versions = self.versions(&changes, &batch).await?;
        let version_of = |path: &Path| Ok(versions.get(path).copied().unwrap_or(0));
        if let Some(path) = batch::conflict::<StoreError>(&batch, version_of)? {
            return Err(CommitError::Conflict(path.clone()));
        }
        if batch::is_question(&batch) {
            return Ok(self.feed.latest());
        }
        let paths = batch::changed_paths(&batch).cloned().collect();
        let puts = batch.puts.into_iter().map(|put| {
            let stored = Stored { path: put.path.clone(), version: put.version, value: put.value };
            (put.path, Some(stored))
        });
        for (path, now) in puts.chain(batch.deletes.into_iter().map(|delete| (delete.path, None))) {
            let existed = versions.get(&path).is_some_and(|version| *version > 0);
            let is_below = changes.get(&path).map_or(existed, |change| change.is_below);
            changes.insert(path, Change { now, is_below });
        }
        let revision = Revision(self.feed.latest().0 + 1);
        self.feed.publish([(revision, paths)]);
        Ok(revision)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.below.check().await
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
