//! One key for one message: the derivation and the encryption that all envelopes share.
//!
//! A 128-bit random nonce and a long-lived secret give, by the counter-mode KDF of SP 800-108 with
//! HMAC-SHA-256, a key that is used for one AES-256-GCM encryption and never again. That is why
//! the IV can be all zeros: GCM demands that no key and IV pair be used twice, and no such key is.
//! It also means that a secret is not worn out by the number of its messages.

use std::io::Write as _;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::kdf::{KbkdfCtrHmacAlgorithmId, get_kbkdf_ctr_hmac_algorithm, kbkdf_ctr_hmac};
use zeroize::Zeroizing;

use crate::{CryptoError, SecretBytes};

/// Length of a nonce.
pub(crate) const NONCE: usize = 16;
/// Length of an authentication tag.
pub(crate) const TAG: usize = 16;
/// Length of a derived encryption key, and of a key commitment.
pub(crate) const KEY: usize = 32;

/// Room for the fixed input of a derivation: a ciphertext's, the longest, takes 97 bytes.
const FIXED_INPUT: usize = 128;

/// A fresh nonce.
pub(crate) fn nonce() -> Result<[u8; NONCE], CryptoError> {
    let mut nonce = [0; NONCE];
    crate::fill_random(&mut nonce)?;
    Ok(nonce)
}

/// Derives `N` bytes: the fixed input is `label || 0x00 || context || [8 * N]` with the length in
/// bits as 32-bit big-endian; the counter precedes it (SP 800-108r1 §4.1).
pub(crate) fn derive<const N: usize>(
    secret: &[u8],
    label: &[u8],
    context: &[u8],
) -> Result<Zeroizing<[u8; N]>, CryptoError> {
    let algorithm =
        get_kbkdf_ctr_hmac_algorithm(KbkdfCtrHmacAlgorithmId::Sha256).ok_or(CryptoError::Failed)?;
    let bits = u32::try_from(N * 8).map_err(|_| CryptoError::Failed)?;
    let mut buffer = [0; FIXED_INPUT];
    let mut rest = buffer.as_mut_slice();
    for piece in [label, &[0], context, &bits.to_be_bytes()] {
        rest.write_all(piece).map_err(|_| CryptoError::Failed)?;
    }
    let length = FIXED_INPUT - rest.len();
    let fixed = buffer.get(..length).ok_or(CryptoError::Failed)?;
    let mut derived = Zeroizing::new([0; N]);
    kbkdf_ctr_hmac(algorithm, secret, fixed, &mut *derived).map_err(|_| CryptoError::Failed)?;
    Ok(derived)
}

/// Appends the encryption of `plaintext` under a key that is used only here, and its tag.
pub(crate) fn seal_once(
    key: &[u8],
    aad: &[u8],
    plaintext: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), CryptoError> {
    let start = out.len();
    out.extend_from_slice(plaintext);
    let body = out.get_mut(start..).ok_or(CryptoError::Failed)?;
    let tag = single_use(key)?
        .seal_in_place_separate_tag(zero_iv(), Aad::from(aad), body)
        .map_err(|_| CryptoError::Failed)?;
    out.extend_from_slice(tag.as_ref());
    Ok(())
}

/// What [`seal_once`] encrypted, if `body` and `aad` are what they were.
pub(crate) fn open_once(key: &[u8], aad: &[u8], body: &[u8]) -> Result<SecretBytes, CryptoError> {
    let (ciphertext, tag) = body.split_last_chunk::<TAG>().ok_or(CryptoError::Damaged)?;
    SecretBytes::filled(ciphertext.len(), |plaintext| {
        single_use(key)?
            .open_separate_gather(zero_iv(), Aad::from(aad), ciphertext, tag, plaintext)
            .map_err(|_| CryptoError::Damaged)
    })
}

fn single_use(key: &[u8]) -> Result<LessSafeKey, CryptoError> {
    UnboundKey::new(&AES_256_GCM, key).map(LessSafeKey::new).map_err(|_| CryptoError::Failed)
}

fn zero_iv() -> Nonce {
    Nonce::assume_unique_for_key([0; NONCE_LEN])
}
