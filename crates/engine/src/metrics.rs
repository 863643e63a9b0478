//! What the engine counts. No label ever carries an identifier.

use std::sync::atomic::{AtomicI64, AtomicU64};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

/// Upper bounds of the latency buckets, in seconds.
const BUCKETS: [f64; 14] =
    [2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 1e-2, 2.5e-2, 5e-2, 0.1, 0.5, 2.5];

/// The labels of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Outcome {
    /// The operation; `unknown` when the request named none.
    pub operation: &'static str,
    /// The error's name, or `none`.
    pub error: &'static str,
}

/// The label of a latency.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Operation {
    /// The operation.
    pub operation: &'static str,
}

/// What happens between the engine and its store.
#[derive(Clone, Default)]
pub struct StoreMetrics {
    /// Single records read from the store.
    pub reads: Counter,
    /// Ranges read from the store.
    pub scans: Counter,
    /// Transactions handed to the store.
    pub commits: Counter,
    /// Answers of the store that were errors or not what was written.
    pub errors: Counter,
    /// Reads answered from memory.
    pub cache_hits: Counter,
    /// Reads that had to ask the store.
    pub cache_misses: Counter,
    /// Damaged records that the last full verification found.
    pub damaged_records: Gauge<i64, AtomicI64>,
}

impl StoreMetrics {
    /// Counts an error.
    pub fn failed(&self) {
        self.errors.inc();
    }
}

/// All metrics of an engine.
#[derive(Clone)]
pub struct Metrics {
    /// Requests by operation and error.
    pub requests: Family<Outcome, Counter<u64, AtomicU64>>,
    /// Seconds from a request's arrival to its answer, by operation.
    pub latency: Family<Operation, Histogram, fn() -> Histogram>,
    /// Records of the audit trail that could not be written.
    pub audit_errors: Counter,
    /// The store.
    pub store: StoreMetrics,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            latency: Family::new_with_constructor(|| Histogram::new(BUCKETS)),
            audit_errors: Counter::default(),
            store: StoreMetrics::default(),
        }
    }
}

impl Metrics {
    /// Makes the metrics known under their public names.
    pub fn register(&self, registry: &mut Registry) {
        let m = self.clone();
        registry.register("requests", "Requests by operation and error", m.requests);
        registry.register("request_duration_seconds", "Time from arrival to answer", m.latency);
        registry.register("audit_errors", "Audit records that could not be written", m.audit_errors);
        registry.register("store_reads", "Single records read from the store", m.store.reads);
        registry.register("store_scans", "Ranges read from the store", m.store.scans);
        registry.register("store_commits", "Transactions handed to the store", m.store.commits);
        registry.register("store_errors", "Errors and damaged records of the store", m.store.errors);
        registry.register("cache_hits", "Records found in memory", m.store.cache_hits);
        registry.register("cache_misses", "Records not found in memory", m.store.cache_misses);
        registry.register(
            "store_damaged_records",
            "Damaged records found by the last full verification",
            m.store.damaged_records,
        );
    }
}
