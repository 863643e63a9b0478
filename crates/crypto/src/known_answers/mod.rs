//! Known-answer tests of the algorithms that keys of every spec offer; part of those that run at
//! every start. They take 10 to 40 ms.

mod vectors;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_domain::{EncryptionAlgorithm, KeySpec, MacAlgorithm, MessageType, SigningAlgorithm};

use crate::{CryptoError, HmacKey, KeyPair, PublicKey, SecretBytes, ffi, pkcs8, spki};

/// Compares every family of keys with answers that were computed elsewhere.
///
/// # Errors
/// [`CryptoError::SelfTest`] naming the first that differs.
pub(crate) fn all() -> Result<(), CryptoError> {
    expect("HMAC", hmac())?;
    expect("RSA", rsa())?;
    let curves = [
        (KeySpec::EccNistP256, SigningAlgorithm::EcdsaSha256, vectors::P256_KEY, vectors::P256_SIGNATURE),
        (KeySpec::EccNistP384, SigningAlgorithm::EcdsaSha384, vectors::P384_KEY, vectors::P384_SIGNATURE),
        (KeySpec::EccNistP521, SigningAlgorithm::EcdsaSha512, vectors::P521_KEY, vectors::P521_SIGNATURE),
        (
            KeySpec::EccSecgP256K1,
            SigningAlgorithm::EcdsaSha256,
            vectors::SECP256K1_KEY,
            vectors::SECP256K1_SIGNATURE,
        ),
    ];
    for (spec, algorithm, key, signature) in curves {
        expect("ECDSA", ecdsa(spec, algorithm, key, signature))?;
    }
    expect("ECDH", ecdh(KeySpec::EccNistP256, vectors::P256_KEY, vectors::P256_SHARED))?;
    expect("ECDH", ecdh(KeySpec::EccNistP384, vectors::P384_KEY, vectors::P384_SHARED))?;
    expect("ECDH", ecdh(KeySpec::EccNistP521, vectors::P521_KEY, vectors::P521_SHARED))?;
    expect("Ed25519ph", ed25519ph())?;
    expect("SM2", sm2())?;
    expect("ML-DSA", ml_dsa(KeySpec::MlDsa44, vectors::ML_DSA_44_PUBLIC))?;
    expect("ML-DSA", ml_dsa(KeySpec::MlDsa65, vectors::ML_DSA_65_PUBLIC))?;
    expect("ML-DSA", ml_dsa(KeySpec::MlDsa87, vectors::ML_DSA_87_PUBLIC))?;
    let (public, rejected) = (vectors::ML_KEM_768_PUBLIC, vectors::ML_KEM_768_REJECTED);
    expect("ML-KEM", ml_kem(KeySpec::MlKem768, 1088, public, rejected))?;
    let (public, rejected) = (vectors::ML_KEM_1024_PUBLIC, vectors::ML_KEM_1024_REJECTED);
    expect("ML-KEM", ml_kem(KeySpec::MlKem1024, 1568, public, rejected))
}

/// `None` stands for an operation that failed where it must not.
fn expect(what: &'static str, right: Option<bool>) -> Result<(), CryptoError> {
    if right == Some(true) { Ok(()) } else { Err(CryptoError::SelfTest(what)) }
}

/// RFC 4231 §4.2, whose key is too short for ours: padded with zeros, as HMAC itself pads it.
fn hmac() -> Option<bool> {
    let answers = [
        (
            KeySpec::Hmac224,
            MacAlgorithm::HmacSha224,
            "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
        ),
        (
            KeySpec::Hmac384,
            MacAlgorithm::HmacSha384,
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
        ),
        (
            KeySpec::Hmac512,
            MacAlgorithm::HmacSha512,
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4\
             be9d914eeb61f1702e696c203a126854",
        ),
    ];
    let mut right = true;
    for (spec, algorithm, expected) in answers {
        let mut bytes = vec![0x0b; 20];
        bytes.resize(spec.hmac_key_length()?, 0);
        let key = HmacKey::from_bytes(spec, SecretBytes::from(bytes))?;
        right &= hex::encode(key.mac(algorithm, b"Hi There").ok()?) == expected;
        right &= key.verify_mac(algorithm, b"Hi There", &[0; 32]).is_err();
    }
    Some(right)
}

fn rsa() -> Option<bool> {
    let decode = |text: &str| STANDARD.decode(text).ok();
    let pair = KeyPair::from_pkcs8(KeySpec::Rsa2048, &decode(vectors::RSA_KEY)?).ok()?;
    let signed =
        pair.sign(SigningAlgorithm::RsassaPkcs1V15Sha256, MessageType::Raw, vectors::MESSAGE).ok()?;
    let pss = decode(vectors::RSA_PSS_SIGNATURE)?;
    let verified = |message: &[u8]| {
        pair.public().verify(SigningAlgorithm::RsassaPssSha256, MessageType::Raw, message, &pss).is_ok()
    };
    let mut right = sha256(&signed) == vectors::RSA_SIGNATURE_SHA256;
    right &= verified(vectors::MESSAGE) && !verified(b"abd");
    for (algorithm, ciphertext) in [
        (EncryptionAlgorithm::RsaesOaepSha1, vectors::RSA_OAEP_SHA1),
        (EncryptionAlgorithm::RsaesOaepSha256, vectors::RSA_OAEP_SHA256),
    ] {
        right &= pair.decrypt(algorithm, &decode(ciphertext)?).ok()?.expose() == vectors::MESSAGE;
    }
    Some(right)
}

fn ecdsa(spec: KeySpec, algorithm: SigningAlgorithm, key: &str, signature: &str) -> Option<bool> {
    let pair = KeyPair::from_pkcs8(spec, &hex::decode(key).ok()?).ok()?;
    let signature = hex::decode(signature).ok()?;
    let verified =
        |message: &[u8]| pair.public().verify(algorithm, MessageType::Raw, message, &signature).is_ok();
    Some(verified(vectors::MESSAGE) && !verified(b"abd"))
}

fn ecdh(spec: KeySpec, key: &str, shared: &str) -> Option<bool> {
    let pair = KeyPair::from_pkcs8(spec, &hex::decode(key).ok()?).ok()?;
    let secret = pair.derive_shared_secret(pair.public().spki()).ok()?;
    Some(hex::encode(secret.expose()) == shared)
}

/// Ed25519 signatures are deterministic: the pre-hashed one is compared, the pure one verified by
/// the pairwise test of every generated key.
fn ed25519ph() -> Option<bool> {
    let seed = hex::decode(vectors::ED25519_SEED).ok()?;
    let public = hex::decode(vectors::ED25519_PUBLIC).ok()?;
    let expected: [u8; 64] = hex::decode(vectors::ED25519PH_SIGNATURE).ok()?.try_into().ok()?;
    let private = [seed, public.clone()].concat().try_into().ok()?;
    let signature = ffi::ed25519ph_sign(&private, vectors::MESSAGE).ok()?;
    let public = public.try_into().ok()?;
    let verified = |message: &[u8]| ffi::ed25519ph_verify(&public, message, &expected);
    Some(signature == expected && verified(vectors::MESSAGE) && !verified(b"abd"))
}

fn sm2() -> Option<bool> {
    let (scalar, point) = (hex::decode(vectors::SM2_SCALAR).ok()?, hex::decode(vectors::SM2_POINT).ok()?);
    let public = PublicKey::from_spki(KeySpec::Sm2, &spki::encode(KeySpec::Sm2, &point).ok()?).ok()?;
    let signature = hex::decode(vectors::SM2_SIGNATURE).ok()?;
    let verified = |message: &[u8]| {
        public.verify(SigningAlgorithm::Sm2Dsa, MessageType::Raw, message, &signature).is_ok()
    };
    let pair = KeyPair::from_pkcs8(KeySpec::Sm2, crate::sm2::encode(&scalar).ok()?.expose()).ok()?;
    let ciphertext = hex::decode(vectors::SM2_CIPHERTEXT).ok()?;
    let plaintext = pair.decrypt(EncryptionAlgorithm::Sm2Pke, &ciphertext).ok()?;
    let mut right = pair.public().spki() == public.spki();
    right &= verified(b"message digest") && !verified(b"message digesu");
    Some(right && plaintext.expose() == b"encryption standard")
}

fn ml_dsa(spec: KeySpec, public: &str) -> Option<bool> {
    let pair = from_seed(spec, 32)?;
    let algorithm = SigningAlgorithm::MlDsaShake256;
    let signature = pair.sign(algorithm, MessageType::ExternalMu, &[7; 64]).ok()?;
    let verified =
        |mu: &[u8]| pair.public().verify(algorithm, MessageType::ExternalMu, mu, &signature).is_ok();
    Some(sha256(pair.public().spki()) == public && verified(&[7; 64]) && !verified(&[8; 64]))
}

fn ml_kem(spec: KeySpec, ciphertext: usize, public: &str, rejected: &str) -> Option<bool> {
    let pair = from_seed(spec, 64)?;
    let secret = pair.decapsulate(&vec![0; ciphertext]).ok()?;
    let (fresh, encapsulated) = pair.public().encapsulate().ok()?;
    let mut right = sha256(pair.public().spki()) == public;
    right &= hex::encode(secret.expose()) == rejected;
    Some(right && pair.decapsulate(&encapsulated).ok()? == fresh)
}

/// The pair of the seed 00 01 02 ….
fn from_seed(spec: KeySpec, length: u8) -> Option<KeyPair> {
    let seed: Vec<u8> = (0..length).collect();
    KeyPair::from_pkcs8(spec, pkcs8::encode(spec, &seed).ok()?.expose()).ok()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}
