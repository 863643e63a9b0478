//! Directories: all records under one prefix, kept in memory in the form their readers want.
//!
//! A directory is read from the store when it is first asked for. After that each change under its
//! prefix, which the store's watch tells, marks one record of it, and whoever asks next reads that
//! record again and no other. So neither a principal with many grants nor one with none costs a
//! read of the store in the steady state.
//!
//! Nobody sees a state older than the last commit acknowledged before it asked:
//!
//! * a change that is told while a directory is being read makes the cache refuse that reading;
//! * a change that is told later marks the record, before the commit is acknowledged, and a mark is
//!   taken off only by a reading that began after it was set.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};
use trent_domain::{Path, PathRange};

use crate::StoreError;
use crate::records::{Record, Records};

/// What is kept of the records under one prefix.
pub trait Directory: Any + Default + Send + Sync {
    /// What lies under the prefix.
    type Record: Record;

    /// Takes in a record, in the place of the one of the same name if there was one. The name is
    /// what follows the prefix in its path.
    fn put(&mut self, name: &str, record: Self::Record);

    /// Forgets a record, if it was there.
    fn remove(&mut self, name: &str);

    /// How much memory this takes, in grants.
    fn weight(&self) -> u64;
}

/// What all directories together may weigh.
const CAPACITY: u64 = 250_000;
/// What a directory weighs beside its records.
const OVERHEAD: u64 = 5;
/// How many records are read from the store at a time.
const BATCH: usize = 1_000;
/// With more records marked than these, a directory is read anew.
const MOST_MARKED: usize = 256;

/// The directories of one store.
pub(crate) struct Directories(Cache<String, Arc<Kept>, Weigher>);

/// A directory in the cache.
struct Kept {
    /// A `RwLock` of the directory.
    directory: Arc<dyn Any + Send + Sync>,
    /// What it weighed when it was read.
    weight: u64,
    marks: Mutex<Marks>,
}

/// Records that changed since they were read.
#[derive(Default)]
struct Marks {
    last: u64,
    /// Each with the number of its latest mark.
    paths: BTreeMap<Path, u64>,
}

#[derive(Clone)]
struct Weigher;

impl Weighter<String, Arc<Kept>> for Weigher {
    fn weight(&self, _: &String, kept: &Arc<Kept>) -> u64 {
        kept.weight + OVERHEAD
    }
}

impl Default for Directories {
    fn default() -> Self {
        // A single shard, for a directory must fit into one; only requests that no policy permits
        // come here.
        let options = OptionsBuilder::new()
            .shards(1)
            .estimated_items_capacity(10_000)
            .weight_capacity(CAPACITY)
            .build();
        match options {
            Ok(options) => {
                let hasher = DefaultHashBuilder::default();
                Self(Cache::with_options(options, Weigher, hasher, DefaultLifecycle::default()))
            }
            Err(_) => Self(Cache::with_weighter(10_000, CAPACITY, Weigher)),
        }
    }
}

impl Directories {
    /// Marks a record as changed in every directory it belongs to.
    pub(crate) fn changed(&self, path: &Path) {
        let text = path.as_str();
        for (slash, _) in text.match_indices('/').skip(1) {
            let Some(prefix) = text.get(..=slash) else { continue };
            match self.0.peek(prefix) {
                Some(kept) => kept.mark(path),
                // One that is being read may have missed the change.
                None => drop(self.0.remove(prefix)),
            }
        }
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        self.0.clear();
    }
}

impl Kept {
    fn mark(&self, path: &Path) {
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.last += 1;
        let number = marks.last;
        marks.paths.insert(path.clone(), number);
    }

    fn marked(&self) -> Vec<(Path, u64)> {
        let marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        marks.paths.iter().map(|(path, number)| (path.clone(), *number)).collect()
    }

    fn directory<D: Directory>(&self) -> Result<&RwLock<D>, StoreError> {
        let mistaken = || StoreError::Failed("a directory of another type has the same prefix".to_owned());
        self.directory.downcast_ref().ok_or_else(mistaken)
    }

    /// Takes in what was read of a marked record, unless that was marked again or is done already.
    fn settle<D: Directory>(
        &self,
        (path, number): &(Path, u64),
        name: &str,
        found: Option<D::Record>,
    ) -> Result<(), StoreError> {
        // The directory first: nobody may see the mark gone and the old record still there.
        let mut directory = self.directory::<D>()?.write().unwrap_or_else(PoisonError::into_inner);
        let mut marks = self.marks.lock().unwrap_or_else(PoisonError::into_inner);
        if marks.paths.get(path) == Some(number) {
            marks.paths.remove(path);
            match found {
                Some(record) => directory.put(name, record),
                None => directory.remove(name),
            }
        }
        Ok(())
    }
}

impl Records {
    /// Looks something up among all records of `range`, which must be a whole prefix. `look` runs
    /// under a lock and should be short.
    ///
    /// # Errors
    /// As [`Records::get`].
    pub async fn among<D: Directory, T>(
        &self,
        range: &PathRange,
        look: impl FnOnce(&D) -> T,
    ) -> Result<T, StoreError> {
        loop {
            let kept = self.kept::<D>(range).await?;
            if self.refresh::<D>(&kept, range).await? {
                let directory = kept.directory::<D>()?.read().unwrap_or_else(PoisonError::into_inner);
                return Ok(look(&directory));
            }
            self.directories().0.remove(range.common_prefix());
        }
    }

    async fn kept<D: Directory>(&self, range: &PathRange) -> Result<Arc<Kept>, StoreError> {
        match self.directories().0.get_value_or_guard_async(range.common_prefix()).await {
            Ok(kept) => Ok(kept),
            Err(guard) => {
                let directory = self.read_all::<D>(range).await?;
                let weight = directory.weight();
                let directory = Arc::new(RwLock::new(directory));
                let kept = Arc::new(Kept { directory, weight, marks: Mutex::default() });
                // Refused when something changed meanwhile: good for this request, not for later ones.
                let _ = guard.insert(Arc::clone(&kept));
                Ok(kept)
            }
        }
    }

    async fn read_all<D: Directory>(&self, range: &PathRange) -> Result<D, StoreError> {
        let (mut directory, mut rest) = (D::default(), range.clone());
        loop {
            let batch = self.scan::<D::Record>(&rest, BATCH).await?;
            let (found, mut last) = (batch.len(), None);
            for (path, record) in batch {
                let name = path.suffix(range.common_prefix()).unwrap_or_default();
                directory.put(name, record);
                last = Some(name.to_owned());
            }
            match last {
                Some(last) if found == BATCH => rest = rest.after(&last),
                _ => return Ok(directory),
            }
            tokio::task::yield_now().await;
        }
    }

    /// Reads again what was marked; `false` when the directory is better read anew.
    async fn refresh<D: Directory>(&self, kept: &Kept, range: &PathRange) -> Result<bool, StoreError> {
        loop {
            let marked = kept.marked();
            if marked.is_empty() {
                return Ok(true);
            }
            if marked.len() > MOST_MARKED {
                return Ok(false);
            }
            for mark in &marked {
                let name = mark.0.suffix(range.common_prefix()).unwrap_or_default();
                let found = self.fetch::<D::Record>(&mark.0).await?;
                kept.settle::<D>(mark, name, found)?;
            }
            // The cache knows only what it weighed when it was read.
            let directory = kept.directory::<D>()?.read().unwrap_or_else(PoisonError::into_inner);
            if directory.weight() > 2 * kept.weight + 100 {
                return Ok(false);
            }
        }
    }
}
