//! ML-DSA (FIPS 204), by AWS-LC: pure with an empty context through aws-lc-rs, over an external μ
//! through [`ffi`](crate::ffi). Signing is hedged.

use std::sync::OnceLock;

use aws_lc_rs::signature::{
    KeyPair as _, ML_DSA_44, ML_DSA_44_SIGNING, ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING,
    ParsedPublicKey, PqdsaKeyPair, PqdsaSigningAlgorithm, PqdsaVerificationAlgorithm,
};
use trent_domain::KeySpec;

use crate::ffi::MlDsaKey;
use crate::key_error::failed;
use crate::provider::SignInput;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes, pkcs8, spki};

/// The PKCS #8 form of a new key. Slow: 100 to 200 µs with reading it back.
pub(crate) fn generate(spec: KeySpec) -> Result<SecretBytes, CryptoError> {
    pkcs8::random(spec)
}

const fn parameters(
    spec: KeySpec,
) -> Option<(&'static PqdsaSigningAlgorithm, &'static PqdsaVerificationAlgorithm)> {
    match spec {
        KeySpec::MlDsa44 => Some((&ML_DSA_44_SIGNING, &ML_DSA_44)),
        KeySpec::MlDsa65 => Some((&ML_DSA_65_SIGNING, &ML_DSA_65)),
        KeySpec::MlDsa87 => Some((&ML_DSA_87_SIGNING, &ML_DSA_87)),
        _ => None,
    }
}

/// An ML-DSA private key.
pub(crate) struct MlDsaPrivateKey {
    spec: KeySpec,
    pkcs8: SecretBytes,
    pure: PqdsaKeyPair,
    external_mu: OnceLock<MlDsaKey>,
}

impl MlDsaPrivateKey {
    pub(crate) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let (signing, _) = parameters(spec).ok_or(InvalidKey)?;
        let seed = pkcs8::decode::<32>(spec, der)?;
        let pure = PqdsaKeyPair::from_seed(signing, seed).map_err(|_| InvalidKey)?;
        Ok(Self { spec, pkcs8: pkcs8::encode(spec, seed)?, pure, external_mu: OnceLock::new() })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Result<Vec<u8>, InvalidKey> {
        spki::encode(self.spec, self.pure.public_key().as_ref())
    }

    /// Slow: 100 to 200 µs on average, now and then several times that.
    pub(crate) fn sign(&self, input: SignInput<'_>) -> Result<Vec<u8>, KeyError> {
        let length = self.pure.algorithm().signature_len();
        match input {
            SignInput::Message(message) => {
                let mut signature = vec![0; length];
                self.pure.sign(message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
            SignInput::Digest(mu) => {
                let mu = mu.try_into().map_err(|_| KeyError::DigestLength)?;
                Ok(self.external_mu()?.sign_mu(mu, length)?)
            }
        }
    }

    fn external_mu(&self) -> Result<&MlDsaKey, CryptoError> {
        if let Some(key) = self.external_mu.get() {
            return Ok(key);
        }
        let seed = pkcs8::decode::<32>(self.spec, self.pkcs8.expose()).map_err(failed)?;
        let key = MlDsaKey::from_seed(self.spec, seed)?;
        Ok(self.external_mu.get_or_init(|| key))
    }
}

/// An ML-DSA public key.
pub(crate) struct MlDsaPublicKey {
    pure: ParsedPublicKey,
    external_mu: MlDsaKey,
}

impl MlDsaPublicKey {
    pub(crate) fn from_spki(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let (_, verifying) = parameters(spec).ok_or(InvalidKey)?;
        let raw = spki::decode(spec, der)?;
        let pure = ParsedPublicKey::new(verifying, raw).map_err(|_| InvalidKey)?;
        let external_mu = MlDsaKey::from_public(spec, raw).map_err(|_| InvalidKey)?;
        Ok(Self { pure, external_mu })
    }

    /// Slow with ML-DSA-87: 30 to 120 µs.
    pub(crate) fn verify(&self, input: SignInput<'_>, signature: &[u8]) -> Result<(), KeyError> {
        let valid = match input {
            SignInput::Message(message) => self.pure.verify_sig(message, signature).is_ok(),
            SignInput::Digest(mu) => {
                let mu = mu.try_into().map_err(|_| KeyError::DigestLength)?;
                self.external_mu.verify_mu(mu, signature)
            }
        };
        if valid { Ok(()) } else { Err(KeyError::InvalidSignature) }
    }
}
