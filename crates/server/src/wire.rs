//! What this binary is built of: the one place that names a store, an audit sink and a catalog.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _};
use prometheus_client::metrics::counter::ConstCounter;
use trent_audit::FileSink;
use trent_engine::{AuditSink, Clock, Service, Store};
use trent_store::EmbeddedStore;

use crate::failure::Failure;

const AUDIT_DIR: &str = "audit";

/// The services that are served.
pub(crate) fn services() -> Vec<Service> {
    vec![
        Service::kms(trent_operations::kms_catalog()),
        Service::iam(trent_operations::iam_catalog()),
        Service::sts(trent_operations::sts_catalog()),
        Service::organizations(trent_operations::organizations_catalog()),
    ]
}

/// The durable parts of a data directory, open.
#[derive(Clone)]
pub(crate) struct Durable {
    store: Arc<EmbeddedStore>,
    audit: Arc<FileSink>,
}

impl Durable {
    /// Opens them, or makes them in a directory that has none.
    pub(crate) fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let store = EmbeddedStore::open(dir).map_err(Failure::configuration)?;
        let audit_dir = dir.join(AUDIT_DIR);
        let audit = FileSink::open(&audit_dir, trent_audit::Config::default(), clock)
            .map_err(|error| unusable(&audit_dir, &error))?;
        Ok(Self { store: Arc::new(store), audit: Arc::new(audit) })
    }

    pub(crate) fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    pub(crate) fn audit(&self) -> Arc<dyn AuditSink> {
        self.audit.clone()
    }

    /// Lets the audit trail end files that have become old; to be called every second.
    pub(crate) fn tick(&self) {
        self.audit.tick();
    }

    /// What the audit trail counts.
    pub(crate) fn collector(&self) -> Box<dyn Collector> {
        Box::new(AuditCounters(self.audit.metrics()))
    }

    /// Finishes the audit trail's files, then closes the store.
    pub(crate) async fn close(&self) {
        self.audit.close().await;
        self.store.close().await;
    }
}

#[derive(Debug)]
struct AuditCounters(Arc<trent_audit::Metrics>);

impl Collector for AuditCounters {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        for (name, help, value) in [
            ("audit_records", "Audit records handed to the system", self.0.records()),
            ("audit_bytes", "Their bytes, before compression", self.0.bytes()),
            ("audit_writes", "Writes that carried them", self.0.writes()),
            ("audit_write_errors", "Writes that failed", self.0.write_errors()),
            ("audit_files_opened", "Audit files begun", self.0.files_opened()),
            ("audit_files_finished", "Audit files closed and compressed", self.0.files_finished()),
            ("audit_finish_errors", "Failed attempts to close an audit file", self.0.finish_errors()),
        ] {
            let counter = ConstCounter::new(value);
            let encoder = encoder.encode_descriptor(name, help, None, counter.metric_type())?;
            counter.encode(encoder)?;
        }
        Ok(())
    }
}

fn unusable(dir: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::configuration(format!("`{}` cannot be used: {error}", dir.display()))
}
