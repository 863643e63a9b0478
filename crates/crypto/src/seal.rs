//! Seals: what the root key is kept under.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::derive::{KEY, NONCE, derive, nonce, open_once, seal_once};
use crate::{CryptoError, RootKey, SecretBytes};

const FORMAT: u8 = 1;
const LABEL: &[u8] = b"trent file seal v1";
const PREFIX: &str = "trent-seal-1:";

/// Why a seal cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The text is not a seal.
    #[error("it is not a seal of a form this version knows")]
    Malformed,
    /// The root key was not wrapped with this seal, or is damaged.
    #[error("it is not the seal this data was sealed with, or the data is damaged")]
    WrongSeal,
    /// Cryptography failed.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// Something that keeps the root key.
pub trait Seal: Send + Sync {
    /// The kind of seal, for messages.
    fn name(&self) -> &'static str;

    /// The root key in a form that only this seal opens.
    ///
    /// # Errors
    /// When the seal cannot be reached or fails.
    fn wrap(&self, root: &RootKey) -> Result<Vec<u8>, SealError>;

    /// The root key that was wrapped.
    ///
    /// # Errors
    /// [`SealError::WrongSeal`] when it was not wrapped by this seal.
    fn unwrap(&self, wrapped: &[u8]) -> Result<RootKey, SealError>;
}

/// A 256-bit key in a file. Reading and writing the file is the server's matter.
#[derive(Debug)]
pub struct FileSeal(SecretBytes);

impl FileSeal {
    /// The seal that a file's text spells: `trent-seal-1:` and 32 bytes in base64.
    ///
    /// # Errors
    /// [`SealError::Malformed`].
    pub fn from_text(text: &str) -> Result<Self, SealError> {
        let encoded = text.trim().strip_prefix(PREFIX).ok_or(SealError::Malformed)?;
        let bytes = STANDARD.decode(encoded).map(SecretBytes::from).map_err(|_| SealError::Malformed)?;
        if bytes.expose().len() == KEY { Ok(Self(bytes)) } else { Err(SealError::Malformed) }
    }

    /// The text of a new seal, with its line end.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn generate_text() -> Result<Zeroizing<String>, SealError> {
        let bytes = SecretBytes::random(KEY)?;
        let encoded = Zeroizing::new(STANDARD.encode(bytes.expose()));
        Ok(Zeroizing::new(format!("{PREFIX}{}\n", *encoded)))
    }
}

impl Seal for FileSeal {
    fn name(&self) -> &'static str {
        "file"
    }

    fn wrap(&self, root: &RootKey) -> Result<Vec<u8>, SealError> {
        let mut wrapped = vec![FORMAT];
        wrapped.extend_from_slice(&nonce()?);
        let key = derive::<KEY>(self.0.expose(), LABEL, &wrapped)?;
        let head = wrapped.clone();
        seal_once(&*key, &head, root.expose(), &mut wrapped)?;
        Ok(wrapped)
    }

    fn unwrap(&self, wrapped: &[u8]) -> Result<RootKey, SealError> {
        let (head, body) = wrapped.split_at_checked(1 + NONCE).ok_or(SealError::WrongSeal)?;
        if head.first() != Some(&FORMAT) {
            return Err(SealError::WrongSeal);
        }
        let key = derive::<KEY>(self.0.expose(), LABEL, head)?;
        let root = open_once(&*key, head, body).map_err(|_| SealError::WrongSeal)?;
        RootKey::from_bytes(root).ok_or(SealError::WrongSeal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_opens_what_it_wrapped() {
        let text = FileSeal::generate_text().unwrap();
        let seal = FileSeal::from_text(&text).unwrap();
        let root = RootKey::generate().unwrap();
        let wrapped = seal.wrap(&root).unwrap();
        assert_eq!(seal.unwrap(&wrapped).unwrap().expose(), root.expose());
        let other = FileSeal::from_text(&FileSeal::generate_text().unwrap()).unwrap();
        assert_eq!(other.unwrap(&wrapped).unwrap_err(), SealError::WrongSeal);
        for byte in 0..wrapped.len() {
            let mut bad = wrapped.clone();
            bad[byte] ^= 0x10;
            assert_eq!(seal.unwrap(&bad).unwrap_err(), SealError::WrongSeal);
        }
    }

    #[test]
    fn a_text_that_is_no_seal_is_refused() {
        for bad in ["", "trent-seal-1:", "trent-seal-1:AAAA", "trent-seal-2:AAAA", "!!"] {
            assert_eq!(FileSeal::from_text(bad).unwrap_err(), SealError::Malformed, "{bad}");
        }
    }
}
