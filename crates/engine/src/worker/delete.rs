//! The end of a key.
//!
//! ```text
//! 1 its material goes, and its record says that the deletion has begun: nothing opens any more
//! 2 grants and aliases go, in batches
//! 3 its record, its last use and its entry in the index go, and its relatives know no more of it;
//!   the primary key's own waiting period begins, if it was pending the deletion of this last replica;
//!   the audit trail is told
//! ```
//! Killed in between, the next round goes on at the step that was not done. The identifier was random
//! and is not drawn again.

use std::sync::Arc;

use trent_domain::{Deletion, Path, PathRange};

use super::{BATCH, Undone, Worker};
use crate::Changes;
use crate::entries::{AliasEntry, KeyAlias, KeyEntry};
use crate::grants::grants_of;
use crate::multi_region::Family;
use crate::service_event::ServiceEvent;
use crate::usage::{self, UsageEntry};

impl Worker {
    /// The next step of a deletion whose time has come.
    pub(super) async fn delete(&self, entry: &Arc<KeyEntry>) -> Result<(), Undone> {
        match entry.key.deletion {
            Some(deletion) if !deletion.begun => self.begin(entry, deletion).await,
            _ => {
                self.remove_grants(entry).await?;
                self.remove_aliases(entry).await?;
                self.finish(entry).await
            }
        }
    }

    async fn begin(&self, entry: &KeyEntry, deletion: Deletion) -> Result<(), Undone> {
        let mut changes = Changes::default();
        for material in &entry.key.materials {
            entry.delete_material(&material.id, &self.records, &mut changes).await?;
        }
        let mut key = entry.key.clone();
        key.deletion = Some(Deletion { begun: true, ..deletion });
        changes.replace_key(entry, key)?;
        Ok(self.records.commit(changes).await?)
    }

    async fn remove_grants(&self, entry: &KeyEntry) -> Result<(), Undone> {
        let key = entry.key.arn();
        loop {
            let mut changes = Changes::default();
            for grant in grants_of(&self.records, &key, BATCH).await? {
                changes.delete_grant(&self.records, &grant)?;
            }
            if changes.is_empty() {
                return Ok(());
            }
            self.records.commit(changes).await?;
        }
    }

    async fn remove_aliases(&self, entry: &KeyEntry) -> Result<(), Undone> {
        let key = &entry.key;
        let range = PathRange::aliases_of(key.account, &key.region, &key.id);
        loop {
            let mut changes = Changes::default();
            for (path, listed) in self.records.scan::<KeyAlias>(&range, BATCH).await? {
                let alias = path.suffix(range.common_prefix()).and_then(|name| name.parse().ok());
                let alias = alias.map(|name| Path::alias(key.account, &key.region, &name));
                if let Some(alias) = alias
                    && let Some(found) = self.records.get::<AliasEntry>(&alias).await?
                    && found.alias.target == key.id
                {
                    changes.delete(alias, found.version);
                }
                changes.delete(path, listed.version());
            }
            if changes.is_empty() {
                return Ok(());
            }
            self.records.commit(changes).await?;
        }
    }

    async fn finish(&self, entry: &Arc<KeyEntry>) -> Result<(), Undone> {
        let key = &entry.key;
        let mut changes = Changes::default();
        let path = Path::usage(key.account, &key.region, &key.id);
        usage::forget::<UsageEntry>(path, &self.records, &mut changes).await?;
        Family::of(entry, &self.records).await?.leave(self.clock.now(), &mut changes)?;
        changes.delete_key(entry);
        self.commit(changes, vec![ServiceEvent::deleted(entry)]).await
    }
}
