//! The first start of a data directory, and every later one: from a store and a seal to records.
//!
//! The seal opens the root key, the root key opens the domain keys, and those open everything
//! else. All three, and the first access key, are committed at once: a first start that was
//! interrupted has either not happened or is complete.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path as FilePath;

use trent_crypto::{CryptoError, FileSeal, Keyring, RootKey, Seal, SealError, SecretBytes};
use trent_domain::{
    Account, AccountId, AccountStatus, Credential, CredentialStatus, Owner as KeyOwner, Path, PathRange,
    Tags, access_key_id,
};
use trent_engine::{
    Batch, Changes, Clock, CommitError, CredentialEntry, Fault, Link, Put, Records, Store, StoreError,
    draw_secret, encode,
};
use trent_sigv4::SecretAccessKey;
use zeroize::Zeroizing;

/// Why a data directory cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// The seal's file is not there, but the data is.
    #[error("the seal `{0}` is missing: without it nothing in this data directory can ever be read again")]
    SealMissing(String),
    /// The seal's file cannot be read or made.
    #[error("the seal `{path}` cannot be used: {reason}")]
    SealFile {
        /// Its path.
        path: String,
        /// What the system said.
        reason: std::io::Error,
    },
    /// The seal is not the one that the data was sealed with, or is damaged.
    #[error("the seal does not open this data directory: {0}")]
    Seal(#[from] SealError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A commit failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// Cryptography failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The first access key cannot be made.
    #[error("the first access key cannot be made: {0}")]
    Credential(String),
}

const ROOT_KEY: &str = "root-key";
const DOMAIN_KEYS: &str = "domain-keys";

/// Opens the keyring of a store, or makes one when the store is new; `true` when it was made.
///
/// # Errors
/// A seal that is missing or wrong, or a store that fails.
pub async fn open_keyring(
    store: &dyn Store,
    seal_path: &FilePath,
) -> Result<(Keyring, bool), BootstrapError> {
    let root = store.get(&Path::meta(ROOT_KEY)).await?;
    let domain = store.get(&Path::meta(DOMAIN_KEYS)).await?;
    match (root, domain) {
        (Some(root), Some(domain)) => {
            let root = read_seal(seal_path)?.unwrap(&root.value)?;
            Ok((Keyring::open(&root, &domain.value)?, false))
        }
        (None, None) if store.revision().await?.0 == 0 => {
            let seal = read_or_make_seal(seal_path)?;
            let root = RootKey::generate()?;
            let (keyring, domain) = Keyring::create(&root)?;
            let put = |name, value| Put { path: Path::meta(name), version: 1, value };
            let puts = vec![put(ROOT_KEY, seal.wrap(&root)?), put(DOMAIN_KEYS, domain)];
            store.commit(Batch { puts, ..Batch::default() }).await?;
            Ok((keyring, true))
        }
        _ => {
            Err(StoreError::Damaged("the records of the root key and the domain keys are gone".to_owned())
                .into())
        }
    }
}

fn read_seal(path: &FilePath) -> Result<FileSeal, BootstrapError> {
    match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(text) => Ok(FileSeal::from_text(&text)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(BootstrapError::SealMissing(path.display().to_string()))
        }
        Err(reason) => Err(BootstrapError::SealFile { path: path.display().to_string(), reason }),
    }
}

/// A new store may be given an old seal (nodes of a cluster share one) or none yet.
fn read_or_make_seal(path: &FilePath) -> Result<FileSeal, BootstrapError> {
    match read_seal(path) {
        Err(BootstrapError::SealMissing(_)) => {
            let text = FileSeal::generate_text()?;
            write_new(path, text.as_bytes())
                .map_err(|reason| BootstrapError::SealFile { path: path.display().to_string(), reason })?;
            tracing::warn!(
                seal = %path.display(),
                "a new seal was made; keep a copy of it away from the data: whoever has both can read every \
                 key, and without it no key can be read"
            );
            Ok(FileSeal::from_text(&text)?)
        }
        other => other,
    }
}

fn write_new(path: &FilePath, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => fs::File::open(parent)?.sync_all(),
        _ => Ok(()),
    }
}

/// An access key as its owner gets to see it, once.
pub struct FirstCredential {
    /// `AKIA…`.
    pub access_key_id: String,
    /// The secret.
    pub secret: Zeroizing<String>,
}

impl FirstCredential {
    /// An access key that nobody knows yet.
    ///
    /// # Errors
    /// When randomness fails.
    pub fn draw() -> Result<Self, BootstrapError> {
        let mut id = [0; 16];
        trent_crypto::fill_random(&mut id)?;
        Ok(Self { access_key_id: access_key_id(false, id), secret: draw_secret()? })
    }
}

/// Lets the root user of the account in with this access key. Whoever is to use the key must have
/// it before: nothing gives it out again.
///
/// # Errors
/// When the store fails.
pub async fn keep_root_credential(
    records: &Records,
    account: AccountId,
    first: &FirstCredential,
    clock: &dyn Clock,
) -> Result<(), BootstrapError> {
    let failed = |fault: String| BootstrapError::Credential(fault);
    let credential = Credential {
        access_key_id: first.access_key_id.clone(),
        owner: KeyOwner::root(account),
        status: CredentialStatus::Active,
        created: clock.now(),
    };
    let path = Path::credential(&first.access_key_id).ok_or_else(|| failed("not a path".to_owned()))?;
    let entry = CredentialEntry::new(credential, SecretAccessKey::from(first.secret.to_string()));
    let mut changes = Changes::default();
    changes.create(path, entry.to_record().map_err(unwritable)?);
    let listed = Path::access_key(&KeyOwner::root(account), &first.access_key_id);
    changes.create(listed, encode(&Link::default()).map_err(unwritable)?);
    changes.create(Path::account(account), account_record(account, clock)?);
    Ok(records.commit(changes).await?)
}

/// Writes down the account of a data directory that was made before accounts had records.
///
/// # Errors
/// When the store fails.
pub async fn keep_account(
    records: &Records,
    account: AccountId,
    clock: &dyn Clock,
) -> Result<(), BootstrapError> {
    let mut changes = Changes::default();
    changes.create(Path::account(account), account_record(account, clock)?);
    Ok(records.commit(changes).await?)
}

fn account_record(account: AccountId, clock: &dyn Clock) -> Result<SecretBytes, BootstrapError> {
    let record = Account {
        id: account,
        name: "root".to_owned(),
        email: "root@localhost".to_owned(),
        status: AccountStatus::Active,
        created: clock.now(),
        management: true,
        tags: Tags::default(),
    };
    encode(&record).map_err(unwritable)
}

fn unwritable(fault: Fault) -> BootstrapError {
    BootstrapError::Credential(fault.wire().code.to_owned())
}

/// Who may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// Nobody yet: the store is new.
    Nobody,
    /// This account.
    Account(AccountId),
    /// This account, by an access key alone: the store was made before accounts had records.
    Unrecorded(AccountId),
    /// Somebody, by an access key whose record is damaged.
    Unreadable,
}

/// Whose the store is: the account that was there first.
///
/// # Errors
/// When the store fails.
pub async fn owner(records: &Records) -> Result<Owner, StoreError> {
    match records.organization().await? {
        Some(organization) => Ok(Owner::Account(organization.management)),
        None => owner_by_credential(records).await,
    }
}

async fn owner_by_credential(records: &Records) -> Result<Owner, StoreError> {
    match records.scan::<CredentialEntry>(&PathRange::credentials(), 1).await {
        Ok(found) => Ok(found
            .first()
            .map_or(Owner::Nobody, |(_, entry)| Owner::Unrecorded(entry.credential.owner.account))),
        // One damaged access key is no reason to serve nobody: it lets nobody in, others may.
        Err(error @ StoreError::Damaged(_)) => {
            tracing::error!(%error, "an access key is damaged and lets nobody in");
            Ok(Owner::Unreadable)
        }
        Err(error) => Err(error),
    }
}
