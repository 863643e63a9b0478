//! SM2 (GB/T 32918): signatures, encryption and the shared point, by the crate `sm2`.
//!
//! Messages are signed under the default identifier of GB/T 35276. Nonces are derived from key,
//! digest and fresh random bytes. Ciphertexts are the DER sequence of GB/T 35276: x, y, hash,
//! encrypted text. The crate compares that hash byte by byte, not in constant time; what could be
//! learnt is how much of it a forged ciphertext got right.

use elliptic_curve::ecdh::diffie_hellman;
use sm2::dsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use sm2::dsa::signature::{RandomizedSigner as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::Generate as _;
use sm2::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _};
use sm2::pke::{DecryptingKey, EncryptingKey};
use sm2::{PublicKey, SecretKey};
use trent_domain::KeySpec;

use crate::key_error::failed;
use crate::provider::SignInput;
use crate::random::LibraryRng;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes, spki};

/// Who signs, when nobody says who.
const IDENTIFIER: &str = "1234567812345678";

/// The PKCS #8 form of a new key. Slow: 100 µs and more with reading it back.
pub(crate) fn generate() -> Result<SecretBytes, CryptoError> {
    let key = SecretKey::try_generate_from_rng(&mut LibraryRng)?;
    encoded(&key).map_err(failed)
}

fn encoded(key: &SecretKey) -> Result<SecretBytes, InvalidKey> {
    let document = key.to_pkcs8_der().map_err(|_| InvalidKey)?;
    Ok(SecretBytes::from(document.as_bytes().to_vec()))
}

/// The PKCS #8 form of the private key with this scalar.
pub(crate) fn encode(scalar: &[u8]) -> Result<SecretBytes, InvalidKey> {
    encoded(&SecretKey::from_slice(scalar).map_err(|_| InvalidKey)?)
}

/// An SM2 private key.
pub(crate) struct Sm2PrivateKey {
    pkcs8: SecretBytes,
    key: SecretKey,
    signing: SigningKey,
    decrypting: DecryptingKey,
}

impl Sm2PrivateKey {
    pub(crate) fn from_pkcs8(der: &[u8]) -> Result<Self, InvalidKey> {
        let key = SecretKey::from_pkcs8_der(der).map_err(|_| InvalidKey)?;
        let signing = SigningKey::new(IDENTIFIER, &key).map_err(|_| InvalidKey)?;
        let decrypting = DecryptingKey::new(key.clone());
        Ok(Self { pkcs8: encoded(&key)?, key, signing, decrypting })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        spki::encode(KeySpec::Sm2, &self.signing.verifying_key().to_sec1_bytes())
    }

    /// Slow: 100 µs.
    pub(crate) fn sign(&self, input: SignInput<'_>) -> Result<Vec<u8>, KeyError> {
        let signature = match input {
            SignInput::Message(message) => self.signing.try_sign_with_rng(&mut LibraryRng, message),
            SignInput::Digest(digest) => self.signing.sign_prehash_with_rng(&mut LibraryRng, digest),
        };
        Ok(signature.map_err(failed)?.to_der().as_bytes().to_vec())
    }

    /// Slow: 200 µs.
    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Result<SecretBytes, KeyError> {
        let plaintext = self.decrypting.decrypt_der(ciphertext).map_err(|_| KeyError::InvalidCiphertext)?;
        Ok(SecretBytes::from(plaintext))
    }

    /// The x coordinate of the shared point, 32 bytes. Slow: 200 µs.
    pub(crate) fn agree(&self, peer_spki: &[u8]) -> Result<SecretBytes, KeyError> {
        let point = spki::decode(KeySpec::Sm2, peer_spki).map_err(|_| KeyError::PeerKey)?;
        let peer = PublicKey::from_sec1_bytes(point).map_err(|_| KeyError::PeerKey)?;
        let shared = diffie_hellman(self.key.to_nonzero_scalar(), peer.as_affine());
        Ok(SecretBytes::from(shared.raw_secret_bytes().to_vec()))
    }
}

/// An SM2 public key.
pub(crate) struct Sm2PublicKey {
    verifying: VerifyingKey,
    encrypting: EncryptingKey,
}

impl Sm2PublicKey {
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, InvalidKey> {
        let key = PublicKey::from_sec1_bytes(spki::decode(KeySpec::Sm2, der)?).map_err(|_| InvalidKey)?;
        let verifying = VerifyingKey::new(IDENTIFIER, key).map_err(|_| InvalidKey)?;
        Ok(Self { verifying, encrypting: EncryptingKey::new(key) })
    }

    /// Slow: 200 to 400 µs.
    pub(crate) fn verify(&self, input: SignInput<'_>, signature: &[u8]) -> Result<(), KeyError> {
        let signature = Signature::from_der(signature).map_err(|_| KeyError::InvalidSignature)?;
        match input {
            SignInput::Message(message) => self.verifying.verify(message, &signature),
            SignInput::Digest(digest) => self.verifying.verify_prehash(digest, &signature),
        }
        .map_err(|_| KeyError::InvalidSignature)
    }

    /// Slow: 300 to 600 µs.
    pub(crate) fn encrypt(&self, plaintext: &[u8]) -> Result<Vec<u8>, KeyError> {
        Ok(self.encrypting.encrypt_der(&mut LibraryRng, plaintext).map_err(failed)?)
    }
}
