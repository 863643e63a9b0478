//! The sink that keeps records in files.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::mpsc;
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::oneshot;
use trent_engine::{AuditError, AuditSink, Clock, Event};

use crate::disk::{Disk, OsDisk, create_dir};
use crate::finisher::{Finisher, Job};
use crate::metrics::Metrics;
use crate::place::Trail;
use crate::stream::Stream;
use crate::writer::{Shared, Writer};

/// When a file is ended and another begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// How large a file may become.
    pub max_bytes: u64,
    /// How long it is written to.
    pub max_age: Duration,
}

impl Default for Config {
    /// 64 MiB or 5 minutes, whichever comes first; the service delivers about every 5 minutes.
    fn default() -> Self {
        Self { max_bytes: 64 << 20, max_age: Duration::from_secs(300) }
    }
}

/// Keeps records in files, one sequence of them for each account and Region that is used.
pub struct FileSink {
    shared: Arc<Shared>,
    streams: RwLock<Streams>,
}

#[derive(Default)]
struct Streams {
    open: HashMap<Trail, Arc<Stream>>,
    closed: bool,
}

impl FileSink {
    /// A sink into `directory`, which is made if it is not there. What an earlier run left
    /// unfinished is finished in the background.
    ///
    /// # Errors
    /// When the directory cannot be made.
    pub fn open(directory: &Path, config: Config, clock: Arc<dyn Clock>) -> io::Result<Self> {
        Self::over(Arc::new(OsDisk), directory, config, clock)
    }

    pub(crate) fn over(
        disk: Arc<dyn Disk>,
        directory: &Path,
        config: Config,
        clock: Arc<dyn Clock>,
    ) -> io::Result<Self> {
        create_dir(directory)?;
        let (root, metrics) = (directory.to_owned(), Arc::new(Metrics::default()));
        let finisher = Finisher::new(root.clone(), Arc::clone(&disk), Arc::clone(&metrics));
        let (sender, jobs) = mpsc::channel();
        thread::Builder::new().name("audit-finisher".to_owned()).spawn(move || finisher.run(&jobs))?;
        let Config { max_bytes, max_age } = config;
        let shared = Shared { root, max_bytes, max_age, clock, disk, metrics, finisher: sender };
        Ok(Self { shared: Arc::new(shared), streams: RwLock::default() })
    }

    /// What the sink counts.
    #[must_use]
    pub fn metrics(&self) -> Arc<Metrics> {
        Arc::clone(&self.shared.metrics)
    }

    /// Ends files that have become old without further records; to be called every second or so.
    pub fn tick(&self) {
        for stream in self.all() {
            stream.tick();
        }
    }

    /// Ends all files; records that come later are refused. Returns when the files are closed and,
    /// if that does not take long, compressed.
    pub async fn close(&self) {
        self.streams.write().unwrap_or_else(PoisonError::into_inner).closed = true;
        for stream in self.all() {
            stream.close();
        }
        let (done, drained) = oneshot::channel();
        if self.shared.finisher.send(Job::Drain(done)).is_ok() {
            // The finisher answers unless it has ended, and then there is nothing to wait for.
            let _ = drained.await;
        }
    }

    fn all(&self) -> Vec<Arc<Stream>> {
        let streams = self.streams.read().unwrap_or_else(PoisonError::into_inner);
        streams.open.values().cloned().collect()
    }

    fn stream(&self, trail: Trail) -> Result<Arc<Stream>, AuditError> {
        if let Some(stream) = self.streams.read().unwrap_or_else(PoisonError::into_inner).open.get(&trail) {
            return Ok(Arc::clone(stream));
        }
        let mut streams = self.streams.write().unwrap_or_else(PoisonError::into_inner);
        if streams.closed {
            return Err(AuditError("the trail is closed".to_owned()));
        }
        let stream = streams.open.entry(trail).or_insert_with_key(|trail| {
            let writer = Writer::new(Arc::clone(&self.shared), trail.clone());
            Arc::new(Stream::new(writer, Arc::clone(&self.shared.metrics)))
        });
        Ok(Arc::clone(stream))
    }
}

#[async_trait]
impl AuditSink for FileSink {
    async fn append(&self, event: Event) -> Result<(), AuditError> {
        self.stream(Trail::of(&event))?.append(&event).await
    }
}
