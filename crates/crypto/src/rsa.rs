//! RSA: signatures and OAEP, all by aws-lc-rs. Decryption is AWS-LC's, which runs in constant time
//! and fails in one way.
//!
//! The library has one type for signing and one for decrypting, and one for verifying with each
//! algorithm. Parsing a private key costs 200 to 550 µs, so each is made when it is first needed and
//! then kept: a key has one usage, and most keys verify with one algorithm.

use std::sync::OnceLock;

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    KeyPair, KeySize, OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm, OaepPrivateDecryptingKey,
    OaepPublicEncryptingKey, PrivateDecryptingKey, PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    KeyPair as _, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, RSA_PSS_SHA256,
    RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaParameters,
};
use trent_domain::{EncryptionAlgorithm, KeySpec, SigningAlgorithm};
use zeroize::Zeroizing;

use crate::key_error::failed;
use crate::provider::SignInput;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes};

/// The PKCS #8 form of a new key; e is 65537. Slow: 65 ms, 280 ms or 930 ms on average.
pub(crate) fn generate(spec: KeySpec) -> Result<SecretBytes, CryptoError> {
    let size = match spec {
        KeySpec::Rsa2048 => KeySize::Rsa2048,
        KeySpec::Rsa3072 => KeySize::Rsa3072,
        KeySpec::Rsa4096 => KeySize::Rsa4096,
        _ => return Err(CryptoError::Failed),
    };
    let pair = KeyPair::generate(size).map_err(failed)?;
    encoded(&pair).map_err(failed)
}

fn encoded(pair: &KeyPair) -> Result<SecretBytes, InvalidKey> {
    let der = pair.as_der().map_err(|_| InvalidKey)?;
    Ok(SecretBytes::from(der.as_ref().to_vec()))
}

/// An RSA private key.
pub(crate) struct RsaPrivateKey {
    pkcs8: SecretBytes,
    signing: KeyPair,
    decrypting: OnceLock<OaepPrivateDecryptingKey>,
}

impl RsaPrivateKey {
    /// Reads PKCS #8. Slow: up to 550 µs.
    pub(crate) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let signing = KeyPair::from_pkcs8(der).map_err(|_| InvalidKey)?;
        if spec.modulus_length() != Some(signing.public_modulus_len()) {
            return Err(InvalidKey);
        }
        let pkcs8 = encoded(&signing)?;
        Ok(Self { pkcs8, signing, decrypting: OnceLock::new() })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        let der = self.signing.public_key().as_der().map_err(|_| InvalidKey)?;
        Ok(der.as_ref().to_vec())
    }

    /// Slow: 0.6, 2 or 4 ms.
    pub(crate) fn sign(
        &self,
        algorithm: SigningAlgorithm,
        input: SignInput<'_>,
    ) -> Result<Vec<u8>, KeyError> {
        let scheme = Scheme::of(algorithm)?;
        let mut signature = vec![0; self.signing.public_modulus_len()];
        match input {
            SignInput::Message(message) => {
                self.signing.sign(scheme.signing, &SystemRandom::new(), message, &mut signature)
            }
            SignInput::Digest(bytes) => {
                self.signing.sign_digest(scheme.signing, &scheme.import(bytes)?, &mut signature)
            }
        }
        .map_err(failed)?;
        Ok(signature)
    }

    /// Slow: as signing.
    pub(crate) fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, KeyError> {
        let oaep = oaep(algorithm)?;
        let key = match self.decrypting.get() {
            Some(key) => key,
            None => {
                let key = PrivateDecryptingKey::from_pkcs8(self.pkcs8.expose()).map_err(failed)?;
                let key = OaepPrivateDecryptingKey::new(key).map_err(failed)?;
                self.decrypting.get_or_init(|| key)
            }
        };
        if ciphertext.len() != key.key_size_bytes() {
            return Err(KeyError::InvalidCiphertext);
        }
        let mut buffer = Zeroizing::new(vec![0; key.min_output_size()]);
        let plaintext =
            key.decrypt(oaep, ciphertext, &mut buffer, None).map_err(|_| KeyError::InvalidCiphertext)?;
        Ok(SecretBytes::from(plaintext.to_vec()))
    }
}

/// An RSA public key.
pub(crate) struct RsaPublicKey {
    spki: Vec<u8>,
    encrypting: OaepPublicEncryptingKey,
    verifying: [OnceLock<ParsedPublicKey>; 6],
}

impl RsaPublicKey {
    /// Reads a SubjectPublicKeyInfo in its one DER form.
    pub(crate) fn from_spki(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let key = PublicEncryptingKey::from_der(der).map_err(|_| InvalidKey)?;
        let canonical = key.as_der().map_err(|_| InvalidKey)?;
        let modulus = spec.modulus_length().map(|bytes| bytes * 8);
        if modulus != Some(key.key_size_bits()) || canonical.as_ref() != der {
            return Err(InvalidKey);
        }
        let encrypting = OaepPublicEncryptingKey::new(key).map_err(|_| InvalidKey)?;
        Ok(Self { spki: der.to_vec(), encrypting, verifying: Default::default() })
    }

    /// 20 to 60 µs, and a few more when an algorithm is used for the first time.
    pub(crate) fn verify(
        &self,
        algorithm: SigningAlgorithm,
        input: SignInput<'_>,
        signature: &[u8],
    ) -> Result<(), KeyError> {
        let scheme = Scheme::of(algorithm)?;
        let slot = self.verifying.get(scheme.slot).ok_or(KeyError::Algorithm)?;
        let key = match slot.get() {
            Some(key) => key,
            None => {
                let key = ParsedPublicKey::new(scheme.verifying, &self.spki).map_err(failed)?;
                slot.get_or_init(|| key)
            }
        };
        match input {
            SignInput::Message(message) => key.verify_sig(message, signature),
            SignInput::Digest(bytes) => key.verify_digest_sig(&scheme.import(bytes)?, signature),
        }
        .map_err(|_| KeyError::InvalidSignature)
    }

    /// 20 to 60 µs.
    pub(crate) fn encrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        plaintext: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let mut ciphertext = vec![0; self.encrypting.ciphertext_size()];
        self.encrypting.encrypt(oaep(algorithm)?, plaintext, &mut ciphertext, None).map_err(failed)?;
        Ok(ciphertext)
    }
}

fn oaep(algorithm: EncryptionAlgorithm) -> Result<&'static OaepAlgorithm, KeyError> {
    match algorithm {
        EncryptionAlgorithm::RsaesOaepSha1 => Ok(&OAEP_SHA1_MGF1SHA1),
        EncryptionAlgorithm::RsaesOaepSha256 => Ok(&OAEP_SHA256_MGF1SHA256),
        EncryptionAlgorithm::SymmetricDefault | EncryptionAlgorithm::Sm2Pke => Err(KeyError::Algorithm),
    }
}

/// What the library calls a signing algorithm. For PSS both directions take a salt as long as the
/// hash and no other: the library's default.
struct Scheme {
    slot: usize,
    signing: &'static dyn RsaEncoding,
    verifying: &'static RsaParameters,
    digest: &'static digest::Algorithm,
}

impl Scheme {
    fn of(algorithm: SigningAlgorithm) -> Result<Self, KeyError> {
        use SigningAlgorithm as A;
        let (slot, signing, verifying, digest): (_, &'static dyn RsaEncoding, _, _) = match algorithm {
            A::RsassaPkcs1V15Sha256 => (0, &RSA_PKCS1_SHA256, &RSA_PKCS1_2048_8192_SHA256, &digest::SHA256),
            A::RsassaPkcs1V15Sha384 => (1, &RSA_PKCS1_SHA384, &RSA_PKCS1_2048_8192_SHA384, &digest::SHA384),
            A::RsassaPkcs1V15Sha512 => (2, &RSA_PKCS1_SHA512, &RSA_PKCS1_2048_8192_SHA512, &digest::SHA512),
            A::RsassaPssSha256 => (3, &RSA_PSS_SHA256, &RSA_PSS_2048_8192_SHA256, &digest::SHA256),
            A::RsassaPssSha384 => (4, &RSA_PSS_SHA384, &RSA_PSS_2048_8192_SHA384, &digest::SHA384),
            A::RsassaPssSha512 => (5, &RSA_PSS_SHA512, &RSA_PSS_2048_8192_SHA512, &digest::SHA512),
            _ => return Err(KeyError::Algorithm),
        };
        Ok(Self { slot, signing, verifying, digest })
    }

    fn import(&self, digest: &[u8]) -> Result<Digest, KeyError> {
        Digest::import_less_safe(digest, self.digest).map_err(|_| KeyError::DigestLength)
    }
}
