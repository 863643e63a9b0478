//! What only a store in files can get wrong: what it finds there, what a crash leaves behind, and
//! what it does when it cannot write.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::Path as FilePath;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use trent_domain::{Path, PathRange};
use trent_engine::{Batch, CommitError, Delete, Put, Revision, Store, StoreError, WatchEvent};
use trent_store::{EmbeddedStore, OpenError};

/// Names the directory to a process that this one starts from its own program.
const CHILD: &str = "TRENT_STORE_TEST_CHILD";

fn path(name: &str) -> Path {
    Path::from_stored(format!("/credential/{name}"))
}

fn create(name: &str, size: usize) -> Batch {
    let value = name.bytes().cycle().take(size).collect();
    Batch { puts: vec![Put { path: path(name), version: 1, value }], ..Batch::default() }
}

fn delete(name: &str) -> Batch {
    Batch { deletes: vec![Delete { path: path(name), version: 1 }], ..Batch::default() }
}

async fn all(store: &EmbeddedStore) -> Result<Vec<String>, StoreError> {
    let found = store.scan(&PathRange::credentials(), usize::MAX).await?;
    Ok(found
        .iter()
        .map(|stored| stored.path.suffix("/credential/").unwrap_or("elsewhere").to_owned())
        .collect())
}

fn refusal(dir: &FilePath) -> OpenError {
    match EmbeddedStore::open(dir) {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

fn file_names(dir: &FilePath) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// A directory with a closed store of `count` records.
async fn filled(count: u32) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    for n in 0..count {
        store.commit(create(&format!("{n:05}"), 700)).await.unwrap();
    }
    store.close().await;
    dir
}

#[tokio::test]
async fn a_store_opened_again_holds_everything() {
    let dir = filled(20).await;
    assert_eq!(file_names(dir.path()), ["lock", "trent.db"], "a clean stop leaves no log");
    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(store.revision().await, Ok(Revision(20)));
    assert_eq!(all(&store).await.unwrap().len(), 20);
    assert_eq!(store.commit(create("next", 1)).await, Ok(Revision(21)));
    let mut old = store.watch(Revision(19));
    assert_eq!(old.next().await, Some(WatchEvent::Reset { revision: Revision(21) }));
    let mut now = store.watch(Revision(20));
    let event = WatchEvent::Changed { revision: Revision(21), paths: vec![path("next")] };
    assert_eq!(now.next().await, Some(event));
}

#[tokio::test]
async fn a_store_dropped_without_a_stop_holds_everything() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let mut watch = store.watch(Revision(1));
    store.commit(create("a", 10)).await.unwrap();
    drop(store);
    assert_eq!(watch.next().await, None);
    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(all(&store).await.unwrap(), ["a"]);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    store.close().await;
    store.close().await;
    let closed = StoreError::Failed("the store is closed".to_owned());
    assert_eq!(store.get(&path("a")).await, Err(closed.clone()));
    assert_eq!(store.commit(create("a", 1)).await, Err(closed.into()));
    EmbeddedStore::open(dir.path()).map(drop).unwrap();
}

#[tokio::test]
async fn a_commit_in_hand_is_finished_by_the_stop() {
    let dir = tempfile::tempdir().unwrap();
    let store = Arc::new(EmbeddedStore::open(dir.path()).unwrap());
    let commits = (0..100).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.commit(create(&format!("{n:05}"), 10)).await.is_ok() })
    });
    let commits: Vec<_> = commits.collect();
    tokio::task::yield_now().await;
    store.close().await;
    let mut acknowledged = 0;
    for commit in commits {
        acknowledged += usize::from(commit.await.unwrap());
    }
    drop(store);
    let store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(all(&store).await.unwrap().len(), acknowledged);
}

#[test]
fn the_files_are_private() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("a/b");
    let store = EmbeddedStore::open(&dir).unwrap();
    let mode = |path: &FilePath| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&dir), 0o700);
    assert_eq!(file_names(&dir), ["lock", "trent.db", "trent.db-shm", "trent.db-wal"]);
    for name in file_names(&dir) {
        assert_eq!(mode(&dir.join(&name)), 0o600, "{name}");
    }
    drop(store);
    fs::set_permissions(dir.join("trent.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let _store = EmbeddedStore::open(&dir).unwrap();
    for name in file_names(&dir) {
        assert_eq!(mode(&dir.join(&name)), 0o600, "{name}, put back with another mode");
    }
}

#[test]
fn a_directory_serves_one_process() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    let error = refusal(dir.path());
    let name = dir.path().display();
    assert_eq!(error.to_string(), format!("the data directory `{name}` is in use by another process"));
    drop(store);
    EmbeddedStore::open(dir.path()).map(drop).unwrap();
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let outer = tempfile::tempdir().unwrap();
    fs::write(outer.path().join("file"), "").unwrap();
    let error = refusal(&outer.path().join("file/dir"));
    assert!(matches!(error, OpenError::Directory { .. }), "{error}");
    assert!(error.to_string().contains("file/dir"), "{error}");
}

#[test]
fn a_foreign_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("trent.db");
    let foreign = Connection::open(&file).unwrap();
    foreign.execute_batch("CREATE TABLE records (path, version, value); PRAGMA user_version = 1;").unwrap();
    foreign.close().unwrap();
    let before = fs::read(&file).unwrap();
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::Foreign { .. }), "{error}");
    for text in ["not a database at all, just a text of some length".repeat(9), String::new()] {
        fs::write(&file, text).unwrap();
        assert_damaged(&refusal(dir.path()));
    }
    fs::write(&file, &before).unwrap();
    assert!(matches!(refusal(dir.path()), OpenError::Foreign { .. }));
    assert_eq!(fs::read(&file).unwrap(), before);
}

#[tokio::test]
async fn a_later_format_is_refused() {
    let dir = filled(1).await;
    let later = Connection::open(dir.path().join("trent.db")).unwrap();
    later.pragma_update(None, "user_version", 2).unwrap();
    later.close().unwrap();
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::UnknownFormat { found: 2, known: 1, .. }), "{error}");
    assert!(error.to_string().contains("storage format 2"), "{error}");
}

#[tokio::test]
async fn a_log_without_its_database_is_no_beginning() {
    let dir = filled(1).await;
    fs::remove_file(dir.path().join("trent.db")).unwrap();
    fs::write(dir.path().join("trent.db-wal"), "commits").unwrap();
    let error = refusal(dir.path());
    assert!(matches!(error, OpenError::Orphan { .. }), "{error}");
    assert_eq!(file_names(dir.path()), ["lock", "trent.db-wal"]);
}

#[test]
fn a_draft_left_by_a_crash_is_made_anew() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("trent.db.new"), "half").unwrap();
    let _store = EmbeddedStore::open(dir.path()).unwrap();
    assert_eq!(file_names(dir.path()), ["lock", "trent.db", "trent.db-shm", "trent.db-wal"]);
}

fn assert_damaged(error: &OpenError) {
    assert!(matches!(error, OpenError::Database { source: StoreError::Damaged(_), .. }), "{error}");
}

/// Everything one can do with a store, and the first error it gives. Panics are hidden from a
/// caller behind errors, so those are told apart by their text.
async fn exercise(dir: &FilePath) -> Result<(), StoreError> {
    let store = match EmbeddedStore::open(dir) {
        Ok(store) => store,
        Err(OpenError::Database { source, .. }) => return Err(source),
        // The flipped bit is in one of the fields that say whose file it is, or which format.
        Err(OpenError::Foreign { .. } | OpenError::UnknownFormat { .. }) => return Ok(()),
        Err(error) => panic!("{error}"),
    };
    let mut results = vec![all(&store).await.map(drop), store.get(&path("00100")).await.map(drop)];
    for batch in [create("00100x", 3000), create("~", 10), delete("00150")] {
        results.push(match store.commit(batch).await {
            Err(CommitError::Store(error)) => Err(error),
            _ => Ok(()),
        });
    }
    store.close().await;
    for result in &results {
        let text = result.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(!text.contains("panic") && !text.contains("closed"), "{text}");
    }
    results.into_iter().collect()
}

/// A page cut short is read as if zeros followed: where those fall into a value, its seal tells.
#[tokio::test]
async fn a_truncated_file_is_found_out() {
    let dir = filled(200).await;
    let whole = fs::read(dir.path().join("trent.db")).unwrap();
    for kept in [0, 1, 99, 100, 4095, 4096, 4097, whole.len() / 2, whole.len() - 4096] {
        fs::write(dir.path().join("trent.db"), whole.get(..kept).unwrap()).unwrap();
        let result = exercise(dir.path()).await;
        assert!(matches!(result, Err(StoreError::Damaged(_) | StoreError::Failed(_))), "{kept}: {result:?}");
        clean(dir.path());
    }
}

#[tokio::test]
async fn a_wiped_page_is_found_out() {
    let dir = filled(200).await;
    let whole = fs::read(dir.path().join("trent.db")).unwrap();
    for page in 0..whole.len() / 4096 {
        let mut wiped = whole.clone();
        wiped.iter_mut().skip(page * 4096).take(4096).for_each(|byte| *byte = 0xa5);
        fs::write(dir.path().join("trent.db"), wiped).unwrap();
        let result = exercise(dir.path()).await;
        assert!(matches!(result, Err(StoreError::Damaged(_))), "page {page}: {result:?}");
        clean(dir.path());
    }
}

/// A flipped bit in a value is found by the seal around it and not by the store; one in the
/// structure may be found by either. Neither may bring the process down.
#[tokio::test]
async fn a_flipped_bit_never_panics() {
    let dir = filled(200).await;
    let whole = fs::read(dir.path().join("trent.db")).unwrap();
    let mut found = 0;
    for flip in 0..300_usize {
        // The first hundred in the header and the schema, the others all over.
        let position = if flip < 100 { flip } else { flip * 100_003 % whole.len() };
        let mut flipped = whole.clone();
        *flipped.get_mut(position).unwrap() ^= 1 << (flip % 8);
        fs::write(dir.path().join("trent.db"), flipped).unwrap();
        found += usize::from(exercise(dir.path()).await.is_err());
        clean(dir.path());
    }
    assert!(found > 10, "only {found} flips were noticed: the test flips nothing that matters");
}

fn clean(dir: &FilePath) {
    for log in ["trent.db-wal", "trent.db-shm"] {
        let _ = fs::remove_file(dir.join(log));
    }
}

#[tokio::test]
async fn a_copy_made_while_running_can_be_put_back() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    store.commit(create("a", 100)).await.unwrap();
    let copies = tempfile::tempdir().unwrap();
    let copy = copies.path().join("trent.db");
    let tool = Connection::open(dir.path().join("trent.db")).unwrap();
    tool.execute("VACUUM INTO ?1", [copy.to_str().unwrap()]).unwrap();
    store.commit(create("b", 100)).await.unwrap();
    let restored = EmbeddedStore::open(copies.path()).unwrap();
    assert_eq!(all(&restored).await.unwrap(), ["a"]);
    assert_eq!(restored.commit(create("c", 100)).await, Ok(Revision(2)));
    assert_eq!(restored.get(&path("c")).await.unwrap().unwrap().value.len(), 100);
}

#[tokio::test]
async fn deleted_content_is_not_left_in_the_file() {
    let dir = tempfile::tempdir().unwrap();
    let store = EmbeddedStore::open(dir.path()).unwrap();
    for name in ["keep", "secret", "other"] {
        store.commit(create(name, 9000)).await.unwrap();
    }
    store.close().await;
    let holds = |word: &str| {
        let bytes = fs::read(dir.path().join("trent.db")).unwrap();
        bytes.windows(word.len()).any(|window| window == word.as_bytes())
    };
    assert!(holds("secretsecret"));
    let store = EmbeddedStore::open(dir.path()).unwrap();
    store.commit(delete("secret")).await.unwrap();
    store.close().await;
    assert!(!holds("secret") && holds("keepkeep"));
}

/// Runs one test of this program again in a process of its own, through a shell that has it
/// survive the signal of a file that grew too large.
fn child(test: &str, dir: &FilePath) -> Command {
    let mut command = Command::new("sh");
    let script = "trap '' XFSZ; exec \"$0\" \"$@\"";
    command.args(["-c", script]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(CHILD, dir);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_process_loses_no_acknowledged_commit() {
    if let Some(dir) = std::env::var_os(CHILD) {
        return commit_for_ever(FilePath::new(&dir)).await;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..3 {
        let test = "a_killed_process_loses_no_acknowledged_commit";
        let mut process = child(test, dir.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap());
        read_acknowledged(&mut lines, &mut acknowledged, 150);
        assert!(matches!(refusal(dir.path()), OpenError::InUse { .. }));
        process.kill().unwrap();
        process.wait().unwrap();
        read_acknowledged(&mut lines, &mut acknowledged, usize::MAX);
        let store = EmbeddedStore::open(dir.path()).unwrap();
        let found = all(&store).await.unwrap();
        assert!(acknowledged.len() >= 150 * (round + 1));
        for name in &acknowledged {
            assert!(found.contains(name), "{name} was acknowledged and is lost");
        }
        assert_eq!(store.revision().await, Ok(Revision(found.len() as u64)));
    }
}

async fn commit_for_ever(dir: &FilePath) {
    let store = Arc::new(EmbeddedStore::open(dir).unwrap());
    let start = store.revision().await.unwrap().0;
    let writers = (0..8).map(|writer| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for n in 0.. {
                let name = format!("{start}-{writer}-{n}");
                store.commit(create(&name, 500)).await.unwrap();
                println!("\nacknowledged {name} .");
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.unwrap();
    }
}

/// Reads whole lines up to `count` acknowledgements or the end.
fn read_acknowledged(lines: &mut impl BufRead, acknowledged: &mut Vec<String>, count: usize) {
    let mut line = String::new();
    let mut read = 0;
    while read < count && lines.read_line(&mut line).unwrap() > 0 {
        let name = line.strip_prefix("acknowledged ").and_then(|rest| rest.strip_suffix(" .\n"));
        if let Some(name) = name {
            acknowledged.push(name.to_owned());
            read += 1;
        }
        line.clear();
    }
}

/// The log cannot grow beyond a limit: to the database an error of the disk, in the middle of a
/// write.
#[test]
fn a_log_that_cannot_grow_loses_nothing_and_heals() {
    if let Some(dir) = std::env::var_os(CHILD) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        return runtime.block_on(run_into_the_limit(FilePath::new(&dir)));
    }
    let dir = tempfile::tempdir().unwrap();
    let output = child("a_log_that_cannot_grow_loses_nothing_and_heals", dir.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("refused and healed"), "{text}");
}

async fn run_into_the_limit(dir: &FilePath) {
    let store = EmbeddedStore::open(dir).unwrap();
    let mut kept = Vec::new();
    let before = getrlimit(Resource::Fsize);
    for round in 0..3 {
        let log = fs::metadata(dir.join("trent.db-wal")).unwrap().len();
        setrlimit(Resource::Fsize, Rlimit { current: Some(log + 50_000), ..before }).unwrap();
        let (added, error) = fill(&store, &format!("{round}-")).await;
        assert!(matches!(error, StoreError::Failed(_)), "{error}");
        kept.extend(added);
        assert_eq!(all(&store).await.unwrap(), kept, "reads go on, and nothing is half there");
        setrlimit(Resource::Fsize, before).unwrap();
        let name = format!("{round}-~");
        store.commit(create(&name, 3000)).await.unwrap();
        kept.push(name);
        assert_eq!(store.revision().await, Ok(Revision(kept.len() as u64)));
    }
    store.close().await;
    drop(store);
    let store = EmbeddedStore::open(dir).unwrap();
    assert_eq!(all(&store).await.unwrap(), kept);
    println!("refused and healed");
}

/// Writes until it is refused; what went in, and the refusal.
async fn fill(store: &EmbeddedStore, prefix: &str) -> (Vec<String>, StoreError) {
    let mut added = Vec::new();
    for n in 0.. {
        let name = format!("{prefix}{n:05}");
        match store.commit(create(&name, 3000)).await {
            Ok(_) => added.push(name),
            Err(CommitError::Store(error)) => return (added, error),
            Err(error) => panic!("{error}"),
        }
    }
    panic!("it was never refused")
}

/// With a real full disk. Run it as `unshare -rm sh -c 'mount -t tmpfs -o size=4m none /mnt &&
/// TRENT_SMALL_DISK=/mnt cargo test -p trent-store --test embedded -- --ignored'`.
#[tokio::test]
#[ignore = "needs a small file system of its own, named in TRENT_SMALL_DISK"]
async fn a_full_disk_loses_nothing_and_heals() {
    let disk = std::env::var_os("TRENT_SMALL_DISK").unwrap();
    let dir = FilePath::new(&disk).join("data");
    let ballast = FilePath::new(&disk).join("ballast");
    fs::write(&ballast, vec![1; 1_000_000]).unwrap();
    let store = EmbeddedStore::open(&dir).unwrap();
    let (mut kept, error) = fill(&store, "a").await;
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert_eq!(all(&store).await.unwrap(), kept);
    fs::remove_file(ballast).unwrap();
    let (added, error) = fill(&store, "b").await;
    assert!(added.len() > 20, "it did not heal");
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    kept.extend(added);
    assert_eq!(all(&store).await.unwrap(), kept);
    store.close().await;
    drop(store);
    let store = EmbeddedStore::open(&dir).unwrap();
    assert_eq!(all(&store).await.unwrap(), kept);
}
