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

    /// Does what can be done, after a transaction failed, for the next one to succeed.
    fn recover(&mut self, error: &rusqlite::Error) {
        if error::is_io(error) {
            self.reconnect();
        } else if error::is_full(error)
            && let Err(error) = database::reuse_log(&self.connection)
        {
            tracing::debug!(%error, "the log could not be made room in");
        }
    }

    /// Starts anew, and makes sure that nothing remains of the transaction that failed.
    fn reconnect(&mut self) {
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

#[cfg(test)]
mod tests {
    use std::path::Path as FilePath;

    use trent_domain::PathRange;
    use trent_engine::{Delete, Put, StoreError, Watch, WatchEvent};

    use super::super::directory;
    use super::*;

    fn writer(dir: &FilePath) -> Writer {
        let claim = directory::claim(dir).unwrap();
        let file = dir.join("trent.db");
        let connection = database::open(dir, &file).unwrap();
        Writer::new(connection, file, Feed::starting_at(Revision(0)), claim)
    }

    fn path(name: &str) -> Path {
        Path::from_stored(format!("/credential/{name}"))
    }

    fn put(name: &str, version: u64, size: usize) -> Batch {
        Batch { puts: vec![Put { path: path(name), version, value: vec![7; size] }], ..Batch::default() }
    }

    /// Hands in several batches as one group.
    fn serve(writer: &mut Writer, batches: Vec<Batch>) -> Vec<Outcome> {
        let (group, outcomes): (Vec<_>, Vec<_>) = batches
            .into_iter()
            .map(|batch| {
                let (answer, outcome) = oneshot::channel();
                (Pending { batch, answer }, outcome)
            })
            .unzip();
        writer.serve(group);
        outcomes.into_iter().map(|mut outcome| outcome.try_recv().unwrap()).collect()
    }

    fn names(writer: &Writer) -> Vec<String> {
        let found = database::scan(&writer.connection, &PathRange::credentials(), 1000).unwrap();
        found.iter().map(|stored| stored.path.suffix("/credential/").unwrap().to_owned()).collect()
    }

    async fn next(watch: &mut dyn Watch) -> Option<WatchEvent> {
        watch.next().await
    }

    #[test]
    fn each_batch_of_a_group_starts_from_what_the_last_one_left() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        let remove = Batch { deletes: vec![Delete { path: path("a"), version: 2 }], ..Batch::default() };
        let group =
            vec![put("a", 1, 1), put("a", 1, 1), put("a", 2, 1), Batch::default(), remove, put("a", 1, 1)];
        let conflict = Err(CommitError::Conflict(path("a")));
        let done = |revision| Ok(Revision(revision));
        let expected = [done(1), conflict, done(2), done(2), done(3), done(4)];
        assert_eq!(serve(&mut writer, group), expected);
        assert_eq!(database::version(&writer.connection, &path("a")), Ok(1));
    }

    #[test]
    fn a_full_database_refuses_and_heals() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        assert_eq!(serve(&mut writer, vec![put("a", 1, 10)]), [Ok(Revision(1))]);
        writer.connection.pragma_update(None, "max_page_count", 12).unwrap();
        let refused = serve(&mut writer, vec![put("big", 1, 50_000)]);
        assert!(matches!(refused[..], [Err(CommitError::Store(StoreError::Full(_)))]), "{refused:?}");
        assert!(writer.connection.is_autocommit(), "no transaction is left open");
        assert_eq!(names(&writer), ["a"]);
        assert_eq!(serve(&mut writer, vec![put("a", 2, 10)]), [Ok(Revision(2))], "what fits goes in");
        writer.connection.pragma_update(None, "max_page_count", 1000).unwrap();
        assert_eq!(serve(&mut writer, vec![put("big", 1, 50_000)]), [Ok(Revision(3))]);
        assert_eq!(names(&writer), ["a", "big"]);
    }

    #[tokio::test]
    async fn a_batch_that_does_not_fit_takes_no_other_along() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        let mut watch = writer.feed.subscribe(Revision(0));
        writer.connection.pragma_update(None, "max_page_count", 12).unwrap();
        let outcomes = serve(&mut writer, vec![put("a", 1, 10), put("big", 1, 50_000), put("b", 1, 10)]);
        assert_eq!((&outcomes[0], &outcomes[2]), (&Ok(Revision(1)), &Ok(Revision(2))));
        assert!(matches!(outcomes[1], Err(CommitError::Store(StoreError::Full(_)))), "{outcomes:?}");
        assert_eq!(names(&writer), ["a", "b"]);
        for (revision, name) in [(1, "a"), (2, "b")] {
            let event = WatchEvent::Changed { revision: Revision(revision), paths: vec![path(name)] };
            assert_eq!(next(&mut *watch).await, Some(event));
        }
    }

    #[test]
    fn a_lock_held_by_a_tool_is_not_waited_for_by_each_batch() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        writer.connection.busy_timeout(std::time::Duration::ZERO).unwrap();
        let tool = database::connect(&writer.file).unwrap();
        tool.execute_batch("BEGIN IMMEDIATE").unwrap();
        let refused = serve(&mut writer, vec![put("a", 1, 1), put("b", 1, 1)]);
        for outcome in refused {
            assert!(matches!(outcome, Err(CommitError::Store(StoreError::Failed(_)))), "{outcome:?}");
        }
        tool.execute_batch("ROLLBACK").unwrap();
        assert_eq!(serve(&mut writer, vec![put("a", 1, 1)]), [Ok(Revision(1))]);
    }

    #[test]
    fn a_new_connection_takes_the_place_of_what_failed_in_the_log() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        serve(&mut writer, vec![put("a", 1, 10)]);
        let log = || std::fs::metadata(dir.path().join("trent.db-wal")).unwrap().len();
        let before = log();
        writer.reconnect();
        assert!(log() > before, "nothing was written over what may lie there");
        assert_eq!(serve(&mut writer, vec![put("b", 1, 10)]), [Ok(Revision(2))]);
    }

    #[tokio::test]
    async fn a_change_behind_our_back_resets_who_watches() {
        let dir = tempfile::tempdir().unwrap();
        let mut writer = writer(dir.path());
        let mut watch = writer.feed.subscribe(Revision(0));
        let tool = database::connect(&writer.file).unwrap();
        tool.execute_batch("UPDATE history SET revision = 5").unwrap();
        assert_eq!(serve(&mut writer, vec![put("a", 1, 1)]), [Ok(Revision(6))]);
        assert_eq!(next(&mut *watch).await, Some(WatchEvent::Reset { revision: Revision(6) }));
        tool.execute_batch("UPDATE history SET revision = 9").unwrap();
        writer.reconnect();
        assert_eq!(next(&mut *watch).await, Some(WatchEvent::Reset { revision: Revision(9) }));
    }
}
