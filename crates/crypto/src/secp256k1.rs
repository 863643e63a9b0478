//! ECDSA on secp256k1, by `k256`, which signs seven times as fast as AWS-LC on this curve.
//!
//! The nonce is derived from key, digest and fresh random bytes (RFC 6979 §3.6). `k256` makes
//! signatures with a low s, which every verifier takes; the service does not promise that, so
//! verifying takes both.

use aws_lc_rs::digest::{SHA256, digest};
use k256::SecretKey;
use k256::ecdsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use k256::ecdsa::{Signature, SigningKey, VerifyingKey};
use k256::elliptic_curve::Generate as _;
use k256::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use trent_domain::KeySpec;

use crate::key_error::failed;
use crate::provider::SignInput;
use crate::random::LibraryRng;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes, spki};

/// The PKCS #8 form of a new key. Slow: up to 400 µs with reading it back.
pub(crate) fn generate() -> Result<SecretBytes, CryptoError> {
    let key = SecretKey::try_generate_from_rng(&mut LibraryRng)?;
    encoded(&key).map_err(failed)
}

fn encoded(key: &SecretKey) -> Result<SecretBytes, InvalidKey> {
    let document = key.to_pkcs8_der().map_err(|_| InvalidKey)?;
    Ok(SecretBytes::from(document.as_bytes().to_vec()))
}

/// A private key on secp256k1.
pub(crate) struct Secp256k1PrivateKey {
    pkcs8: SecretBytes,
    signing: SigningKey,
}

impl Secp256k1PrivateKey {
    /// Slow: up to 200 µs.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        let key = SecretKey::from_pkcs8_der(der).map_err(|_| InvalidKey)?;
        Ok(Self { pkcs8: encoded(&key)?, signing: SigningKey::from(&key) })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        let point = self.signing.verifying_key().to_sec1_point(false);
        spki::encode(KeySpec::EccSecgP256K1, point.as_bytes())
    }

    /// 40 µs.
    pub(crate) fn sign(&self, input: SignInput<'_>) -> Result<Vec<u8>, KeyError> {
        let signature: Signature =
            with_digest(input, |digest| self.signing.sign_prehash_with_rng(&mut LibraryRng, digest))
                .map_err(failed)?;
        Ok(signature.to_der().as_bytes().to_vec())
    }
}

/// A public key on secp256k1.
pub(crate) struct Secp256k1PublicKey(VerifyingKey);

impl Secp256k1PublicKey {
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, InvalidKey> {
        let point = spki::decode(KeySpec::EccSecgP256K1, der)?;
        VerifyingKey::from_sec1_bytes(point).map(Self).map_err(|_| InvalidKey)
    }

    /// Slow on small machines: 60 to 140 µs.
    pub(crate) fn verify(&self, input: SignInput<'_>, signature: &[u8]) -> Result<(), KeyError> {
        let signature = Signature::from_der(signature).map_err(|_| KeyError::InvalidSignature)?;
        let signature = signature.normalize_s();
        with_digest(input, |digest| self.0.verify_prehash(digest, &signature))
            .map_err(|_| KeyError::InvalidSignature)
    }
}

fn with_digest<T>(input: SignInput<'_>, then: impl FnOnce(&[u8]) -> T) -> T {
    match input {
        SignInput::Message(message) => then(digest(&SHA256, message).as_ref()),
        SignInput::Digest(bytes) => then(bytes),
    }
}
