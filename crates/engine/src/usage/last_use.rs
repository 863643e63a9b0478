//! When keys were last used.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trent_domain::Path;
use uuid::Uuid;

use super::{Use, UseEntry, latest};
use crate::policies::Policies;
use crate::records::Record;
use crate::{Records, StoreError, entries};

/// The last successful use of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastUse {
    /// By which operation.
    pub operation: &'static str,
    /// When.
    pub time: Timestamp,
    /// The audit event that tells of it.
    pub event: Uuid,
    /// The request.
    pub request: Uuid,
}

impl Use for LastUse {
    type Of = Arc<str>;
    type Entry = UsageEntry;

    fn time(&self) -> Timestamp {
        self.time
    }
}

/// The stored record of a key's last use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsageEntry {
    /// By which operation.
    pub operation: String,
    /// When.
    pub time: Timestamp,
    /// The audit event that tells of it.
    pub event: String,
    /// The request.
    pub request: String,
    #[serde(skip)]
    version: u64,
}

impl UsageEntry {
    /// The last use of the key `arn`, whose record lies at `path`.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn find(arn: &str, path: &Path, records: &Records) -> Result<Option<Self>, StoreError> {
        latest(records.usage().noted(arn), path, records).await
    }
}

impl From<&LastUse> for UsageEntry {
    fn from(used: &LastUse) -> Self {
        Self {
            operation: used.operation.to_owned(),
            time: used.time,
            event: used.event.to_string(),
            request: used.request.to_string(),
            version: 0,
        }
    }
}

impl Record for UsageEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self { version, ..entries::decode(plaintext)? })
    }
}

impl UseEntry for UsageEntry {
    fn time(&self) -> Timestamp {
        self.time
    }

    fn version(&self) -> u64 {
        self.version
    }
}
