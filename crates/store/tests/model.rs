//! Random histories: both stores answer as a map of a few lines does.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use trent_domain::{Path, PathRange};
use trent_engine::{Batch, Check, CommitError, Delete, Put, Revision, Store, StoreError, Stored, WatchEvent};
use trent_store::{EmbeddedStore, MemoryStore};

const NAMES: [&str; 6] = ["", "a", "a\0", "b", "B", "é"];

/// One step. A version is said by how far it slips from the one that would be right.
#[derive(Debug, Clone)]
enum Step {
    Commit { checks: Vec<(usize, i8)>, puts: Vec<(usize, i8, Vec<u8>)>, deletes: Vec<(usize, i8)> },
    Get(usize),
    Scan { after: Option<usize>, limit: usize },
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    let name = || 0..NAMES.len();
    let slip = || prop_oneof![12 => Just(0_i8), 1 => Just(1), 1 => Just(-1)];
    let commit = (
        vec((name(), slip()), 0..3),
        vec((name(), slip(), vec(any::<u8>(), 0..9)), 0..3),
        vec((name(), slip()), 0..2),
    );
    prop_oneof![
        8 => commit.prop_map(|(checks, puts, deletes)| Step::Commit { checks, puts, deletes }),
        2 => name().prop_map(Step::Get),
        2 => (proptest::option::of(name()), 0..8_usize).prop_map(|(after, limit)| Step::Scan { after, limit }),
        1 => Just(Step::Reopen),
    ]
}

/// The specification: what a store does, without being one.
#[derive(Default)]
struct Model {
    records: BTreeMap<String, (u64, Vec<u8>)>,
    revision: u64,
    told: Vec<WatchEvent>,
}

impl Model {
    fn version(&self, path: &Path) -> u64 {
        self.records.get(path.as_str()).map_or(0, |(version, _)| *version)
    }

    fn commit(&mut self, batch: &Batch) -> Result<Revision, CommitError> {
        let mut changed: Vec<Path> = batch.puts.iter().map(|put| put.path.clone()).collect();
        changed.extend(batch.deletes.iter().map(|delete| delete.path.clone()));
        for (index, path) in changed.iter().enumerate() {
            if changed.iter().take(index).any(|other| other == path) {
                return Err(StoreError::Failed(format!("a batch changes `{path}` twice")).into());
            }
        }
        let checks = batch.checks.iter().map(|c| (&c.path, self.version(&c.path) == c.version));
        let puts = batch.puts.iter().map(|p| (&p.path, self.version(&p.path) + 1 == p.version));
        let deletes =
            batch.deletes.iter().map(|d| (&d.path, self.version(&d.path) == d.version && d.version > 0));
        if let Some((path, _)) = checks.chain(puts).chain(deletes).find(|(_, holds)| !holds) {
            return Err(CommitError::Conflict(path.clone()));
        }
        for put in &batch.puts {
            self.records.insert(put.path.to_string(), (put.version, put.value.clone()));
        }
        for delete in &batch.deletes {
            self.records.remove(delete.path.as_str());
        }
        if !changed.is_empty() {
            self.revision += 1;
            self.told.push(WatchEvent::Changed { revision: Revision(self.revision), paths: changed });
        }
        Ok(Revision(self.revision))
    }

    fn scan(&self, range: &PathRange, limit: usize) -> Vec<Stored> {
        let within = self.records.iter().filter(|(path, _)| range.contains(path));
        within.take(limit).map(|(path, record)| stored(path, record)).collect()
    }

    fn batch(&self, step: &Step) -> Batch {
        let Step::Commit { checks, puts, deletes } = step else { return Batch::default() };
        let slipped = |path: &Path, slip: i8| self.version(path).saturating_add_signed(slip.into());
        let checks = checks.iter().map(|(name, slip)| {
            let path = path(*name);
            Check { version: slipped(&path, *slip), path }
        });
        let puts = puts.iter().map(|(name, slip, value)| {
            let path = path(*name);
            Put {
                version: (self.version(&path) + 1).saturating_add_signed((*slip).into()),
                path,
                value: value.clone(),
            }
        });
        let deletes = deletes.iter().map(|(name, slip)| {
            let path = path(*name);
            Delete { version: slipped(&path, *slip), path }
        });
        Batch { checks: checks.collect(), puts: puts.collect(), deletes: deletes.collect() }
    }
}

fn path(name: usize) -> Path {
    Path::from_stored(format!("/credential/{}", NAMES.get(name).unwrap()))
}

fn stored(path: &str, (version, value): &(u64, Vec<u8>)) -> Stored {
    Stored { path: Path::from_stored(path.to_owned()), version: *version, value: value.clone() }
}

async fn agree(store: &dyn Store, model: &mut Model, step: &Step) {
    match step {
        Step::Commit { .. } => {
            let batch = model.batch(step);
            let expected = model.commit(&batch);
            assert_eq!(store.commit(batch).await, expected);
        }
        Step::Get(name) => {
            let path = path(*name);
            let expected = model.records.get(path.as_str()).map(|record| stored(path.as_str(), record));
            assert_eq!(store.get(&path).await, Ok(expected));
        }
        Step::Scan { after, limit } => {
            let range = PathRange::credentials();
            let range = match after {
                Some(after) => range.after(NAMES.get(*after).unwrap()),
                None => range,
            };
            assert_eq!(store.scan(&range, *limit).await, Ok(model.scan(&range, *limit)));
        }
        Step::Reopen => {}
    }
    assert_eq!(store.revision().await, Ok(Revision(model.revision)));
}

/// All records, and all that was told since `from`.
async fn agree_at_the_end(store: &dyn Store, model: &Model, from: u64) {
    let all = PathRange::all();
    assert_eq!(store.scan(&all, usize::MAX).await, Ok(model.scan(&all, usize::MAX)));
    let mut watch = store.watch(Revision(from));
    for told in model.told.iter().skip(usize::try_from(from).unwrap()) {
        assert_eq!(watch.next().await.as_ref(), Some(told));
    }
}

async fn run_in_memory(steps: &[Step]) {
    let (store, mut model) = (MemoryStore::default(), Model::default());
    for step in steps {
        agree(&store, &mut model, step).await;
    }
    agree_at_the_end(&store, &model, 0).await;
}

async fn run_embedded(steps: &[Step]) {
    let dir = tempfile::tempdir().unwrap();
    let (mut store, mut model) = (EmbeddedStore::open(dir.path()).unwrap(), Model::default());
    let mut opened_at = 0;
    for step in steps {
        if matches!(step, Step::Reopen) {
            agree_at_the_end(&store, &model, opened_at).await;
            store.close().await;
            store = EmbeddedStore::open(dir.path()).unwrap();
            opened_at = model.revision;
        }
        agree(&store, &mut model, step).await;
    }
    agree_at_the_end(&store, &model, opened_at).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stores_do_as_the_model_does(steps in vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            run_in_memory(&steps).await;
            run_embedded(&steps).await;
        });
    }
}
