//! When access keys and roles last signed a request.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trent_domain::{AccountId, Path, PrincipalKind, Region, UniqueId};

use super::{Use, UseEntry, forget, latest};
use crate::audit::Event;
use crate::policies::Policies;
use crate::records::{Changes, Record};
use crate::{Records, StoreError, entries};

/// What signs requests: an access key that lasts, or a session of a role.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Signer {
    /// An access key of an account, by id.
    AccessKey(AccountId, Arc<str>),
    /// A role of an account.
    Role(AccountId, UniqueId),
}

impl Signer {
    /// Where it is written down when this last signed a request.
    pub(crate) fn path(&self) -> Path {
        match self {
            Self::AccessKey(account, id) => Path::last_signed(*account, id),
            Self::Role(account, id) => Path::last_signed(*account, id.as_str()),
        }
    }

    /// The last request that this signed.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn last_signed(&self, records: &Records) -> Result<Option<SignedEntry>, StoreError> {
        latest(records.usage().signers.noted(self), &self.path(), records).await
    }

    /// Lists the change that forgets when this last signed a request.
    ///
    /// # Errors
    /// When records cannot be read.
    pub async fn forget(&self, records: &Records, changes: &mut Changes) -> Result<(), StoreError> {
        forget::<SignedEntry>(self.path(), records, changes).await
    }
}

/// The last request that was signed with an access key or by a role, whatever became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LastSigned {
    time: Timestamp,
    service: &'static str,
    region: Region,
}

impl LastSigned {
    /// What an event tells of who signed; nothing when nobody did, or with what does not last: of the
    /// sessions only those of roles are asked about.
    pub(crate) fn of(event: &Event) -> Option<(Signer, Self)> {
        let principal = event.principal.as_ref()?;
        let account = principal.account;
        let signer = match (&principal.kind, &event.session) {
            (PrincipalKind::Session { role_id, .. }, _) => Signer::Role(account, *role_id),
            (PrincipalKind::Root | PrincipalKind::User { .. }, None) => {
                Signer::AccessKey(account, Arc::clone(event.access_key_id.as_ref()?))
            }
            _ => return None,
        };
        let service = event.source.split('.').next().unwrap_or_default();
        Some((signer, Self { time: event.time, service, region: event.region.clone()? }))
    }
}

impl Use for LastSigned {
    type Of = Signer;
    type Entry = SignedEntry;

    fn time(&self) -> Timestamp {
        self.time
    }
}

/// The stored record of when an access key or role last signed a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedEntry {
    /// When.
    pub time: Timestamp,
    /// To which service, such as `kms`.
    pub service: String,
    /// In which Region.
    pub region: String,
    #[serde(skip)]
    version: u64,
}

impl From<&LastSigned> for SignedEntry {
    fn from(signed: &LastSigned) -> Self {
        Self {
            time: signed.time,
            service: signed.service.to_owned(),
            region: signed.region.to_string(),
            version: 0,
        }
    }
}

impl Record for SignedEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self { version, ..entries::decode(plaintext)? })
    }
}

impl UseEntry for SignedEntry {
    fn time(&self) -> Timestamp {
        self.time
    }

    fn version(&self) -> u64 {
        self.version
    }
}
