//! Ed25519 (RFC 8032), pure and pre-hashed, by AWS-LC.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, ParsedPublicKey};
use trent_domain::KeySpec;
use zeroize::Zeroizing;

use crate::key_error::failed;
use crate::provider::SignInput;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes, ffi, pkcs8, spki};

const SPEC: KeySpec = KeySpec::EccNistEdwards25519;

/// The PKCS #8 form of a new key.
pub(crate) fn generate() -> Result<SecretBytes, CryptoError> {
    pkcs8::random(SPEC)
}

/// An Ed25519 private key.
pub(crate) struct Ed25519PrivateKey {
    pkcs8: SecretBytes,
    pure: Ed25519KeyPair,
    /// Seed and public key: the form in which the pre-hashed variant takes it.
    expanded: Zeroizing<[u8; 64]>,
}

impl Ed25519PrivateKey {
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        let pure = Ed25519KeyPair::from_pkcs8(der).map_err(|_| InvalidKey)?;
        let seed = pure.seed().map_err(|_| InvalidKey)?;
        let seed = aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&seed).map_err(|_| InvalidKey)?;
        let mut expanded = Zeroizing::new([0; 64]);
        let parts = seed.as_ref().iter().chain(pure.public_key().as_ref());
        for (to, from) in expanded.iter_mut().zip(parts) {
            *to = *from;
        }
        Ok(Self { pkcs8: pkcs8::encode(SPEC, seed.as_ref())?, pure, expanded })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        spki::encode(SPEC, self.pure.public_key().as_ref())
    }

    /// 10 to 25 µs.
    pub(crate) fn sign(&self, input: SignInput<'_>) -> Result<Vec<u8>, KeyError> {
        match input {
            SignInput::Message(message) => Ok(self.pure.try_sign(message).map_err(failed)?.as_ref().to_vec()),
            SignInput::Digest(digest) => Ok(ffi::ed25519ph_sign(&self.expanded, digest)?.to_vec()),
        }
    }
}

/// An Ed25519 public key.
pub(crate) struct Ed25519PublicKey {
    raw: [u8; 32],
    pure: ParsedPublicKey,
}

impl Ed25519PublicKey {
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, InvalidKey> {
        let raw = *spki::decode(SPEC, der)?.first_chunk().ok_or(InvalidKey)?;
        let pure = ParsedPublicKey::new(&ED25519, raw).map_err(|_| InvalidKey)?;
        Ok(Self { raw, pure })
    }

    /// 25 to 60 µs.
    pub(crate) fn verify(&self, input: SignInput<'_>, signature: &[u8]) -> Result<(), KeyError> {
        let valid = match (input, <&[u8; ffi::ED25519_SIGNATURE]>::try_from(signature)) {
            (_, Err(_)) => false,
            (SignInput::Message(message), Ok(signature)) => self.pure.verify_sig(message, signature).is_ok(),
            // The digest the client gives is the message of Ed25519ph: it is hashed once more.
            (SignInput::Digest(digest), Ok(signature)) => ffi::ed25519ph_verify(&self.raw, digest, signature),
        };
        if valid { Ok(()) } else { Err(KeyError::InvalidSignature) }
    }
}
