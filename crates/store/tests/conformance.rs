//! What every store has to do, run over each of them.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::Arc;

use trent_domain::{Path, PathRange};
use trent_engine::{Batch, Check, CommitError, Delete, Put, Revision, Store, StoreError, WatchEvent};
use trent_store::{EmbeddedStore, HISTORY_PATHS, MemoryStore, OverlayStore};

macro_rules! conformance {
    ($($case:ident)*) => {
        mod memory {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                in_time(super::$case(Arc::new(MemoryStore::default()))).await;
            })*

            #[tokio::test]
            async fn a_watch_ends_with_its_store() {
                let store = MemoryStore::default();
                let close = async |store: &MemoryStore| store.close();
                in_time(super::a_watch_ends_with_its_store(&store, close)).await;
            }
        }

        mod overlay {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let below = Arc::new(MemoryStore::default());
                in_time(super::$case(Arc::new(OverlayStore::over(below).await.unwrap()))).await;
            })*

            #[tokio::test]
            async fn a_watch_ends_with_its_store() {
                let store = OverlayStore::over(Arc::new(MemoryStore::default())).await.unwrap();
                let close = async |store: &OverlayStore| store.close();
                in_time(super::a_watch_ends_with_its_store(&store, close)).await;
            }
        }

        mod embedded {
            use super::*;
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let dir = tempfile::tempdir().unwrap();
                in_time(super::$case(Arc::new(EmbeddedStore::open(dir.path()).unwrap()))).await;
            })*

            #[tokio::test]
            async fn a_watch_ends_with_its_store() {
                let dir = tempfile::tempdir().unwrap();
                let store = EmbeddedStore::open(dir.path()).unwrap();
                in_time(super::a_watch_ends_with_its_store(&store, EmbeddedStore::close)).await;
            }
        }
    };
}

conformance! {
    a_new_store_is_empty
    what_was_put_is_there
    a_version_is_the_condition_of_each_change
    a_delete_frees_its_path
    a_refused_batch_changes_nothing
    checks_bind_without_changing_anything
    an_impossible_demand_is_a_conflict
    a_batch_cannot_change_a_path_twice
    revisions_rise_by_commit
    an_empty_value_is_a_value
    a_scan_is_in_the_order_of_bytes
    a_scan_stays_within_its_range
    a_scan_goes_on_where_it_stopped
    a_scan_sees_one_moment
    a_range_is_counted_as_it_is_scanned
    one_of_many_writers_wins
    a_watch_tells_every_commit_once_in_order
    a_watch_starts_after_its_revision
    a_watch_that_falls_behind_is_reset
    a_watch_from_another_life_is_reset
    a_refused_batch_is_not_told
    an_acknowledged_commit_can_be_read
}

/// An event that never comes is a failure and not a test that hangs. The time is far beyond need.
async fn in_time(case: impl Future<Output = ()>) {
    let case = tokio::time::timeout(std::time::Duration::from_secs(120), case);
    case.await.expect("the store has still not answered");
}

fn path(name: &str) -> Path {
    Path::from_stored(format!("/credential/{name}"))
}

fn put(name: &str, version: u64) -> Put {
    Put { path: path(name), version, value: format!("{name} {version}").into_bytes() }
}

fn puts(puts: Vec<Put>) -> Batch {
    Batch { puts, ..Batch::default() }
}

fn delete(name: &str, version: u64) -> Batch {
    Batch { deletes: vec![Delete { path: path(name), version }], ..Batch::default() }
}

fn check(name: &str, version: u64) -> Batch {
    Batch { checks: vec![Check { path: path(name), version }], ..Batch::default() }
}

fn conflict(name: &str) -> Result<Revision, CommitError> {
    Err(CommitError::Conflict(path(name)))
}

async fn version(store: &dyn Store, name: &str) -> Option<u64> {
    store.get(&path(name)).await.unwrap().map(|stored| stored.version)
}

async fn names(store: &dyn Store, range: &PathRange, limit: usize) -> Vec<String> {
    let found = store.scan(range, limit).await.unwrap();
    found.iter().map(|stored| stored.path.suffix("/credential/").unwrap().to_owned()).collect()
}

async fn a_new_store_is_empty(store: Arc<dyn Store>) {
    assert_eq!(store.revision().await, Ok(Revision(0)));
    assert_eq!(store.get(&path("a")).await, Ok(None));
    assert_eq!(store.scan(&PathRange::all(), 10).await, Ok(vec![]));
    assert_eq!(store.commit(Batch::default()).await, Ok(Revision(0)));
    assert_eq!(store.barrier(Revision(0)).await, Ok(()));
}

async fn what_was_put_is_there(store: Arc<dyn Store>) {
    store.commit(puts(vec![put("a", 1), put("b", 1)])).await.unwrap();
    let stored = store.get(&path("a")).await.unwrap().unwrap();
    assert_eq!((stored.path, stored.version, stored.value), (path("a"), 1, b"a 1".to_vec()));
    assert_eq!(version(&*store, "b").await, Some(1));
    assert_eq!(version(&*store, "A").await, None, "paths differ by case");
    assert_eq!(store.scan(&PathRange::all(), 10).await.unwrap().len(), 2);
}

async fn a_version_is_the_condition_of_each_change(store: Arc<dyn Store>) {
    assert_eq!(store.commit(puts(vec![put("a", 2)])).await, conflict("a"), "there is no version 1");
    store.commit(puts(vec![put("a", 1)])).await.unwrap();
    assert_eq!(store.commit(puts(vec![put("a", 1)])).await, conflict("a"), "it is there already");
    assert_eq!(store.commit(puts(vec![put("a", 3)])).await, conflict("a"), "none may be left out");
    store.commit(puts(vec![put("a", 2)])).await.unwrap();
    assert_eq!(store.commit(delete("a", 1)).await, conflict("a"));
    assert_eq!(store.commit(delete("b", 1)).await, conflict("b"));
    assert_eq!(store.get(&path("a")).await.unwrap().unwrap().value, b"a 2");
}

async fn a_delete_frees_its_path(store: Arc<dyn Store>) {
    store.commit(puts(vec![put("a", 1)])).await.unwrap();
    store.commit(puts(vec![put("a", 2)])).await.unwrap();
    store.commit(delete("a", 2)).await.unwrap();
    assert_eq!(version(&*store, "a").await, None);
    assert_eq!(store.commit(puts(vec![put("a", 3)])).await, conflict("a"));
    store.commit(puts(vec![put("a", 1)])).await.unwrap();
    assert_eq!(version(&*store, "a").await, Some(1));
}

async fn a_refused_batch_changes_nothing(store: Arc<dyn Store>) {
    store.commit(puts(vec![put("a", 1), put("b", 1)])).await.unwrap();
    let last_put_fails = puts(vec![put("a", 2), put("c", 1), put("b", 9)]);
    assert_eq!(store.commit(last_put_fails).await, conflict("b"));
    let delete_fails = Batch { deletes: delete("b", 7).deletes, ..puts(vec![put("a", 2)]) };
    assert_eq!(store.commit(delete_fails).await, conflict("b"));
    let check_fails = Batch { checks: check("b", 0).checks, ..puts(vec![put("a", 2)]) };
    assert_eq!(store.commit(check_fails).await, conflict("b"));
    assert_eq!(version(&*store, "a").await, Some(1));
    assert_eq!(version(&*store, "b").await, Some(1));
    assert_eq!(version(&*store, "c").await, None);
    assert_eq!(store.revision().await, Ok(Revision(1)));
}

async fn checks_bind_without_changing_anything(store: Arc<dyn Store>) {
    let first = store.commit(puts(vec![put("a", 1)])).await.unwrap();
    assert_eq!(store.commit(check("a", 1)).await, Ok(first));
    assert_eq!(store.commit(check("b", 0)).await, Ok(first));
    assert_eq!(store.commit(check("a", 0)).await, conflict("a"));
    assert_eq!(store.commit(check("b", 1)).await, conflict("b"));
    let both = Batch { checks: check("a", 1).checks, ..puts(vec![put("b", 1)]) };
    assert_eq!(store.commit(both).await, Ok(Revision(2)));
    assert_eq!(version(&*store, "a").await, Some(1));
}

async fn an_impossible_demand_is_a_conflict(store: Arc<dyn Store>) {
    assert_eq!(store.commit(puts(vec![put("a", 0)])).await, conflict("a"), "no version precedes 0");
    assert_eq!(store.commit(delete("a", 0)).await, conflict("a"), "nothing is there to be removed");
    assert_eq!(store.commit(puts(vec![put("a", u64::MAX)])).await, conflict("a"));
    assert_eq!(store.commit(check("a", u64::MAX)).await, conflict("a"));
    assert_eq!(version(&*store, "a").await, None);
}

async fn a_batch_cannot_change_a_path_twice(store: Arc<dyn Store>) {
    store.commit(puts(vec![put("a", 1)])).await.unwrap();
    let twice = puts(vec![put("a", 2), put("a", 2)]);
    let both = Batch { deletes: delete("a", 1).deletes, ..puts(vec![put("a", 2)]) };
    for batch in [twice, both] {
        let answer = store.commit(batch).await;
        assert!(matches!(answer, Err(CommitError::Store(StoreError::Failed(_)))), "{answer:?}");
    }
    assert_eq!(version(&*store, "a").await, Some(1));
}

async fn revisions_rise_by_commit(store: Arc<dyn Store>) {
    assert_eq!(store.commit(puts(vec![put("a", 1), put("b", 1)])).await, Ok(Revision(1)));
    assert_eq!(store.commit(puts(vec![put("a", 1)])).await, conflict("a"));
    assert_eq!(store.commit(puts(vec![put("a", 2)])).await, Ok(Revision(2)));
    assert_eq!(store.commit(delete("b", 1)).await, Ok(Revision(3)));
    assert_eq!(store.revision().await, Ok(Revision(3)));
}

async fn an_empty_value_is_a_value(store: Arc<dyn Store>) {
    let empty = Put { path: path("a"), version: 1, value: vec![] };
    store.commit(puts(vec![empty])).await.unwrap();
    assert_eq!(store.get(&path("a")).await.unwrap().unwrap().value, b"");
    let odd = Put { path: path("b"), version: 1, value: (0..=255).collect() };
    store.commit(puts(vec![odd.clone()])).await.unwrap();
    assert_eq!(store.get(&path("b")).await.unwrap().unwrap().value, odd.value);
}

/// Names that a locale, a collation or a string ending in zero would put in another order.
const ODD: [&str; 16] =
    ["\0", "\0\0", "\0a", " ", "%", "A", "A\0B", "AB", "Z", "_", "a", "a/b", "\u{7f}", "é", "\u{ffff}", "😀"];

async fn a_scan_is_in_the_order_of_bytes(store: Arc<dyn Store>) {
    assert!(ODD.is_sorted_by(|a, b| a.as_bytes() < b.as_bytes()));
    for name in ODD.iter().rev() {
        store.commit(puts(vec![put(name, 1)])).await.unwrap();
    }
    assert_eq!(names(&*store, &PathRange::credentials(), 100).await, ODD);
    assert_eq!(names(&*store, &PathRange::credentials(), 3).await, ODD[..3]);
    assert_eq!(names(&*store, &PathRange::credentials(), 0).await, [""; 0]);
    for (index, name) in ODD.iter().enumerate() {
        let rest = names(&*store, &PathRange::credentials().after(name), 100).await;
        assert!(rest.iter().eq(ODD.iter().skip(index + 1)), "after {name:?} comes {rest:?}");
        assert_eq!(version(&*store, name).await, Some(1));
    }
}

async fn a_scan_stays_within_its_range(store: Arc<dyn Store>) {
    let around = ["/credentia", "/credential", "/credential.", "/credential0", "/credentials/x", "/meta/x"];
    let inside = ["/credential/", "/credential/a", "/credential/\u{10ffff}"];
    let all = around.iter().chain(&inside);
    let all = all.map(|text| Put { path: Path::from_stored((*text).to_owned()), version: 1, value: vec![] });
    store.commit(puts(all.collect())).await.unwrap();
    let found = store.scan(&PathRange::credentials(), 100).await.unwrap();
    assert_eq!(found.iter().map(|stored| stored.path.as_str()).collect::<Vec<_>>(), inside);
    assert_eq!(store.scan(&PathRange::all(), 100).await.unwrap().len(), around.len() + inside.len());
    assert_eq!(store.scan(&PathRange::credentials().after("\u{10ffff}"), 9).await, Ok(vec![]));
}

async fn a_scan_goes_on_where_it_stopped(store: Arc<dyn Store>) {
    let all = (0..100).map(|n| put(&format!("{n:03}"), 1)).collect();
    store.commit(puts(all)).await.unwrap();
    let mut range = PathRange::credentials();
    let mut seen = Vec::new();
    loop {
        let page = names(&*store, &range, 7).await;
        let Some(last) = page.last().cloned() else { break };
        seen.extend(page);
        // The very record the next page starts behind goes, and new ones come on either side.
        store.commit(delete(&last, 1)).await.unwrap();
        store.commit(puts(vec![put(&format!("{last}-before"), 1)])).await.unwrap();
        store.commit(delete(&format!("{last}-before"), 1)).await.unwrap();
        store.commit(puts(vec![put(&format!("!{last}"), 1)])).await.unwrap();
        range = PathRange::credentials().after(&last);
    }
    assert_eq!(seen, (0..100).map(|n| format!("{n:03}")).collect::<Vec<_>>());
}

async fn a_range_is_counted_as_it_is_scanned(store: Arc<dyn Store>) {
    assert_eq!(store.count(&PathRange::all()).await, Ok(0));
    let around = ["/credential", "/credential0", "/credentials/x"];
    let around =
        around.map(|text| Put { path: Path::from_stored(text.to_owned()), version: 1, value: vec![] });
    store.commit(puts(around.into())).await.unwrap();
    store.commit(puts((0..100).map(|n| put(&format!("{n:03}"), 1)).collect())).await.unwrap();
    let range = PathRange::credentials();
    assert_eq!(store.count(&range).await, Ok(100));
    assert_eq!(store.count(&PathRange::all()).await, Ok(103));
    assert_eq!(store.count(&range.clone().after("089")).await, Ok(10));
    assert_eq!(store.count(&range.clone().after("099")).await, Ok(0));
    // Neither a change nor a refused commit counts; a removal does.
    store.commit(puts(vec![put("000", 2)])).await.unwrap();
    store.commit(puts(vec![put("new", 1), put("001", 9)])).await.unwrap_err();
    assert_eq!(store.count(&range).await, Ok(100));
    store.commit(delete("050", 1)).await.unwrap();
    assert_eq!(store.count(&range).await, Ok(99));
}

/// Every commit overwrites the first and the last record together; a scan must not see them apart.
async fn a_scan_sees_one_moment(store: Arc<dyn Store>) {
    const ROUNDS: u64 = 200;
    let between = (0..500).map(|n| put(&format!("b{n:03}"), 1));
    store.commit(puts(between.chain([put("a", 1), put("z", 1)]).collect())).await.unwrap();
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for version in 2..=ROUNDS {
            writer.commit(puts(vec![put("a", version), put("z", version)])).await.unwrap();
        }
    });
    let mut last = 0;
    while last < ROUNDS {
        let found = store.scan(&PathRange::credentials(), 1000).await.unwrap();
        let (first, end) = (found.first().unwrap().version, found.last().unwrap().version);
        assert_eq!(first, end);
        assert!(first >= last, "time does not run backwards");
        last = first;
    }
    writing.await.unwrap();
}

async fn one_of_many_writers_wins(store: Arc<dyn Store>) {
    for version in 1..=20 {
        let tries = (0..16).map(|_| {
            let store = Arc::clone(&store);
            tokio::spawn(async move { store.commit(puts(vec![put("a", version)])).await })
        });
        let mut won = 0;
        for attempt in tries.collect::<Vec<_>>() {
            match attempt.await.unwrap() {
                Ok(revision) => {
                    assert_eq!(revision, Revision(version));
                    won += 1;
                }
                Err(error) => assert_eq!(Err(error), conflict("a")),
            }
        }
        assert_eq!(won, 1, "version {version}");
    }
}

const WRITERS: u64 = 16;
const EACH: u64 = 50;

/// Sixteen writers at once, every one with a record of its own and all with a common one, which
/// makes many of their batches conflict.
async fn write_much(store: &Arc<dyn Store>) -> Vec<(Revision, Path)> {
    let writers = (0..WRITERS).map(|writer| {
        let store = Arc::clone(store);
        tokio::spawn(async move {
            let mut made = Vec::new();
            for n in 1..=EACH {
                let name = format!("{writer}-{n}");
                made.push((store.commit(puts(vec![put(&name, 1)])).await.unwrap(), path(&name)));
                let common = version(&*store, "common").await.unwrap_or(0);
                if let Ok(revision) = store.commit(puts(vec![put("common", common + 1)])).await {
                    made.push((revision, path("common")));
                }
            }
            made
        })
    });
    let mut made = Vec::new();
    for writer in writers.collect::<Vec<_>>() {
        made.extend(writer.await.unwrap());
    }
    made.sort_by_key(|(revision, _)| *revision);
    made
}

async fn a_watch_tells_every_commit_once_in_order(store: Arc<dyn Store>) {
    let mut watch = store.watch(Revision(0));
    let watching = tokio::spawn(async move {
        let mut told = Vec::new();
        while let Some(WatchEvent::Changed { revision, paths }) = watch.next().await {
            if paths == [path("last")] {
                break;
            }
            told.extend(paths.into_iter().map(|path| (revision, path)));
        }
        told
    });
    let made = write_much(&store).await;
    assert!(made.len() as u64 > WRITERS * EACH, "some of the conflicting commits went through");
    let revisions: Vec<_> = made.iter().map(|(revision, _)| revision.0).collect();
    assert_eq!(revisions, (1..=made.len() as u64).collect::<Vec<_>>(), "one revision each, no gap");
    store.commit(puts(vec![put("last", 1)])).await.unwrap();
    assert_eq!(watching.await.unwrap(), made);
    // One who comes late and knows where it was is told the same.
    let mut late = store.watch(Revision(7));
    for (revision, path) in made.iter().skip(7) {
        let event = WatchEvent::Changed { revision: *revision, paths: vec![path.clone()] };
        assert_eq!(late.next().await, Some(event));
    }
}

async fn a_watch_starts_after_its_revision(store: Arc<dyn Store>) {
    let first = store.commit(puts(vec![put("a", 1)])).await.unwrap();
    let mut watch = store.watch(first);
    store.commit(puts(vec![put("b", 1), put("c", 1)])).await.unwrap();
    store.commit(Batch { deletes: delete("a", 1).deletes, ..puts(vec![put("b", 2)]) }).await.unwrap();
    let told = |event| match event {
        Some(WatchEvent::Changed { revision, paths }) => {
            (revision.0, paths.iter().map(ToString::to_string).collect::<BTreeSet<_>>())
        }
        other => panic!("{other:?}"),
    };
    let expected = |names: [&str; 2]| names.map(|name| path(name).to_string()).into();
    assert_eq!(told(watch.next().await), (2, expected(["b", "c"])));
    assert_eq!(told(watch.next().await), (3, expected(["a", "b"])));
}

async fn a_watch_that_falls_behind_is_reset(store: Arc<dyn Store>) {
    let mut prompt = store.watch(Revision(0));
    let mut lagging = store.watch(Revision(0));
    let mut made = 0;
    while made <= HISTORY_PATHS {
        let many = (made..made + 1000).map(|n| put(&n.to_string(), 1)).collect();
        let revision = store.commit(puts(many)).await.unwrap();
        made += 1000;
        match prompt.next().await {
            Some(WatchEvent::Changed { revision: told, paths }) => {
                assert_eq!((told, paths.len()), (revision, 1000));
            }
            other => panic!("{other:?}"),
        }
    }
    let latest = store.revision().await.unwrap();
    assert_eq!(lagging.next().await, Some(WatchEvent::Reset { revision: latest }));
    let mut late = store.watch(Revision(0));
    assert_eq!(late.next().await, Some(WatchEvent::Reset { revision: latest }));
    let next = store.commit(puts(vec![put("a", 1)])).await.unwrap();
    let event = Some(WatchEvent::Changed { revision: next, paths: vec![path("a")] });
    for watch in [&mut prompt, &mut lagging, &mut late] {
        assert_eq!(watch.next().await, event, "after a reset the telling resumes");
    }
}

async fn a_watch_from_another_life_is_reset(store: Arc<dyn Store>) {
    store.commit(puts(vec![put("a", 1)])).await.unwrap();
    let mut watch = store.watch(Revision(1000));
    assert_eq!(watch.next().await, Some(WatchEvent::Reset { revision: Revision(1) }));
    store.commit(puts(vec![put("b", 1)])).await.unwrap();
    let event = WatchEvent::Changed { revision: Revision(2), paths: vec![path("b")] };
    assert_eq!(watch.next().await, Some(event));
}

async fn a_refused_batch_is_not_told(store: Arc<dyn Store>) {
    let mut watch = store.watch(Revision(0));
    store.commit(puts(vec![put("a", 1)])).await.unwrap();
    assert_eq!(store.commit(puts(vec![put("b", 5)])).await, conflict("b"));
    store.commit(check("a", 1)).await.unwrap();
    store.commit(puts(vec![put("c", 1)])).await.unwrap();
    for (revision, name) in [(1, "a"), (2, "c")] {
        let event = WatchEvent::Changed { revision: Revision(revision), paths: vec![path(name)] };
        assert_eq!(watch.next().await, Some(event));
    }
}

/// Whoever was told of a commit, by its answer or by the watch, reads what it wrote.
async fn an_acknowledged_commit_can_be_read(store: Arc<dyn Store>) {
    let mut watch = store.watch(Revision(0));
    for n in 1..=100 {
        let revision = store.commit(puts(vec![put("a", n)])).await.unwrap();
        assert_eq!(store.revision().await, Ok(revision));
        assert_eq!(version(&*store, "a").await, Some(n));
    }
    let writer = Arc::clone(&store);
    let writing = tokio::spawn(async move {
        for n in 101..=200 {
            writer.commit(puts(vec![put("a", n)])).await.unwrap();
        }
    });
    for _ in 0..200 {
        let Some(WatchEvent::Changed { revision, .. }) = watch.next().await else { panic!("it ended") };
        assert!(version(&*store, "a").await.unwrap() >= revision.0);
    }
    writing.await.unwrap();
}

async fn a_watch_ends_with_its_store<S: Store>(store: &S, close: impl AsyncFnOnce(&S)) {
    let mut watch = store.watch(Revision(0));
    store.commit(puts(vec![put("a", 1)])).await.expect("it is open");
    close(store).await;
    let event = WatchEvent::Changed { revision: Revision(1), paths: vec![path("a")] };
    assert_eq!(watch.next().await, Some(event), "what happened before the end is still told");
    assert_eq!(watch.next().await, None);
    assert_eq!(store.watch(Revision(1)).next().await, None);
}

/// What lies below shows through where nothing was changed, and is itself never changed.
#[tokio::test]
async fn an_overlay_changes_nothing_below() {
    let below = Arc::new(MemoryStore::default());
    below.commit(puts((0..10).map(|n| put(&n.to_string(), 1)).collect())).await.unwrap();
    let store = OverlayStore::over(below.clone()).await.unwrap();
    let range = PathRange::credentials();
    assert_eq!(store.commit(puts(vec![put("3", 1)])).await, conflict("3"));
    store.commit(puts(vec![put("3", 2), put("3a", 1)])).await.unwrap();
    store.commit(delete("4", 1)).await.unwrap();
    store.commit(delete("3a", 1)).await.unwrap();
    store.commit(puts(vec![put("2a", 1), put("4a", 1)])).await.unwrap();
    assert_eq!((version(&store, "3").await, version(&store, "4").await), (Some(2), None));
    assert_eq!(names(&store, &range, 100).await, ["0", "1", "2", "2a", "3", "4a", "5", "6", "7", "8", "9"]);
    assert_eq!(names(&store, &range.clone().after("2"), 3).await, ["2a", "3", "4a"]);
    assert_eq!((store.count(&range).await, store.count(&range.clone().after("3")).await), (Ok(11), Ok(6)));
    // A record that was removed may come again.
    store.commit(puts(vec![put("4", 1)])).await.unwrap();
    assert_eq!(store.count(&range).await, Ok(12));
    assert_eq!(below.revision().await, Ok(Revision(1)));
    assert_eq!((version(&*below, "3").await, version(&*below, "4").await), (Some(1), Some(1)));
    assert_eq!(below.count(&range).await, Ok(10));
}
