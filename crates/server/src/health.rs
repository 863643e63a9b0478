//! Whether the server is well, and the addresses where it says so.

use std::sync::atomic::{AtomicBool, Ordering};

use ::http::request::Parts;
use ::http::{Method, Response, StatusCode};
use bytes::Bytes;
use prometheus_client::metrics::counter::Counter;
use serde::Serialize;

use crate::drain::Drain;
use crate::http;

/// What readiness is made of.
pub(crate) struct Health {
    store: AtomicBool,
    audit: AtomicBool,
    audit_errors: Counter,
    drain: Drain,
}

impl Health {
    /// The health of a server whose store and audit trail are open. The engine counts in
    /// `audit_errors`; `drain` tells of the end.
    pub(crate) const fn new(audit_errors: Counter, drain: Drain) -> Self {
        Self { store: AtomicBool::new(true), audit: AtomicBool::new(true), audit_errors, drain }
    }

    /// Notes whether the store answered.
    pub(crate) fn store_answered(&self, answered: bool) {
        let changed = self.store.swap(answered, Ordering::Relaxed) != answered;
        // At the end the store is closed, which is no news.
        if changed && !self.drain.has_begun() {
            tracing::warn!(answered, "the health of the store has changed");
        }
    }

    /// Notes whether audit records could be written since `errors_before` were counted; answers
    /// how many have been counted now.
    pub(crate) fn audit_since(&self, errors_before: u64) -> u64 {
        let errors = self.audit_errors.get();
        self.audit.store(errors == errors_before, Ordering::Relaxed);
        errors
    }

    pub(crate) fn store_is_up(&self) -> bool {
        self.store.load(Ordering::Relaxed)
    }

    pub(crate) fn audit_is_up(&self) -> bool {
        self.audit.load(Ordering::Relaxed)
    }

    /// Why no requests should be sent here, if none should.
    pub(crate) fn objection(&self) -> Option<&'static str> {
        if self.drain.has_begun() {
            Some("draining")
        } else if !self.store_is_up() {
            Some("the store does not answer")
        } else if !self.audit_is_up() {
            Some("the audit trail cannot be written")
        } else {
            None
        }
    }
}

#[derive(Serialize)]
struct Version {
    name: &'static str,
    version: &'static str,
}

/// The answer at one of the addresses of health, to whoever asks.
pub(crate) fn at_once(health: &Health, head: &Parts) -> Option<Response<Bytes>> {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return None;
    }
    match head.uri.path() {
        "/livez" => Some(http::text(StatusCode::OK, "ok\n")),
        "/readyz" => Some(match health.objection() {
            None => http::text(StatusCode::OK, "ok\n"),
            Some(reason) => http::text(StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
        }),
        "/version" => {
            let version = Version { name: "trent", version: env!("CARGO_PKG_VERSION") };
            Some(http::json(StatusCode::OK, &version))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readyz(health: &Health) -> u16 {
        let head = ::http::Request::get("/readyz").body(()).unwrap().into_parts().0;
        at_once(health, &head).unwrap().status().as_u16()
    }

    #[test]
    fn ready_means_that_requests_would_be_answered() {
        let (errors, drain) = (Counter::default(), Drain::default());
        let health = Health::new(errors.clone(), drain.clone());
        assert_eq!(readyz(&health), 200);
        health.store_answered(false);
        assert_eq!(readyz(&health), 503);
        health.store_answered(true);
        errors.inc();
        let counted = health.audit_since(0);
        assert_eq!(readyz(&health), 503);
        assert_eq!(health.audit_since(counted), 1);
        assert_eq!(readyz(&health), 200);
    }

    #[tokio::test]
    async fn a_draining_server_is_not_ready() {
        let drain = Drain::default();
        let health = Health::new(Counter::default(), drain.clone());
        assert!(drain.run(std::time::Duration::from_secs(1)).await);
        assert_eq!(health.objection(), Some("draining"));
    }

    #[test]
    fn a_request_of_the_api_is_none_of_its_business() {
        let health = Health::new(Counter::default(), Drain::default());
        for (method, path) in [(Method::POST, "/"), (Method::POST, "/livez"), (Method::GET, "/")] {
            let head = ::http::Request::builder().method(method).uri(path).body(()).unwrap().into_parts().0;
            assert!(at_once(&health, &head).is_none());
        }
    }
}
