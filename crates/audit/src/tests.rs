//! The sink as a whole, over real files.

use std::fs;
use std::future::Future;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;
use trent_engine::{AuditError, AuditSink as _, Event};

use crate::disk::{Disk, OsDisk};
use crate::sink::{Config, FileSink};
use crate::testing::{ManualClock, SmallDisk, documents, event, files, long, marked, marks, text};

const AGE: Duration = Duration::from_secs(300);
const CHUNK: u64 = 4 << 20;

struct Bench {
    directory: TempDir,
    clock: Arc<ManualClock>,
    sink: FileSink,
}

impl Bench {
    fn new(disk: Arc<dyn Disk>, max_bytes: u64) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::default());
        let sink = open(disk, directory.path(), max_bytes, &clock);
        Self { directory, clock, sink }
    }

    fn path(&self) -> &Path {
        self.directory.path()
    }

    async fn append(&self, event: Event) -> Result<(), AuditError> {
        self.sink.append(event).await
    }
}

fn open(disk: Arc<dyn Disk>, directory: &Path, max_bytes: u64, clock: &Arc<ManualClock>) -> FileSink {
    let config = Config { max_bytes, max_age: AGE };
    FileSink::over(disk, directory, config, Arc::clone(clock) as _).unwrap()
}

fn poll(future: Pin<&mut impl Future<Output = Result<(), AuditError>>>) -> Poll<Result<(), AuditError>> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn a_record_is_in_the_file_when_append_returns() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    bench.append(event()).await.unwrap();
    let [file] = &files(bench.path())[..] else { panic!("one file") };
    let name = file.strip_prefix(bench.path()).unwrap().to_str().unwrap();
    let directory = "AWSLogs/000000000042/CloudTrail/eu-west-1/2026/01/01/";
    let name = name.strip_prefix(directory).unwrap();
    let unique = name.strip_prefix("000000000042_CloudTrail_eu-west-1_20260101T0000Z_").unwrap();
    assert_eq!(unique.strip_suffix(".json.open").unwrap().len(), 16);
    let content = text(file);
    let record = content.strip_prefix("{\"Records\":[\n").unwrap();
    assert_eq!(serde_json::from_str::<Value>(record).unwrap()["eventName"], "Encrypt");
}

#[tokio::test]
async fn a_closed_sink_leaves_compressed_files_for_their_owner_only() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    for mark in ["a", "b"] {
        bench.append(marked(mark)).await.unwrap();
    }
    bench.append(Event { principal: None, ..marked("c") }).await.unwrap();
    bench.sink.close().await;
    assert_eq!(marks(bench.path()), ["a", "b", "c"]);
    let [trail, security] = &files(bench.path())[..] else { panic!("two files") };
    assert!(security.starts_with(bench.path().join("security/2026/01/01")));
    for file in [trail, security] {
        assert!(file.to_str().unwrap().ends_with(".json.gz"));
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let account = bench.path().join("AWSLogs/000000000042");
    assert_eq!(fs::metadata(account).unwrap().permissions().mode() & 0o777, 0o700);
    assert!(bench.append(event()).await.is_err());
    assert!(bench.append(Event { region: Some("us-east-1".parse().unwrap()), ..event() }).await.is_err());
    let metrics = bench.sink.metrics();
    assert_eq!((metrics.records(), metrics.files_opened(), metrics.files_finished()), (3, 2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_at_once_share_writes_and_keep_their_order() {
    const APPENDERS: usize = 64;
    const EACH: usize = 50;
    let bench = Arc::new(Bench::new(Arc::new(OsDisk), 256 << 10));
    let appenders = (0..APPENDERS).map(|appender| {
        let bench = Arc::clone(&bench);
        tokio::spawn(async move {
            for n in 0..EACH {
                bench.append(marked(format!("{appender} {n}"))).await.unwrap();
            }
        })
    });
    for appender in appenders.collect::<Vec<_>>() {
        appender.await.unwrap();
    }
    bench.sink.close().await;
    let metrics = bench.sink.metrics();
    assert_eq!(metrics.records(), (APPENDERS * EACH) as u64);
    assert!(metrics.writes() < metrics.records() / 2, "{} writes", metrics.writes());
    let (mut seen, mut rotated) = (vec![Vec::new(); APPENDERS], 0);
    for (path, records) in documents(bench.path()) {
        assert!(text(&path).len() <= 256 << 10);
        let mut last = vec![None; APPENDERS];
        rotated += 1;
        for record in records {
            let mark = record["userAgent"].as_str().unwrap().split_once(' ').unwrap();
            let (appender, n) = (mark.0.parse::<usize>().unwrap(), mark.1.parse::<usize>().unwrap());
            assert!(last[appender] < Some(n), "out of order");
            last[appender] = Some(n);
            seen[appender].push(n);
        }
    }
    assert!(rotated > 1);
    for mut numbers in seen {
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(0..EACH), "every record exactly once");
    }
}

#[tokio::test]
async fn those_that_are_ready_together_share_one_write() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    let all = ["a", "b", "c"].map(|mark| bench.append(marked(mark)));
    let [a, b, c] = all;
    let (a, b, c) = tokio::join!(a, b, c);
    assert_eq!([a, b, c], [Ok(()), Ok(()), Ok(())]);
    assert_eq!(bench.sink.metrics().writes(), 1);
}

#[tokio::test]
async fn a_leader_that_is_dropped_still_writes() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    let mut leader = Box::pin(bench.append(marked("leader")));
    let mut follower = pin!(bench.append(marked("follower")));
    let mut gone = Box::pin(bench.append(marked("gone")));
    assert_eq!(poll(leader.as_mut()), Poll::Pending);
    assert_eq!(poll(follower.as_mut()), Poll::Pending);
    assert_eq!(poll(gone.as_mut()), Poll::Pending);
    drop(gone);
    assert_eq!(bench.sink.metrics().writes(), 0);
    drop(leader);
    assert_eq!(poll(follower.as_mut()), Poll::Ready(Ok(())));
    bench.append(marked("next")).await.unwrap();
    bench.sink.close().await;
    assert_eq!(marks(bench.path()), ["leader", "follower", "gone", "next"]);
}

#[tokio::test]
async fn closing_does_not_forget_those_who_wait() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    let mut leader = pin!(bench.append(marked("leader")));
    assert_eq!(poll(leader.as_mut()), Poll::Pending);
    bench.sink.close().await;
    assert_eq!(leader.await, Ok(()));
    assert_eq!(marks(bench.path()), ["leader"]);
}

#[tokio::test]
async fn size_ends_a_file() {
    let bench = Bench::new(Arc::new(OsDisk), 10_000);
    for _ in 0..5 {
        bench.append(long(4_000)).await.unwrap();
    }
    bench.sink.close().await;
    let counts: Vec<_> = documents(bench.path()).values().map(Vec::len).collect();
    assert_eq!(counts.iter().sum::<usize>(), 5);
    assert_eq!(counts.len(), 3);
}

#[tokio::test]
async fn age_ends_a_file_without_further_records() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    bench.append(marked("a")).await.unwrap();
    bench.clock.advance(AGE / 2);
    bench.sink.tick();
    assert_eq!(bench.sink.metrics().files_opened(), 1);
    bench.clock.advance(AGE / 2);
    bench.sink.tick();
    assert_eq!(bench.sink.metrics().files_opened(), 2);
    // The second file stays without records and goes the same way.
    bench.clock.advance(AGE);
    bench.sink.tick();
    bench.clock.advance(AGE);
    bench.sink.tick();
    bench.append(marked("b")).await.unwrap();
    assert_eq!(bench.sink.metrics().files_opened(), 3);
    bench.sink.close().await;
    assert_eq!(documents(bench.path()).len(), 2);
}

#[tokio::test]
async fn the_next_start_ends_what_a_crash_left() {
    let bench = Bench::new(Arc::new(OsDisk), 1 << 20);
    for mark in ["a", "b"] {
        bench.append(marked(mark)).await.unwrap();
    }
    let Bench { directory, clock, sink } = bench;
    drop(sink);
    let [open_file] = &files(directory.path())[..] else { panic!("one file") };
    // As a crash in the middle of the next write would leave it, and beside it what other moments leave.
    let mut torn = fs::read(open_file).unwrap();
    torn.extend(b",\n{\"eventVersion\":\"1.");
    let crashed = tempfile::tempdir().unwrap();
    let day = crashed.path().join("AWSLogs/000000000042/CloudTrail/eu-west-1/2026/01/01");
    fs::create_dir_all(&day).unwrap();
    fs::write(day.join("torn.json.open"), torn).unwrap();
    fs::write(day.join("empty.json.open"), "{\"Records\":[").unwrap();
    fs::write(day.join("half.json.gz.tmp"), "?").unwrap();
    fs::write(day.join("plain.json"), "{\"Records\":[\n{\"userAgent\":\"c\"}\n]}\n").unwrap();
    let sink = open(Arc::new(OsDisk), crashed.path(), 1 << 20, &clock);
    sink.append(marked("d")).await.unwrap();
    sink.close().await;
    let mut marks = marks(crashed.path());
    marks.sort();
    assert_eq!(marks, ["a", "b", "c", "d"]);
    let names = files(crashed.path());
    assert!(names.iter().all(|name| name.to_str().unwrap().ends_with(".json.gz")), "{names:?}");
    assert_eq!(names.len(), 3);
}

#[tokio::test]
async fn a_full_disk_refuses_whole_batches_and_heals() {
    let disk = SmallDisk::with(CHUNK + 5_000);
    let bench = Bench::new(Arc::clone(&disk) as _, u64::MAX);
    let mut accepted = 0;
    while bench.append(long(100_000)).await.is_ok() {
        accepted += 1;
    }
    // All that was reserved was used.
    assert_eq!(accepted, CHUNK / 100_800);
    assert!(bench.append(long(100_000)).await.is_err());
    // The refused record left nothing behind: what is free is what it was.
    bench.append(marked("small")).await.unwrap();
    disk.set_free(10 * CHUNK);
    bench.append(long(100_000)).await.unwrap();
    assert!(bench.sink.metrics().write_errors() >= 2);
    bench.sink.close().await;
    let records: Vec<_> = documents(bench.path()).into_values().flatten().collect();
    assert_eq!(records.len() as u64, accepted + 2);
}

#[tokio::test]
async fn a_torn_write_that_cannot_be_cut_keeps_the_file_shut() {
    let disk = SmallDisk::with(CHUNK);
    let bench = Bench::new(Arc::clone(&disk) as _, u64::MAX);
    while bench.append(long(99_000)).await.is_ok() {}
    disk.stuck.store(true, Ordering::Relaxed);
    assert!(bench.append(long(99_000)).await.is_err());
    assert!(bench.append(marked("refused")).await.is_err());
    disk.stuck.store(false, Ordering::Relaxed);
    bench.append(marked("kept")).await.unwrap();
    disk.set_free(10 * CHUNK);
    bench.sink.close().await;
    let marks = marks(bench.path());
    assert!(marks.contains(&"kept".to_owned()) && !marks.contains(&"refused".to_owned()));
}

#[tokio::test]
async fn without_space_for_another_file_the_old_one_goes_on() {
    let disk = SmallDisk::with(CHUNK);
    let bench = Bench::new(Arc::clone(&disk) as _, 1_000);
    for _ in 0..3 {
        bench.append(marked("old")).await.unwrap();
        bench.clock.advance(AGE);
        bench.sink.tick();
    }
    assert_eq!(bench.sink.metrics().files_opened(), 1);
    disk.set_free(2 * CHUNK);
    bench.clock.advance(AGE);
    bench.append(marked("new")).await.unwrap();
    assert_eq!(bench.sink.metrics().files_opened(), 2);
    bench.sink.close().await;
    assert_eq!(documents(bench.path()).len(), 2);
}

#[tokio::test]
async fn what_cannot_be_compressed_stays_as_it_is_until_it_can() {
    let disk = SmallDisk::with(CHUNK);
    let bench = Bench::new(Arc::clone(&disk) as _, u64::MAX);
    bench.append(marked("a")).await.unwrap();
    disk.sealed.store(true, Ordering::Relaxed);
    bench.sink.close().await;
    assert_eq!(bench.sink.metrics().finish_errors(), 1);
    assert_eq!(marks(bench.path()), ["a"]);
    assert!(files(bench.path())[0].to_str().unwrap().ends_with(".json"));
    disk.sealed.store(false, Ordering::Relaxed);
    bench.sink.close().await;
    assert_eq!(marks(bench.path()), ["a"]);
    assert!(files(bench.path())[0].to_str().unwrap().ends_with(".json.gz"));
}
