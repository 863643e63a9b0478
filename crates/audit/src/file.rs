//! One file of a trail while it is written to.
//!
//! ```text
//! {"Records":[        at its creation
//! RECORD,             one line each; the comma comes with the next record
//! RECORD
//! ]}                  when it is finished
//! ```
//! So whatever a crash leaves is whole lines and perhaps a torn last one.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::disk::{Disk, DiskFile, write_all_at};
use crate::place::{self, OPEN};

/// How every file begins.
pub(crate) const HEAD: &[u8] = b"{\"Records\":[";
/// How every file ends.
pub(crate) const FOOT: &[u8] = b"\n]}\n";
/// What stands before every record; the first of a file goes without the comma.
pub(crate) const SEPARATOR: &[u8] = b",\n";

/// How much space is set aside at a time.
const CHUNK: u64 = 4 << 20;
/// More is set aside when no more than this is left, so that a disk that fills up in between
/// still leaves room for some thousand records: time to answer reads while somebody makes space.
const LOW_WATER: u64 = 2 << 20;
/// How long to let a full disk rest before asking again for space that is not needed yet.
const RESERVE_AGAIN: Duration = Duration::from_secs(1);

/// An open file, named `….json.open`.
pub(crate) struct OpenFile {
    handle: Box<dyn DiskFile>,
    /// Its name once it is finished.
    path: PathBuf,
    /// Where the last whole batch ends; nothing beyond it counts.
    length: u64,
    /// Up to where space is set aside.
    reserved: u64,
    reserve_at: Duration,
    /// Whether there may be a part of a failed write beyond `length`.
    torn: bool,
    failed: bool,
    opened: Duration,
}

impl OpenFile {
    /// Begins the file that will be `path`, with space for its first records.
    pub(crate) fn create(disk: &dyn Disk, path: PathBuf, now: Duration) -> io::Result<Self> {
        let open = place::with(&path, OPEN);
        let handle = disk.create(&open)?;
        let begun = handle.reserve(0, CHUNK).and_then(|()| write_all_at(&*handle, HEAD, 0));
        if let Err(error) = begun {
            // If even this fails, the next start removes it.
            let _ = std::fs::remove_file(&open);
            return Err(error);
        }
        let length = HEAD.len() as u64;
        Ok(Self {
            handle,
            path,
            length,
            reserved: CHUNK,
            reserve_at: now,
            torn: false,
            failed: false,
            opened: now,
        })
    }

    /// Adds a batch of records, each preceded by [`SEPARATOR`], with one write: all or nothing.
    pub(crate) fn append(&mut self, batch: &[u8], now: Duration) -> io::Result<()> {
        let batch = if self.is_empty() { batch.get(1..).unwrap_or_default() } else { batch };
        let added = self.repair().and_then(|()| {
            self.reserve(batch.len() as u64, now);
            write_all_at(&*self.handle, batch, self.length)
        });
        match added {
            Ok(()) => self.length += batch.len() as u64,
            Err(_) => {
                (self.torn, self.failed) = (true, true);
                // If this fails too, it is tried again before the next write.
                let _ = self.repair();
            }
        }
        added
    }

    /// Cuts what a failed write left.
    fn repair(&mut self) -> io::Result<()> {
        if self.torn {
            self.handle.truncate(self.length)?;
            self.reserved = self.length;
            self.torn = false;
        }
        Ok(())
    }

    /// Sees to it that there is space for `more` bytes and then some. That it cannot be had is not
    /// yet a failure: the write will tell.
    fn reserve(&mut self, more: u64, now: Duration) {
        let wanted = self.length + more;
        if wanted + LOW_WATER <= self.reserved || (wanted <= self.reserved && now < self.reserve_at) {
            return;
        }
        let start = self.reserved.max(wanted);
        let length = CHUNK + start - self.reserved;
        match self.handle.reserve(self.reserved, length) {
            Ok(()) => self.reserved += length,
            Err(_) => self.reserve_at = now + RESERVE_AGAIN,
        }
    }

    /// Ends the document and waits until it is on the medium. May be repeated when it failed.
    pub(crate) fn seal(&self) -> io::Result<()> {
        // Within what is reserved, so this works on a full disk too.
        write_all_at(&*self.handle, FOOT, self.length)?;
        self.handle.truncate(self.length + FOOT.len() as u64)?;
        self.handle.sync()
    }

    /// Its name once it is finished.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it has no record.
    pub(crate) const fn is_empty(&self) -> bool {
        self.length == HEAD.len() as u64
    }

    /// Whether the last write failed; another file may do better.
    pub(crate) const fn has_failed(&self) -> bool {
        self.failed
    }

    /// How many bytes it has.
    pub(crate) const fn length(&self) -> u64 {
        self.length
    }

    /// How old it is.
    pub(crate) const fn age(&self, now: Duration) -> Duration {
        now.saturating_sub(self.opened)
    }
}
