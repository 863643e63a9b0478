//! The recent history of a store, from which all its subscribers are told.
//!
//! A subscriber holds nothing but the revision it was told last. Whoever commits appends to the
//! one history and rings once; there is no queue per subscriber that could overflow, block the
//! writer or lose an event. One who falls behind the kept history is told to start afresh.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;
use trent_domain::Path;
use trent_engine::{Revision, Watch, WatchEvent};

/// How many changed paths a store remembers for its subscribers. At about a hundred bytes each
/// this is under 2 MB, and seconds of the heaviest load.
pub const HISTORY_PATHS: usize = 16 * 1024;

/// The end of a store's history, shared by the one who commits and all who listen.
pub(crate) struct Feed {
    history: Mutex<History>,
    bell: watch::Sender<()>,
}

impl Feed {
    /// A feed of a store that stands at `revision` and does not know how it came there.
    pub(crate) fn starting_at(revision: Revision) -> Arc<Self> {
        Arc::new(Self { history: Mutex::new(History::starting_at(revision)), bell: watch::Sender::new(()) })
    }

    /// The revision of the last commit told.
    pub(crate) fn latest(&self) -> Revision {
        self.history().latest()
    }

    /// Tells of commits, in order. Call it before a commit is acknowledged and after it is durable.
    pub(crate) fn publish(&self, commits: impl IntoIterator<Item = (Revision, Vec<Path>)>) {
        let mut history = self.history();
        for (revision, paths) in commits {
            history.append(revision, paths);
        }
        drop(history);
        self.bell.send_replace(());
    }

    /// Forgets the history: the store stands at `revision` and nobody can say what changed.
    pub(crate) fn reset(&self, revision: Revision) {
        self.history().forget(revision);
        self.bell.send_replace(());
    }

    /// Ends all subscriptions, once they have been told everything.
    pub(crate) fn close(&self) {
        self.history().closed = true;
        self.bell.send_replace(());
    }

    /// A subscription to all commits after `from`.
    pub(crate) fn subscribe(self: &Arc<Self>, from: Revision) -> Box<dyn Watch> {
        Box::new(Subscription { feed: Arc::clone(self), bell: self.bell.subscribe(), told: from })
    }

    fn history(&self) -> MutexGuard<'_, History> {
        // Nothing that holds the lock panics between two related changes.
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Commits with the revisions `base + 1`, `base + 2`, … without a gap.
struct History {
    base: Revision,
    commits: VecDeque<Vec<Path>>,
    paths: usize,
    closed: bool,
}

impl History {
    const fn starting_at(revision: Revision) -> Self {
        Self { base: revision, commits: VecDeque::new(), paths: 0, closed: false }
    }

    fn latest(&self) -> Revision {
        Revision(self.base.0.saturating_add(self.commits.len() as u64))
    }

    fn append(&mut self, revision: Revision, paths: Vec<Path>) {
        if revision.0 != self.latest().0.saturating_add(1) {
            // Somebody else wrote in between; what they changed is unknown.
            self.forget(revision);
            return;
        }
        self.paths += paths.len();
        self.commits.push_back(paths);
        while self.paths > HISTORY_PATHS {
            let Some(oldest) = self.commits.pop_front() else { break };
            self.paths -= oldest.len();
            self.base.0 += 1;
        }
    }

    fn forget(&mut self, revision: Revision) {
        *self = Self { closed: self.closed, ..Self::starting_at(revision) };
    }

    /// What follows `told`, if anything does.
    fn after(&self, told: Revision) -> Option<WatchEvent> {
        let latest = self.latest();
        if told == latest {
            return None;
        }
        // A revision ahead of the store's own is of another life of it: a backup was restored.
        let index = told.0.checked_sub(self.base.0).and_then(|index| usize::try_from(index).ok());
        match index.and_then(|index| self.commits.get(index)) {
            Some(paths) => Some(WatchEvent::Changed { revision: Revision(told.0 + 1), paths: paths.clone() }),
            None => Some(WatchEvent::Reset { revision: latest }),
        }
    }
}

struct Subscription {
    feed: Arc<Feed>,
    bell: watch::Receiver<()>,
    told: Revision,
}

impl Subscription {
    /// The next event, if there is one, and whether there may be one later.
    fn poll(&mut self) -> (Option<WatchEvent>, bool) {
        // The bell is marked as heard before the history is read, so no ring is missed in between.
        self.bell.mark_unchanged();
        let history = self.feed.history();
        (history.after(self.told), !history.closed)
    }
}

#[async_trait]
impl Watch for Subscription {
    async fn next(&mut self) -> Option<WatchEvent> {
        loop {
            let (event, open) = self.poll();
            if let Some(WatchEvent::Changed { revision, .. } | WatchEvent::Reset { revision }) = event {
                self.told = revision;
                return event;
            }
            if !open || self.bell.changed().await.is_err() {
                return None;
            }
        }
    }
}
