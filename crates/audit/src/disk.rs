//! The few things a trail asks of a file system, so that tests can have them fail.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt, OpenOptionsExt as _};
use std::path::Path;

use rustix::fs::{FallocateFlags, FlockOperation};

/// Makes files.
pub(crate) trait Disk: Send + Sync {
    /// A new file that only its owner may read, with the directories it needs. It is locked for as
    /// long as it is open, so that nobody takes it for a crash's leftover.
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>>;
}

/// An open file.
pub(crate) trait DiskFile: Send {
    /// One write; it may be short.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize>;
    /// Sets space aside that the file's length does not show.
    fn reserve(&self, at: u64, length: u64) -> io::Result<()>;
    /// Cuts the file, and gives back what was reserved beyond its end.
    fn truncate(&self, length: u64) -> io::Result<()>;
    /// Waits until the file is on the medium.
    fn sync(&self) -> io::Result<()>;
}

/// The machine's own file system.
pub(crate) struct OsDisk;

impl Disk for OsDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if let Some(parent) = path.parent() {
            create_dir(parent)?;
        }
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Box::new(file))
    }
}

impl DiskFile for File {
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        loop {
            match FileExt::write_at(self, bytes, at) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                done => return done,
            }
        }
    }

    fn reserve(&self, at: u64, length: u64) -> io::Result<()> {
        match rustix::fs::fallocate(self, FallocateFlags::KEEP_SIZE, at, length) {
            // Not every file system can; those that cannot are written to without.
            Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Makes a directory and those above it, for their owner alone.
pub(crate) fn create_dir(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// Makes what happened to the names in `path`'s directory last.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

/// Writes all of `bytes` at `at`.
pub(crate) fn write_all_at(file: &dyn DiskFile, bytes: &[u8], at: u64) -> io::Result<()> {
    if file.write_at(bytes, at)? == bytes.len() {
        Ok(())
    } else {
        // What the system does when the disk has room for a part only.
        Err(io::Error::new(io::ErrorKind::StorageFull, "short write"))
    }
}
