//! ML-KEM (FIPS 203), by AWS-LC: keys from their seed through [`ffi`](crate::ffi), the rest through
//! aws-lc-rs.

use aws_lc_rs::kem::{
    Algorithm, AlgorithmId, Ciphertext, DecapsulationKey, EncapsulationKey, ML_KEM_512, ML_KEM_768,
    ML_KEM_1024,
};
use trent_domain::KeySpec;

use crate::key_error::failed;
use crate::{CryptoError, InvalidKey, KeyError, SecretBytes, ffi, pkcs8, spki};

/// The PKCS #8 form of a new key.
pub(crate) fn generate(spec: KeySpec) -> Result<SecretBytes, CryptoError> {
    pkcs8::random(spec)
}

/// What the library calls a parameter set, and the length of its ciphertexts.
const fn parameters(spec: KeySpec) -> Option<(&'static Algorithm<AlgorithmId>, usize)> {
    match spec {
        KeySpec::MlKem512 => Some((&ML_KEM_512, 768)),
        KeySpec::MlKem768 => Some((&ML_KEM_768, 1088)),
        KeySpec::MlKem1024 => Some((&ML_KEM_1024, 1568)),
        _ => None,
    }
}

/// An ML-KEM private key.
pub(crate) struct MlKemPrivateKey {
    pkcs8: SecretBytes,
    spki: Vec<u8>,
    key: DecapsulationKey,
    ciphertext_length: usize,
}

impl MlKemPrivateKey {
    /// 20 to 50 µs.
    pub(crate) fn from_pkcs8(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let (algorithm, ciphertext_length) = parameters(spec).ok_or(InvalidKey)?;
        let seed = pkcs8::decode::<64>(spec, der)?;
        let (public, private) = ffi::ml_kem_from_seed(spec, seed).map_err(|_| InvalidKey)?;
        let key = DecapsulationKey::new(algorithm, private.expose()).map_err(|_| InvalidKey)?;
        let (pkcs8, spki) = (pkcs8::encode(spec, seed)?, spki::encode(spec, &public)?);
        Ok(Self { pkcs8, spki, key, ciphertext_length })
    }

    pub(crate) fn pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    pub(crate) fn public(&self) -> Vec<u8> {
        self.spki.clone()
    }

    /// 10 to 25 µs. A ciphertext that was not made for this key gives a secret that nobody else
    /// has (implicit rejection); only its length can be wrong.
    pub(crate) fn decapsulate(&self, ciphertext: &[u8]) -> Result<SecretBytes, KeyError> {
        if ciphertext.len() != self.ciphertext_length {
            return Err(KeyError::InvalidCiphertext);
        }
        let secret = self.key.decapsulate(Ciphertext::from(ciphertext)).map_err(failed)?;
        Ok(SecretBytes::from(secret.as_ref().to_vec()))
    }
}

/// An ML-KEM public key.
pub(crate) struct MlKemPublicKey(EncapsulationKey);

impl MlKemPublicKey {
    pub(crate) fn from_spki(spec: KeySpec, der: &[u8]) -> Result<Self, InvalidKey> {
        let (algorithm, _) = parameters(spec).ok_or(InvalidKey)?;
        let key = EncapsulationKey::new(algorithm, spki::decode(spec, der)?).map_err(|_| InvalidKey)?;
        Ok(Self(key))
    }

    /// 10 to 25 µs: a new shared secret and its ciphertext. Fails when the public key is none
    /// (FIPS 203 §7.2), which is checked here and not before.
    pub(crate) fn encapsulate(&self) -> Result<(SecretBytes, Vec<u8>), KeyError> {
        let (ciphertext, secret) = self.0.encapsulate().map_err(|_| KeyError::PeerKey)?;
        Ok((SecretBytes::from(secret.as_ref().to_vec()), ciphertext.as_ref().to_vec()))
    }
}
