//! Changes of keys, and the index of what is due to them.
//!
//! A key to which something will be done stands in the index under the time of the first such
//! thing, in the same transaction that changes its record. So the worker finds what is due without
//! looking at keys that nothing is due to, and no crash can make it miss one.

use serde::{Deserialize, Serialize};
use trent_domain::{Due, Key, Path};

use crate::entries::{self, KeyEntry, encode};
use crate::policies::Policies;
use crate::records::{Changes, Record};
use crate::{Fault, StoreError};

/// An entry of the index: its path says all, the record is empty.
#[derive(Serialize, Deserialize)]
pub(crate) struct DueEntry {}

impl Record for DueEntry {
    fn decode(plaintext: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        entries::decode(plaintext)
    }
}

/// Entries are made and removed, never written over.
const VERSION: u64 = 1;

impl Changes {
    /// Writes the record of a new key.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn create_key(&mut self, mut key: Key) -> Result<(), Fault> {
        key.due = None;
        self.list(&mut key)?;
        self.create(Path::key(key.account, &key.region, &key.id), encode(&key)?);
        Ok(())
    }

    /// Writes `key` over the record of `entry`. Every change of a key's record is made here.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn replace_key(&mut self, entry: &KeyEntry, mut key: Key) -> Result<(), Fault> {
        key.due = entry.key.due;
        self.list(&mut key)?;
        self.replace(entry.path(), entry.version, encode(&key)?);
        Ok(())
    }

    /// Removes the record of `entry`. What belongs to the key besides is the caller's matter.
    pub(crate) fn delete_key(&mut self, entry: &KeyEntry) {
        if let Some(path) = listed(&entry.key) {
            self.delete(path, VERSION);
        }
        self.delete(entry.path(), entry.version);
    }

    /// Lists `key` in the index where it belongs by now.
    fn list(&mut self, key: &mut Key) -> Result<(), Fault> {
        let before = listed(key);
        key.due = key.next_due();
        let after = listed(key);
        if before == after {
            return Ok(());
        }
        if let Some(path) = before {
            self.delete(path, VERSION);
        }
        if let Some(path) = after {
            self.create(path, encode(&DueEntry {})?);
        }
        Ok(())
    }
}

/// Where a key stands in the index.
pub(crate) fn listed(key: &Key) -> Option<Path> {
    key.due.map(|time| Path::due(&Due { time, key: key.arn() }))
}
