//! Key material, and how it is kept.
//!
//! ```text
//! record = 0x01 || 32 bytes of a symmetric key
//!        | 0x02 || code of the spec || bytes of an HMAC key
//!        | 0x03 || code of the spec || PKCS #8 of a private key
//! ```

use aws_lc_rs::hmac;
use trent_domain::{
    EncryptionAlgorithm, KeyId, KeySpec, MacAlgorithm, MaterialId, MessageType, SigningAlgorithm,
};

use crate::{CryptoError, HmacKey, InvalidKey, KeyError, KeyPair, SecretBytes, SymmetricKey, Tag};

/// The kinds of material in a record: its first byte.
const SYMMETRIC: u8 = 1;
const HMAC: u8 = 2;
const KEY_PAIR: u8 = 3;

/// The material of one KMS key, parsed and ready for use.
#[derive(Debug)]
pub enum Material {
    /// A 256-bit symmetric key.
    Symmetric(SymmetricKey),
    /// An HMAC key.
    Hmac(Box<HmacKey>),
    /// A key pair of one of the asymmetric specs.
    KeyPair(Box<KeyPair>),
}

impl Material {
    /// New material. Slow for RSA (65 ms to seconds) and most other pairs (up to 1 ms).
    ///
    /// # Errors
    /// When the random source or the library fails.
    pub fn generate(spec: KeySpec) -> Result<Self, CryptoError> {
        if spec == KeySpec::SymmetricDefault {
            SymmetricKey::generate().map(Self::Symmetric)
        } else if spec.is_asymmetric() {
            KeyPair::generate(spec).map(|pair| Self::KeyPair(Box::new(pair)))
        } else {
            HmacKey::generate(spec).map(|key| Self::Hmac(Box::new(key)))
        }
    }

    /// Material that was made elsewhere: a raw symmetric or HMAC key, or PKCS #8. Slow for RSA: up to
    /// 3 ms.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not material of `spec`, or of a spec that is not imported.
    pub fn import(spec: KeySpec, bytes: SecretBytes) -> Result<Self, InvalidKey> {
        if spec.is_importable() { Self::restore(spec, bytes) } else { Err(InvalidKey) }
    }

    /// As [`Self::import`], of any spec: what the API takes from nobody, its owner may still have.
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not material of `spec`.
    pub fn restore(spec: KeySpec, bytes: SecretBytes) -> Result<Self, InvalidKey> {
        if spec == KeySpec::SymmetricDefault {
            SymmetricKey::from_bytes(bytes).map(Self::Symmetric).ok_or(InvalidKey)
        } else if spec.is_asymmetric() {
            KeyPair::import(spec, bytes.expose()).map(|pair| Self::KeyPair(Box::new(pair)))
        } else {
            HmacKey::from_bytes(spec, bytes).map(|key| Self::Hmac(Box::new(key))).ok_or(InvalidKey)
        }
    }

    /// The spec of keys with this material.
    #[must_use]
    pub const fn spec(&self) -> KeySpec {
        match self {
            Self::Symmetric(_) => KeySpec::SymmetricDefault,
            Self::Hmac(key) => key.spec(),
            Self::KeyPair(pair) => pair.spec(),
        }
    }

    /// The id of this material in `key`: the same material in two keys has two ids, and the id
    /// tells nothing of the material.
    #[must_use]
    pub fn id(&self, key: &KeyId) -> MaterialId {
        let mac = match self {
            Self::Symmetric(symmetric) => hmac::Key::new(hmac::HMAC_SHA256, symmetric.expose()),
            // The record tells specs apart that have keys of equal bytes.
            Self::Hmac(_) | Self::KeyPair(_) => hmac::Key::new(hmac::HMAC_SHA256, self.to_record().expose()),
        };
        let tag = hmac::sign(&mac, format!("trent key material id v1\0{key}").as_bytes());
        let mut id = [0; 32];
        for (to, from) in id.iter_mut().zip(tag.as_ref()) {
            *to = *from;
        }
        MaterialId::from_bytes(id)
    }

    /// The plaintext of this material's record.
    #[must_use]
    pub fn to_record(&self) -> SecretBytes {
        let record = match self {
            Self::Symmetric(symmetric) => [&[SYMMETRIC], symmetric.expose()].concat(),
            Self::Hmac(key) => [&[HMAC, code(key.spec())], key.expose()].concat(),
            Self::KeyPair(pair) => {
                [&[KEY_PAIR, code(pair.spec())], pair.private_key_pkcs8().expose()].concat()
            }
        };
        SecretBytes::from(record)
    }

    /// The material of a record. Slow for RSA, secp256k1 and SM2: up to 600 µs.
    ///
    /// # Errors
    /// [`CryptoError::Damaged`] when it is none.
    pub fn from_record(record: &[u8]) -> Result<Self, CryptoError> {
        let material = match record {
            [SYMMETRIC, key @ ..] => {
                SymmetricKey::from_bytes(SecretBytes::from(key.to_vec())).map(Self::Symmetric)
            }
            [HMAC, code, key @ ..] => spec(*code)
                .and_then(|spec| HmacKey::from_bytes(spec, SecretBytes::from(key.to_vec())))
                .map(|key| Self::Hmac(Box::new(key))),
            [KEY_PAIR, code, pkcs8 @ ..] => spec(*code)
                .and_then(|spec| KeyPair::from_pkcs8(spec, pkcs8).ok())
                .filter(|pair| pair.private_key_pkcs8().expose() == pkcs8)
                .map(|pair| Self::KeyPair(Box::new(pair))),
            _ => None,
        };
        material.ok_or(CryptoError::Damaged)
    }

    /// The symmetric key, if that is what it is.
    #[must_use]
    pub const fn symmetric(&self) -> Option<&SymmetricKey> {
        match self {
            Self::Symmetric(key) => Some(key),
            Self::Hmac(_) | Self::KeyPair(_) => None,
        }
    }

    /// The key pair, if that is what it is.
    #[must_use]
    pub fn key_pair(&self) -> Option<&KeyPair> {
        match self {
            Self::KeyPair(pair) => Some(pair),
            Self::Symmetric(_) | Self::Hmac(_) => None,
        }
    }

    /// The public key as a DER SubjectPublicKeyInfo, if there is one.
    #[must_use]
    pub fn public_key_der(&self) -> Option<&[u8]> {
        self.key_pair().map(|pair| pair.public().spki())
    }

    /// See [`KeyPair::sign`].
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        self.pair()?.sign(algorithm, message_type, message)
    }

    /// See [`PublicKey::verify`](crate::PublicKey::verify).
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyError> {
        self.pair()?.public().verify(algorithm, message_type, message, signature)
    }

    /// See [`HmacKey::mac`].
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no HMAC key.
    pub fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Tag, KeyError> {
        self.hmac()?.mac(algorithm, message)
    }

    /// See [`HmacKey::verify_mac`].
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no HMAC key.
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), KeyError> {
        self.hmac()?.verify_mac(algorithm, message, mac)
    }

    /// Asymmetric encryption; see [`PublicKey::encrypt`](crate::PublicKey::encrypt).
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn encrypt(&self, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Result<Vec<u8>, KeyError> {
        self.pair()?.public().encrypt(algorithm, plaintext)
    }

    /// Asymmetric decryption; see [`KeyPair::decrypt`].
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, KeyError> {
        self.pair()?.decrypt(algorithm, ciphertext)
    }

    /// See [`KeyPair::derive_shared_secret`].
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn derive_shared_secret(&self, peer_spki: &[u8]) -> Result<SecretBytes, KeyError> {
        self.pair()?.derive_shared_secret(peer_spki)
    }

    /// See [`PublicKey::encapsulate`](crate::PublicKey::encapsulate).
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn encapsulate(&self) -> Result<(SecretBytes, Vec<u8>), KeyError> {
        self.pair()?.public().encapsulate()
    }

    /// See [`KeyPair::decapsulate`].
    ///
    /// # Errors
    /// As there; [`KeyError::Algorithm`] when this is no key pair.
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, KeyError> {
        self.pair()?.decapsulate(ciphertext)
    }

    fn pair(&self) -> Result<&KeyPair, KeyError> {
        self.key_pair().ok_or(KeyError::Algorithm)
    }

    fn hmac(&self) -> Result<&HmacKey, KeyError> {
        match self {
            Self::Hmac(key) => Ok(key),
            Self::Symmetric(_) | Self::KeyPair(_) => Err(KeyError::Algorithm),
        }
    }
}

/// The byte that stands for a spec in a record. It must never change.
const fn code(spec: KeySpec) -> u8 {
    match spec {
        KeySpec::SymmetricDefault => 1,
        KeySpec::Hmac224 => 2,
        KeySpec::Hmac256 => 3,
        KeySpec::Hmac384 => 4,
        KeySpec::Hmac512 => 5,
        KeySpec::Rsa2048 => 6,
        KeySpec::Rsa3072 => 7,
        KeySpec::Rsa4096 => 8,
        KeySpec::EccNistP256 => 9,
        KeySpec::EccNistP384 => 10,
        KeySpec::EccNistP521 => 11,
        KeySpec::EccSecgP256K1 => 12,
        KeySpec::EccNistEdwards25519 => 13,
        KeySpec::Sm2 => 14,
        KeySpec::MlDsa44 => 15,
        KeySpec::MlDsa65 => 16,
        KeySpec::MlDsa87 => 17,
        KeySpec::MlKem512 => 18,
        KeySpec::MlKem768 => 19,
        KeySpec::MlKem1024 => 20,
    }
}

fn spec(code: u8) -> Option<KeySpec> {
    KeySpec::ALL.iter().copied().find(|spec| self::code(*spec) == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAST: [KeySpec; 18] = [
        KeySpec::SymmetricDefault,
        KeySpec::Hmac224,
        KeySpec::Hmac256,
        KeySpec::Hmac384,
        KeySpec::Hmac512,
        KeySpec::Rsa2048,
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256K1,
        KeySpec::EccNistEdwards25519,
        KeySpec::Sm2,
        KeySpec::MlDsa44,
        KeySpec::MlDsa65,
        KeySpec::MlDsa87,
        KeySpec::MlKem512,
        KeySpec::MlKem768,
        KeySpec::MlKem1024,
    ];

    #[test]
    fn a_record_reads_back_and_nothing_else_does() {
        let key = KeyId::from_raw([1; 16], false);
        for spec in FAST {
            let material = Material::generate(spec).unwrap();
            assert_eq!(material.spec(), spec);
            let record = material.to_record();
            let again = Material::from_record(record.expose()).unwrap();
            assert_eq!(again.spec(), spec);
            assert_eq!(again.to_record(), record);
            assert_eq!(again.id(&key), material.id(&key));
            assert_eq!(again.public_key_der(), material.public_key_der());
            assert_ne!(again.id(&KeyId::from_raw([1; 16], true)), material.id(&key));
            let (cut, longer) =
                (&record.expose()[..record.expose().len() - 1], [record.expose(), &[0]].concat());
            for bad in [cut, &longer] {
                assert_eq!(Material::from_record(bad).unwrap_err(), CryptoError::Damaged, "{spec:?}");
            }
        }
        for bad in [&[][..], &[1], &[2; 33], &[1; 34], &[3], &[3, 99], &[4; 40]] {
            assert_eq!(Material::from_record(bad).unwrap_err(), CryptoError::Damaged);
        }
    }

    /// What an earlier version stored.
    #[test]
    fn the_first_kind_of_record_still_reads() {
        let record = [&[1], &[7; 32][..]].concat();
        let material = Material::from_record(&record).unwrap();
        assert_eq!(material.to_record().expose(), record);
        let id = material.id(&KeyId::from_raw([1; 16], false)).to_string();
        assert_eq!(id, "5994b5392ada617bd07ed6a8599d2054713e6b4f9a86044777232a752c48f007");
    }

    #[test]
    fn codes_are_all_different() {
        for spec in KeySpec::ALL {
            assert_eq!(super::spec(code(*spec)), Some(*spec));
        }
    }
}
