//! The database file: its format, the settings of a connection, and every statement.

use std::fs::{File, Permissions};
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::Path as FilePath;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::types::Type;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use trent_domain::{Path, PathRange};
use trent_engine::{Batch, Revision, StoreError, Stored};

use super::{OpenError, directory, error};

/// The version of the on-disk format, kept in the database's `user_version`.
pub const FORMAT_VERSION: i64 = 1;

/// `Trnt`, kept in the database's `application_id`: how `file` and we tell the store from other
/// databases.
const APPLICATION_ID: i32 = 0x5472_6e74;

/// How long to wait for a lock held by an operator's tool, such as a backup.
const BUSY: Duration = Duration::from_secs(5);

/// The tables. A plain table with an index on the path, and not one `WITHOUT ROWID`: in the latter
/// everything beyond a kilobyte of a record would take an overflow page of its own.
const SCHEMA: &str = "
    CREATE TABLE records (
        path    TEXT    NOT NULL PRIMARY KEY,
        version INTEGER NOT NULL CHECK (version > 0),
        value   BLOB    NOT NULL
    ) STRICT;
    CREATE TABLE history (
        one      INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
        revision INTEGER NOT NULL CHECK (revision >= 0)
    ) STRICT;
    INSERT INTO history (one, revision) VALUES (1, 0);";

/// The settings of every connection; none of them is kept in the file.
///
/// A commit is synced before it is acknowledged; deleted content is overwritten with zeros; nothing
/// in the file is trusted to be well-formed or to be code; a log that grew is cut back.
const SETTINGS: &str = "
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
    PRAGMA wal_autocheckpoint = 1000;
    PRAGMA journal_size_limit = 67108864;";

/// Compares tables and index with each other, page by page.
pub(super) fn check(connection: &Connection) -> rusqlite::Result<()> {
    let verdict: String = connection.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if verdict == "ok" {
        return Ok(());
    }
    let damage = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(damage, Some(verdict)))
}

/// Finds or creates the database of a claimed directory, refuses what is not ours, and opens it.
pub(super) fn open(dir: &FilePath, file: &FilePath) -> Result<Connection, OpenError> {
    let unusable = |source| OpenError::Directory { dir: dir.to_owned(), source };
    if !file.try_exists().map_err(unusable)? {
        let log = dir.join("trent.db-wal");
        if log.try_exists().map_err(unusable)? {
            return Err(OpenError::Orphan { log });
        }
        create(dir, file)?;
    }
    recognize(file, &read_header(file).map_err(unusable)?)?;
    // A copy that was put back may have come with other permissions; the log will have the same.
    std::fs::set_permissions(file, Permissions::from_mode(0o600)).map_err(unusable)?;
    open_recognized(file)
}

/// Opens one more connection to a prepared database.
pub(super) fn connect(file: &FilePath) -> rusqlite::Result<Connection> {
    // Neither creating a missing file nor reading its name as a URI.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}

/// The revision of the last commit.
pub(super) fn revision(connection: &Connection) -> rusqlite::Result<Revision> {
    let mut statement = connection.prepare_cached("SELECT revision FROM history")?;
    statement.query_row((), |row| unsigned(row, 0)).map(Revision)
}

/// The version of the record at `path`, 0 when there is none.
pub(super) fn version(connection: &Connection, path: &Path) -> rusqlite::Result<u64> {
    let mut statement = connection.prepare_cached("SELECT version FROM records WHERE path = ?1")?;
    let found = statement.query_row([path.as_str()], |row| unsigned(row, 0)).optional()?;
    Ok(found.unwrap_or(0))
}

/// The record at `path`.
pub(super) fn get(connection: &Connection, path: Path) -> rusqlite::Result<Option<Stored>> {
    let mut statement = connection.prepare_cached("SELECT version, value FROM records WHERE path = ?1")?;
    let found = statement.query_row([path.as_str()], |row| Ok((unsigned(row, 0)?, row.get(1)?)));
    Ok(found.optional()?.map(|(version, value)| Stored { path, version, value }))
}

/// The first records of a range, in one statement and so as of one moment.
pub(super) fn scan(
    connection: &Connection,
    range: &PathRange,
    limit: usize,
) -> rusqlite::Result<Vec<Stored>> {
    const BEHIND: &str = "SELECT path, version, value FROM records
        WHERE path > ?1 AND path < ?2 ORDER BY path LIMIT ?3";
    const FROM: &str = "SELECT path, version, value FROM records
        WHERE path >= ?1 AND path < ?2 ORDER BY path LIMIT ?3";
    let (statement, start) = match range.start_after() {
        Some(after) => (BEHIND, after),
        None => (FROM, range.common_prefix()),
    };
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(statement)?;
    let rows = statement.query_map(params![start, range.end(), limit], |row| {
        let path = Path::from_stored(row.get(0)?);
        Ok(Stored { path, version: unsigned(row, 1)?, value: row.get(2)? })
    })?;
    let found: Vec<Stored> = rows.collect::<rusqlite::Result<_>>()?;
    let ascending = found.is_sorted_by(|one, next| one.path < next.path);
    if !ascending || !found.iter().all(|stored| range.contains(stored.path.as_str())) {
        // A damaged index; who pages through it would be led in circles.
        let text = "records are not where their paths belong";
        return Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Text, text.into()));
    }
    Ok(found)
}

/// How many records a range has. The index on the path answers that; no record is read.
pub(super) fn count(connection: &Connection, range: &PathRange) -> rusqlite::Result<usize> {
    const BEHIND: &str = "SELECT count(*) FROM records WHERE path > ?1 AND path < ?2";
    const FROM: &str = "SELECT count(*) FROM records WHERE path >= ?1 AND path < ?2";
    let (statement, start) = match range.start_after() {
        Some(after) => (BEHIND, after),
        None => (FROM, range.common_prefix()),
    };
    let mut statement = connection.prepare_cached(statement)?;
    let found = statement.query_row(params![start, range.end()], |row| unsigned(row, 0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

/// Writes what a batch changes, into the transaction that is open.
pub(super) fn apply(connection: &Connection, batch: &Batch) -> rusqlite::Result<()> {
    const PUT: &str = "INSERT INTO records (path, version, value) VALUES (?1, ?2, ?3)
        ON CONFLICT (path) DO UPDATE SET version = excluded.version, value = excluded.value";
    for put in &batch.puts {
        let values = params![put.path.as_str(), signed(put.version)?, put.value.as_slice()];
        connection.prepare_cached(PUT)?.execute(values)?;
    }
    for delete in &batch.deletes {
        let mut statement = connection.prepare_cached("DELETE FROM records WHERE path = ?1")?;
        statement.execute([delete.path.as_str()])?;
    }
    Ok(())
}

/// Writes the revision that the open transaction makes.
pub(super) fn set_revision(connection: &Connection, revision: Revision) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached("UPDATE history SET revision = ?1")?;
    statement.execute([signed(revision.0)?]).map(drop)
}

/// Commits a page that says nothing new. Its frame in the log takes the place of those that a
/// failed commit may have left there complete, which a crash would otherwise bring to life.
pub(super) fn overwrite_failed(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "user_version", FORMAT_VERSION)
}

/// Folds the log into the database file and empties it.
pub(super) fn fold_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(()))
}

/// Folds as much of the log into the database file as nobody is reading. When that is all of it,
/// the log is used again from its beginning.
pub(super) fn reuse_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
}

/// Makes an empty database under another name and moves it into place: there is a whole one under
/// the right name or none, and an empty file there is damage and not a beginning.
fn create(dir: &FilePath, file: &FilePath) -> Result<(), OpenError> {
    let unusable = |source| OpenError::Directory { dir: dir.to_owned(), source };
    let draft = dir.join("trent.db.new");
    let failed = |error| OpenError::Database { path: draft.clone(), source: error::explain(&error) };
    for leftover in ["trent.db.new", "trent.db.new-journal"] {
        remove_if_there(&dir.join(leftover)).map_err(unusable)?;
    }
    directory::private().create_new(true).open(&draft).map_err(unusable)?;
    write_schema(&draft).map_err(failed)?;
    std::fs::rename(&draft, file).map_err(unusable)?;
    directory::sync(dir).map_err(unusable)
}

fn write_schema(draft: &FilePath) -> rusqlite::Result<()> {
    let mut connection = connect(draft)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(SCHEMA)?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", FORMAT_VERSION)?;
    transaction.commit()
}

/// The first bytes of a database, read without SQLite and so without its side effects on somebody
/// else's file. To be called while no connection is open: closing any handle of the file would
/// drop the locks that SQLite holds on it.
fn read_header(file: &FilePath) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    File::open(file)?.take(100).read_to_end(&mut header)?;
    Ok(header)
}

/// Refuses a file whose header is not that of a store.
fn recognize(file: &FilePath, header: &[u8]) -> Result<(), OpenError> {
    let path = file.to_owned();
    if !header.starts_with(b"SQLite format 3\0") || header.len() < 100 {
        let source = StoreError::Damaged("it does not begin like a database".to_owned());
        return Err(OpenError::Database { path, source });
    }
    if header.get(68..72) != Some(APPLICATION_ID.to_be_bytes().as_slice()) {
        return Err(OpenError::Foreign { path });
    }
    Ok(())
}

fn open_recognized(file: &FilePath) -> Result<Connection, OpenError> {
    let path = || file.to_owned();
    let failed = |error| OpenError::Database { path: path(), source: error::explain(&error) };
    let connection = connect(file).map_err(failed)?;
    let found = connection.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(failed)?;
    if found != FORMAT_VERSION {
        return Err(OpenError::UnknownFormat { path: path(), found, known: FORMAT_VERSION });
    }
    if !has_tables(&connection).map_err(failed)? {
        let source = StoreError::Damaged("its tables are missing".to_owned());
        return Err(OpenError::Database { path: path(), source });
    }
    // Kept in the file, but not by every kind of copy.
    let mode: String =
        connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0)).map_err(failed)?;
    if mode != "wal" {
        let source = StoreError::Failed("its file system does not allow a write-ahead log".to_owned());
        return Err(OpenError::Database { path: path(), source });
    }
    Ok(connection)
}

fn has_tables(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(connection.table_exists(None, "records")? && connection.table_exists(None, "history")?)
}

fn remove_if_there(file: &FilePath) -> io::Result<()> {
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

fn signed(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}
