//! Connections for reading, off the threads that serve requests.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;
use tokio::sync::Semaphore;
use trent_engine::StoreError;

use super::{database, error};

/// Reads at one time. They are short, and the engine's cache takes most of them.
const READERS: u32 = 4;

/// A few connections, opened when they are first needed and handed from read to read.
pub(super) struct Readers {
    file: PathBuf,
    idle: Arc<Mutex<Vec<Connection>>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(file: PathBuf) -> Self {
        Self { file, idle: Arc::default(), permits: Arc::new(Semaphore::new(READERS as usize)) }
    }

    /// Runs `query` on a thread that may block.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| error::closed())?;
        let (file, idle) = (self.file.clone(), Arc::clone(&self.idle));
        let read = tokio::task::spawn_blocking(move || {
            let connection = take(&idle).map_or_else(|| open(&file), Ok)?;
            let result = query(&connection)?;
            // Not reached after an error: the next read then starts with a new connection.
            give_back(&idle, connection);
            drop(permit);
            Ok(result)
        });
        match read.await {
            Ok(result) => result.map_err(|error| error::explain(&error)),
            Err(error) => Err(StoreError::Failed(error.to_string())),
        }
    }

    /// Waits for the reads under way, refuses further ones and lets the file go.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(READERS).await;
        self.permits.close();
        drop(all);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn open(file: &std::path::Path) -> rusqlite::Result<Connection> {
    let connection = database::connect(file)?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

fn take(idle: &Mutex<Vec<Connection>>) -> Option<Connection> {
    idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
}

fn give_back(idle: &Mutex<Vec<Connection>>, connection: Connection) {
    idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
}
