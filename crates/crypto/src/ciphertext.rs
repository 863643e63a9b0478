//! Ciphertexts of symmetric keys, as clients keep them. Specified in `docs/ciphertext.md`.
//!
//! ```text
//!   0  format        1        25  material id  32
//!   1  suite         1        57  nonce        16
//!   2  key id kind   1        73  commitment   32
//!   3  account       6       105  ciphertext   n
//!   9  key id       16       105+n  tag        16
//! ```
//! The header says whose key it takes, so Decrypt needs no KeyId, and carries no Region, so that
//! replicas of a multi-Region key open each other's. The commitment is derived beside the
//! encryption key: a blob opens under one key only.

use subtle::ConstantTimeEq as _;
use trent_domain::{AccountId, EncryptionContext, KeyId, MaterialId};
use zeroize::Zeroizing;

use crate::derive::{KEY, NONCE, TAG, derive, nonce, open_once, seal_once};
use crate::{CryptoError, SecretBytes};

const FORMAT: u8 = 1;
/// AES-256-GCM, SP 800-108 counter mode with HMAC-SHA-256, key committing.
const SUITE: u8 = 1;
const LABEL: &[u8] = b"trent ciphertext v1";

const NAMES: usize = 57;
const FIXED: usize = NAMES + NONCE;
const HEADER: usize = FIXED + KEY;
/// Room for the header and a usual context, so that the associated data are allocated once.
const USUAL_AAD: usize = 256;

/// What a ciphertext says of the key it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CiphertextHeader {
    /// Who owns the key.
    pub account: AccountId,
    /// The key.
    pub key: KeyId,
    /// Which of the key's materials.
    pub material: MaterialId,
}

/// The bytes are not a ciphertext, or not of this key, material and context. That is all there is
/// to say, and all that anyone may learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the ciphertext is invalid")]
pub struct InvalidCiphertext;

impl CiphertextHeader {
    /// Reads the header of a blob. Nothing is authenticated by that.
    ///
    /// # Errors
    /// When the blob is too short, or of an unknown form.
    pub fn parse(blob: &[u8]) -> Result<Self, InvalidCiphertext> {
        if blob.len() < HEADER + TAG {
            return Err(InvalidCiphertext);
        }
        let mut fields = Fields(blob);
        let [format, suite, kind] = fields.take()?;
        let multi_region = match (format, suite, kind) {
            (FORMAT, SUITE, 0) => false,
            (FORMAT, SUITE, 1) => true,
            _ => return Err(InvalidCiphertext),
        };
        let mut number = [0; 8];
        if let Some(low) = number.get_mut(2..) {
            low.copy_from_slice(&fields.take::<6>()?);
        }
        Ok(Self {
            account: AccountId::from_number(u64::from_be_bytes(number)).ok_or(InvalidCiphertext)?,
            key: KeyId::from_raw(fields.take()?, multi_region),
            material: MaterialId::from_bytes(fields.take()?),
        })
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&[FORMAT, SUITE, u8::from(self.key.is_multi_region())]);
        let [_, _, number @ ..] = self.account.number().to_be_bytes();
        out.extend_from_slice(&number);
        out.extend_from_slice(self.key.bytes());
        out.extend_from_slice(self.material.bytes());
    }
}

/// Fields of a blob from left to right.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], InvalidCiphertext> {
        let (field, rest) = self.0.split_first_chunk().ok_or(InvalidCiphertext)?;
        self.0 = rest;
        Ok(*field)
    }
}

/// A 256-bit symmetric key.
#[derive(Debug)]
pub struct SymmetricKey(SecretBytes);

impl SymmetricKey {
    /// Length in bytes.
    pub const LENGTH: usize = 32;

    /// A new key.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate() -> Result<Self, CryptoError> {
        SecretBytes::random(Self::LENGTH).map(Self)
    }

    /// The key with these bytes, if there are as many as there must be.
    #[must_use]
    pub fn from_bytes(bytes: SecretBytes) -> Option<Self> {
        (bytes.expose().len() == Self::LENGTH).then_some(Self(bytes))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.expose()
    }

    /// A ciphertext of `plaintext`, authenticated together with `header` and `context`.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn encrypt(
        &self,
        header: &CiphertextHeader,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        self.encrypt_with(nonce()?, header, context, plaintext)
    }

    /// Private, because a nonce must never come from outside; test vectors are made with it.
    fn encrypt_with(
        &self,
        nonce: [u8; NONCE],
        header: &CiphertextHeader,
        context: &EncryptionContext,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, CryptoError> {
        let mut blob = Vec::with_capacity(HEADER + plaintext.len() + TAG);
        header.write(&mut blob);
        blob.extend_from_slice(&nonce);
        let keys = self.message_keys(&blob)?;
        let (key, commitment) = keys.split_at(KEY);
        blob.extend_from_slice(commitment);
        let aad = associated_data(&blob, context);
        seal_once(key, &aad, plaintext, &mut blob)?;
        Ok(blob)
    }

    /// The plaintext of a blob that was made with this key and `context`.
    ///
    /// # Errors
    /// [`InvalidCiphertext`], whatever is wrong.
    pub fn decrypt(
        &self,
        blob: &[u8],
        context: &EncryptionContext,
    ) -> Result<SecretBytes, InvalidCiphertext> {
        CiphertextHeader::parse(blob)?;
        let (header, body) = blob.split_at_checked(HEADER).ok_or(InvalidCiphertext)?;
        let (fixed, commitment) = header.split_at_checked(FIXED).ok_or(InvalidCiphertext)?;
        let keys = self.message_keys(fixed).map_err(|_| InvalidCiphertext)?;
        let (key, expected) = keys.split_at(KEY);
        if !bool::from(expected.ct_eq(commitment)) {
            return Err(InvalidCiphertext);
        }
        let aad = associated_data(header, context);
        open_once(key, &aad, body).map_err(|_| InvalidCiphertext)
    }

    /// The encryption key of one message and the commitment to it. All of the header up to and
    /// including the nonce goes into them.
    fn message_keys(&self, fixed: &[u8]) -> Result<Zeroizing<[u8; 2 * KEY]>, CryptoError> {
        derive(self.expose(), LABEL, fixed)
    }
}

fn associated_data(header: &[u8], context: &EncryptionContext) -> Vec<u8> {
    let mut aad = Vec::with_capacity(USUAL_AAD);
    aad.extend_from_slice(header);
    context.encode_into(&mut aad);
    aad
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    fn header(multi_region: bool) -> CiphertextHeader {
        CiphertextHeader {
            account: AccountId::from_number(111_122_223_333).unwrap(),
            key: KeyId::from_raw([7; 16], multi_region),
            material: MaterialId::from_bytes([9; 32]),
        }
    }

    fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
        let pairs = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        EncryptionContext::new(pairs.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn the_layout_is_the_documented_one() {
        let key = SymmetricKey::generate().unwrap();
        let blob = key.encrypt(&header(true), &context(&[]), b"xyz").unwrap();
        assert_eq!(blob.len(), 105 + 3 + 16);
        assert_eq!(blob[..3], [1, 1, 1]);
        assert_eq!(blob[3..9], 111_122_223_333_u64.to_be_bytes()[2..]);
        assert_eq!(blob[9..25], [7; 16]);
        assert_eq!(blob[25..57], [9; 32]);
        assert_eq!(CiphertextHeader::parse(&blob), Ok(header(true)));
    }

    #[test]
    fn contexts_are_not_interchangeable() {
        let key = SymmetricKey::generate().unwrap();
        let made = context(&[("a", "b"), ("c", "")]);
        let blob = key.encrypt(&header(false), &made, b"x").unwrap();
        assert_eq!(key.decrypt(&blob, &made).unwrap().expose(), b"x");
        for other in [context(&[]), context(&[("a", "b")]), context(&[("A", "b"), ("c", "")])] {
            assert_eq!(key.decrypt(&blob, &other), Err(InvalidCiphertext));
        }
    }

    /// GCM alone would open this blob: its tag is right, and covers the wrong commitment.
    #[test]
    fn a_blob_without_its_commitment_does_not_open() {
        let key = SymmetricKey::generate().unwrap();
        let mut blob = key.encrypt(&header(false), &context(&[]), b"").unwrap();
        blob.truncate(HEADER);
        blob[FIXED] ^= 1;
        let keys = key.message_keys(&blob[..FIXED]).unwrap();
        let aad = associated_data(&blob, &context(&[]));
        seal_once(&keys[..KEY], &aad, b"x", &mut blob).unwrap();
        assert!(open_once(&keys[..KEY], &aad, &blob[HEADER..]).is_ok());
        assert_eq!(key.decrypt(&blob, &context(&[])), Err(InvalidCiphertext));
    }

    #[test]
    fn no_bit_may_change_and_none_be_missing() {
        let key = SymmetricKey::generate().unwrap();
        let blob = key.encrypt(&header(false), &context(&[]), b"attack at dawn").unwrap();
        for bit in 0..blob.len() * 8 {
            let mut bad = blob.clone();
            bad[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(key.decrypt(&bad, &context(&[])), Err(InvalidCiphertext), "bit {bit}");
        }
        for length in 0..blob.len() {
            assert_eq!(key.decrypt(&blob[..length], &context(&[])), Err(InvalidCiphertext));
        }
        assert!(key.decrypt(&[&blob[..], &[0]].concat(), &context(&[])).is_err());
        assert!(SymmetricKey::generate().unwrap().decrypt(&blob, &context(&[])).is_err());
    }

    /// A vector of `tests/vectors/ciphertext`. They were made by another implementation, and the one
    /// in `clients/decrypt` opens them.
    #[derive(serde::Deserialize)]
    struct Vector {
        material: String,
        account: String,
        key_id: String,
        material_id: String,
        nonce: String,
        context: BTreeMap<String, String>,
        plaintext: String,
        blob: String,
    }

    impl Vector {
        fn holds(self) {
            let bytes = |text: &str| hex::decode(text).unwrap();
            let key = SymmetricKey::from_bytes(SecretBytes::from(bytes(&self.material))).unwrap();
            let header = CiphertextHeader {
                account: self.account.parse().unwrap(),
                key: self.key_id.parse().unwrap(),
                material: MaterialId::from_bytes(bytes(&self.material_id).try_into().unwrap()),
            };
            let nonce = bytes(&self.nonce).try_into().unwrap();
            let (context, plaintext) = (EncryptionContext::new(self.context), bytes(&self.plaintext));
            let blob = key.encrypt_with(nonce, &header, &context, &plaintext).unwrap();
            assert_eq!(hex::encode(&blob), self.blob);
            assert_eq!(CiphertextHeader::parse(&blob), Ok(header));
            assert_eq!(key.decrypt(&blob, &context).unwrap().expose(), plaintext);
        }
    }

    #[test]
    fn the_vectors_hold() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/ciphertext");
        let files: Vec<_> = std::fs::read_dir(directory).unwrap().map(|file| file.unwrap().path()).collect();
        assert!(files.len() >= 7, "vectors are missing");
        for file in files {
            println!("{}", file.display());
            let text = std::fs::read_to_string(file).unwrap();
            serde_json::from_str::<Vector>(&text).unwrap().holds();
        }
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(plaintext in prop::collection::vec(any::<u8>(), 0..200), multi_region: bool) {
            let key = SymmetricKey::generate().unwrap();
            let blob = key.encrypt(&header(multi_region), &context(&[]), &plaintext).unwrap();
            let opened = key.decrypt(&blob, &context(&[])).unwrap();
            prop_assert_eq!(opened.expose(), &plaintext[..]);
        }

        #[test]
        fn no_blob_breaks_the_parser(blob in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = CiphertextHeader::parse(&blob);
            let key = SymmetricKey::generate().unwrap();
            prop_assert!(key.decrypt(&blob, &context(&[])).is_err());
        }
    }
}
