//! Related keys, loaded together: the one place where what they share is changed.
//!
//! A key of a single Region is a family of one, so nobody needs to tell the two kinds apart.
//!
//! Records come from the cache one by one, so they need not have been read at the same moment. That
//! does no harm: a change of a family goes through only if every record it looked at is still as it was,
//! those that it leaves alone as well.

use std::sync::Arc;

use jiff::Timestamp;
use trent_crypto::Material;
use trent_domain::{Key, MaterialId, MaterialState, Path, Region};

use crate::entries::KeyEntry;
use crate::records::{Changes, Records};
use crate::service_event::ServiceEvent;
use crate::target::{KeyTarget, LoadedKey, Place, Subject, Target};
use crate::{Fault, StoreError};

/// A key and those that it is related to, as they were read.
pub struct Family {
    own: Arc<KeyEntry>,
    relatives: Vec<Arc<KeyEntry>>,
    /// Where relatives were found missing, or with their material destroyed, and at which version.
    gone: Vec<(Path, u64)>,
}

impl Family {
    /// The family of `own`.
    ///
    /// # Errors
    /// When a record cannot be read.
    pub async fn of(own: &Arc<KeyEntry>, records: &Records) -> Result<Self, StoreError> {
        let (mut relatives, mut gone) = (Vec::new(), Vec::new());
        for region in own.key.other_regions() {
            let path = Path::key(own.key.account, region, &own.key.id);
            match records.get::<KeyEntry>(&path).await? {
                None => gone.push((path, 0)),
                // It must not get any material again.
                Some(entry) if entry.key.deletion_has_begun() => gone.push((path, entry.version)),
                Some(entry) => relatives.push(entry),
            }
        }
        Ok(Self { own: Arc::clone(own), relatives, gone })
    }

    /// The key it was loaded for.
    #[must_use]
    pub const fn own(&self) -> &Arc<KeyEntry> {
        &self.own
    }

    /// Where pending material stands at `now`: it is not rotated to before every related key has it.
    #[must_use]
    pub fn pending_state(&self, now: Timestamp) -> MaterialState {
        let holds = |entry: &Arc<KeyEntry>| {
            entry.key.is_gone(now) || entry.key.pending_material().is_none_or(|pending| pending.is_held(now))
        };
        if self.relatives.is_empty() || self.members().all(holds) {
            MaterialState::PendingRotation
        } else {
            MaterialState::PendingMultiRegionImportAndRotation
        }
    }

    /// Lists the changes that make `after` of the key and let its relatives follow, and that destroy
    /// the materials they no longer have; answers the event that tells of it, if they do follow. A key
    /// that stays as it was changes nothing.
    ///
    /// # Errors
    /// When a record cannot be rendered or read.
    pub async fn replace(
        &self,
        after: Key,
        records: &Records,
        changes: &mut Changes,
    ) -> Result<Option<ServiceEvent>, Fault> {
        if after == self.own.key {
            return Ok(None);
        }
        let mut followed = false;
        for relative in &self.relatives {
            let mut key = relative.key.clone();
            key.follow(&after);
            if key == relative.key {
                changes.require(relative.path(), relative.version);
            } else {
                write(relative, key, records, changes).await?;
                followed = true;
            }
        }
        write(&self.own, after, records, changes).await?;
        self.require_gone(changes);
        let primary = self.members().find(|entry| entry.key.is_primary()).filter(|_| followed);
        Ok(primary.map(|primary| ServiceEvent::synchronized(primary)))
    }

    /// Lists the changes that store new material of all related keys.
    pub(crate) fn create_material(&self, id: &MaterialId, material: &Material, changes: &mut Changes) {
        for Key { account, region, id: key, .. } in self.members().map(|entry| &entry.key) {
            changes.create(Path::material(*account, region, key, id), material.to_record());
        }
    }

    /// Lists the changes that let the relatives of a key that goes at `now` know.
    ///
    /// # Errors
    /// When a record cannot be rendered.
    pub(crate) fn leave(&self, now: Timestamp, changes: &mut Changes) -> Result<(), Fault> {
        for relative in &self.relatives {
            let mut key = relative.key.clone();
            key.lose_replica(&self.own.key.region, now);
            changes.replace_key(relative, key)?;
        }
        self.require_gone(changes);
        Ok(())
    }

    fn require_gone(&self, changes: &mut Changes) {
        self.gone.iter().for_each(|(path, version)| changes.require(path.clone(), *version));
    }

    fn members(&self) -> impl Iterator<Item = &Arc<KeyEntry>> {
        std::iter::once(&self.own).chain(&self.relatives)
    }
}

/// Lists the changes that make `after` of a key.
async fn write(entry: &KeyEntry, after: Key, records: &Records, changes: &mut Changes) -> Result<(), Fault> {
    let kept: Vec<MaterialId> = after.stored_materials().collect();
    for gone in entry.key.stored_materials().filter(|id| !kept.contains(id)) {
        entry.delete_material(&gone, records, changes).await?;
    }
    changes.replace_key(entry, after)
}

/// A key by id or ARN, and the one in another Region that it is related to.
pub struct RelatedTarget {
    key: KeyTarget,
    region: Option<Region>,
}

impl RelatedTarget {
    /// The key `key` and its relative in `region`.
    #[must_use]
    pub fn new(key: &str, region: &str) -> Self {
        Self { key: KeyTarget::by_id(key), region: region.parse().ok() }
    }
}

/// A key, and its relative if it has one there. Both are held against the key-state table, and both
/// must still be as they were; but the request is about the first alone.
pub struct LoadedRelated {
    /// The key.
    pub key: LoadedKey,
    /// The other one.
    pub relative: Option<LoadedKey>,
}

impl Target for RelatedTarget {
    type Loaded = LoadedRelated;

    async fn load(&self, place: &Place<'_>) -> Result<LoadedRelated, Fault> {
        let key = self.key.load(place).await?;
        let Key { account, id, .. } = &key.entry.key;
        let related =
            self.region.as_ref().filter(|region| key.entry.key.other_regions().any(|r| r == *region));
        let relative = match related {
            Some(region) => place.key(&Path::key(*account, region, id)).await?,
            None => None,
        };
        let relative = relative.map(|entry| LoadedKey { entry, request_alias: None, by_ciphertext: false });
        Ok(LoadedRelated { key, relative })
    }
}

impl Subject for LoadedRelated {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(&self.key);
    }

    fn gated<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(&self.key);
        self.relative.iter().for_each(visit);
    }

    fn require(&self, changes: &mut Changes) {
        self.gated(&mut |key| changes.require(key.entry.path(), key.entry.version));
    }
}
