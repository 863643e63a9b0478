//! Grants: what they permit a caller, who may retire them, and how they are named and found.

mod index;
mod reach;

use serde::{Deserialize, Serialize};
use trent_domain::{Grant, GrantId, KeyArn, Path, PathRange, PathTag};

use crate::entries::decode;
use crate::policies::Policies;
use crate::records::{Record, Records};
use crate::{Changes, Fault, StoreError, encode};
use index::Tally;

pub use reach::Proposal;
pub(crate) use reach::{Wish, may_retire, permit};

const PRINCIPAL_LABEL: &str = "grant principal";
const NAME_LABEL: &str = "grant name";

/// A grant, ready for use.
pub struct GrantEntry {
    /// The stored record.
    pub grant: Grant,
    /// The record's version.
    pub version: u64,
}

impl Record for GrantEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self { grant: decode(plaintext)?, version })
    }
}

/// The entry that finds a grant again by its name and all else it was made with.
#[derive(Serialize, Deserialize)]
pub struct GrantName {
    /// The grant.
    pub id: GrantId,
}

impl Record for GrantName {
    fn decode(plaintext: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        decode(plaintext)
    }
}

/// The entry that lists a grant under who may retire it: the path says all, the record is empty.
#[derive(Serialize, Deserialize)]
pub struct Retirable {}

impl Record for Retirable {
    fn decode(plaintext: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        decode(plaintext)
    }
}

/// Stands for a principal, by its stored form, in the paths of grants.
#[must_use]
pub fn principal_tag(records: &Records, name: &str) -> PathTag {
    tag(records, PRINCIPAL_LABEL, name.as_bytes())
}

fn tag(records: &Records, label: &'static str, message: &[u8]) -> PathTag {
    let tag = records.keyring().tag(label, message);
    PathTag::from_bytes(tag.first_chunk().copied().unwrap_or_default())
}

/// Where the entry lies that finds a grant by its name and all else it was made with; `None` for a
/// grant without a name, which is never found again.
///
/// # Errors
/// As [`encode`].
pub fn name_path(records: &Records, grant: &Grant) -> Result<Option<Path>, Fault> {
    let Some(name) = &grant.name else { return Ok(None) };
    let mut operations: Vec<_> = grant.operations.iter().map(|operation| operation.as_str()).collect();
    operations.sort_unstable();
    let made_with = (name, &grant.grantee, &grant.retiring, grant.issuer, operations, &grant.constraints);
    let tag = tag(records, NAME_LABEL, encode(&made_with)?.expose());
    Ok(Some(Path::grant_name(&grant.key_arn(), tag)))
}

fn retirable_path(records: &Records, grant: &Grant) -> Option<Path> {
    let retiring = principal_tag(records, grant.retiring.as_ref()?.name());
    Some(Path::retirable(grant.retirable_in()?, retiring, &grant.key_arn(), &grant.id))
}

impl Changes {
    /// Makes a grant, with its entries in the lists.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn create_grant(&mut self, records: &Records, grant: &Grant) -> Result<(), Fault> {
        self.create(Path::grant(&grant.key_arn(), &grant.id), encode(grant)?);
        if let Some(path) = name_path(records, grant)? {
            self.create(path, encode(&GrantName { id: grant.id })?);
        }
        if let Some(path) = retirable_path(records, grant) {
            self.create(path, encode(&Retirable {})?);
        }
        Ok(())
    }

    /// Removes a grant, with its entries in the lists. Those are written once, never over.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn delete_grant(&mut self, records: &Records, entry: &GrantEntry) -> Result<(), Fault> {
        let grant = &entry.grant;
        self.delete(Path::grant(&grant.key_arn(), &grant.id), entry.version);
        let lists = [name_path(records, grant)?, retirable_path(records, grant)];
        lists.into_iter().flatten().for_each(|path| self.delete(path, 1));
        Ok(())
    }
}

/// Up to `limit` grants of a key, for whoever deletes them with it ([`Changes::delete_grant`]).
///
/// # Errors
/// When they cannot be read.
pub async fn grants_of(records: &Records, key: &KeyArn, limit: usize) -> Result<Vec<GrantEntry>, StoreError> {
    let found = records.scan::<GrantEntry>(&PathRange::grants(key), limit).await?;
    Ok(found.into_iter().map(|(_, entry)| entry).collect())
}

/// How many grants a key has.
///
/// # Errors
/// When they cannot be counted.
pub async fn count_grants(records: &Records, key: &KeyArn) -> Result<usize, StoreError> {
    records.among(&PathRange::grants(key), |tally: &Tally| tally.count()).await
}
