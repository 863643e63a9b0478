//! What `--dev` adds, for people who test: a clock that can be moved, and a way to start over.

use std::sync::Arc;

use ::http::request::Parts;
use ::http::{Method, Response, StatusCode, header};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use trent_domain::{AccountId, Owner, Path, PathRange};
use trent_engine::{
    Changes, Clock as _, CommitError, CredentialEntry, Records, Request, Store, StoreError, Worker,
};

use crate::clock::SystemClock;
use crate::seed::Sower;
use crate::{bootstrap, http};

const PREFIX: &str = "/_trent/";

/// Whether a request is for the tools.
pub(crate) fn is_addressed(head: &Parts) -> bool {
    head.uri.path().starts_with(PREFIX)
}

/// What the tools work on.
pub(crate) struct Tools {
    pub(crate) clock: Arc<SystemClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) records: Arc<Records>,
    pub(crate) worker: Arc<Worker>,
    /// What a store is to hold that starts over.
    pub(crate) sower: Option<Sower>,
}

#[derive(Deserialize)]
struct Advance {
    advance_seconds: i64,
}

#[derive(Serialize)]
struct Advanced {
    advanced_seconds_total: i64,
    now: String,
}

#[derive(Serialize)]
struct Reset {
    removed_records: usize,
}

#[derive(Serialize)]
struct Refusal {
    error: String,
}

impl Tools {
    /// The answer to a request for one of the tools.
    pub(crate) async fn answer(&self, request: &Request) -> Response<Bytes> {
        // A browser says where a page that sends something comes from; no page has business here.
        if request.head.headers.contains_key(header::ORIGIN) {
            return refusal(StatusCode::FORBIDDEN, "not for browsers");
        }
        match (&request.head.method, request.head.uri.path().strip_prefix(PREFIX)) {
            (&Method::POST, Some("clock")) => self.advance(&request.body).await,
            (&Method::POST, Some("reset")) => self.reset().await,
            (_, Some("clock" | "reset")) => refusal(StatusCode::METHOD_NOT_ALLOWED, "use POST"),
            _ => refusal(StatusCode::NOT_FOUND, "there is no such tool"),
        }
    }

    async fn advance(&self, body: &[u8]) -> Response<Bytes> {
        let Advance { advance_seconds } = match serde_json::from_slice(body) {
            Ok(advance) => advance,
            Err(error) => return refusal(StatusCode::BAD_REQUEST, error),
        };
        let Some(advanced_seconds_total) = self.pass(advance_seconds).await else {
            return refusal(StatusCode::BAD_REQUEST, "the clock cannot be moved back, or that far");
        };
        tracing::warn!(advanced_seconds_total, "the clock was moved");
        let now = self.clock.now().to_string();
        http::json(StatusCode::OK, &Advanced { advanced_seconds_total, now })
    }

    /// Lets time pass: keys are rotated, expire and are deleted on the way, each at its own time, as
    /// if the server had run all along. Answers how far the clock is ahead now.
    async fn pass(&self, seconds: i64) -> Option<i64> {
        // What comes to very much is not shown second by second.
        const STOPS: usize = 5_000;
        self.clock.could_advance(seconds)?;
        let end = self.clock.now().checked_add(SignedDuration::from_secs(seconds)).ok()?;
        let mut left = seconds;
        for _ in 0..STOPS {
            let Some(next) = self.work().await.filter(|next| *next <= end) else { break };
            // Whole seconds, rounded up: not a moment before it is due.
            let step = next.duration_since(self.clock.now()).as_secs().saturating_add(1).clamp(0, left);
            self.clock.advance(step)?;
            left -= step;
        }
        let ahead = self.clock.advance(left);
        self.work().await;
        // The worker in the background reckoned with slower time.
        self.worker.wake();
        ahead
    }

    async fn work(&self) -> Option<Timestamp> {
        self.worker.round().await.unwrap_or_else(|error| {
            tracing::error!(%error, "what is due to keys could not be found out");
            None
        })
    }

    async fn reset(&self) -> Response<Bytes> {
        match self.remove_all().await {
            Ok(removed_records) => {
                self.clock.return_to_present();
                if let Some(sower) = &self.sower
                    && let Err(failure) = sower.sow().await
                {
                    return refusal(StatusCode::INTERNAL_SERVER_ERROR, failure);
                }
                tracing::warn!(removed_records, "everything was removed");
                http::json(StatusCode::OK, &Reset { removed_records })
            }
            Err(error) => refusal(StatusCode::INTERNAL_SERVER_ERROR, error),
        }
    }

    /// Whether a reset leaves this record: what opens the others, the first account and its root
    /// user's access keys. An access key that cannot be read may be one of those.
    async fn stays(&self, path: &Path, first: Option<AccountId>) -> bool {
        if path.suffix("/credential/").is_some() {
            let found = self.records.get::<CredentialEntry>(path).await;
            let owner = found.ok().flatten().map(|entry| entry.credential.owner);
            return owner.is_none_or(|owner| first.is_none_or(|first| owner == Owner::root(first)));
        }
        let of_first = first.is_some_and(|first| {
            *path == Path::account(first)
                || PathRange::access_keys(&Owner::root(first)).contains(path.as_str())
        });
        of_first || path.suffix("/meta/").is_some()
    }

    /// Removes every record but those that open the others and those that let callers in. They are
    /// found in the store, whatever their type, and removed through the records, so that no cache
    /// still has them when this returns.
    async fn remove_all(&self) -> Result<usize, StoreError> {
        const BATCH: usize = 256;
        let first = match bootstrap::owner(&self.records).await? {
            bootstrap::Owner::Account(first) | bootstrap::Owner::Unrecorded(first) => Some(first),
            bootstrap::Owner::Nobody | bootstrap::Owner::Unreadable => None,
        };
        let (mut removed, mut range) = (0, PathRange::all());
        loop {
            let found = self.store.scan(&range, BATCH).await?;
            let Some(last) = found.last().map(|stored| stored.path.clone()) else { return Ok(removed) };
            let mut changes = Changes::default();
            let mut count = 0;
            for stored in found {
                if !self.stays(&stored.path, first).await {
                    changes.delete(stored.path, stored.version);
                    count += 1;
                }
            }
            match self.records.commit(changes).await {
                Ok(()) => {
                    removed += count;
                    range = range.after(last.suffix("/").unwrap_or_default());
                }
                // Somebody wrote to one of them just now: the same range once more.
                Err(CommitError::Conflict(_)) => tokio::task::yield_now().await,
                Err(CommitError::Store(error)) => return Err(error),
            }
        }
    }
}

fn refusal(status: StatusCode, reason: impl ToString) -> Response<Bytes> {
    http::json(status, &Refusal { error: reason.to_string() })
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use trent_crypto::{Keyring, RootKey};
    use trent_engine::{AuditError, AuditSink, Batch, Event, Put, StoreMetrics};
    use trent_store::MemoryStore;

    use super::*;
    use crate::rng::SystemRng;

    /// A trail that nobody reads.
    struct Silent;

    #[async_trait]
    impl AuditSink for Silent {
        async fn append(&self, _: Event) -> Result<(), AuditError> {
            Ok(())
        }
    }

    async fn tools() -> Tools {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::default());
        let (keyring, _) = Keyring::create(&RootKey::generate().unwrap()).unwrap();
        let records = Records::new(Arc::clone(&store), keyring, 1000, StoreMetrics::default());
        let records = Arc::new(records);
        tokio::spawn(Arc::clone(&records).follow().await.unwrap());
        let clock = Arc::new(SystemClock::default());
        let worker = Worker::new(Arc::clone(&records), Arc::new(Silent), clock.clone(), Arc::new(SystemRng));
        Tools { clock, store, records, worker: Arc::new(worker), sower: None }
    }

    async fn ask(tools: &Tools, request: ::http::request::Builder, body: &'static str) -> (u16, String) {
        let (head, body) = request.body(Bytes::from(body)).unwrap().into_parts();
        let peer = std::net::IpAddr::from([127, 0, 0, 1]);
        let answer = tools.answer(&Request { head, body, peer, tls: None, secure: false }).await;
        (answer.status().as_u16(), String::from_utf8(answer.into_body().to_vec()).unwrap())
    }

    fn post(path: &str) -> ::http::request::Builder {
        ::http::Request::post(path)
    }

    #[tokio::test]
    async fn the_clock_is_moved_forward() {
        let tools = tools().await;
        let (status, body) = ask(&tools, post("/_trent/clock"), r#"{"advance_seconds": 86400}"#).await;
        assert_eq!(status, 200);
        assert!(body.starts_with(r#"{"advanced_seconds_total":86400,"now":"2"#), "{body}");
        for bad in [r#"{"advance_seconds": -1}"#, r#"{"advance_seconds": 1.5}"#, "{}", "", "[]"] {
            assert_eq!(ask(&tools, post("/_trent/clock"), bad).await.0, 400, "{bad}");
        }
        assert_eq!(ask(&tools, post("/_trent/nothing"), "").await.0, 404);
        assert_eq!(ask(&tools, ::http::Request::get("/_trent/reset"), "").await.0, 405);
        let page = post("/_trent/reset").header("origin", "http://example.com");
        assert_eq!(ask(&tools, page, "").await.0, 403);
    }

    #[tokio::test]
    async fn a_reset_leaves_what_lets_one_in() {
        let tools = tools().await;
        let path = |text: String| Path::from_stored(text);
        let mut paths = vec![path("/meta/root-key".to_owned()), path("/credential/AKIA".to_owned())];
        paths.extend((0..600).map(|n| path(format!("/000000000000/us-east-1/key/{n}"))));
        paths.push(path("/zzz/last".to_owned()));
        for part in paths.chunks(100) {
            let puts = part.iter().map(|path| Put { path: path.clone(), version: 1, value: vec![1] });
            let batch = Batch { puts: puts.collect(), ..Batch::default() };
            tools.store.commit(batch).await.unwrap();
        }
        tools.clock.advance(1000);
        let (status, body) = ask(&tools, post("/_trent/reset"), "").await;
        assert_eq!((status, body.as_str()), (200, r#"{"removed_records":601}"#));
        let left = tools.store.scan(&PathRange::all(), 10).await.unwrap();
        let left = left.iter().map(|stored| stored.path.as_str()).collect::<Vec<_>>();
        assert_eq!(left, ["/credential/AKIA", "/meta/root-key"]);
        assert!(tools.clock.now().duration_since(tools.clock.wall()).as_secs() < 1);
    }
}
