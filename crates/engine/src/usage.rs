//! When keys were last used, without a write to the store for every use.
//!
//! Uses are noted in memory and written down by the worker, at most a minute later; what was not
//! written down when the process is killed is lost, and GetKeyLastUsage then names an earlier use.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::entries::{self, encode};
use crate::policies::Policies;
use crate::records::Record;
use crate::{Fault, StoreError};
use trent_crypto::SecretBytes;

/// Requests that use different keys seldom meet, and those that use the same one hold it for the
/// time of a hash table's insertion.
const SHARDS: usize = 64;

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

/// Uses that are not written down yet, by the ARN of the key.
pub struct Usage {
    shards: [Mutex<HashMap<Arc<str>, LastUse>>; SHARDS],
    hasher: RandomState,
}

impl Default for Usage {
    fn default() -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), hasher: RandomState::new() }
    }
}

impl Usage {
    /// Notes a use of the key `arn`.
    pub(crate) fn note(&self, arn: &Arc<str>, used: &LastUse) {
        let Some(mut shard) = self.shard(arn) else { return };
        match shard.get_mut(arn) {
            // Requests may end in another order than they are noted.
            Some(noted) if noted.time > used.time => {}
            Some(noted) => noted.clone_from(used),
            None => drop(shard.insert(Arc::clone(arn), used.clone())),
        }
    }

    /// The last use of the key `arn` that is not written down yet.
    #[must_use]
    pub fn noted(&self, arn: &str) -> Option<LastUse> {
        self.shard(arn)?.get(arn).cloned()
    }

    /// All that is to be written down.
    pub(crate) fn all(&self) -> Vec<(Arc<str>, LastUse)> {
        let all = self.shards.iter().map(lock);
        all.flat_map(|shard| {
            shard.iter().map(|(arn, used)| (Arc::clone(arn), used.clone())).collect::<Vec<_>>()
        })
        .collect()
    }

    /// Forgets a use that was written down, unless there was another since.
    pub(crate) fn written(&self, arn: &str, used: &LastUse) {
        if let Some(mut shard) = self.shard(arn)
            && shard.get(arn) == Some(used)
        {
            shard.remove(arn);
        }
    }

    fn shard(&self, arn: &str) -> Option<MutexGuard<'_, HashMap<Arc<str>, LastUse>>> {
        let hash = self.hasher.hash_one(arn);
        let index = usize::try_from(hash % SHARDS as u64).ok()?;
        self.shards.get(index).map(lock)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
    /// The record's version.
    pub(crate) const fn version(&self) -> u64 {
        self.version
    }

    /// The plaintext of this record.
    pub(crate) fn to_record(&self) -> Result<SecretBytes, Fault> {
        encode(self)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn used(second: i64) -> LastUse {
        let time = Timestamp::from_second(second).unwrap();
        LastUse { operation: "Encrypt", time, event: Uuid::from_u128(second as u128), request: Uuid::nil() }
    }

    #[test]
    fn the_latest_use_stays_until_it_is_written_down() {
        let usage = Usage::default();
        let arn: Arc<str> = "arn:aws:kms:us-east-1:000000000000:key/a".into();
        for second in [2, 3, 1] {
            usage.note(&arn, &used(second));
        }
        assert_eq!(usage.noted(&arn), Some(used(3)));
        assert_eq!(usage.all(), [(Arc::clone(&arn), used(3))]);
        // A use in the meantime is not forgotten with the one that was written down.
        usage.note(&arn, &used(4));
        usage.written(&arn, &used(3));
        assert_eq!(usage.noted(&arn), Some(used(4)));
        usage.written(&arn, &used(4));
        assert_eq!((usage.noted(&arn), usage.all().len()), (None, 0));
    }
}
