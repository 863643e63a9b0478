//! The store of one machine: one SQLite file in the data directory, nothing to install.
//!
//! One thread writes (`writer.rs`); all batches that wait while it is busy go into its next
//! transaction, so one fsync serves many. Reads run on connections of their own (`readers.rs`) and
//! never wait for a write. `docs/storage.md` tells operators about the files.

mod database;
mod directory;
mod error;
mod readers;
mod writer;

use std::path::Path as FilePath;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot};
use trent_domain::{Path, PathRange};
use trent_engine::{Batch, CommitError, Revision, Store, StoreError, Stored, Watch};

pub use self::database::FORMAT_VERSION;
pub use self::error::OpenError;
use self::readers::Readers;
use self::writer::{Pending, Writer};
use crate::batch;
use crate::feed::Feed;

/// Batches that may wait for the writer before those who commit are made to wait themselves.
const QUEUE: usize = 1024;

/// A store in the file `trent.db` of a directory, which no other process may use meanwhile.
pub struct EmbeddedStore {
    readers: Readers,
    feed: Arc<Feed>,
    writer: Mutex<Option<Handle>>,
}

struct Handle {
    queue: mpsc::Sender<Pending>,
    thread: JoinHandle<()>,
}

impl EmbeddedStore {
    /// Opens the store in `dir`, creating both when they are not there.
    ///
    /// # Errors
    /// When another process uses the directory, or what lies there is not a sound store of a
    /// format this program knows. Nothing is changed then.
    pub fn open(dir: &FilePath) -> Result<Self, OpenError> {
        let lock = directory::claim(dir)?;
        let file = dir.join("trent.db");
        let connection = database::open(dir, &file)?;
        let revision = database::revision(&connection)
            .map_err(|error| OpenError::Database { path: file.clone(), source: error::explain(&error) })?;
        let feed = Feed::starting_at(revision);
        let readers = Readers::new(file.clone());
        let writer = Writer::new(connection, file, Arc::clone(&feed), lock);
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("trent-store".to_owned())
            .spawn(move || writer.run(jobs))
            .map_err(|source| OpenError::Directory { dir: dir.to_owned(), source })?;
        Ok(Self { readers, feed, writer: Mutex::new(Some(Handle { queue, thread })) })
    }

    /// Stops: what was handed in is written, the log is folded into the database file, all
    /// subscriptions end, and the directory is free for another process. Later calls fail.
    pub async fn close(&self) {
        self.readers.close().await;
        if let Some(handle) = self.take_writer() {
            drop(handle.queue);
            let joined = tokio::task::spawn_blocking(move || handle.thread.join()).await;
            if !matches!(joined, Ok(Ok(()))) {
                tracing::error!("the store's writer did not stop in order");
            }
        }
    }

    fn take_writer(&self) -> Option<Handle> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn queue(&self) -> Result<mpsc::Sender<Pending>, StoreError> {
        let writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        writer.as_ref().map(|handle| handle.queue.clone()).ok_or_else(error::closed)
    }
}

impl Drop for EmbeddedStore {
    /// A store dropped without [`EmbeddedStore::close`] stops just the same, while the caller waits.
    fn drop(&mut self) {
        if let Some(handle) = self.take_writer() {
            drop(handle.queue);
            let _ = handle.thread.join();
        }
    }
}

#[async_trait]
impl Store for EmbeddedStore {
    async fn get(&self, path: &Path) -> Result<Option<Stored>, StoreError> {
        let path = path.clone();
        self.readers.run(move |connection| database::get(connection, path)).await
    }

    async fn scan(&self, range: &PathRange, limit: usize) -> Result<Vec<Stored>, StoreError> {
        let range = range.clone();
        self.readers.run(move |connection| database::scan(connection, &range, limit)).await
    }

    async fn count(&self, range: &PathRange) -> Result<usize, StoreError> {
        let range = range.clone();
        self.readers.run(move |connection| database::count(connection, &range)).await
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        batch::well_formed(&batch)?;
        let (answer, outcome) = oneshot::channel();
        let queue = self.queue()?;
        queue.send(Pending { batch, answer }).await.map_err(|_| error::closed())?;
        // Else the writer could not end before this commit's caller lets go.
        drop(queue);
        outcome.await.map_err(|_| error::closed())?
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.readers.run(database::check).await
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
