//! Secret bytes.

use std::fmt;

use aws_lc_rs::rand;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

use crate::CryptoError;

/// Bytes that must not leak: no Clone, no serialization, a placeholder when printed, comparison in
/// constant time, wiped when dropped. Swap and core dumps are the process's matter
/// ([`harden_process`](crate::harden_process)).
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// `length` random bytes.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn random(length: usize) -> Result<Self, CryptoError> {
        Self::filled(length, fill_random)
    }

    /// `length` bytes that `fill` writes where they stay.
    pub(crate) fn filled<E>(length: usize, fill: impl FnOnce(&mut [u8]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Self(vec![0; length]);
        fill(&mut bytes.0)?;
        Ok(bytes)
    }

    /// The bytes, for the moment they are needed.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl From<Vec<u8>> for SecretBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl Drop for SecretBytes {
    /// Wipes everything that was allocated. `Vec` would be wiped byte by byte; a slice is wiped at once.
    fn drop(&mut self) {
        self.0.spare_capacity_mut().zeroize();
        self.0.as_mut_slice().zeroize();
    }
}

impl PartialEq for SecretBytes {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for SecretBytes {}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes([{} bytes])", self.0.len())
    }
}

/// Fills `bytes` from the library's random generator.
///
/// # Errors
/// When it fails; the bytes must not be used then.
pub fn fill_random(bytes: &mut [u8]) -> Result<(), CryptoError> {
    rand::fill(bytes).map_err(|_| CryptoError::Random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        let secret = SecretBytes::from(b"attack at dawn".to_vec());
        assert_eq!(format!("{secret:?}"), "SecretBytes([14 bytes])");
    }

    #[test]
    fn random_bytes_are_not_all_alike() {
        let (a, b) = (SecretBytes::random(32).unwrap(), SecretBytes::random(32).unwrap());
        assert_eq!(a.expose().len(), 32);
        assert_ne!(a, b);
    }
}
