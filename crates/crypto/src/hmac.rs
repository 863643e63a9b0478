//! HMAC keys.

use std::fmt;

use aws_lc_rs::hmac::{self, Algorithm};
use subtle::ConstantTimeEq as _;
use trent_domain::{Algorithms, KeySpec, KeyUsage, MacAlgorithm};

use crate::{CryptoError, KeyError, SecretBytes};

/// An HMAC key, with the inner and outer pads already hashed.
pub struct HmacKey {
    spec: KeySpec,
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
        let key = hmac::Key::new(digest(spec)?, bytes.expose());
        Some(Self { spec, bytes, key })
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
    pub fn mac(&self, algorithm: MacAlgorithm, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match self.spec.algorithms(KeyUsage::GenerateVerifyMac) {
            Some(Algorithms::Mac(offered)) if offered.contains(&algorithm) => {}
            _ => return Err(KeyError::Algorithm),
        }
        Ok(hmac::sign(&self.key, message).as_ref().to_vec())
    }

    /// Whether `mac` is the tag of `message`, compared in constant time. Shortened tags are not.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`], [`KeyError::InvalidMac`].
    pub fn verify_mac(&self, algorithm: MacAlgorithm, message: &[u8], mac: &[u8]) -> Result<(), KeyError> {
        let expected = self.mac(algorithm, message)?;
        if expected.ct_eq(mac).into() { Ok(()) } else { Err(KeyError::InvalidMac) }
    }
}

const fn digest(spec: KeySpec) -> Option<Algorithm> {
    match spec {
        KeySpec::Hmac224 => Some(hmac::HMAC_SHA224),
        KeySpec::Hmac256 => Some(hmac::HMAC_SHA256),
        KeySpec::Hmac384 => Some(hmac::HMAC_SHA384),
        KeySpec::Hmac512 => Some(hmac::HMAC_SHA512),
        _ => None,
    }
}
