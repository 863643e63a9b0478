//! Writing down when keys, access keys and roles were last used.

use std::sync::Arc;

use trent_domain::{Arn, KeyArn, Path};

use super::{ATTEMPTS, BATCH, Worker};
use crate::entries::{CredentialEntry, KeyEntry, encode};
use crate::identity::RoleEntry;
use crate::usage::{LastSigned, LastUse, Notes, Signer, Use, UseEntry as _};
use crate::{Changes, CommitError, Fault, Records};

/// Where the use of something is written down.
struct Place {
    /// The record of the last use.
    path: Path,
    /// The record of what was used, as it was read: what goes at this moment takes its last use along.
    used: (Path, u64),
}

/// A use that is written down.
trait Written: Use {
    /// Where; `None` when what was used is gone.
    fn place(of: &Self::Of, records: &Records) -> impl Future<Output = Result<Option<Place>, Fault>> + Send;
}

impl Written for LastUse {
    async fn place(arn: &Arc<str>, records: &Records) -> Result<Option<Place>, Fault> {
        let Some(KeyArn { region, account, id }) = key_of(arn) else { return Ok(None) };
        let key = Path::key(account, &region, &id);
        let entry = records.get::<KeyEntry>(&key).await?;
        Ok(entry.map(|entry| Place { path: Path::usage(account, &region, &id), used: (key, entry.version) }))
    }
}

impl Written for LastSigned {
    async fn place(signer: &Signer, records: &Records) -> Result<Option<Place>, Fault> {
        let used = match signer {
            Signer::AccessKey(_, id) => {
                let Some(path) = Path::credential(id) else { return Ok(None) };
                let entry = records.get::<CredentialEntry>(&path).await?;
                entry.map(|entry| (path, entry.version))
            }
            Signer::Role(account, id) => {
                let path = Path::entity(*account, id);
                let entry = records.get::<RoleEntry>(&path).await?;
                entry.map(|entry| (path, entry.version))
            }
        };
        Ok(used.map(|used| Place { path: signer.path(), used }))
    }
}

impl Worker {
    /// Writes down all uses that were noted; to be called every minute or so, and at the end. What
    /// fails stays noted.
    pub async fn write_usage(&self) {
        let usage = self.records.usage();
        self.write_notes(&usage.keys).await;
        self.write_notes(&usage.signers).await;
    }

    async fn write_notes<U: Written>(&self, notes: &Notes<U>) {
        for batch in notes.all().chunks(BATCH) {
            if let Err(fault) = self.write_batch(notes, batch).await {
                told(&fault);
            }
        }
    }

    async fn write_batch<U: Written>(&self, notes: &Notes<U>, batch: &[(U::Of, U)]) -> Result<(), Fault> {
        for _ in 0..ATTEMPTS {
            let mut changes = Changes::default();
            let mut written = Vec::with_capacity(batch.len());
            for (of, used) in batch {
                match self.write(of, used, &mut changes).await {
                    Ok(()) => written.push((of, used)),
                    // One record that cannot be read must not keep the others from being written.
                    Err(fault) => told(&fault),
                }
            }
            match self.records.commit(changes).await {
                Ok(()) => {
                    written.iter().for_each(|(of, used)| notes.written(of, used));
                    return Ok(());
                }
                Err(CommitError::Conflict(_)) => tokio::task::yield_now().await,
                Err(error) => return Err(error.into()),
            }
        }
        Err(Fault::Contention)
    }

    /// Lists the change that writes one use down, unless a later one is there or what was used is not.
    async fn write<U: Written>(&self, of: &U::Of, used: &U, changes: &mut Changes) -> Result<(), Fault> {
        let Some(Place { path, used: (source, source_version) }) = U::place(of, &self.records).await? else {
            return Ok(());
        };
        let stored = self.records.fetch::<U::Entry>(&path).await?;
        if stored.as_ref().is_none_or(|stored| stored.time() < used.time()) {
            let version = stored.map_or(0, |stored| stored.version());
            changes.replace(path, version, encode(&U::Entry::from(used))?);
            changes.require(source, source_version);
        }
        Ok(())
    }
}

fn told(fault: &Fault) {
    let error = super::said(fault);
    tracing::error!(%error, "the last use of something could not be written down");
}

fn key_of(arn: &str) -> Option<KeyArn> {
    let arn = Arn::parse(arn).ok()?;
    let id = arn.resource.strip_prefix("key/")?.parse().ok()?;
    Some(KeyArn { region: arn.region.parse().ok()?, account: arn.account.parse().ok()?, id })
}
