//! What happens to a file after its last record: it is ended, named and compressed.
//!
//! ```text
//! ….json.open ──seal──▶ ….json ──compress──▶ ….json.gz
//!      └─────repair────────▲            (….json.gz.tmp meanwhile)
//! ```
//! All on one thread of lowest priority. A step that fails, on a full disk for one, is tried again
//! later; the file as it is stays, and a plain one is as good a trail file as a compressed one.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::oneshot;

use crate::disk::{Disk, DiskFile, sync_parent, write_all_at};
use crate::file::OpenFile;
use crate::metrics::Metrics;
use crate::place::{self, COMPRESSED, OPEN, PLAIN, TEMPORARY};
use crate::repair;

/// How long to wait after a failure.
const AGAIN: Duration = Duration::from_secs(10);
/// How long a stop waits for compression; the next start does the rest.
const DRAIN: Duration = Duration::from_secs(5);
/// Records repeat themselves so much that more effort gains little.
const EFFORT: Compression = Compression::new(4);
/// How much is compressed at a time.
const PIECE: usize = 128 << 10;

/// What the finisher is asked to do.
pub(crate) enum Job {
    /// To finish a file.
    Finish(OpenFile),
    /// To say when all that it was asked before is done.
    Drain(oneshot::Sender<()>),
}

/// One thing to do.
enum Task {
    /// To end a file.
    Seal(OpenFile),
    /// To end a file that a crash left.
    Repair(PathBuf),
    /// To compress a file that was ended.
    Compress(PathBuf),
}

/// Finishes files.
pub(crate) struct Finisher {
    root: PathBuf,
    disk: Arc<dyn Disk>,
    metrics: Arc<Metrics>,
    /// What there is to do; ending files comes before compressing them.
    tasks: VecDeque<Task>,
    /// What has failed and is tried again, though not before `again_at`.
    failed: VecDeque<Task>,
    again_at: Instant,
}

impl Finisher {
    /// A finisher of the files under `root`.
    pub(crate) fn new(root: PathBuf, disk: Arc<dyn Disk>, metrics: Arc<Metrics>) -> Self {
        let (tasks, failed) = Default::default();
        Self { root, disk, metrics, tasks, failed, again_at: Instant::now() }
    }

    /// Works until nobody can ask any more.
    pub(crate) fn run(mut self, jobs: &Receiver<Job>) {
        // The thread's own priority: on Linux, each thread has one.
        if let Err(error) = rustix::process::setpriority_process(None, 19) {
            tracing::debug!(%error, "the audit finisher runs at normal priority");
        }
        self.sweep();
        loop {
            match jobs.recv_timeout(self.pause()) {
                Ok(Job::Finish(file)) => self.tasks.push_front(Task::Seal(file)),
                Ok(Job::Drain(done)) => {
                    self.drain();
                    // Whoever asked may have given up.
                    let _ = done.send(());
                }
                Err(RecvTimeoutError::Timeout) => self.work(),
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// How long nothing but a new job needs to be looked at.
    fn pause(&self) -> Duration {
        match (self.tasks.is_empty(), self.failed.is_empty()) {
            (false, _) => Duration::ZERO,
            (true, false) => self.again_at.saturating_duration_since(Instant::now()),
            (true, true) => AGAIN,
        }
    }

    /// Does the next thing there is to do.
    fn work(&mut self) {
        if Instant::now() >= self.again_at {
            self.tasks.append(&mut self.failed);
        }
        if let Some(task) = self.tasks.pop_front() {
            self.perform(task);
        }
    }

    /// Tries everything once more.
    fn drain(&mut self) {
        let deadline = Instant::now() + DRAIN;
        self.tasks.append(&mut self.failed);
        while let Some(task) = self.tasks.pop_front() {
            if matches!(task, Task::Seal(_)) || Instant::now() < deadline {
                self.perform(task);
            }
        }
    }

    fn perform(&mut self, task: Task) {
        let done = match &task {
            Task::Seal(file) => self.seal(file),
            Task::Repair(open) => self.repair(open),
            Task::Compress(path) => self.compress(path),
        };
        let Err(error) = done else { return };
        self.metrics.add_finish_errors(1);
        if error.kind() == io::ErrorKind::NotFound {
            tracing::error!(%error, "an audit file was taken away before it was finished");
            return;
        }
        tracing::warn!(%error, "an audit file cannot be finished now; this is tried again");
        self.failed.push_back(task);
        self.again_at = Instant::now() + AGAIN;
    }

    /// Ends the document of an open file and gives it its name: the one place where a file that was
    /// written to becomes a part of the trail.
    fn seal(&mut self, file: &OpenFile) -> io::Result<()> {
        let open = place::with(file.path(), OPEN);
        if file.is_empty() {
            return fs::remove_file(open);
        }
        file.seal()?;
        self.publish(&open, file.path())
    }

    fn publish(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)?;
        self.tasks.push_back(Task::Compress(to.to_owned()));
        sync_parent(to)
    }

    /// Makes a whole document of what a crash left.
    fn repair(&mut self, open: &Path) -> io::Result<()> {
        let Some(path) = place::without(open, OPEN) else { return Ok(()) };
        let Some(leftover) = repair::claim(open)? else { return Ok(()) };
        let temporary = place::with(&path, TEMPORARY);
        let outcome = self.make(&temporary, |out| repair::copy_whole_records(leftover, out))?;
        if outcome.records > 0 {
            self.publish(&temporary, &path)?;
        } else {
            fs::remove_file(&temporary)?;
        }
        fs::remove_file(open)?;
        let (path, records, dropped) = (path.display(), outcome.records, outcome.dropped);
        tracing::warn!(%path, records, dropped, "an audit file that a crash had left open was ended");
        Ok(())
    }

    fn compress(&self, path: &Path) -> io::Result<()> {
        let compressed = place::with(path, COMPRESSED);
        let temporary = place::with(&compressed, TEMPORARY);
        let mut plain = File::open(path)?;
        self.make(&temporary, |out| {
            let mut encoder = GzEncoder::new(out, EFFORT);
            io::copy(&mut plain, &mut encoder)?;
            encoder.finish().map(drop)
        })?;
        fs::rename(&temporary, &compressed)?;
        // The new name must last before the old one goes.
        sync_parent(&compressed)?;
        fs::remove_file(path)?;
        self.metrics.add_files_finished(1);
        Ok(())
    }

    /// Makes a file, wholly on the medium or not at all.
    fn make<T>(&self, path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
        // What an earlier attempt left, if there was one.
        let _ = fs::remove_file(path);
        let file = self.disk.create(path)?;
        let mut out = io::BufWriter::with_capacity(PIECE, Appending { file: &*file, length: 0 });
        let made = fill(&mut out).and_then(|value| {
            out.flush()?;
            file.sync()?;
            Ok(value)
        });
        if made.is_err() {
            let _ = fs::remove_file(path);
        }
        made
    }

    /// Looks for what an earlier run left to do.
    fn sweep(&mut self) {
        if let Err(error) = self.sweep_directory(&self.root.clone()) {
            self.metrics.add_finish_errors(1);
            tracing::warn!(%error, "the audit directory cannot be searched for unfinished files");
        }
    }

    fn sweep_directory(&mut self, directory: &Path) -> io::Result<()> {
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                self.sweep_directory(&path)?;
            } else if place::without(&path, OPEN).is_some() {
                self.tasks.push_front(Task::Repair(path));
            } else if place::without(&path, TEMPORARY).is_some() {
                fs::remove_file(&path)?;
            } else if place::without(&path, PLAIN).is_some() {
                self.tasks.push_back(Task::Compress(path));
            }
        }
        Ok(())
    }
}

/// Writes a file from its beginning on.
struct Appending<'a> {
    file: &'a dyn DiskFile,
    length: u64,
}

impl Write for Appending<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        write_all_at(self.file, bytes, self.length)?;
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
