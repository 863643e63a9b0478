//! Typed records over the store: sealing, the bounded cache, and commits.
//!
//! What is read here is decoded once and kept, until the store's watch says that it changed.
//! After [`Records::commit`] returns, no request that starts later sees what was replaced.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use quick_cache::sync::Cache;
use tokio::sync::{Notify, watch};
use trent_crypto::{Keyring, SecretBytes};
use trent_domain::{Organization, Path, PathRange};

use crate::census::Census;
use crate::directories::Directories;
use crate::identity::organization;
use crate::metrics::StoreMetrics;
use crate::policies::Policies;
use crate::usage::Usage;
use crate::{Batch, Check, CommitError, Delete, Put, Revision, Store, StoreError, Stored, WatchEvent};

/// A record type: how its plaintext is read, and what is kept of it in memory.
pub trait Record: Any + Send + Sync + Sized {
    /// Makes the in-memory form of a record that was opened and authenticated.
    ///
    /// # Errors
    /// [`StoreError::Damaged`] when the plaintext is not one of this type.
    fn decode(plaintext: &[u8], version: u64, policies: &Policies) -> Result<Self, StoreError>;
}

/// A record of any kind, for those who only want it gone.
pub(crate) struct Opaque(u64);

impl Opaque {
    pub(crate) const fn version(&self) -> u64 {
        self.0
    }
}

impl Record for Opaque {
    fn decode(_: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self(version))
    }
}

type Cached = Option<Arc<dyn Any + Send + Sync>>;

/// The records of one store, opened with one keyring.
pub struct Records {
    store: Arc<dyn Store>,
    keyring: Keyring,
    policies: Policies,
    cache: Cache<Path, Cached>,
    directories: Directories,
    census: Census,
    applied: watch::Sender<Revision>,
    usage: Usage,
    /// The account it is named after is there from the first start on and stays what it is.
    organization: OnceLock<Organization>,
    due: Notify,
    metrics: StoreMetrics,
}

impl Records {
    /// Records of `store`, of which up to `capacity` are kept decoded. [`Records::follow`] must
    /// be running before the first commit.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, keyring: Keyring, capacity: usize, metrics: StoreMetrics) -> Self {
        Self {
            store,
            keyring,
            policies: Policies::default(),
            cache: Cache::new(capacity),
            directories: Directories::default(),
            census: Census::default(),
            applied: watch::Sender::new(Revision::default()),
            usage: Usage::default(),
            organization: OnceLock::new(),
            due: Notify::new(),
            metrics,
        }
    }

    /// Applies the store's changes to the cache, until the store closes.
    ///
    /// # Errors
    /// When the store cannot say where it stands.
    pub async fn follow(self: Arc<Self>) -> Result<impl Future<Output = ()> + Send + 'static, StoreError> {
        let revision = self.store.revision().await?;
        let mut events = self.store.watch(revision);
        self.applied.send_replace(revision);
        Ok(async move {
            while let Some(event) = events.next().await {
                self.apply(event);
            }
        })
    }

    /// The record at `path`, from the cache when it is there.
    ///
    /// # Errors
    /// When the store fails, or holds something that was not written by it.
    pub async fn get<R: Record>(&self, path: &Path) -> Result<Option<Arc<R>>, StoreError> {
        // A placeholder that is removed while its value is being read refuses the insertion, so a
        // value read before a change can never be kept after it.
        let found = match self.cache.get_value_or_guard_async(path).await {
            Ok(found) => {
                self.metrics.cache_hits.inc();
                found
            }
            Err(guard) => {
                self.metrics.cache_misses.inc();
                let value = self.fetch::<R>(path).await?;
                let value: Cached = value.map(|record| Arc::new(record) as Arc<dyn Any + Send + Sync>);
                let _ = guard.insert(value.clone());
                value
            }
        };
        found
            .map(|any| any.downcast::<R>())
            .transpose()
            .map_err(|_| StoreError::Damaged(format!("`{path}` holds a record of another type")))
    }

    /// The record at `path`, past the cache: for what its reader keeps itself.
    ///
    /// # Errors
    /// As [`Records::get`].
    pub async fn fetch<R: Record>(&self, path: &Path) -> Result<Option<R>, StoreError> {
        self.metrics.reads.inc();
        let stored = self.store.get(path).await.inspect_err(|_| self.metrics.failed())?;
        stored.map(|stored| self.open(&stored)).transpose()
    }

    /// Up to `limit` records of a range, in order, past the cache.
    ///
    /// # Errors
    /// As [`Records::get`].
    pub async fn scan<R: Record>(
        &self,
        range: &PathRange,
        limit: usize,
    ) -> Result<Vec<(Path, R)>, StoreError> {
        self.metrics.scans.inc();
        let stored = self.store.scan(range, limit).await.inspect_err(|_| self.metrics.failed())?;
        stored.into_iter().map(|stored| Ok((stored.path.clone(), self.open(&stored)?))).collect()
    }

    /// How many records a range has. That may take reading a part of the store.
    pub(crate) async fn count(&self, range: &PathRange) -> Result<usize, StoreError> {
        self.metrics.scans.inc();
        self.store.count(range).await.inspect_err(|_| self.metrics.failed())
    }

    /// Opens every record of the store in batches, and reports each that is not what was written.
    /// Returns how many were found sound and how many were not.
    ///
    /// # Errors
    /// When the store itself cannot be read, or has lost records.
    pub async fn verify_all(&self) -> Result<(u64, u64), StoreError> {
        let verified = match self.store.check().await {
            Ok(()) => self.verify_records().await,
            Err(error) => Err(error),
        };
        // A store that cannot be verified counts as one damaged record: somebody has to look.
        let damaged = verified.as_ref().map_or(1, |(_, damaged)| *damaged);
        self.metrics.damaged_records.set(i64::try_from(damaged).unwrap_or(i64::MAX));
        verified
    }

    async fn verify_records(&self) -> Result<(u64, u64), StoreError> {
        const BATCH: usize = 256;
        let (mut sound, mut damaged) = (0, 0);
        let mut range = PathRange::all();
        loop {
            let batch = self.store.scan(&range, BATCH).await?;
            for stored in batch.iter().filter(|stored| stored.path.suffix("/meta/").is_none()) {
                match self.unseal(stored) {
                    Ok(_) => sound += 1,
                    Err(error) => {
                        damaged += 1;
                        tracing::error!(%error, "a stored record is damaged");
                    }
                }
            }
            match batch.last().and_then(|last| last.path.suffix("/")) {
                Some(last) if batch.len() == BATCH => range = range.after(last),
                _ => break,
            }
            tokio::task::yield_now().await;
        }
        Ok((sound, damaged))
    }

    /// Makes `changes` durable in one transaction and waits until no cache holds what they replaced.
    ///
    /// # Errors
    /// [`CommitError::Conflict`] when a record was changed since it was read; nothing is changed then.
    pub async fn commit(&self, changes: Changes) -> Result<(), CommitError> {
        let batch = self.seal(changes)?;
        self.metrics.commits.inc();
        let revision = self.store.commit(batch).await.inspect_err(|error| match error {
            // Whoever was faster may not have reached this cache yet, and the retry must see it.
            CommitError::Conflict(path) => self.forget(path),
            CommitError::Store(_) => self.metrics.failed(),
        })?;
        let mut applied = self.applied.subscribe();
        let local = applied.wait_for(|applied| *applied >= revision).await;
        local.map_err(|_| StoreError::Failed("the store is closed".to_owned()))?;
        self.store.barrier(revision).await?;
        Ok(())
    }

    /// The organization that all accounts belong to, looked up when it is first asked for; none in a
    /// store that knows no account which manages others.
    ///
    /// # Errors
    /// As [`Records::get`].
    pub async fn organization(&self) -> Result<Option<Organization>, StoreError> {
        if let Some(known) = self.organization.get() {
            return Ok(Some(*known));
        }
        let found = organization::find(self).await?;
        Ok(found.map(|found| *self.organization.get_or_init(|| found)))
    }

    /// The keyring, for what must be tagged or checked with the store's own keys.
    #[must_use]
    pub const fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Parsed policies, shared by identical text.
    #[must_use]
    pub const fn policies(&self) -> &Policies {
        &self.policies
    }

    /// When keys were last used, as far as that is not written down yet.
    #[must_use]
    pub const fn usage(&self) -> &Usage {
        &self.usage
    }

    /// Returns when the index of what is due has changed, by whomever.
    pub(crate) async fn due_changed(&self) {
        self.due.notified().await;
    }

    /// Lets [`Records::due_changed`] return.
    pub(crate) fn wake(&self) {
        self.due.notify_one();
    }

    fn apply(&self, event: WatchEvent) {
        let revision = match event {
            WatchEvent::Changed { revision, paths } => {
                if paths.iter().any(|path| path.as_due().is_some()) {
                    self.due.notify_one();
                }
                for path in &paths {
                    self.forget(path);
                    self.census.changed(path);
                }
                revision
            }
            WatchEvent::Reset { revision } => {
                self.cache.clear();
                self.directories.clear();
                self.census.clear();
                self.due.notify_one();
                revision
            }
        };
        self.applied.send_replace(revision);
    }

    fn forget(&self, path: &Path) {
        self.cache.remove(path);
        self.directories.changed(path);
    }

    pub(crate) const fn census(&self) -> &Census {
        &self.census
    }

    pub(crate) const fn directories(&self) -> &Directories {
        &self.directories
    }

    fn open<R: Record>(&self, stored: &Stored) -> Result<R, StoreError> {
        R::decode(self.unseal(stored)?.expose(), stored.version, &self.policies)
    }

    fn unseal(&self, stored: &Stored) -> Result<SecretBytes, StoreError> {
        self.keyring.open_record(stored.path.as_str(), stored.version, &stored.value).map_err(|_| {
            self.metrics.failed();
            StoreError::Damaged(format!("the record at `{}` is not the one that was written", stored.path))
        })
    }

    fn seal(&self, changes: Changes) -> Result<Batch, StoreError> {
        let puts = changes.puts.into_iter().map(|(path, version, plaintext)| {
            let value = self
                .keyring
                .seal(path.as_str(), version, plaintext.expose())
                .map_err(|error| StoreError::Failed(error.to_string()))?;
            Ok(Put { path, version, value })
        });
        let puts = puts.collect::<Result<_, StoreError>>()?;
        Ok(Batch { checks: changes.checks, puts, deletes: changes.deletes })
    }
}

/// What an operation wants changed. It is only a list: operations hold no handle to write with.
#[derive(Default)]
pub struct Changes {
    checks: Vec<Check>,
    puts: Vec<(Path, u64, SecretBytes)>,
    deletes: Vec<Delete>,
}

impl Changes {
    /// Writes a record where there must be none.
    pub fn create(&mut self, path: Path, plaintext: SecretBytes) {
        self.replace(path, 0, plaintext);
    }

    /// Writes over the record that was read at `version`.
    pub fn replace(&mut self, path: Path, version: u64, plaintext: SecretBytes) {
        self.puts.push((path, version + 1, plaintext));
    }

    /// Removes the record that was read at `version`.
    pub fn delete(&mut self, path: Path, version: u64) {
        self.deletes.push(Delete { path, version });
    }

    /// Demands that a record still be at the version it was read at. Demands that a put or a
    /// delete of the same path makes anyway are left out.
    pub fn require(&mut self, path: Path, version: u64) {
        let written =
            self.puts.iter().any(|put| put.0 == path) || self.deletes.iter().any(|d| d.path == path);
        if !written {
            self.checks.push(Check { path, version });
        }
    }

    /// Whether nothing is to be changed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.puts.is_empty() && self.deletes.is_empty()
    }
}
