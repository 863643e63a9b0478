//! Writing down when keys were last used.

use std::sync::Arc;

use trent_domain::{Arn, KeyArn, Path};

use super::{ATTEMPTS, BATCH, Worker};
use crate::entries::KeyEntry;
use crate::usage::{LastUse, UsageEntry};
use crate::{Changes, CommitError, Fault};

impl Worker {
    /// Writes down all uses that were noted; to be called every minute or so, and at the end. What
    /// fails stays noted.
    pub async fn write_usage(&self) {
        let noted = self.records.usage().all();
        for batch in noted.chunks(BATCH) {
            if let Err(fault) = self.write_batch(batch).await {
                told(&fault);
            }
        }
    }

    async fn write_batch(&self, batch: &[(Arc<str>, LastUse)]) -> Result<(), Fault> {
        for _ in 0..ATTEMPTS {
            let mut changes = Changes::default();
            let mut written = Vec::with_capacity(batch.len());
            for (arn, used) in batch {
                match self.write(arn, used, &mut changes).await {
                    Ok(()) => written.push((arn, used)),
                    // One record that cannot be read must not keep the others from being written.
                    Err(fault) => told(&fault),
                }
            }
            match self.records.commit(changes).await {
                Ok(()) => {
                    written.iter().for_each(|(arn, used)| self.records.usage().written(arn, used));
                    return Ok(());
                }
                Err(CommitError::Conflict(_)) => tokio::task::yield_now().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Contention)
    }

    /// Lists the change that writes one use down, unless a later one is there or the key is not.
    async fn write(&self, arn: &str, used: &LastUse, changes: &mut Changes) -> Result<(), Fault> {
        let Some(KeyArn { region, account, id }) = key_of(arn) else { return Ok(()) };
        let key = Path::key(account, &region, &id);
        let Some(entry) = self.records.get::<KeyEntry>(&key).await? else { return Ok(()) };
        let path = Path::usage(account, &region, &id);
        let stored = self.records.fetch::<UsageEntry>(&path).await?;
        if stored.as_ref().is_none_or(|stored| stored.time < used.time) {
            let version = stored.map_or(0, |stored| stored.version());
            changes.replace(path, version, UsageEntry::from(used).to_record()?);
            // A key that goes at this moment takes its last use along.
            changes.require(key, entry.version);
        }
        Ok(())
    }
}

fn told(fault: &Fault) {
    let error = super::said(fault);
    tracing::error!(%error, "the last use of a key could not be written down");
}

fn key_of(arn: &str) -> Option<KeyArn> {
    let arn = Arn::parse(arn).ok()?;
    let id = arn.resource.strip_prefix("key/")?.parse().ok()?;
    Some(KeyArn { region: arn.region.parse().ok()?, account: arn.account.parse().ok()?, id })
}
