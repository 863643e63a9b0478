//! What is done to keys without anybody asking: rotation, expiry, deletion, and writing down when
//! keys were last used.
//!
//! What is due is a fact of the records and the clock, and every request goes by it at once; the
//! worker makes it so in the store. Each step is one transaction on condition that the key is as it
//! was read, so that it does not matter how many workers there are and when one of them is killed:
//! what was begun is found in the index and gone on with.

mod delete;
mod expire;
mod flush;
mod tell;

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::Mutex;
use tokio::task::JoinSet;
use trent_domain::{Due, Path, PathRange, RotationType};

use crate::due::{self, DueEntry};
use crate::entries::KeyEntry;
use crate::multi_region::Family;
use crate::{AuditSink, Changes, Clock, CommitError, Fault, Records, Rng, StoreError, rotation};

/// How many keys are attended to at a time: their transactions share the store's writes.
const BATCH: usize = 64;
/// How often a step starts over because somebody else changed the key.
const ATTEMPTS: usize = 64;

/// Does what is due.
pub struct Worker {
    records: Arc<Records>,
    audit: Arc<dyn AuditSink>,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
    /// Two rounds at once would tell of the same deletion twice.
    round: Mutex<()>,
}

impl Worker {
    /// A worker on `records`.
    #[must_use]
    pub fn new(
        records: Arc<Records>,
        audit: Arc<dyn AuditSink>,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self { records, audit, clock, rng, round: Mutex::new(()) }
    }

    /// Does all that is due by now; answers when something will be due next. What fails is
    /// reported and tried again in the next round.
    ///
    /// # Errors
    /// When the index cannot be read.
    pub async fn round(self: &Arc<Self>) -> Result<Option<Timestamp>, StoreError> {
        let _round = self.round.lock().await;
        self.tell_what_is_left().await;
        let now = self.clock.now();
        let mut range = PathRange::due();
        loop {
            let found = self.records.scan::<DueEntry>(&range, BATCH).await?;
            let Some((last, _)) = found.last() else { return Ok(None) };
            let behind = last.suffix(range.common_prefix()).unwrap_or_default();
            range = PathRange::due().after(behind);
            let entries = found.iter().filter_map(|(path, _)| path.as_due());
            let (due, later): (Vec<Due>, Vec<Due>) = entries.partition(|due| due.time <= now);
            self.attend_all(due).await;
            if let Some(next) = later.first() {
                return Ok(Some(next.time));
            }
        }
    }

    /// Returns when something may be due sooner than the last round could tell.
    pub async fn sooner(&self) {
        self.records.due_changed().await;
    }

    /// Lets [`Worker::sooner`] return.
    pub fn wake(&self) {
        self.records.wake();
    }

    async fn attend_all(self: &Arc<Self>, due: Vec<Due>) {
        let mut tasks = JoinSet::new();
        for due in due {
            let worker = Arc::clone(self);
            tasks.spawn(async move {
                if let Err(fault) = worker.attend(&due).await {
                    let error = said(&fault);
                    tracing::error!(key = %due.key, %error, "what is due to a key could not be done");
                }
            });
        }
        while let Some(done) = tasks.join_next().await {
            if let Err(error) = done {
                tracing::error!(%error, "what is due to a key could not be done");
            }
        }
    }

    /// Does everything that is due to one key, one step after the other.
    async fn attend(&self, due: &Due) -> Result<(), Fault> {
        let path = Path::key(due.key.account, &due.key.region, &due.key.id);
        for _ in 0..ATTEMPTS {
            let Some(entry) = self.records.get::<KeyEntry>(&path).await? else {
                return self.strike(due, &path).await;
            };
            // By the clock at each step: it may be moved in between.
            let now = self.clock.now();
            if due::listed(&entry.key)
                .is_none_or(|listed| listed > Path::due(&Due { time: now, ..due.clone() }))
            {
                return Ok(());
            }
            match self.step(&entry, now).await {
                Ok(()) | Err(Undone::Conflict) => {}
                Err(Undone::Fault(fault)) => return Err(fault),
            }
        }
        Err(Fault::Contention)
    }

    /// One thing that is due to a key.
    async fn step(&self, entry: &Arc<KeyEntry>, now: Timestamp) -> Result<(), Undone> {
        if entry.key.is_gone(now) {
            return self.delete(entry).await;
        }
        let mut changes = Changes::default();
        let events = if let Some(expired) = expire::expired(entry, now) {
            self.expire(entry, &expired, &mut changes).await?
        } else if entry.key.next_rotation().is_some_and(|next| next <= now) {
            let family = Family::of(entry, &self.records).await?;
            rotation::rotate(&family, RotationType::Automatic, now, &self.records, &mut changes).await?
        } else {
            // It stands where it does not belong; writing it puts it where it does.
            changes.replace_key(entry, entry.key.clone())?;
            Vec::new()
        };
        self.commit(changes, events).await
    }

    /// Removes an entry of the index that leads nowhere.
    async fn strike(&self, due: &Due, key: &Path) -> Result<(), Fault> {
        let mut changes = Changes::default();
        changes.delete(Path::due(due), 1);
        changes.require(key.clone(), 0);
        match self.records.commit(changes).await {
            Ok(()) | Err(CommitError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// A fault in words for the operator.
fn said(fault: &Fault) -> String {
    fault.detail().map_or_else(|| format!("{:?}", fault.wire()), str::to_owned)
}

/// Why a step was not done.
enum Undone {
    /// Somebody was faster: look again.
    Conflict,
    Fault(Fault),
}

impl From<CommitError> for Undone {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) => Self::Conflict,
            CommitError::Store(error) => Self::Fault(error.into()),
        }
    }
}

impl From<Fault> for Undone {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<StoreError> for Undone {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}
