//! The admin listener: metrics, and health once more.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64};
use std::time::Instant;

use ::http::header::{CONTENT_TYPE, HeaderValue};
use ::http::request::Parts;
use ::http::{Method, Response, StatusCode};
use bytes::Bytes;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;
use trent_engine::{Metrics, Request};

use crate::drain::Drain;
use crate::health::{self, Health};
use crate::http::{self, Answer, App};

/// Tells operators how things stand. It changes nothing and knows no secret.
pub(crate) struct Admin {
    registry: Registry,
    health: Arc<Health>,
    /// Of the listeners that serve the API.
    drain: Drain,
    started: Instant,
    gauges: Gauges,
}

/// What is looked up when somebody asks, rather than counted all the time.
#[derive(Default)]
struct Gauges {
    ready: Gauge,
    store_up: Gauge,
    audit_up: Gauge,
    connections: Gauge<i64, AtomicI64>,
    uptime: Gauge<f64, AtomicU64>,
}

impl Gauges {
    fn register(&self, registry: &mut Registry) {
        registry.register("ready", "Whether requests should be sent here", self.ready.clone());
        registry.register("store_up", "Whether the store answers", self.store_up.clone());
        registry.register("audit_up", "Whether audit records can be written", self.audit_up.clone());
        registry.register("open_connections", "Connections to the API", self.connections.clone());
        registry.register("uptime_seconds", "Time since the start", self.uptime.clone());
    }
}

impl Admin {
    /// An admin listener for the server with these metrics and this health.
    pub(crate) fn new(
        metrics: &Metrics,
        audit: Box<dyn Collector>,
        health: Arc<Health>,
        drain: Drain,
    ) -> Self {
        let mut registry = Registry::with_prefix("trent");
        registry.register(
            "build",
            "The version",
            Info::new([("version", env!("CARGO_PKG_VERSION"))].to_vec()),
        );
        metrics.register(&mut registry);
        registry.register_collector(audit);
        let gauges = Gauges::default();
        gauges.register(&mut registry);
        Self { registry, health, drain, started: Instant::now(), gauges }
    }

    fn metrics(&self) -> Response<Bytes> {
        self.gauges.ready.set(i64::from(self.health.objection().is_none()));
        self.gauges.store_up.set(i64::from(self.health.store_is_up()));
        self.gauges.audit_up.set(i64::from(self.health.audit_is_up()));
        let open = i64::try_from(self.drain.open_connections()).unwrap_or(i64::MAX);
        self.gauges.connections.set(open);
        self.gauges.uptime.set(self.started.elapsed().as_secs_f64());
        let mut text = String::new();
        if encode(&mut text, &self.registry).is_err() {
            return http::text(StatusCode::INTERNAL_SERVER_ERROR, "the metrics cannot be written\n");
        }
        let mut answer = http::text(StatusCode::OK, text);
        let kind = HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        answer.headers_mut().insert(CONTENT_TYPE, kind);
        answer
    }
}

impl App for Admin {
    fn at_once(&self, head: &Parts) -> Option<Response<Bytes>> {
        match (&head.method, head.uri.path()) {
            (&Method::GET | &Method::HEAD, "/metrics") => Some(self.metrics()),
            _ => health::at_once(&self.health, head),
        }
    }

    fn answer(self: Arc<Self>, _: Request) -> Answer {
        Box::pin(async {
            http::text(StatusCode::NOT_FOUND, "there is /metrics, /livez, /readyz, /version\n")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use crate::wire::Durable;

    #[test]
    fn metrics_have_their_public_names() {
        let dir = tempfile::tempdir().unwrap();
        let durable = Durable::open(dir.path(), Arc::new(SystemClock::default())).unwrap();
        let metrics = Metrics::default();
        let drain = Drain::default();
        let health = Arc::new(Health::new(metrics.audit_errors.clone(), drain.clone()));
        let admin = Admin::new(&metrics, durable.collector(), health, drain);
        metrics.store.commits.inc();
        let head = ::http::Request::get("/metrics").body(()).unwrap().into_parts().0;
        let text = String::from_utf8(admin.at_once(&head).unwrap().into_body().to_vec()).unwrap();
        let version = format!("trent_build_info{{version=\"{}\"}} 1", env!("CARGO_PKG_VERSION"));
        for line in [
            "trent_audit_records_total 0",
            version.as_str(),
            "trent_ready 1",
            "trent_open_connections 0",
            "trent_store_commits_total 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in {text}");
        }
    }
}
