//! The keys that everything at rest is sealed with. Specified in `docs/at-rest.md`.
//!
//! ```text
//! seal ── opens ──▶ root key ── opens ──▶ domain keys 1, 2, … n
//!                                             │ the newest seals, each opens what it sealed
//!                                             ▼
//!                             record key ── one for each write ──▶ record
//! ```

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::derive::{KEY, NONCE, derive, nonce, open_once, seal_once};
use crate::{CryptoError, SecretBytes};

const FORMAT: u8 = 1;
const DOMAIN_LABEL: &[u8] = b"trent domain keys v1";
const RECORD_LABEL: &[u8] = b"trent record v1";
const TAG_LABEL: &[u8] = b"trent tag v1";

/// The key that opens the domain keys. It is in memory only while they are opened or changed.
#[derive(Debug)]
pub struct RootKey(SecretBytes);

impl RootKey {
    /// A new root key.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate() -> Result<Self, CryptoError> {
        SecretBytes::random(KEY).map(Self)
    }

    pub(crate) fn from_bytes(bytes: SecretBytes) -> Option<Self> {
        (bytes.expose().len() == KEY).then_some(Self(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }
}

/// Seals and opens the records of one store.
#[derive(Debug)]
pub struct Keyring {
    /// Oldest first; the version of a key is its place, counted from 1.
    domain: Vec<SecretBytes>,
}

impl Keyring {
    /// A keyring with one new domain key, and the form in which it is stored.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn create(root: &RootKey) -> Result<(Self, Vec<u8>), CryptoError> {
        let keyring = Self { domain: vec![SecretBytes::random(KEY)?] };
        let wrapped = keyring.wrap(root)?;
        Ok((keyring, wrapped))
    }

    /// The keyring that was stored as `wrapped`.
    ///
    /// # Errors
    /// [`CryptoError::Damaged`] when it was not, or not under this root key.
    pub fn open(root: &RootKey, wrapped: &[u8]) -> Result<Self, CryptoError> {
        let (head, body) = wrapped.split_at_checked(1 + NONCE).ok_or(CryptoError::Damaged)?;
        if head.first() != Some(&FORMAT) {
            return Err(CryptoError::Damaged);
        }
        let key = derive::<KEY>(root.expose(), DOMAIN_LABEL, head)?;
        let keys = open_once(&*key, head, body)?;
        let (domain, rest) = keys.expose().as_chunks::<KEY>();
        if domain.is_empty() || !rest.is_empty() {
            return Err(CryptoError::Damaged);
        }
        Ok(Self { domain: domain.iter().map(|key| SecretBytes::from(key.to_vec())).collect() })
    }

    /// This keyring with one more domain key, which seals from then on, and its stored form.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn rotate(&self, root: &RootKey) -> Result<(Self, Vec<u8>), CryptoError> {
        let mut domain: Vec<_> =
            self.domain.iter().map(|key| SecretBytes::from(key.expose().to_vec())).collect();
        domain.push(SecretBytes::random(KEY)?);
        let keyring = Self { domain };
        let wrapped = keyring.wrap(root)?;
        Ok((keyring, wrapped))
    }

    /// The stored form of a record: `plaintext`, bound to the place and version it is for.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn seal(&self, path: &str, version: u64, plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (domain, key) = self.domain.iter().enumerate().next_back().ok_or(CryptoError::Failed)?;
        let domain = u32::try_from(domain + 1).map_err(|_| CryptoError::Failed)?;
        let mut sealed = vec![FORMAT];
        sealed.extend_from_slice(&domain.to_be_bytes());
        sealed.extend_from_slice(&nonce()?);
        let record_key = derive::<KEY>(key.expose(), RECORD_LABEL, &sealed)?;
        let aad = record_aad(&sealed, path, version);
        seal_once(&*record_key, &aad, plaintext, &mut sealed)?;
        Ok(sealed)
    }

    /// The plaintext of a record that lies at `path` with `version`.
    ///
    /// # Errors
    /// [`CryptoError::Damaged`] when it is not what was sealed for that place and version.
    pub fn open_record(&self, path: &str, version: u64, sealed: &[u8]) -> Result<SecretBytes, CryptoError> {
        let (head, body) = sealed.split_at_checked(5 + NONCE).ok_or(CryptoError::Damaged)?;
        let [FORMAT, domain @ ..] = *head.first_chunk::<5>().ok_or(CryptoError::Damaged)? else {
            return Err(CryptoError::Damaged);
        };
        let place =
            usize::try_from(u32::from_be_bytes(domain)).ok().and_then(|version| version.checked_sub(1));
        let key = place.and_then(|place| self.domain.get(place)).ok_or(CryptoError::Damaged)?;
        let record_key = derive::<KEY>(key.expose(), RECORD_LABEL, head)?;
        open_once(&*record_key, &record_aad(head, path, version), body)
    }

    /// A tag by which this store's own messages are known again. It is made with the first domain
    /// key, so that it outlives rotations.
    #[must_use]
    pub fn tag(&self, label: &'static str, message: &[u8]) -> [u8; 32] {
        let secret = self.domain.first().map(SecretBytes::expose).unwrap_or_default();
        let mac = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let mut context = hmac::Context::with_key(&mac);
        for part in [TAG_LABEL, &[0], label.as_bytes(), &[0], message] {
            context.update(part);
        }
        let mut tag = [0; 32];
        for (to, from) in tag.iter_mut().zip(context.sign().as_ref()) {
            *to = *from;
        }
        tag
    }

    fn wrap(&self, root: &RootKey) -> Result<Vec<u8>, CryptoError> {
        let mut wrapped = vec![FORMAT];
        wrapped.extend_from_slice(&nonce()?);
        let key = derive::<KEY>(root.expose(), DOMAIN_LABEL, &wrapped)?;
        let keys =
            Zeroizing::new(self.domain.iter().flat_map(|key| key.expose()).copied().collect::<Vec<_>>());
        let head = wrapped.clone();
        seal_once(&*key, &head, &keys, &mut wrapped)?;
        Ok(wrapped)
    }
}

/// Head, length and bytes of the path, version: what a record is bound to.
fn record_aad(head: &[u8], path: &str, version: u64) -> Vec<u8> {
    let length = u64::try_from(path.len()).unwrap_or(u64::MAX);
    [head, &length.to_be_bytes(), path.as_bytes(), &version.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyring() -> (RootKey, Keyring, Vec<u8>) {
        let root = RootKey::generate().unwrap();
        let (keyring, wrapped) = Keyring::create(&root).unwrap();
        (root, keyring, wrapped)
    }

    #[test]
    fn a_record_opens_where_it_was_sealed_for() {
        let (_, keyring, _) = keyring();
        let sealed = keyring.seal("/a/b", 3, b"secret").unwrap();
        assert_eq!(keyring.open_record("/a/b", 3, &sealed).unwrap().expose(), b"secret");
        for (path, version) in [("/a/c", 3), ("/a/b", 2), ("/a/b", 4), ("", 3)] {
            assert_eq!(keyring.open_record(path, version, &sealed), Err(CryptoError::Damaged));
        }
        for bit in 0..sealed.len() * 8 {
            let mut bad = sealed.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(keyring.open_record("/a/b", 3, &bad), Err(CryptoError::Damaged), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(keyring.open_record("/a/b", 3, &sealed[..length]).is_err());
        }
    }

    #[test]
    fn rotation_keeps_what_was_sealed() {
        let (root, first, _) = keyring();
        let old = first.seal("/a", 1, b"old").unwrap();
        let (second, wrapped) = first.rotate(&root).unwrap();
        let again = Keyring::open(&root, &wrapped).unwrap();
        let new = second.seal("/a", 1, b"new").unwrap();
        assert_eq!(again.open_record("/a", 1, &old).unwrap().expose(), b"old");
        assert_eq!(again.open_record("/a", 1, &new).unwrap().expose(), b"new");
        assert!(first.open_record("/a", 1, &new).is_err());
        assert_eq!(first.tag("x", b"y"), again.tag("x", b"y"));
        assert_ne!(first.tag("x", b"y"), first.tag("x", b"z"));
        assert_ne!(first.tag("x", b"y"), first.tag("z", b"y"));
    }

    #[test]
    fn a_keyring_opens_under_its_own_root_key() {
        let (root, _, wrapped) = keyring();
        assert!(Keyring::open(&root, &wrapped).is_ok());
        assert_eq!(Keyring::open(&RootKey::generate().unwrap(), &wrapped).unwrap_err(), CryptoError::Damaged);
        let mut bad = wrapped.clone();
        bad[20] ^= 1;
        assert!(Keyring::open(&root, &bad).is_err());
        assert!(Keyring::open(&root, &[]).is_err());
    }
}
