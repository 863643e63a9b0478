//! What SQLite's errors mean to an operator.

use std::io;
use std::path::PathBuf;

use rusqlite::{Error, ErrorCode, ffi};
use trent_engine::StoreError;

/// Why a store cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process holds the directory.
    #[error("the data directory `{}` is in use by another process", dir.display())]
    InUse {
        /// The directory.
        dir: PathBuf,
    },
    /// The directory cannot be created, read or written.
    #[error("the data directory `{}` cannot be used: {source}", dir.display())]
    Directory {
        /// The directory.
        dir: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is a database, but not one of ours. Nothing was written to it.
    #[error("`{}` is a database of another program, not a store of trent", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// The file is a store in a format made by a later version of this program. Nothing was
    /// written to it.
    #[error(
        "`{}` has storage format {found}, and this version of trent knows format {known} only: \
         use the version that wrote it, or a later one",
        path.display()
    )]
    UnknownFormat {
        /// The file.
        path: PathBuf,
        /// The format it says it has.
        found: i64,
        /// The format this program reads and writes.
        known: i64,
    },
    /// There is a write-ahead log, but not the database it belongs to.
    #[error(
        "`{}` lies there without `trent.db`, to which it belongs: put the database back beside it, \
         or move the log away to start an empty store",
        log.display()
    )]
    Orphan {
        /// The log.
        log: PathBuf,
    },
    /// The database file cannot be read, is damaged, or cannot be written for want of space.
    #[error("the database `{}` cannot be opened: {source}", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: StoreError,
    },
}

/// An error of the database in the terms of the port.
pub(super) fn explain(error: &Error) -> StoreError {
    let text = error.to_string();
    match error {
        _ if is_full(error) => StoreError::Full(text),
        Error::SqliteFailure(failure, _) if is_damage(failure) => StoreError::Damaged(text),
        // A value of the wrong type or out of its range: nothing we wrote.
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..)
        | Error::QueryReturnedNoRows => StoreError::Damaged(text),
        _ => StoreError::Failed(text),
    }
}

/// Whether the operating system failed the connection, which then cannot be relied on any more.
pub(super) fn is_io(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen))
}

/// Whether another process keeps the database locked.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Whether there was no space for what was to be written.
pub(super) fn is_full(error: &Error) -> bool {
    // The index of the log is a file of its own; when it cannot grow there is no space for it.
    matches!(error, Error::SqliteFailure(failure, _)
        if failure.code == ErrorCode::DiskFull || failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE)
}

/// The answer to everything that comes after the end.
pub(super) fn closed() -> StoreError {
    StoreError::Failed("the store is closed".to_owned())
}

fn is_damage(failure: &ffi::Error) -> bool {
    matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
}
