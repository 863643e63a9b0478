//! Directories under changes that come at the worst moment: while one is being read.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use tokio::sync::Notify;
use trent_crypto::{Keyring, RootKey};
use trent_domain::{Path, PathRange};
use trent_engine::{
    Batch, Changes, CommitError, Directory, Policies, Record, Records, Revision, Store, StoreError,
    StoreMetrics, Stored, Watch, encode,
};
use trent_store::MemoryStore;

/// A store that holds a reading back, after it was done, until it is told to hand it over.
#[derive(Default)]
struct Held {
    inner: MemoryStore,
    holding: AtomicBool,
    reached: Notify,
    release: Notify,
}

impl Held {
    async fn hold(&self) {
        if self.holding.swap(false, Ordering::SeqCst) {
            self.reached.notify_one();
            self.release.notified().await;
        }
    }
}

#[async_trait]
impl Store for Held {
    async fn get(&self, path: &Path) -> Result<Option<Stored>, StoreError> {
        let found = self.inner.get(path).await;
        self.hold().await;
        found
    }

    async fn scan(&self, range: &PathRange, limit: usize) -> Result<Vec<Stored>, StoreError> {
        let found = self.inner.scan(range, limit).await;
        self.hold().await;
        found
    }

    async fn count(&self, range: &PathRange) -> Result<usize, StoreError> {
        self.inner.count(range).await
    }

    async fn commit(&self, batch: Batch) -> Result<Revision, CommitError> {
        self.inner.commit(batch).await
    }

    fn watch(&self, from: Revision) -> Box<dyn Watch> {
        self.inner.watch(from)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.inner.check().await
    }

    async fn revision(&self) -> Result<Revision, StoreError> {
        self.inner.revision().await
    }

    async fn barrier(&self, revision: Revision) -> Result<(), StoreError> {
        self.inner.barrier(revision).await
    }
}

struct Number(u8);

impl Record for Number {
    fn decode(plaintext: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self(plaintext[1] - b'0'))
    }
}

/// All numbers under the prefix, by name.
#[derive(Default)]
struct Numbers(BTreeMap<String, u8>);

impl Directory for Numbers {
    type Record = Number;

    fn put(&mut self, name: &str, Number(number): Number) {
        self.0.insert(name.to_owned(), number);
    }

    fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    fn weight(&self) -> u64 {
        self.0.len() as u64
    }
}

struct World {
    store: Arc<Held>,
    records: Arc<Records>,
}

impl World {
    async fn new() -> Self {
        let store = Arc::new(Held::default());
        let (keyring, _) = Keyring::create(&RootKey::generate().unwrap()).unwrap();
        let records = Arc::new(Records::new(store.clone(), keyring, 100, StoreMetrics::default()));
        tokio::spawn(Arc::clone(&records).follow().await.unwrap());
        Self { store, records }
    }

    /// Writes `number` over version `version` of a record.
    async fn write(&self, name: &str, version: u64, number: u8) {
        let mut changes = Changes::default();
        changes.replace(Path::credential(name).unwrap(), version, encode(&number).unwrap());
        self.records.commit(changes).await.unwrap();
    }

    async fn delete(&self, name: &str, version: u64) {
        let mut changes = Changes::default();
        changes.delete(Path::credential(name).unwrap(), version);
        self.records.commit(changes).await.unwrap();
    }

    async fn numbers(&self) -> BTreeMap<String, u8> {
        let all = |numbers: &Numbers| numbers.0.clone();
        self.records.among(&PathRange::credentials(), all).await.unwrap()
    }

    /// Has the directory read, and `change` happen between the reading and its use.
    async fn numbers_during(&self, change: impl Future<Output = ()>) {
        self.store.holding.store(true, Ordering::SeqCst);
        let records = Arc::clone(&self.records);
        let reading = tokio::spawn(async move {
            let all = |numbers: &Numbers| numbers.0.clone();
            records.among(&PathRange::credentials(), all).await.unwrap()
        });
        self.store.reached.notified().await;
        change.await;
        self.store.release.notify_one();
        reading.await.unwrap();
    }
}

fn map(pairs: &[(&str, u8)]) -> BTreeMap<String, u8> {
    pairs.iter().map(|(name, number)| ((*name).to_owned(), *number)).collect()
}

#[tokio::test]
async fn a_directory_follows_its_records() {
    let world = World::new().await;
    assert_eq!(world.numbers().await, map(&[]));
    world.write("A", 0, 1).await;
    world.write("B", 0, 2).await;
    assert_eq!(world.numbers().await, map(&[("A", 1), ("B", 2)]));
    world.write("A", 1, 3).await;
    world.delete("B", 1).await;
    assert_eq!(world.numbers().await, map(&[("A", 3)]));
}

#[tokio::test]
async fn what_is_changed_while_a_directory_is_read_is_not_missed() {
    let world = World::new().await;
    world.write("A", 0, 1).await;
    world.numbers_during(world.delete("A", 1)).await;
    assert_eq!(world.numbers().await, map(&[]));
}

#[tokio::test]
async fn what_is_changed_again_while_it_is_read_again_is_not_missed() {
    let world = World::new().await;
    world.write("A", 0, 1).await;
    world.numbers().await;
    world.write("A", 1, 2).await;
    world.numbers_during(world.delete("A", 2)).await;
    assert_eq!(world.numbers().await, map(&[]));
}

/// One reader holds an old record in hand while another has settled a newer one.
#[tokio::test]
async fn an_old_reading_never_replaces_a_newer_one() {
    let world = World::new().await;
    world.write("A", 0, 1).await;
    world.numbers().await;
    world.write("A", 1, 2).await;
    let change = async {
        world.write("A", 2, 3).await;
        assert_eq!(world.numbers().await, map(&[("A", 3)]));
    };
    world.numbers_during(change).await;
    assert_eq!(world.numbers().await, map(&[("A", 3)]));
}

#[tokio::test]
async fn a_directory_that_changed_in_many_places_is_read_anew() {
    let world = World::new().await;
    world.numbers().await;
    for number in 0..300 {
        world.write(&format!("N{number}"), 0, 1).await;
    }
    assert_eq!(world.numbers().await.len(), 300);
    world.write("N7", 1, 2).await;
    assert_eq!(world.numbers().await["N7"], 2);
}
