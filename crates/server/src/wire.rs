//! What this binary is built of: the one place that names a store, an audit sink and a catalog.

use std::path::Path;
use std::sync::Arc;

use trent_audit::FileSink;
use trent_engine::{AuditSink, Catalog, Clock, Store};
use trent_store::EmbeddedStore;

use crate::failure::Failure;

const AUDIT_DIR: &str = "audit";

/// The operations that are served.
pub(crate) fn catalog() -> Catalog {
    trent_operations::kms_catalog()
}

/// The durable parts of a data directory, open.
pub(crate) struct Durable {
    store: Arc<EmbeddedStore>,
    audit: Arc<FileSink>,
}

impl Durable {
    /// Opens them, or makes them in a directory that has none.
    pub(crate) fn open(dir: &Path, clock: Arc<dyn Clock>) -> Result<Self, Failure> {
        let store = EmbeddedStore::open(dir).map_err(|error| unusable(dir, &error))?;
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

    /// Finishes the audit trail's files, then closes the store.
    pub(crate) async fn close(self) {
        self.audit.close().await;
        self.store.close().await;
    }
}

fn unusable(dir: &Path, error: &dyn std::error::Error) -> Failure {
    Failure::configuration(format!("`{}` cannot be used: {error}", dir.display()))
}
