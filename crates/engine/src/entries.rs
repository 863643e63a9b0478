//! The records that requests work on, in memory and as they lie in the store.
//!
//! The plaintext of a record is one byte of format, 1, and a JSON document; a key material is as
//! the crypto crate renders it. `docs/storage.md` describes both.

use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use trent_crypto::{CryptoError, Material, SecretBytes};
use trent_domain::{Alias, Credential, Key, MaterialId, Owner, OwnerKind, Path, Principal, PrincipalKind};
use trent_policy::Document;
use trent_sigv4::{Scope, SecretAccessKey, SigningKey};
use zeroize::Zeroizing;

use crate::caller::Who;
use crate::policies::Policies;
use crate::records::{Changes, Opaque, Record, Records};
use crate::{Fault, StoreError};

const FORMAT: u8 = 1;

/// The plaintext of a record that is kept as JSON.
///
/// # Errors
/// When the value cannot be rendered, which no type of this crate provokes.
pub fn encode<T: Serialize>(value: &T) -> Result<SecretBytes, Fault> {
    let mut plaintext = vec![FORMAT];
    serde_json::to_writer(&mut plaintext, value).map_err(|error| Fault::Internal(error.to_string()))?;
    Ok(SecretBytes::from(plaintext))
}

pub(crate) fn decode<T: DeserializeOwned>(plaintext: &[u8]) -> Result<T, StoreError> {
    let damaged = |why: String| StoreError::Damaged(why);
    match plaintext.split_first() {
        Some((&FORMAT, json)) => serde_json::from_slice(json).map_err(|error| damaged(error.to_string())),
        Some((format, _)) => Err(damaged(format!("unknown record format {format}"))),
        None => Err(damaged("an empty record".to_owned())),
    }
}

/// A key, ready for use.
pub struct KeyEntry {
    /// The stored record.
    pub key: Key,
    /// The record's version.
    pub version: u64,
    /// The key's ARN, spelled once.
    pub arn: Arc<str>,
    /// The key policy, parsed.
    pub policy: Arc<Document>,
    materials: Vec<(MaterialId, OnceCell<Arc<Material>>)>,
}

impl KeyEntry {
    /// Where the record lies.
    #[must_use]
    pub fn path(&self) -> Path {
        Path::key(self.key.account, &self.key.region, &self.key.id)
    }

    /// One of the key's materials, read when it is first needed and kept as long as the entry is;
    /// `None` when the key does not have it.
    ///
    /// # Errors
    /// When the material's record cannot be read, or is missing.
    pub async fn material(
        &self,
        id: &MaterialId,
        records: &Records,
    ) -> Result<Option<Arc<Material>>, StoreError> {
        let Some((id, cell)) = self.materials.iter().find(|(known, _)| known == id) else {
            return Ok(None);
        };
        let load = || async {
            let path = Path::material(self.key.account, &self.key.region, &self.key.id, id);
            let found = records.fetch::<StoredMaterial>(&path).await?;
            found
                .map(|stored| Arc::new(stored.0))
                .ok_or_else(|| StoreError::Damaged(format!("the key material at `{path}` is missing")))
        };
        cell.get_or_try_init(load).await.map(|material| Some(Arc::clone(material)))
    }

    /// Lists the change that destroys one of the key's materials, if it is there.
    ///
    /// # Errors
    /// When its record cannot be read.
    pub async fn delete_material(
        &self,
        id: &MaterialId,
        records: &Records,
        changes: &mut Changes,
    ) -> Result<(), StoreError> {
        let path = Path::material(self.key.account, &self.key.region, &self.key.id, id);
        if let Some(found) = records.fetch::<Opaque>(&path).await? {
            changes.delete(path, found.version());
        }
        Ok(())
    }
}

impl Record for KeyEntry {
    fn decode(plaintext: &[u8], version: u64, policies: &Policies) -> Result<Self, StoreError> {
        let key: Key = decode(plaintext)?;
        let policy =
            policies.key_policy(&key.policy).map_err(|error| StoreError::Damaged(error.to_string()))?;
        let materials = key.stored_materials().map(|id| (id, OnceCell::new())).collect();
        Ok(Self { arn: key.arn().to_string().into(), key, version, policy, materials })
    }
}

/// An alias, ready for use.
pub struct AliasEntry {
    /// The stored record.
    pub alias: Alias,
    /// The record's version.
    pub version: u64,
}

impl Record for AliasEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        Ok(Self { alias: decode(plaintext)?, version })
    }
}

/// The entry that lists an alias under its key: the path says all, the record is empty.
#[derive(Default, Serialize, Deserialize)]
pub struct KeyAlias {
    #[serde(skip)]
    version: u64,
}

impl KeyAlias {
    /// The record's version.
    #[must_use]
    pub const fn version(&self) -> u64 {
        self.version
    }
}

impl Record for KeyAlias {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        decode::<Self>(plaintext).map(|_| Self { version })
    }
}

struct StoredMaterial(Material);

impl Record for StoredMaterial {
    fn decode(plaintext: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        Material::from_record(plaintext).map(Self).map_err(|error| StoreError::Damaged(error.to_string()))
    }
}

#[derive(Serialize)]
struct CredentialOut<'a> {
    credential: &'a Credential,
    secret: &'a str,
}

#[derive(Deserialize)]
struct CredentialIn {
    credential: Credential,
    secret: String,
}

/// A new secret access key: 240 bits in the 40 characters that clients expect. It does not come from
/// the port for randomness, which is for identifiers.
///
/// # Errors
/// When randomness fails.
pub fn draw_secret() -> Result<Zeroizing<String>, CryptoError> {
    Ok(Zeroizing::new(STANDARD.encode(SecretBytes::random(30)?.expose())))
}

/// An access key that lasts, ready to judge signatures.
pub struct CredentialEntry {
    /// The public part.
    pub credential: Credential,
    /// The record's version; 0 when there is none yet.
    pub version: u64,
    /// Its own id, shared by all that name it.
    pub access_key_id: Arc<str>,
    /// The root user, when it is that one's; users are looked up.
    pub(crate) root: Option<Arc<Who>>,
    pub(crate) keys: SigningKeys,
}

impl CredentialEntry {
    /// An access key with its secret.
    #[must_use]
    pub fn new(credential: Credential, secret: SecretAccessKey) -> Self {
        let Owner { account, kind } = credential.owner;
        let root = || Arc::new(Who::new(Principal { account, kind: PrincipalKind::Root }));
        Self {
            access_key_id: credential.access_key_id.as_str().into(),
            root: (kind == OwnerKind::Root).then(root),
            credential,
            version: 0,
            keys: SigningKeys::new(secret),
        }
    }

    /// Whether this is its secret, compared in constant time.
    #[must_use]
    pub fn has_secret(&self, secret: &str) -> bool {
        self.keys.secret == SecretAccessKey::from(secret.to_owned())
    }

    /// The plaintext of this access key's record.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn to_record(&self) -> Result<SecretBytes, Fault> {
        self.to_record_as(&self.credential)
    }

    /// The plaintext of this access key's record with another public part, such as another status.
    ///
    /// # Errors
    /// As [`encode`].
    pub fn to_record_as(&self, credential: &Credential) -> Result<SecretBytes, Fault> {
        encode(&CredentialOut { credential, secret: self.keys.secret.expose() })
    }
}

impl Record for CredentialEntry {
    fn decode(plaintext: &[u8], version: u64, _: &Policies) -> Result<Self, StoreError> {
        let CredentialIn { credential, secret } = decode(plaintext)?;
        Ok(Self { version, ..Self::new(credential, SecretAccessKey::from(secret)) })
    }
}

/// A secret, and the signing keys that were derived from it.
pub(crate) struct SigningKeys {
    secret: SecretAccessKey,
    /// Those of recent days, newest last. Requests name few scopes: one a Region, service and day.
    kept: Mutex<Vec<CachedSigningKey>>,
}

struct CachedSigningKey {
    date: String,
    region: String,
    service: String,
    key: Arc<SigningKey>,
}

impl CachedSigningKey {
    fn is_of(&self, scope: &Scope<'_>) -> bool {
        self.date == scope.date && self.region == scope.region && self.service == scope.service
    }
}

impl SigningKeys {
    /// How many are kept: two days of eight Regions.
    const KEPT: usize = 16;

    pub(crate) const fn new(secret: SecretAccessKey) -> Self {
        Self { secret, kept: Mutex::new(Vec::new()) }
    }

    /// The key that signs requests of a scope. Scopes are checked before, so that what is kept
    /// here is bounded by what the server serves, not by what callers write.
    pub(crate) fn key(&self, scope: &Scope<'_>) -> Arc<SigningKey> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.iter().rev().find(|known| known.is_of(scope)) {
            return Arc::clone(&known.key);
        }
        let key = Arc::new(SigningKey::derive(&self.secret, scope.date, scope.region, scope.service));
        if kept.len() >= Self::KEPT {
            kept.remove(0);
        }
        kept.push(CachedSigningKey {
            date: scope.date.to_owned(),
            region: scope.region.to_owned(),
            service: scope.service.to_owned(),
            key: Arc::clone(&key),
        });
        key
    }
}
