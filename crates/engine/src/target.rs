//! What an operation works on: named by its input, loaded before anything is decided.
//!
//! An operation states its targets as a type: a key, an alias, a ciphertext, or a tuple of them.
//! Loading one answers with a typed fact, [`Target::Loaded`], which only a
//! [`Permit`](crate::Permit) hands on to the operation.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Map, Value};
use trent_crypto::{Attestation, CiphertextHeader};
use trent_domain::{AccountId, AliasName, GrantId, Key, KeySpec, Path, Region};
use trent_policy::Reason;

use crate::attestation::Attesters;
use crate::entries::{AliasEntry, KeyEntry};
use crate::grants::GrantEntry;
use crate::reference::{Forms, Named, Reference};
use crate::tokens::GrantToken;
use crate::{Caller, Changes, Fault, Records};

/// Where and for whom targets are looked up.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The Region of the request.
    pub region: &'a Region,
    /// The operation, for messages.
    pub operation: &'static str,
    /// Trent's time: keys come to their end by it.
    pub now: Timestamp,
    /// Where they lie.
    pub records: &'a Records,
    /// What judges attestation documents.
    pub attesters: Attesters<'a>,
}

impl Place<'_> {
    /// The account that bare identifiers mean.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.caller.principal.account
    }

    /// The key at `path`, unless its time is over: what is left of such a key is nobody's any more.
    pub(crate) async fn key(&self, path: &Path) -> Result<Option<Arc<KeyEntry>>, Fault> {
        let entry: Option<Arc<KeyEntry>> = self.records.get(path).await?;
        Ok(entry.filter(|entry| !entry.key.is_gone(self.now)))
    }
}

/// Something an input names.
pub trait Target: Send + Sync {
    /// What it is once it was found.
    type Loaded: Subject;

    /// Finds it.
    fn load(&self, place: &Place<'_>) -> impl Future<Output = Result<Self::Loaded, Fault>> + Send;
}

/// Something loaded: what the pipeline needs to know of it without knowing what it is.
pub trait Subject: Send + Sync {
    /// Hands every key in it to `visit`, in the order of the input.
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey));

    /// The ARNs of aliases the request is about; audit names them beside the keys.
    fn aliases<'a>(&'a self, _visit: &mut dyn FnMut(&'a LoadedAlias)) {}

    /// Hands every key to `visit` that the key-state table is asked about: all of them, as a rule.
    fn gated<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        self.keys(visit);
    }

    /// Who the answer is for, when that is not the caller; audit names it.
    fn attestation(&self) -> Option<&Attestation> {
        None
    }

    /// What is asked for beside the members of the input; audit shows it among them.
    fn asked(&self) -> Option<Map<String, Value>> {
        None
    }

    /// What must hold between the parts, checked when access is granted and before key states are
    /// looked at.
    ///
    /// # Errors
    /// The refusal.
    fn verify(&self) -> Result<(), Fault> {
        Ok(())
    }

    /// Demands that all that was read still be so when changes are committed.
    fn require(&self, changes: &mut Changes) {
        self.keys(&mut |key| changes.require(key.entry.path(), key.entry.version));
    }
}

impl Target for () {
    type Loaded = ();

    async fn load(&self, _: &Place<'_>) -> Result<(), Fault> {
        Ok(())
    }
}

impl Subject for () {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}
}

impl<A: Target, B: Target> Target for (A, B) {
    type Loaded = (A::Loaded, B::Loaded);

    async fn load(&self, place: &Place<'_>) -> Result<Self::Loaded, Fault> {
        Ok((self.0.load(place).await?, self.1.load(place).await?))
    }
}

impl<A: Subject, B: Subject> Subject for (A, B) {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        self.0.keys(visit);
        self.1.keys(visit);
    }

    fn aliases<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedAlias)) {
        self.0.aliases(visit);
        self.1.aliases(visit);
    }

    fn gated<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        self.0.gated(visit);
        self.1.gated(visit);
    }

    fn attestation(&self) -> Option<&Attestation> {
        self.0.attestation().or_else(|| self.1.attestation())
    }

    fn verify(&self) -> Result<(), Fault> {
        self.0.verify()?;
        self.1.verify()
    }

    fn require(&self, changes: &mut Changes) {
        self.0.require(changes);
        self.1.require(changes);
    }
}

impl<T: Target> Target for Option<T> {
    type Loaded = Option<T::Loaded>;

    async fn load(&self, place: &Place<'_>) -> Result<Self::Loaded, Fault> {
        match self {
            Some(target) => target.load(place).await.map(Some),
            None => Ok(None),
        }
    }
}

impl<S: Subject> Subject for Option<S> {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        self.iter().for_each(|subject| subject.keys(visit));
    }

    fn aliases<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedAlias)) {
        self.iter().for_each(|subject| subject.aliases(visit));
    }

    fn gated<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        self.iter().for_each(|subject| subject.gated(visit));
    }

    fn attestation(&self) -> Option<&Attestation> {
        self.as_ref()?.attestation()
    }

    fn verify(&self) -> Result<(), Fault> {
        self.as_ref().map_or(Ok(()), Subject::verify)
    }

    fn require(&self, changes: &mut Changes) {
        self.iter().for_each(|subject| subject.require(changes));
    }
}

/// A key that an input names.
pub struct KeyTarget {
    text: String,
    forms: Forms,
    /// What is asked of the key, where that is not named as the operation is.
    action: Option<&'static str>,
    /// Whether it must be a key of the caller's account.
    own: bool,
}

impl KeyTarget {
    fn new(text: &str, forms: Forms) -> Self {
        Self { text: text.to_owned(), forms, action: None, own: false }
    }

    /// A key by id or ARN.
    #[must_use]
    pub fn by_id(text: &str) -> Self {
        Self::new(text, Forms::KeyOnly)
    }

    /// A key by id, ARN, alias name or alias ARN.
    #[must_use]
    pub fn by_any_name(text: &str) -> Self {
        Self::new(text, Forms::Any)
    }

    /// As [`KeyTarget::by_any_name`], for the cryptographic operations.
    #[must_use]
    pub fn for_cryptography(text: &str) -> Self {
        Self::new(text, Forms::AnyCryptographic)
    }

    /// As a key of the caller's account. Where no key policy is asked, another account's key would else
    /// be told from a missing one.
    #[must_use]
    pub const fn of_own_account(mut self) -> Self {
        self.own = true;
        self
    }

    /// As one of several keys of an operation, each asked for an action of its own: a refusal must
    /// read the same whether the key is missing or forbidden.
    #[must_use]
    pub const fn asked_for(mut self, action: &'static str) -> Self {
        self.action = Some(action);
        self
    }
}

/// A key that was found.
#[derive(Clone)]
pub struct LoadedKey {
    /// The key.
    pub entry: Arc<KeyEntry>,
    /// The alias the request named it by, if it did.
    pub request_alias: Option<AliasName>,
    /// Whether no more names it than a ciphertext, and perhaps its bare id.
    pub by_ciphertext: bool,
}

impl Target for KeyTarget {
    type Loaded = LoadedKey;

    async fn load(&self, place: &Place<'_>) -> Result<LoadedKey, Fault> {
        let reference = Reference::parse(&self.text, self.forms, place.account(), place.region)?;
        let foreign = reference.account != place.account();
        let unreachable = || unreachable(&place.caller.arn, self.action.unwrap_or(place.operation));
        if foreign && self.own {
            return Err(unreachable());
        }
        let missing = |fault| if foreign { unreachable() } else { fault };
        match reference.named {
            Named::Key(id) => {
                let path = Path::key(reference.account, place.region, &id);
                let entry = place.key(&path).await?;
                let entry = entry.ok_or_else(|| {
                    let arn =
                        trent_domain::KeyArn { region: place.region.clone(), account: reference.account, id };
                    missing(Fault::KeyNotFound(arn.to_string()))
                })?;
                Ok(LoadedKey { entry, request_alias: None, by_ciphertext: false })
            }
            Named::Alias(name) => {
                let found = find_by_alias(place, reference.account, &name).await?;
                let arn = || name.arn(reference.account, place.region);
                let entry = found.ok_or_else(|| missing(Fault::AliasNotFound(arn())))?;
                Ok(LoadedKey { entry, request_alias: Some(name), by_ciphertext: false })
            }
        }
    }
}

async fn find_by_alias(
    place: &Place<'_>,
    account: AccountId,
    name: &AliasName,
) -> Result<Option<Arc<KeyEntry>>, Fault> {
    let alias: Option<Arc<AliasEntry>> = place.records.get(&Path::alias(account, place.region, name)).await?;
    match alias {
        Some(alias) => place.key(&Path::key(account, place.region, &alias.alias.target)).await,
        None => Ok(None),
    }
}

/// Another account's key, missing or forbidden: the caller must not learn which.
fn unreachable(arn: &str, action: &str) -> Fault {
    Fault::AccessDenied(Reason::UNREACHABLE.message(arn, &format!("kms:{action}"), ""))
}

impl Subject for LoadedKey {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(self);
    }
}

/// A ciphertext, and the key it is to be opened with.
pub struct CiphertextTarget {
    length: usize,
    header: Option<Result<CiphertextHeader, Fault>>,
    key: Option<KeyTarget>,
    /// What is asked of the key, where that is not named as the operation is.
    action: Option<&'static str>,
}

impl CiphertextTarget {
    /// The key of `blob`: the one that `key_id` names, or else the one that the blob itself names.
    /// Without a blob (a dry run may leave it out) there must be a `key_id`.
    #[must_use]
    pub fn new(blob: Option<&[u8]>, key_id: Option<&str>) -> Self {
        let header = blob.map(|blob| CiphertextHeader::parse(blob).map_err(|_| Fault::InvalidCiphertext));
        let length = blob.map_or(0, <[u8]>::len);
        Self { length, header, key: key_id.map(KeyTarget::for_cryptography), action: None }
    }

    /// As [`KeyTarget::asked_for`], however the key is named.
    #[must_use]
    pub fn asked_for(self, action: &'static str) -> Self {
        Self { key: self.key.map(|key| key.asked_for(action)), action: Some(action), ..self }
    }

    /// Whether the input names the key of another account that the blob names, and by its bare id alone.
    /// Elsewhere a bare id means a key of the caller's account, and one that is there is meant here, too.
    fn is_short_for_blob(&self, key: &KeyTarget, place: &Place<'_>) -> bool {
        match &self.header {
            Some(Ok(header)) => header.account != place.account() && header.key.to_string() == key.text,
            _ => false,
        }
    }

    async fn load_named_by_blob(&self, place: &Place<'_>) -> Result<LoadedKey, Fault> {
        let header = self.header.clone().ok_or(Fault::InvalidCiphertext)??;
        let path = Path::key(header.account, place.region, &header.key);
        // Whoever holds the blob must not learn whether there is such a key.
        let unreachable = || {
            let action = format!("kms:{}", self.action.unwrap_or(place.operation));
            Fault::AccessDenied(Reason::UNREACHABLE.message_about_ciphertext(&place.caller.arn, &action))
        };
        let entry = place.key(&path).await?.ok_or_else(unreachable)?;
        Ok(LoadedKey { entry, request_alias: None, by_ciphertext: true })
    }
}

/// A ciphertext's key, and what the ciphertext says of itself.
pub struct LoadedCiphertext {
    /// The key to open it with.
    pub key: LoadedKey,
    is_of_modulus_length: bool,
    header: Option<Result<CiphertextHeader, Fault>>,
}

impl LoadedCiphertext {
    /// Whether there is a blob at all.
    #[must_use]
    pub const fn has_ciphertext(&self) -> bool {
        self.header.is_some()
    }

    /// What the blob names; `None` when there is no blob, or one that names nothing.
    #[must_use]
    pub fn header(&self) -> Option<&CiphertextHeader> {
        self.header.as_ref().and_then(|header| header.as_ref().ok())
    }
}

impl Target for CiphertextTarget {
    type Loaded = LoadedCiphertext;

    async fn load(&self, place: &Place<'_>) -> Result<LoadedCiphertext, Fault> {
        let key = match &self.key {
            None => self.load_named_by_blob(place).await?,
            Some(key) => match key.load(place).await {
                Err(Fault::KeyNotFound(_)) if self.is_short_for_blob(key, place) => {
                    self.load_named_by_blob(place).await?
                }
                loaded => loaded?,
            },
        };
        let is_of_modulus_length = key.entry.key.spec.modulus_length() == Some(self.length);
        Ok(LoadedCiphertext { key, is_of_modulus_length, header: self.header.clone() })
    }
}

impl Subject for LoadedCiphertext {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(&self.key);
    }

    /// A blob that names a key must name this one, whatever kind of key this is. One that names none
    /// is invalid under a symmetric key; whether it is good under another only decryption tells.
    fn verify(&self) -> Result<(), Fault> {
        let key = &self.key.entry.key;
        match &self.header {
            None => Ok(()),
            Some(Ok(header)) if header.key == key.id && header.account == key.account => Ok(()),
            // Random bytes as long as the modulus may look like a header, once in a long while.
            Some(_) if self.is_of_modulus_length => Ok(()),
            Some(Ok(_)) => Err(Fault::IncorrectKey),
            Some(Err(fault)) if key.spec == KeySpec::SymmetricDefault => Err(fault.clone()),
            Some(Err(_)) => Ok(()),
        }
    }
}

/// An alias name that may or may not be taken.
pub struct AliasTarget(AliasName);

impl AliasTarget {
    /// The alias that the caller's account calls `text`.
    ///
    /// # Errors
    /// The refusals of malformed and reserved names.
    pub fn new(text: &str) -> Result<Self, Fault> {
        if !text.starts_with(AliasName::PREFIX) {
            return Err(Fault::AliasPrefix);
        }
        let name: AliasName = text.parse().map_err(|_| Fault::InvalidAliasName)?;
        if name.is_reserved() { Err(Fault::ReservedAlias) } else { Ok(Self(name)) }
    }
}

/// An alias name, and the alias behind it if there is one.
pub struct LoadedAlias {
    /// The name.
    pub name: AliasName,
    /// The name's ARN.
    pub arn: String,
    /// Where its record lies.
    pub path: Path,
    /// The alias, if the name is taken.
    pub entry: Option<Arc<AliasEntry>>,
}

impl Target for AliasTarget {
    type Loaded = LoadedAlias;

    async fn load(&self, place: &Place<'_>) -> Result<LoadedAlias, Fault> {
        let path = Path::alias(place.account(), place.region, &self.0);
        let entry = place.records.get(&path).await?;
        Ok(LoadedAlias { name: self.0.clone(), arn: self.0.arn(place.account(), place.region), path, entry })
    }
}

impl Subject for LoadedAlias {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn aliases<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedAlias)) {
        visit(self);
    }

    fn require(&self, changes: &mut Changes) {
        changes.require(self.path.clone(), self.entry.as_ref().map_or(0, |entry| entry.version));
    }
}

/// An alias that must exist, with the key it points at.
pub struct BoundAliasTarget(AliasTarget);

impl BoundAliasTarget {
    /// As [`AliasTarget::new`].
    ///
    /// # Errors
    /// As [`AliasTarget::new`].
    pub fn new(text: &str) -> Result<Self, Fault> {
        AliasTarget::new(text).map(Self)
    }
}

/// An alias that exists.
pub struct BoundAlias {
    /// The name.
    pub alias: LoadedAlias,
    /// Its record.
    pub entry: Arc<AliasEntry>,
    /// The key it points at now.
    pub key: LoadedKey,
}

impl Target for BoundAliasTarget {
    type Loaded = BoundAlias;

    async fn load(&self, place: &Place<'_>) -> Result<BoundAlias, Fault> {
        let alias = self.0.load(place).await?;
        let Some(entry) = alias.entry.clone() else {
            return Err(Fault::AliasNotFound(alias.arn));
        };
        let path = Path::key(place.account(), place.region, &entry.alias.target);
        let key = place.key(&path).await?.ok_or_else(|| Fault::AliasNotFound(alias.arn.clone()))?;
        Ok(BoundAlias {
            alias,
            entry,
            key: LoadedKey { entry: key, request_alias: None, by_ciphertext: false },
        })
    }
}

impl Subject for BoundAlias {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(&self.key);
    }

    fn aliases<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedAlias)) {
        visit(&self.alias);
    }

    /// The key an alias leaves may be in any state.
    fn gated<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    /// The alias must be the one that was read. The key it leaves may change meanwhile.
    fn require(&self, changes: &mut Changes) {
        self.alias.require(changes);
    }
}

/// A grant that an input names and that must exist, with its key.
pub struct GrantTarget(GrantReference);

enum GrantReference {
    Token(String),
    Id(KeyTarget, GrantId),
}

impl GrantTarget {
    /// A grant by its id and key.
    ///
    /// # Errors
    /// [`Fault::InvalidGrantId`] when the text is no such id.
    pub fn by_id(key: KeyTarget, grant: &str) -> Result<Self, Fault> {
        let grant = grant.parse().map_err(|_| Fault::InvalidGrantId)?;
        Ok(Self(GrantReference::Id(key, grant)))
    }

    /// A grant by one of its tokens.
    #[must_use]
    pub fn by_token(token: &str) -> Self {
        Self(GrantReference::Token(token.to_owned()))
    }
}

/// A grant that was found.
pub struct LoadedGrant {
    /// Its key.
    pub key: LoadedKey,
    /// The grant.
    pub entry: Arc<GrantEntry>,
}

impl Target for GrantTarget {
    type Loaded = LoadedGrant;

    async fn load(&self, place: &Place<'_>) -> Result<LoadedGrant, Fault> {
        match &self.0 {
            GrantReference::Id(key, id) => {
                let key = key.load(place).await?;
                let found = find_grant(place, &key.entry.key, id).await?;
                let foreign = key.entry.key.account != place.account();
                let missing = || {
                    if foreign {
                        unreachable(&place.caller.arn, place.operation)
                    } else {
                        Fault::GrantNotFound(id.to_string())
                    }
                };
                Ok(LoadedGrant { entry: found.ok_or_else(missing)?, key })
            }
            GrantReference::Token(token) => {
                let named = GrantToken::read(place.records, place.region, token)?;
                let arn = named.key();
                let path = Path::key(arn.account, &arn.region, &arn.id);
                let entry = place.key(&path).await?.ok_or(Fault::InvalidGrantToken)?;
                let key = LoadedKey { entry, request_alias: None, by_ciphertext: false };
                let found = find_grant(place, &key.entry.key, named.grant()).await?;
                Ok(LoadedGrant { entry: found.ok_or(Fault::InvalidGrantToken)?, key })
            }
        }
    }
}

async fn find_grant(place: &Place<'_>, key: &Key, id: &GrantId) -> Result<Option<Arc<GrantEntry>>, Fault> {
    Ok(place.records.get(&Path::grant(&key.arn(), id)).await?)
}

impl Subject for LoadedGrant {
    fn keys<'a>(&'a self, visit: &mut dyn FnMut(&'a LoadedKey)) {
        visit(&self.key);
    }

    /// The grant itself is deleted at the version it was read at; its key may change meanwhile.
    fn require(&self, _: &mut Changes) {}
}
