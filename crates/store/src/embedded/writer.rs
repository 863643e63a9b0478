//! The one thread that writes, and what it does when it cannot.
//!
//! ```text
//! queue ─▶ group ─▶ BEGIN, check and apply each in turn, COMMIT (fsync) ─▶ tell the feed ─▶ answer
//! ```
//! A batch that conflicts is refused alone. When the transaction fails, nothing of it remains and
//! each batch is tried again by itself, so that one which cannot be written takes no other along.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot};
use trent_domain::Path;
use trent_engine::{Batch, CommitError, Revision};

use super::directory::Claim;
use super::{database, error};
use crate::batch;
use crate::feed::Feed;

/// Batches that share one transaction at most: it bounds how long the first of them waits.
const GROUP: usize = 512;

/// A batch and who waits for its outcome.
pub(super) struct Pending {
    pub(super) batch: Batch,
    pub(super) answer: oneshot::Sender<Outcome>,
}

type Outcome = Result<Revision, CommitError>;

/// The only one who changes the database.
pub(super) struct Writer {
    connection: Connection,
    file: PathBuf,
    feed: Arc<Feed>,
    failing: bool,
    // Declared last and so dropped last: the directory is free when the database is closed.
    _claim: Claim,
}

impl Writer {
    pub(super) const fn new(connection: Connection, file: PathBuf, feed: Arc<Feed>, claim: Claim) -> Self {
        Self { connection, file, feed, failing: false, _claim: claim }
    }

    /// Serves the queue until nobody can put anything into it any more.
    pub(super) fn run(mut self, mut queue: mpsc::Receiver<Pending>) {
        while let Some(first) = queue.blocking_recv() {
            let mut group = vec![first];
            while group.len() < GROUP
                && let Ok(next) = queue.try_recv()
            {
                group.push(next);
            }
            self.serve(group);
        }
        if let Err(error) = database::fold_log(&self.connection) {
            tracing::warn!(%error, "the log could not be folded into the database and is kept beside it");
        }
    }

    fn serve(&mut self, group: Vec<Pending>) {
        match self.attempt(&group) {
            Ok(outcomes) => {
                self.note_success();
                self.answer(group, outcomes);
            }
            Err(error) => {
                self.recover(&error);
                self.split(group, &error);
            }
        }
    }

    /// Tries again one by one when the failure may be that of one batch, else refuses them all: a
    /// disk that fails or a lock that is held would make each of them wait as long again.
    fn split(&mut self, group: Vec<Pending>, error: &rusqlite::Error) {
        if group.len() > 1 && !error::is_io(error) && !error::is_busy(error) {
            group.into_iter().for_each(|pending| self.serve(vec![pending]));
            return;
        }
        self.note_failure(error);
        let answer = CommitError::from(error::explain(error));
        for pending in group {
            let _ = pending.answer.send(Err(answer.clone()));
        }
    }

    /// Puts a group into one transaction. Its outcomes are true only when this returns them.
    fn attempt(&mut self, group: &[Pending]) -> rusqlite::Result<Vec<Outcome>> {
        // Rolls back when it is dropped before its commit has succeeded.
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let before = database::revision(&transaction)?;
        let mut revision = before;
        let mut outcomes = Vec::with_capacity(group.len());
        for Pending { batch, .. } in group {
            let conflict = batch::conflict(batch, |path| database::version(&transaction, path))?;
            if let Some(path) = conflict {
                outcomes.push(Err(CommitError::Conflict(path.clone())));
                continue;
            }
            if !batch::is_question(batch) {
                database::apply(&transaction, batch)?;
                revision.0 += 1;
            }
            outcomes.push(Ok(revision));
        }
        if revision != before {
            database::set_revision(&transaction, revision)?;
            transaction.commit()?;
        }
        Ok(outcomes)
    }

    /// Tells all who watch, then all who wait.
    fn answer(&self, group: Vec<Pending>, outcomes: Vec<Outcome>) {
        let told = group.iter().zip(&outcomes).filter_map(|(pending, outcome)| match outcome {
            Ok(revision) if !batch::is_question(&pending.batch) => Some((*revision, paths(&pending.batch))),
            _ => None,
        });
        self.feed.publish(told);
        for (pending, outcome) in group.into_iter().zip(outcomes) {
            // Whoever has gone away has no need of the answer; the commit stands.
            let _ = pending.answer.send(outcome);
        }
    }

    /// Makes sure, after a transaction failed, that nothing of it remains and the next can succeed.
    fn recover(&mut self, error: &rusqlite::Error) {
        if !error::is_io(error) {
            return;
        }
        // The new connection is there before the old one goes: were there none for a moment, the
        // log would be read anew, and with it what was refused.
        match database::connect(&self.file) {
            Ok(connection) => self.connection = connection,
            Err(error) => tracing::warn!(%error, "the store could not be opened anew"),
        }
        if let Err(error) = database::overwrite_failed(&self.connection) {
            tracing::debug!(%error, "the store cannot be written yet");
        }
        self.catch_up();
    }

    /// Should the database be ahead of what was told all the same, nothing read before is good.
    fn catch_up(&self) {
        match database::revision(&self.connection) {
            Ok(revision) if revision > self.feed.latest() => self.feed.reset(revision),
            _ => {}
        }
    }

    fn note_failure(&mut self, error: &rusqlite::Error) {
        if !self.failing {
            tracing::error!(%error, file = %self.file.display(), "the store cannot be written");
        }
        self.failing = true;
    }

    fn note_success(&mut self) {
        if self.failing {
            tracing::info!(file = %self.file.display(), "the store can be written again");
        }
        self.failing = false;
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.feed.close();
    }
}

fn paths(batch: &Batch) -> Vec<Path> {
    batch::changed_paths(batch).cloned().collect()
}
