//! The data directory: made private, and claimed for one process.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::OpenError;

/// The claim of this process on a directory. The kernel ends it with the process, however that
/// ends, so there are no stale ones.
pub(super) struct Claim {
    _file: File,
}

/// Creates the directory if need be, and claims it.
pub(super) fn claim(dir: &Path) -> Result<Claim, OpenError> {
    let unusable = |source| OpenError::Directory { dir: dir.to_owned(), source };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(unusable)?;
    let file = private().create(true).open(dir.join("lock")).map_err(unusable)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Claim { _file: file }),
        Err(Errno::WOULDBLOCK) => Err(OpenError::InUse { dir: dir.to_owned() }),
        Err(error) => Err(unusable(error.into())),
    }
}

/// How every file of the store is opened: whoever may read it is its owner.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o600);
    options
}

/// Makes the directory's own entries durable: which files there are, under which names.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
