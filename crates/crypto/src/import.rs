//! Wrapping keys: under what material made elsewhere comes in.
//!
//! Nothing is kept between handing out a wrapping key and getting material back under it. The import
//! token, which goes to the client and comes back with the material, is the private wrapping key
//! itself, sealed with the keyring and bound to the KMS key it is for:
//!
//! ```text
//! token = sealed( 0x01 || code of the algorithm || code of the wrapping spec
//!                 || valid to, in seconds, 8 bytes || PKCS #8 of the wrapping key )
//! ```
//! So a token is good for one KMS key, one wrapping key and one algorithm, until it expires.

use aws_lc_rs::key_wrap::{AES_256, AesKek, KeyWrapPadded as _};
use trent_domain::{EncryptionAlgorithm, KeyArn, WrappingAlgorithm, WrappingKeySpec};
use zeroize::Zeroizing;

use crate::key_error::failed;
use crate::{CryptoError, KeyError, KeyPair, Keyring, SecretBytes};

const FORMAT: u8 = 1;

/// Tokens are sealed as records are, for a version that no record has.
const VERSION: u64 = 0;

/// A key pair under whose public half material is wrapped, in one way.
#[derive(Debug)]
pub struct WrappingKey {
    pair: KeyPair,
    spec: WrappingKeySpec,
    algorithm: WrappingAlgorithm,
}

/// Why an import token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ImportTokenError {
    /// It was not made here, or not for this key.
    #[error("the import token is not one of this key")]
    Invalid,
    /// Its time is over.
    #[error("the import token has expired")]
    Expired,
}

impl WrappingKey {
    /// A new wrapping key. Slow: RSA takes from 65 ms to seconds.
    ///
    /// # Errors
    /// When the library fails, or keys of `spec` do not have `algorithm`.
    pub fn generate(spec: WrappingKeySpec, algorithm: WrappingAlgorithm) -> Result<Self, CryptoError> {
        if !algorithm.is_of(spec) {
            return Err(CryptoError::Failed);
        }
        Ok(Self { pair: KeyPair::generate(spec.key_spec())?, spec, algorithm })
    }

    /// The public half as a DER SubjectPublicKeyInfo.
    #[must_use]
    pub fn public_key_der(&self) -> &[u8] {
        self.pair.public().spki()
    }

    /// The token that brings this wrapping key back for an import into `key`, before the second
    /// `valid_to` of the Unix era.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn to_token(&self, keyring: &Keyring, key: &KeyArn, valid_to: i64) -> Result<Vec<u8>, CryptoError> {
        let mut plaintext = Zeroizing::new(Vec::new());
        let pkcs8 = self.pair.private_key_pkcs8().expose();
        plaintext.reserve_exact(11 + pkcs8.len());
        plaintext.extend_from_slice(&[FORMAT, algorithm_code(self.algorithm), spec_code(self.spec)]);
        plaintext.extend_from_slice(&valid_to.to_be_bytes());
        plaintext.extend_from_slice(pkcs8);
        keyring.seal(&place(key), VERSION, &plaintext)
    }
}

/// A token that was opened and has not expired: all it takes to unwrap material.
#[derive(Debug)]
pub struct ImportToken {
    spec: WrappingKeySpec,
    algorithm: WrappingAlgorithm,
    pkcs8: SecretBytes,
}

impl ImportToken {
    /// Opens a token for `key`, at the second `now`.
    ///
    /// # Errors
    /// [`ImportTokenError`].
    pub fn open(keyring: &Keyring, key: &KeyArn, token: &[u8], now: i64) -> Result<Self, ImportTokenError> {
        let opened = keyring.open_record(&place(key), VERSION, token);
        let plaintext = opened.map_err(|_| ImportTokenError::Invalid)?;
        let [FORMAT, algorithm, spec, rest @ ..] = plaintext.expose() else {
            return Err(ImportTokenError::Invalid);
        };
        let (valid_to, pkcs8) = rest.split_first_chunk().ok_or(ImportTokenError::Invalid)?;
        if now >= i64::from_be_bytes(*valid_to) {
            return Err(ImportTokenError::Expired);
        }
        let known_spec = |known: &WrappingKeySpec| spec_code(*known) == *spec;
        let known_algorithm = |known: &WrappingAlgorithm| algorithm_code(*known) == *algorithm;
        Ok(Self {
            spec: WrappingKeySpec::ALL.iter().copied().find(known_spec).ok_or(ImportTokenError::Invalid)?,
            algorithm: WrappingAlgorithm::ALL
                .iter()
                .copied()
                .find(known_algorithm)
                .ok_or(ImportTokenError::Invalid)?,
            pkcs8: SecretBytes::from(pkcs8.to_vec()),
        })
    }

    /// What was wrapped. Slow: RSA takes up to 6 ms, SM2 up to 1 ms.
    ///
    /// # Errors
    /// [`KeyError::InvalidCiphertext`], whatever is wrong with it.
    pub fn unwrap(&self, wrapped: &[u8]) -> Result<SecretBytes, KeyError> {
        use EncryptionAlgorithm as E;
        let pair = KeyPair::from_pkcs8(self.spec.key_spec(), self.pkcs8.expose()).map_err(failed)?;
        match self.algorithm {
            WrappingAlgorithm::RsaesOaepSha1 => pair.decrypt(E::RsaesOaepSha1, wrapped),
            WrappingAlgorithm::RsaesOaepSha256 => pair.decrypt(E::RsaesOaepSha256, wrapped),
            WrappingAlgorithm::Sm2Pke => pair.decrypt(E::Sm2Pke, wrapped),
            WrappingAlgorithm::RsaAesKeyWrapSha1 => unwrap_twice(&pair, E::RsaesOaepSha1, wrapped),
            WrappingAlgorithm::RsaAesKeyWrapSha256 => unwrap_twice(&pair, E::RsaesOaepSha256, wrapped),
        }
    }
}

/// RFC 5649 under a 256-bit key that itself comes in front, encrypted: `CKM_RSA_AES_KEY_WRAP` of
/// PKCS #11.
fn unwrap_twice(pair: &KeyPair, oaep: EncryptionAlgorithm, wrapped: &[u8]) -> Result<SecretBytes, KeyError> {
    let modulus = pair.spec().modulus_length().ok_or(KeyError::Algorithm)?;
    let (key, material) = wrapped.split_at_checked(modulus).ok_or(KeyError::InvalidCiphertext)?;
    unwrap_with_aes(pair.decrypt(oaep, key)?.expose(), material)
}

/// AES key wrap with padding (RFC 5649), backwards.
pub(crate) fn unwrap_with_aes(key: &[u8], wrapped: &[u8]) -> Result<SecretBytes, KeyError> {
    let kek = AesKek::new(&AES_256, key).map_err(|_| KeyError::InvalidCiphertext)?;
    let mut output = Zeroizing::new(vec![0; wrapped.len()]);
    let unwrapped = kek.unwrap_with_padding(wrapped, &mut output).map_err(|_| KeyError::InvalidCiphertext)?;
    Ok(SecretBytes::from(unwrapped.to_vec()))
}

/// Where a token is sealed for. Records lie at paths, which begin with `/`, so neither opens as the
/// other.
fn place(key: &KeyArn) -> String {
    format!("import token of {key}")
}

/// The byte that stands for an algorithm in a token. Tokens live for a day; across an upgrade they
/// should.
const fn algorithm_code(algorithm: WrappingAlgorithm) -> u8 {
    match algorithm {
        WrappingAlgorithm::RsaesOaepSha1 => 1,
        WrappingAlgorithm::RsaesOaepSha256 => 2,
        WrappingAlgorithm::RsaAesKeyWrapSha1 => 3,
        WrappingAlgorithm::RsaAesKeyWrapSha256 => 4,
        WrappingAlgorithm::Sm2Pke => 5,
    }
}

const fn spec_code(spec: WrappingKeySpec) -> u8 {
    match spec {
        WrappingKeySpec::Rsa2048 => 1,
        WrappingKeySpec::Rsa3072 => 2,
        WrappingKeySpec::Rsa4096 => 3,
        WrappingKeySpec::Sm2 => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{InvalidKey, Material, RootKey};
    use trent_domain::{KeyId, KeySpec};

    fn key() -> KeyArn {
        KeyArn {
            region: "us-east-1".parse().unwrap(),
            account: "000000000000".parse().unwrap(),
            id: KeyId::from_raw([0; 16], false),
        }
    }

    fn keyring() -> Keyring {
        Keyring::create(&RootKey::generate().unwrap()).unwrap().0
    }

    /// Wraps as a client does.
    fn wrap(key: &WrappingKey, material: &[u8]) -> Vec<u8> {
        use EncryptionAlgorithm as E;
        let encrypt = |algorithm, bytes: &[u8]| key.pair.public().encrypt(algorithm, bytes).unwrap();
        let twice = |algorithm| {
            let kek = AesKek::new(&AES_256, &[7; 32]).unwrap();
            let mut output = vec![0; material.len() + 15];
            let wrapped = kek.wrap_with_padding(material, &mut output).unwrap();
            [encrypt(algorithm, &[7; 32]), wrapped.to_vec()].concat()
        };
        match key.algorithm {
            WrappingAlgorithm::RsaesOaepSha1 => encrypt(E::RsaesOaepSha1, material),
            WrappingAlgorithm::RsaesOaepSha256 => encrypt(E::RsaesOaepSha256, material),
            WrappingAlgorithm::RsaAesKeyWrapSha1 => twice(E::RsaesOaepSha1),
            WrappingAlgorithm::RsaAesKeyWrapSha256 => twice(E::RsaesOaepSha256),
            WrappingAlgorithm::Sm2Pke => encrypt(E::Sm2Pke, material),
        }
    }

    #[test]
    fn what_was_wrapped_comes_out_and_nothing_else_does() {
        let keyring = keyring();
        for &algorithm in WrappingAlgorithm::ALL {
            let sm2 = algorithm == WrappingAlgorithm::Sm2Pke;
            let spec = if sm2 { WrappingKeySpec::Sm2 } else { WrappingKeySpec::Rsa2048 };
            let made = WrappingKey::generate(spec, algorithm).unwrap();
            let token = made.to_token(&keyring, &key(), 100).unwrap();
            let again = ImportToken::open(&keyring, &key(), &token, 99).unwrap();
            let wrapped = wrap(&made, b"material");
            assert_eq!(again.unwrap(&wrapped).unwrap().expose(), b"material");
            for at in (0..wrapped.len()).step_by(17) {
                let mut bad = wrapped.clone();
                bad[at] ^= 1;
                assert_ne!(again.unwrap(&bad).ok().as_ref().map(SecretBytes::expose), Some(&b"material"[..]));
                assert_eq!(again.unwrap(&wrapped[..at]), Err(KeyError::InvalidCiphertext), "{at}");
            }
            assert!(WrappingKey::generate(WrappingKeySpec::Sm2, algorithm).is_ok() == sm2);
        }
    }

    #[test]
    fn a_token_is_good_for_its_key_and_time_alone() {
        let keyring = keyring();
        let made = WrappingKey::generate(WrappingKeySpec::Sm2, WrappingAlgorithm::Sm2Pke).unwrap();
        let token = made.to_token(&keyring, &key(), 100).unwrap();
        let open = |keyring: &Keyring, key: &KeyArn, token: &[u8], now| {
            ImportToken::open(keyring, key, token, now).map(|token| token.algorithm)
        };
        assert_eq!(open(&keyring, &key(), &token, 99), Ok(WrappingAlgorithm::Sm2Pke));
        assert_eq!(open(&keyring, &key(), &token, 100), Err(ImportTokenError::Expired));
        for other in [
            KeyArn { id: KeyId::from_raw([1; 16], false), ..key() },
            KeyArn { account: "111111111111".parse().unwrap(), ..key() },
            KeyArn { region: "eu-west-1".parse().unwrap(), ..key() },
        ] {
            assert_eq!(open(&keyring, &other, &token, 99), Err(ImportTokenError::Invalid), "{other}");
        }
        assert_eq!(open(&self::keyring(), &key(), &token, 99), Err(ImportTokenError::Invalid));
        for length in 0..token.len() {
            assert_eq!(open(&keyring, &key(), &token[..length], 0), Err(ImportTokenError::Invalid));
        }
        // A record that lies in the store is no token.
        let record = keyring.seal("/a", 1, b"record").unwrap();
        assert_eq!(open(&keyring, &key(), &record, 0), Err(ImportTokenError::Invalid));
    }

    #[test]
    fn the_longest_token_fits_its_member() {
        let algorithm = WrappingAlgorithm::RsaesOaepSha256;
        let made = WrappingKey::generate(WrappingKeySpec::Rsa4096, algorithm).unwrap();
        assert!(made.to_token(&keyring(), &key(), i64::MAX).unwrap().len() <= 6144);
    }

    #[test]
    fn material_is_of_its_spec_or_refused() {
        let import = |spec, bytes: Vec<u8>| Material::import(spec, SecretBytes::from(bytes));
        for (spec, length) in [
            (KeySpec::SymmetricDefault, 32),
            (KeySpec::Hmac224, 28),
            (KeySpec::Hmac256, 32),
            (KeySpec::Hmac384, 48),
            (KeySpec::Hmac512, 64),
        ] {
            assert_eq!(import(spec, vec![1; length]).unwrap().spec(), spec);
            assert_eq!(import(spec, vec![1; length - 1]).unwrap_err(), InvalidKey);
            assert_eq!(import(spec, vec![1; length + 1]).unwrap_err(), InvalidKey);
        }
        for spec in [KeySpec::Rsa2048, KeySpec::EccNistP384, KeySpec::EccNistEdwards25519, KeySpec::Sm2] {
            let pair = KeyPair::generate(spec).unwrap();
            let pkcs8 = pair.private_key_pkcs8().expose().to_vec();
            let imported = import(spec, pkcs8.clone()).unwrap();
            assert_eq!(imported.public_key_der(), Some(pair.public().spki()));
            assert_eq!(import(KeySpec::EccNistP256, pkcs8).unwrap_err(), InvalidKey);
        }
        let pair = KeyPair::generate(KeySpec::MlDsa44).unwrap();
        let pkcs8 = pair.private_key_pkcs8().expose().to_vec();
        assert_eq!(import(KeySpec::MlDsa44, pkcs8).unwrap_err(), InvalidKey);
    }
}
