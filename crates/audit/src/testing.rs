//! What several tests of this crate need.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use flate2::read::GzDecoder;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use trent_domain::{AccountId, Principal, PrincipalKind};
use trent_engine::{Clock, Event, EventResource, Json};
use uuid::Uuid;

use crate::disk::{Disk, DiskFile, OsDisk};

/// A granted Encrypt of account 000000000042 at the start of the year 2026.
pub(crate) fn event() -> Event {
    let account = AccountId::from_number(42).unwrap();
    Event {
        id: Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef),
        request_id: Uuid::from_u128(0xfedc_ba98_7654_4210_8123_4567_89ab_cdef),
        time: "2026-01-01T00:00:00.999Z".parse().unwrap(),
        principal: Some(Arc::new(Principal { account, kind: PrincipalKind::Root })),
        session: None,
        invoked_by: None,
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".into()),
        source: "kms.amazonaws.com",
        name: "Encrypt",
        region: Some("eu-west-1".parse().unwrap()),
        source_ip: [192, 0, 2, 7].into(),
        user_agent: Some("Boto3/1.40.1".into()),
        error: None,
        parameters: Some(Json(r#"{"keyId":"alias/app"}"#.to_owned())),
        response: None,
        additional: None,
        read_only: true,
        resources: vec![EventResource {
            account,
            kind: "AWS::KMS::Key",
            arn: "arn:aws:kms:eu-west-1:000000000042:key/1234abcd-12ab-34cd-56ef-1234567890ab".into(),
        }],
        tls: None,
        host: Some("localhost:4599".to_owned()),
        service: None,
    }
}

/// The event with a text that tells it from others.
pub(crate) fn marked(mark: impl ToString) -> Event {
    Event { user_agent: Some(mark.to_string().into()), ..event() }
}

/// An event whose record is a little over `length` bytes long.
pub(crate) fn long(length: usize) -> Event {
    Event { parameters: Some(Json(format!(r#"{{"description":"{}"}}"#, "x".repeat(length)))), ..event() }
}

/// A clock that stands still until it is moved.
#[derive(Default)]
pub(crate) struct ManualClock(AtomicU64);

impl ManualClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        event().time + SignedDuration::try_from(self.monotonic()).unwrap()
    }

    fn wall(&self) -> Timestamp {
        self.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

/// A disk of limited size.
#[derive(Default)]
pub(crate) struct SmallDisk {
    free: Arc<AtomicU64>,
    /// Whether files cannot be cut.
    pub(crate) stuck: Arc<AtomicBool>,
    /// Whether there can be no further files.
    pub(crate) sealed: AtomicBool,
}

impl SmallDisk {
    pub(crate) fn with(bytes: u64) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(AtomicU64::new(bytes)), ..Self::default() })
    }

    pub(crate) fn set_free(&self, bytes: u64) {
        self.free.store(bytes, Ordering::Relaxed);
    }
}

impl Disk for SmallDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if self.sealed.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let file = OsDisk.create(path)?;
        let (free, stuck) = (Arc::clone(&self.free), Arc::clone(&self.stuck));
        Ok(Box::new(SmallFile { file, free, stuck, taken: AtomicU64::new(0) }))
    }
}

struct SmallFile {
    file: Box<dyn DiskFile>,
    free: Arc<AtomicU64>,
    stuck: Arc<AtomicBool>,
    taken: AtomicU64,
}

impl SmallFile {
    /// How far the file can reach if it wants to reach `end`; takes the space.
    fn take(&self, end: u64) -> u64 {
        let taken = self.taken.load(Ordering::Relaxed);
        let more = end.saturating_sub(taken).min(self.free.load(Ordering::Relaxed));
        self.free.fetch_sub(more, Ordering::Relaxed);
        self.taken.store(taken + more, Ordering::Relaxed);
        end.min(taken + more)
    }
}

impl DiskFile for SmallFile {
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        let room = usize::try_from(self.take(at + bytes.len() as u64).saturating_sub(at)).unwrap();
        if room == 0 {
            Err(io::ErrorKind::StorageFull.into())
        } else {
            self.file.write_at(&bytes[..room], at)
        }
    }

    fn reserve(&self, at: u64, length: u64) -> io::Result<()> {
        let end = at + length;
        let missing = end.saturating_sub(self.taken.load(Ordering::Relaxed));
        if missing > self.free.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.take(end);
        Ok(())
    }

    fn truncate(&self, length: u64) -> io::Result<()> {
        if self.stuck.load(Ordering::Relaxed) {
            return Err(io::Error::other("stuck"));
        }
        let taken = self.taken.swap(length, Ordering::Relaxed);
        self.free.fetch_add(taken.saturating_sub(length), Ordering::Relaxed);
        self.file.truncate(length)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }
}

/// Every file below a directory.
pub(crate) fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> =
        entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    files.sort();
    files
}

/// The text of a finished file.
pub(crate) fn text(path: &Path) -> String {
    let bytes = fs::read(path).unwrap();
    if path.extension().unwrap() != "gz" {
        return String::from_utf8(bytes).unwrap();
    }
    let (mut decoder, mut text) = (GzDecoder::new(&bytes[..]), String::new());
    decoder.read_to_string(&mut text).unwrap();
    assert!(decoder.into_inner().is_empty(), "one gzip member and nothing after it");
    text
}

/// The records of all finished files; nothing else may lie there.
pub(crate) fn documents(directory: &Path) -> BTreeMap<PathBuf, Vec<Value>> {
    let read = |path: PathBuf| {
        let mut document: Value = serde_json::from_str(&text(&path)).unwrap();
        let Value::Array(records) = document["Records"].take() else { panic!("no records in {path:?}") };
        (path, records)
    };
    files(directory).into_iter().map(read).collect()
}

/// The marks of all records, file by file.
pub(crate) fn marks(directory: &Path) -> Vec<String> {
    let records = documents(directory).into_values().flatten();
    records.map(|record| record["userAgent"].as_str().unwrap().to_owned()).collect()
}
