//! The port for durable state: an ordered key-value space of versioned records.

use async_trait::async_trait;
use trent_domain::{Path, PathRange};

/// A point in the history of a store; every commit that changes something has its own, rising.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(pub u64);

/// A record as it lies in the store. The value is sealed; no store sees inside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Where it lies.
    pub path: Path,
    /// 1 for a record just created, one more with each overwrite.
    pub version: u64,
    /// The sealed bytes.
    pub value: Vec<u8>,
}

/// A demand on the state a commit starts from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The record in question.
    pub path: Path,
    /// The version it must have; 0 demands that there be no such record.
    pub version: u64,
}

/// A record to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Where to.
    pub path: Path,
    /// The version the record will have, which its sealed value is bound to. The commit conflicts
    /// unless the record has version `version - 1` now (0: none is there).
    pub version: u64,
    /// The sealed bytes.
    pub value: Vec<u8>,
}

/// A record to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    /// Which one.
    pub path: Path,
    /// The version it must have now.
    pub version: u64,
}

/// What one transaction demands and does. A path occurs at most once among puts and deletes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Batch {
    /// Demands beyond those that the puts and deletes imply.
    pub checks: Vec<Check>,
    /// Writes.
    pub puts: Vec<Put>,
    /// Removals.
    pub deletes: Vec<Delete>,
}

/// Why a store cannot answer. The text is for the operator, not for the client.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no space left to write to. Reads still work, and writes will again once there is.
    #[error("the store is out of space: {0}")]
    Full(String),
    /// What the store holds is not what was written.
    #[error("the store is damaged: {0}")]
    Damaged(String),
    /// The store cannot be reached, or failed in another way.
    #[error("the store failed: {0}")]
    Failed(String),
}

/// Why a commit did not happen. In every case nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// A version was not the one demanded: somebody else was faster.
    #[error("`{0}` was changed by another writer")]
    Conflict(Path),
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What happened in a store since a revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchEvent {
    /// These records were written or removed by the commit that made `revision`.
    Changed {
        /// The commit's revision.
        revision: Revision,
        /// The records, in no order.
        paths: Vec<Path>,
    },
    /// Changes up to `revision` can no longer be told one by one: forget all that was read before.
    Reset {
        /// Where the telling resumes.
        revision: Revision,
    },
}

/// A subscription to the changes of a store, in the order of their revisions, without gaps.
#[async_trait]
pub trait Watch: Send {
    /// The next event; `None` when the store is closed.
    async fn next(&mut self) -> Option<WatchEvent>;
}

/// Durable state. All of it is conditional, atomic and ordered; implementations share one
/// conformance suite.
#[async_trait]
pub trait Store: Send + Sync {
    /// The record at `path`, as of the last commit acknowledged by anyone, or newer.
    async fn get(&self, path: &Path) -> Result<Option<Stored>, StoreError>;

    /// Up to `limit` records of a range in the order of their paths' bytes, all as of one moment.
    async fn scan(&self, range: &PathRange, limit: usize) -> Result<Vec<Stored>, StoreError>;

    /// How many records lie in a range, as of the last commit acknowledged by anyone, or newer. May
    /// take milliseconds for each ten thousand.
    async fn count(&self, range: &PathRange) -> Result<usize, StoreError>;

    /// Makes all changes of a batch durable, or none. Returns only when they would survive a
    /// crash. An empty batch whose checks hold returns the current revision.
    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError>;

    /// All changes after `from`, or a [`WatchEvent::Reset`] first when those are no longer known.
    /// Subscribed before it returns: no commit made afterwards is missed.
    fn watch(&self, from: Revision) -> Box<dyn Watch>;

    /// Holds the store's own structures against themselves: a record that those have lost is not
    /// found damaged, it is not found at all. May take as long as reading everything.
    async fn check(&self) -> Result<(), StoreError>;

    /// The revision of the last commit.
    async fn revision(&self) -> Result<Revision, StoreError>;

    /// Returns when every other node that answers from a cache has applied `revision`, or has lost
    /// the right to answer. A store of a single node returns at once.
    async fn barrier(&self, revision: Revision) -> Result<(), StoreError>;
}
