//! The one door to all asymmetric algorithms: key pairs and public keys of every spec.
//!
//! ```text
//! KeyPair ─┬─ private half: sign, decrypt, agree, decapsulate
//!          └─ PublicKey:    verify, encrypt, encapsulate
//! ```
//! Which algorithms a spec has, and what a message must look like, is checked here against the
//! tables of `trent_domain`; the modules of the families only compute. Nothing here waits or
//! dispatches: whoever calls a function that is marked slow does so off the I/O threads.

use std::fmt;

use k256::pkcs8::PrivateKeyInfoRef;
use trent_domain::{
    Algorithms, EncryptionAlgorithm, KeySpec, KeyUsage, MessageForm, MessageType, SigningAlgorithm,
};

use crate::ec::{EcPrivateKey, EcPublicKey};
use crate::ed25519::{Ed25519PrivateKey, Ed25519PublicKey};
use crate::ml_dsa::{MlDsaPrivateKey, MlDsaPublicKey};
use crate::ml_kem::{MlKemPrivateKey, MlKemPublicKey};
use crate::rsa::{RsaPrivateKey, RsaPublicKey};
use crate::secp256k1::{Secp256k1PrivateKey, Secp256k1PublicKey};
use crate::sm2::{Sm2PrivateKey, Sm2PublicKey};
use crate::{
    CryptoError, InvalidKey, KeyError, SecretBytes, ec, ed25519, ml_dsa, ml_kem, rsa, secp256k1, sm2,
};

/// What is signed, its form already checked.
#[derive(Clone, Copy)]
pub(crate) enum SignInput<'a> {
    /// Any message.
    Message(&'a [u8]),
    /// A digest or μ, as long as the algorithm demands.
    Digest(&'a [u8]),
}

/// A private key and its public key, parsed and ready for use.
pub struct KeyPair {
    private: Private,
    public: PublicKey,
}

enum Private {
    Rsa(RsaPrivateKey),
    Ec(EcPrivateKey),
    Secp256k1(Secp256k1PrivateKey),
    Ed25519(Ed25519PrivateKey),
    Sm2(Box<Sm2PrivateKey>),
    MlDsa(MlDsaPrivateKey),
    MlKem(MlKemPrivateKey),
}

impl KeyPair {
    /// A new pair, which has passed a test of one half against the other. Slow for RSA (65 ms to
    /// seconds) and for most others (up to 1 ms).
    ///
    /// # Errors
    /// When `spec` has no pairs, the library fails, or the halves do not fit.
    pub fn generate(spec: KeySpec) -> Result<Self, CryptoError> {
        let pkcs8 = match Family::of(spec).ok_or(CryptoError::Failed)? {
            Family::Rsa => rsa::generate(spec),
            Family::Ec => ec::generate(spec),
            Family::Secp256k1 => secp256k1::generate(),
            Family::Ed25519 => ed25519::generate(),
            Family::Sm2 => sm2::generate(),
            Family::MlDsa => ml_dsa::generate(spec),
            Family::MlKem => ml_kem::generate(spec),
        }?;
        let pair = Self::from_pkcs8(spec, pkcs8.expose()).map_err(|_| CryptoError::Failed)?;
        pair.pairwise_test()?;
        Ok(pair)
    }

    /// The pair of a private key in PKCS #8 (RFC 5958). Slow for RSA (up to 600 µs), and for
    /// secp256k1 and SM2 (up to 500 µs).
    ///
    /// # Errors
    /// [`InvalidKey`] when it is not a key of `spec`, or inconsistent.
    pub fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        // AWS-LC takes what follows the key for none of its business.
        PrivateKeyInfoRef::try_from(der).map_err(|_| InvalidKey)?;
        let private = match Family::of(spec).ok_or(InvalidKey)? {
            Family::Rsa => Private::Rsa(RsaPrivateKey::from_pkcs8(spec, der)?),
            Family::Ec => Private::Ec(EcPrivateKey::from_pkcs8(spec, der)?),
            Family::Secp256k1 => Private::Secp256k1(Secp256k1PrivateKey::from_pkcs8(der)?),
            Family::Ed25519 => Private::Ed25519(Ed25519PrivateKey::from_pkcs8(der)?),
            Family::Sm2 => Private::Sm2(Box::new(Sm2PrivateKey::from_pkcs8(der)?)),
            Family::MlDsa => Private::MlDsa(MlDsaPrivateKey::from_pkcs8(spec, der)?),
            Family::MlKem => Private::MlKem(MlKemPrivateKey::from_pkcs8(spec, der)?),
        };
        let public = PublicKey::from_spki(spec, &private.public()?)?;
        Ok(Self { private, public })
    }

    /// As [`Self::from_pkcs8`], for a key that was made elsewhere: it has passed the test of a new
    /// pair, too. Slow: up to 3 ms for RSA.
    ///
    /// # Errors
    /// As there, and when the halves do not fit.
    pub fn import(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let pair = Self::from_pkcs8(spec, der)?;
        pair.pairwise_test().map_err(|_| InvalidKey)?;
        Ok(pair)
    }

    /// The private key in PKCS #8, in its one form: whatever form it was read from, the same key
    /// gives the same bytes.
    #[must_use]
    pub fn private_key_pkcs8(&self) -> &SecretBytes {
        match &self.private {
            Private::Rsa(key) => key.pkcs8(),
            Private::Ec(key) => key.pkcs8(),
            Private::Secp256k1(key) => key.pkcs8(),
            Private::Ed25519(key) => key.pkcs8(),
            Private::Sm2(key) => key.pkcs8(),
            Private::MlDsa(key) => key.pkcs8(),
            Private::MlKem(key) => key.pkcs8(),
        }
    }

    /// The spec of both halves.
    #[must_use]
    pub const fn spec(&self) -> KeySpec {
        self.public.spec
    }

    /// The public half.
    #[must_use]
    pub const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// A signature of `message`. Slow for RSA (up to 5 ms), ML-DSA, P-521 and SM2.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`], [`KeyError::MessageType`], [`KeyError::DigestLength`].
    pub fn sign(
        &self,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        message: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let input = sign_input(self.spec(), algorithm, message_type, message)?;
        match &self.private {
            Private::Rsa(key) => key.sign(algorithm, input),
            Private::Ec(key) => key.sign(input),
            Private::Secp256k1(key) => key.sign(input),
            Private::Ed25519(key) => key.sign(input),
            Private::Sm2(key) => key.sign(input),
            Private::MlDsa(key) => key.sign(input),
            Private::MlKem(_) => Err(KeyError::Algorithm),
        }
    }

    /// The plaintext of `ciphertext`. Slow: RSA up to 5 ms, SM2 200 µs.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`]; [`KeyError::InvalidCiphertext`] for whatever is wrong with it.
    pub fn decrypt(
        &self,
        algorithm: EncryptionAlgorithm,
        ciphertext: &[u8],
    ) -> Result<SecretBytes, KeyError> {
        require_encryption(self.spec(), algorithm)?;
        match &self.private {
            Private::Rsa(key) => key.decrypt(algorithm, ciphertext),
            Private::Sm2(key) => key.decrypt(ciphertext),
            _ => Err(KeyError::Algorithm),
        }
    }

    /// The x coordinate of the point shared with the owner of `peer_spki`. Slow: 60 to 500 µs.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`]; [`KeyError::PeerKey`] when the peer's key is no point of this
    /// key's curve, or not encoded as [`PublicKey::spki`] encodes it.
    pub fn derive_shared_secret(&self, peer_spki: &[u8]) -> Result<SecretBytes, KeyError> {
        match &self.private {
            Private::Ec(key) => key.agree(peer_spki),
            Private::Sm2(key) => key.agree(peer_spki),
            _ => Err(KeyError::Algorithm),
        }
    }

    /// The shared secret of a ciphertext that was made with the public half; of any other, one
    /// that nobody knows (FIPS 203 §6.3).
    ///
    /// # Errors
    /// [`KeyError::Algorithm`]; [`KeyError::InvalidCiphertext`] when the length is wrong.
    pub fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, KeyError> {
        match &self.private {
            Private::MlKem(key) => key.decapsulate(ciphertext),
            _ => Err(KeyError::Algorithm),
        }
    }

    /// SP 800-56A §5.6.2.1.4 and FIPS 140-3 IG 10.3.A: a new pair is used once before anyone
    /// depends on it.
    fn pairwise_test(&self) -> Result<(), CryptoError> {
        let fits = match &self.private {
            Private::MlKem(_) => self.secrets_agree(),
            _ => self.signature_verifies(),
        };
        if fits == Ok(true) { Ok(()) } else { Err(CryptoError::Failed) }
    }

    fn secrets_agree(&self) -> Result<bool, KeyError> {
        let (secret, ciphertext) = self.public.encapsulate()?;
        Ok(self.decapsulate(&ciphertext)? == secret)
    }

    fn signature_verifies(&self) -> Result<bool, KeyError> {
        let message = b"pairwise consistency test";
        let Some(Algorithms::Signing([algorithm, ..])) = self.spec().algorithms(KeyUsage::SignVerify) else {
            return Ok(false);
        };
        let signature = self.sign(*algorithm, MessageType::Raw, message)?;
        Ok(self.public.verify(*algorithm, MessageType::Raw, message, &signature).is_ok())
    }
}

impl Private {
    fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        match self {
            Self::Rsa(key) => key.public(),
            Self::Ec(key) => key.public(),
            Self::Secp256k1(key) => key.public(),
            Self::Ed25519(key) => key.public(),
            Self::Sm2(key) => key.public(),
            Self::MlDsa(key) => key.public(),
            Self::MlKem(key) => Ok(key.public()),
        }
    }
}

impl fmt::Debug for KeyPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPair({})", self.spec().as_str())
    }
}

/// A public key, parsed and ready for use.
pub struct PublicKey {
    spec: KeySpec,
    spki: Vec<u8>,
    key: Public,
}

enum Public {
    Rsa(Box<RsaPublicKey>),
    Ec(EcPublicKey),
    Secp256k1(Secp256k1PublicKey),
    Ed25519(Ed25519PublicKey),
    Sm2(Box<Sm2PublicKey>),
    MlDsa(MlDsaPublicKey),
    MlKem(MlKemPublicKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo of `spec`, in the one form that [`Self::spki`] has.
    ///
    /// # Errors
    /// [`InvalidKey`].
    pub fn from_spki(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let key = match Family::of(spec).ok_or(InvalidKey)? {
            Family::Rsa => Public::Rsa(Box::new(RsaPublicKey::from_spki(spec, der)?)),
            Family::Ec => Public::Ec(EcPublicKey::from_spki(spec, der)?),
            Family::Secp256k1 => Public::Secp256k1(Secp256k1PublicKey::from_spki(der)?),
            Family::Ed25519 => Public::Ed25519(Ed25519PublicKey::from_spki(der)?),
            Family::Sm2 => Public::Sm2(Box::new(Sm2PublicKey::from_spki(der)?)),
            Family::MlDsa => Public::MlDsa(MlDsaPublicKey::from_spki(spec, der)?),
            Family::MlKem => Public::MlKem(MlKemPublicKey::from_spki(spec, der)?),
        };
        Ok(Self { spec, spki: der.to_vec(), key })
    }

    /// The key as a DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The key's spec.
    #[must_use]
    pub const fn spec(&self) -> KeySpec {
        self.spec
    }

    /// Whether `signature` is one of `message` by the private half. Slow for P-384, P-521, SM2 and
    /// ML-DSA-87: up to 300 µs.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`], [`KeyError::MessageType`], [`KeyError::DigestLength`];
    /// [`KeyError::InvalidSignature`] for whatever is wrong with the signature.
    pub fn verify(
        &self,
        algorithm: SigningAlgorithm,
        message_type: MessageType,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyError> {
        let input = sign_input(self.spec, algorithm, message_type, message)?;
        match &self.key {
            Public::Rsa(key) => key.verify(algorithm, input, signature),
            Public::Ec(key) => key.verify(input, signature),
            Public::Secp256k1(key) => key.verify(input, signature),
            Public::Ed25519(key) => key.verify(input, signature),
            Public::Sm2(key) => key.verify(input, signature),
            Public::MlDsa(key) => key.verify(input, signature),
            Public::MlKem(_) => Err(KeyError::Algorithm),
        }
    }

    /// A ciphertext of `plaintext`. Slow for SM2: 300 µs.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`], [`KeyError::PlaintextTooLong`].
    pub fn encrypt(&self, algorithm: EncryptionAlgorithm, plaintext: &[u8]) -> Result<Vec<u8>, KeyError> {
        let max = require_encryption(self.spec, algorithm)?;
        if plaintext.len() > max {
            return Err(KeyError::PlaintextTooLong { max });
        }
        match &self.key {
            Public::Rsa(key) => key.encrypt(algorithm, plaintext),
            Public::Sm2(key) => key.encrypt(plaintext),
            _ => Err(KeyError::Algorithm),
        }
    }

    /// A new shared secret, and the ciphertext from which the private half regains it.
    ///
    /// # Errors
    /// [`KeyError::Algorithm`]; [`KeyError::PeerKey`] when the key is not a valid encapsulation key.
    pub fn encapsulate(&self) -> Result<(SecretBytes, Vec<u8>), KeyError> {
        match &self.key {
            Public::MlKem(key) => key.encapsulate(),
            _ => Err(KeyError::Algorithm),
        }
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({})", self.spec.as_str())
    }
}

/// Which module a spec belongs to.
enum Family {
    Rsa,
    Ec,
    Secp256k1,
    Ed25519,
    Sm2,
    MlDsa,
    MlKem,
}

impl Family {
    const fn of(spec: KeySpec) -> Option<Self> {
        use KeySpec as S;
        match spec {
            S::Rsa2048 | S::Rsa3072 | S::Rsa4096 => Some(Self::Rsa),
            S::EccNistP256 | S::EccNistP384 | S::EccNistP521 => Some(Self::Ec),
            S::EccSecgP256K1 => Some(Self::Secp256k1),
            S::EccNistEdwards25519 => Some(Self::Ed25519),
            S::Sm2 => Some(Self::Sm2),
            S::MlDsa44 | S::MlDsa65 | S::MlDsa87 => Some(Self::MlDsa),
            S::MlKem512 | S::MlKem768 | S::MlKem1024 => Some(Self::MlKem),
            S::SymmetricDefault | S::Hmac224 | S::Hmac256 | S::Hmac384 | S::Hmac512 => None,
        }
    }
}

/// Checks algorithm, type of message and length, in this order.
fn sign_input(
    spec: KeySpec,
    algorithm: SigningAlgorithm,
    message_type: MessageType,
    message: &[u8],
) -> Result<SignInput<'_>, KeyError> {
    match spec.algorithms(KeyUsage::SignVerify) {
        Some(Algorithms::Signing(offered)) if offered.contains(&algorithm) => {}
        _ => return Err(KeyError::Algorithm),
    }
    match algorithm.message_form(message_type) {
        None => Err(KeyError::MessageType),
        Some(MessageForm::Message) => Ok(SignInput::Message(message)),
        Some(MessageForm::Digest(length)) if message.len() == length => Ok(SignInput::Digest(message)),
        Some(MessageForm::Digest(_)) => Err(KeyError::DigestLength),
    }
}

/// The longest plaintext, if keys of `spec` encrypt with `algorithm`.
fn require_encryption(spec: KeySpec, algorithm: EncryptionAlgorithm) -> Result<usize, KeyError> {
    algorithm.max_plaintext(spec).ok_or(KeyError::Algorithm)
}
