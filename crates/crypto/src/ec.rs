//! The NIST curves: ECDSA with the curve's own hash, and ECDH, all by aws-lc-rs.

use std::sync::OnceLock;

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair,
    EcdsaSigningAlgorithm, EcdsaVerificationAlgorithm, KeyPair as _, ParsedPublicKey,
};
use trent_domain::KeySpec;

use crate::key_error::failed;
use crate::provider::SignInput;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes, spki};

/// What the library calls a curve.
struct Curve {
    signing: &'static EcdsaSigningAlgorithm,
    verifying: &'static EcdsaVerificationAlgorithm,
    agreement: &'static agreement::Algorithm,
    digest: &'static digest::Algorithm,
}

const P256: Curve = Curve {
    signing: &ECDSA_P256_SHA256_ASN1_SIGNING,
    verifying: &ECDSA_P256_SHA256_ASN1,
    agreement: &ECDH_P256,
    digest: &digest::SHA256,
};
const P384: Curve = Curve {
    signing: &ECDSA_P384_SHA384_ASN1_SIGNING,
    verifying: &ECDSA_P384_SHA384_ASN1,
    agreement: &ECDH_P384,
    digest: &digest::SHA384,
};
const P521: Curve = Curve {
    signing: &ECDSA_P521_SHA512_ASN1_SIGNING,
    verifying: &ECDSA_P521_SHA512_ASN1,
    agreement: &ECDH_P521,
    digest: &digest::SHA512,
};

impl Curve {
    const fn of(spec: KeySpec) -> Option<&'static Self> {
        match spec {
            KeySpec::EccNistP256 => Some(&P256),
            KeySpec::EccNistP384 => Some(&P384),
            KeySpec::EccNistP521 => Some(&P521),
            _ => None,
        }
    }

    fn import(&self, digest: &[u8]) -> Result<Digest, KeyError> {
        Digest::import_less_safe(digest, self.digest).map_err(|_| KeyError::DigestLength)
    }
}

/// The PKCS #8 form of a new key. Slow on P-384 and P-521: up to 850 µs with reading it back.
pub(crate) fn generate(spec: KeySpec) -> Result<SecretBytes, CryptoError> {
    let curve = Curve::of(spec).ok_or(CryptoError::Failed)?;
    let pair = EcdsaKeyPair::generate(curve.signing).map_err(failed)?;
    encoded(&pair).map_err(failed)
}

fn encoded(pair: &EcdsaKeyPair) -> Result<SecretBytes, InvalidKey> {
    let document = pair.to_pkcs8v1().map_err(|_| InvalidKey)?;
    Ok(SecretBytes::from(document.as_ref().to_vec()))
}

/// A private key on a NIST curve.
pub(crate) struct EcPrivateKey {
    spec: KeySpec,
    curve: &'static Curve,
    pkcs8: SecretBytes,
    signing: EcdsaKeyPair,
    agreeing: OnceLock<PrivateKey>,
}

impl EcPrivateKey {
    pub(crate) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let curve = Curve::of(spec).ok_or(InvalidKey)?;
        let signing = EcdsaKeyPair::from_pkcs8(curve.signing, der).map_err(|_| InvalidKey)?;
        let pkcs8 = encoded(&signing)?;
        Ok(Self { spec, curve, pkcs8, signing, agreeing: OnceLock::new() })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        spki::encode(self.spec, self.signing.public_key().as_ref())
    }

    /// Slow on P-521: 180 µs.
    pub(crate) fn sign(&self, input: SignInput<'_>) -> Result<Vec<u8>, KeyError> {
        let signature = match input {
            SignInput::Message(message) => self.signing.sign(&SystemRandom::new(), message),
            SignInput::Digest(bytes) => self.signing.sign_digest(&self.curve.import(bytes)?),
        };
        Ok(signature.map_err(failed)?.as_ref().to_vec())
    }

    /// The x coordinate of the shared point, as wide as the field. Slow: 60 to 500 µs.
    pub(crate) fn agree(&self, peer_spki: &[u8]) -> Result<SecretBytes, KeyError> {
        let point = spki::decode(self.spec, peer_spki).map_err(|_| KeyError::PeerKey)?;
        let key = match self.agreeing.get() {
            Some(key) => key,
            None => {
                let key = PrivateKey::from_private_key_der(self.curve.agreement, self.pkcs8.expose())
                    .map_err(failed)?;
                self.agreeing.get_or_init(|| key)
            }
        };
        let peer = UnparsedPublicKey::new(self.curve.agreement, point);
        agree(key, peer, KeyError::PeerKey, |x| Ok(SecretBytes::from(x.to_vec())))
    }
}

/// A public key on a NIST curve.
pub(crate) struct EcPublicKey {
    curve: &'static Curve,
    verifying: ParsedPublicKey,
}

impl EcPublicKey {
    pub(crate) fn from_spki(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let curve = Curve::of(spec).ok_or(InvalidKey)?;
        let point = spki::decode(spec, der)?;
        let verifying = ParsedPublicKey::new(curve.verifying, point).map_err(|_| InvalidKey)?;
        Ok(Self { curve, verifying })
    }

    /// Slow on P-384 and P-521: 200 to 400 µs.
    pub(crate) fn verify(&self, input: SignInput<'_>, signature: &[u8]) -> Result<(), KeyError> {
        match input {
            SignInput::Message(message) => self.verifying.verify_sig(message, signature),
            SignInput::Digest(bytes) => {
                self.verifying.verify_digest_sig(&self.curve.import(bytes)?, signature)
            }
        }
        .map_err(|_| KeyError::InvalidSignature)
    }
}
