//! HMAC keys.

use std::fmt;

use aws_lc_rs::hmac::{self, Algorithm};
use trent_domain::{KeySpec, MacAlgorithm};

use crate::{CryptoError, KeyError, SecretBytes};

/// An HMAC key, with the inner and outer pads already hashed.
pub struct HmacKey {
    spec: KeySpec,
    algorithm: MacAlgorithm,
    bytes: SecretBytes,
    key: hmac::Key,
}

impl fmt::Debug for HmacKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HmacKey({})", self.spec.as_str())
    }
}

impl HmacKey {
    /// A new key, as long as its tags.
    ///
    /// # Errors
    /// When `spec` is not one of HMAC, or the random source fails.
    pub fn generate(spec: KeySpec) -> Result<Self, CryptoError> {
        let length = spec.hmac_key_length().ok_or(CryptoError::Failed)?;
        Self::from_bytes(spec, SecretBytes::random(length)?).ok_or(CryptoError::Failed)
    }

    /// The key with these bytes, if there are as many as `spec` demands.
    #[must_use]
    pub fn from_bytes(spec: KeySpec, bytes: SecretBytes) -> Option<Self> {
        if spec.hmac_key_length() != Some(bytes.expose().len()) {
            return None;
        }
        let (digest, algorithm) = algorithms(spec)?;
        let key = hmac::Key::new(digest, bytes.expose());
        Some(Self { spec, algorithm, bytes, key })
    }

    /// The key's spec.
    #[must_use]
    pub const fn spec(&self) -> KeySpec {
        self.spec
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.bytes.expose()
    }

    /// The tag of `message`, in full length.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`].
    pub fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Tag, KeyError> {
        self.require(algorithm)?;
        Ok(Tag(hmac::sign(&self.key, message)))
    }

    /// Whether `mac` is the tag of `message`, compared in constant time. Shortened tags are not.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`], [`KeyError::InvalidMac`].
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), KeyError> {
        self.require(algorithm)?;
        hmac::verify(&self.key, message, mac).map_err(|_| KeyError::InvalidMac)
    }

    fn require(&self, algorithm: MacAlgorithm) -> Result<(), KeyError> {
        if algorithm == self.algorithm { Ok(()) } else { Err(KeyError::Algorithm) }
    }
}

/// A message authentication code.
#[derive(Debug, Clone, Copy)]
pub struct Tag(hmac::Tag);

impl AsRef<[u8]> for Tag {
    fn as_ref(&self) -> &[u8] {
        self.0.as_ref()
    }
}

/// The hash of a spec's keys, and the one algorithm they have.
const fn algorithms(spec: KeySpec) -> Option<(Algorithm, MacAlgorithm)> {
    match spec {
        KeySpec::Hmac224 => Some((hmac::HMAC_SHA224, MacAlgorithm::HmacSha224)),
        KeySpec::Hmac256 => Some((hmac::HMAC_SHA256, MacAlgorithm::HmacSha256)),
        KeySpec::Hmac384 => Some((hmac::HMAC_SHA384, MacAlgorithm::HmacSha384)),
        KeySpec::Hmac512 => Some((hmac::HMAC_SHA512, MacAlgorithm::HmacSha512)),
        _ => None,
    }
}
