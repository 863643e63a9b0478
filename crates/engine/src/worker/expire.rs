//! Imported material past its date.

use std::sync::Arc;

use jiff::Timestamp;
use trent_domain::{MaterialId, MaterialRef};

use super::{Undone, Worker};
use crate::Changes;
use crate::entries::KeyEntry;
use crate::multi_region::Family;
use crate::service_event::ServiceEvent;

/// The materials of a key that are marked present and have expired, if any.
pub(super) fn expired(entry: &KeyEntry, now: Timestamp) -> Option<Vec<MaterialId>> {
    let over = |material: &&MaterialRef| material.expiry().is_some_and(|expiry| expiry <= now);
    let expired: Vec<MaterialId> =
        entry.key.materials.iter().filter(over).map(|material| material.id).collect();
    if expired.is_empty() { None } else { Some(expired) }
}

impl Worker {
    /// Lists the changes that remove expired material. Its key waits for it to be imported again,
    /// unless it was pending; then its relatives do not have it any more either.
    pub(super) async fn expire(
        &self,
        entry: &Arc<KeyEntry>,
        expired: &[MaterialId],
        changes: &mut Changes,
    ) -> Result<Vec<ServiceEvent>, Undone> {
        let mut key = entry.key.clone();
        for id in expired {
            key.give_up_material(id);
        }
        let family = Family::of(entry, &self.records).await?;
        let synchronized = family.replace(key, &self.records, changes).await?;
        Ok(expired.iter().map(|id| ServiceEvent::expired(entry, id)).chain(synchronized).collect())
    }
}
