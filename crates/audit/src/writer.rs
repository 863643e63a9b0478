//! Which file a trail's records go to, and when to begin another.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use trent_engine::Clock;

use crate::disk::Disk;
use crate::file::OpenFile;
use crate::finisher::Job;
use crate::metrics::Metrics;
use crate::place::Trail;

/// How long to go on with an old file after no new one could be begun.
const ROTATE_AGAIN: Duration = Duration::from_secs(1);

/// What the writers of all trails share.
pub(crate) struct Shared {
    pub(crate) root: PathBuf,
    pub(crate) max_bytes: u64,
    pub(crate) max_age: Duration,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) disk: Arc<dyn Disk>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) finisher: Sender<Job>,
}

/// Writes the files of one trail, one after the other.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    trail: Trail,
    file: Option<OpenFile>,
    rotate_at: Duration,
}

impl Writer {
    /// A writer that has no file yet.
    pub(crate) const fn new(shared: Arc<Shared>, trail: Trail) -> Self {
        Self { shared, trail, file: None, rotate_at: Duration::ZERO }
    }

    /// Writes a batch, whole or not at all.
    pub(crate) fn append(&mut self, batch: &[u8]) -> io::Result<()> {
        let now = self.shared.clock.monotonic();
        if self.file.as_ref().is_some_and(|file| self.is_due(file, batch.len() as u64, now)) {
            self.rotate(now);
        }
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(begin(&self.shared, &self.trail, now)?),
        };
        file.append(batch, now)
    }

    /// Begins another file when the one at hand is old; an old one without records is given up.
    pub(crate) fn tick(&mut self) {
        let now = self.shared.clock.monotonic();
        match &self.file {
            Some(file) if file.is_empty() && file.age(now) >= self.shared.max_age => self.close(),
            Some(file) if self.is_due(file, 0, now) => self.rotate(now),
            _ => {}
        }
    }

    /// Gives up the file at hand.
    pub(crate) fn close(&mut self) {
        if let Some(file) = self.file.take() {
            // The finisher outlives every writer; were it gone, the next start would finish the file.
            let _ = self.shared.finisher.send(Job::Finish(file));
        }
    }

    fn is_due(&self, file: &OpenFile, more: u64, now: Duration) -> bool {
        let full = !file.is_empty() && file.length() + more > self.shared.max_bytes;
        let old = file.age(now) >= self.shared.max_age;
        (full || old || file.has_failed()) && now >= self.rotate_at
    }

    /// The new file comes first: when there can be none, the old one, which has space set aside,
    /// goes on, however old or large.
    fn rotate(&mut self, now: Duration) {
        match begin(&self.shared, &self.trail, now) {
            Ok(file) => {
                self.close();
                self.file = Some(file);
            }
            Err(error) => {
                self.rotate_at = now + ROTATE_AGAIN;
                tracing::warn!(%error, "no new audit file can be begun; the old one goes on");
            }
        }
    }
}

fn begin(shared: &Shared, trail: &Trail, now: Duration) -> io::Result<OpenFile> {
    let create = || OpenFile::create(&*shared.disk, trail.new_path(&shared.root, shared.clock.now()), now);
    // The first can fail because the finisher, just started, took the file for a leftover.
    let file = create().or_else(|_| create())?;
    shared.metrics.add_files_opened(1);
    Ok(file)
}
