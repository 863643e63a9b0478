//! Key material, and how it is kept.

use aws_lc_rs::hmac;
use trent_domain::{KeyId, MaterialId};

use crate::{CryptoError, SecretBytes, SymmetricKey};

/// The kinds of material in a record: its first byte.
const SYMMETRIC: u8 = 1;

/// The material of one KMS key.
#[derive(Debug)]
pub enum Material {
    /// A 256-bit symmetric key.
    Symmetric(SymmetricKey),
}

impl Material {
    /// New material of a symmetric key.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate_symmetric() -> Result<Self, CryptoError> {
        SymmetricKey::generate().map(Self::Symmetric)
    }

    /// The id of this material in `key`: the same material in two keys has two ids, and the id
    /// tells nothing of the material.
    #[must_use]
    pub fn id(&self, key: &KeyId) -> MaterialId {
        let Self::Symmetric(symmetric) = self;
        let mac = hmac::Key::new(hmac::HMAC_SHA256, symmetric.expose());
        let tag = hmac::sign(&mac, format!("trent key material id v1\0{key}").as_bytes());
        let mut id = [0; 32];
        for (to, from) in id.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        MaterialId::from_bytes(id)
    }

    /// The plaintext of this material's record: one byte of kind, then the key's bytes.
    #[must_use]
    pub fn to_record(&self) -> SecretBytes {
        let Self::Symmetric(symmetric) = self;
        SecretBytes::from([&[SYMMETRIC], symmetric.expose()].concat())
    }

    /// The material of a record.
    ///
    /// # Errors
    /// [`CryptoError::Damaged`] when it is none.
    pub fn from_record(record: &[u8]) -> Result<Self, CryptoError> {
        let symmetric = match record.split_first() {
            Some((&SYMMETRIC, bytes)) => SymmetricKey::from_bytes(SecretBytes::from(bytes.to_vec())),
            _ => None,
        };
        symmetric.map(Self::Symmetric).ok_or(CryptoError::Damaged)
    }

    /// The symmetric key, if that is what it is.
    #[must_use]
    pub const fn symmetric(&self) -> Option<&SymmetricKey> {
        let Self::Symmetric(symmetric) = self;
        Some(symmetric)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_nothing_else_does() {
        let material = Material::generate_symmetric().unwrap();
        let key = KeyId::from_raw([1; 16], false);
        let again = Material::from_record(material.to_record().expose()).unwrap();
        assert_eq!(again.id(&key), material.id(&key));
        assert_ne!(again.id(&KeyId::from_raw([1; 16], true)), material.id(&key));
        for bad in [&[][..], &[1], &[2; 33], &[1; 34]] {
            assert_eq!(Material::from_record(bad).unwrap_err(), CryptoError::Damaged);
        }
    }
}
