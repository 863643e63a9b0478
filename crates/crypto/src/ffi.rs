//! The few functions of AWS-LC that `aws-lc-rs` does not offer: Ed25519ph, ML-DSA over an external
//! μ, and ML-KEM keys from a seed.
//!
//! This is the only module with unsafe code. What makes each call sound:
//!
//! * every pointer handed over comes from a Rust slice or array that outlives the call, with the
//!   length the function is told or, where it is not told one, that its documentation fixes;
//! * every object the library hands out is owned by [`Owned`], which frees it exactly once;
//! * keys are not changed after they are made, and AWS-LC documents that an `EVP_PKEY` may be used
//!   by many threads at once by functions that do not change it (`evp.h`).
//!
//! Every result is checked. After a failure the thread's error queue is cleared, so that nothing of
//! one request is left for the next.

#![expect(unsafe_code, reason = "calls into the C library; each says why it is sound")]

use std::ptr::{NonNull, null, null_mut};

use aws_lc_sys as lc;
use trent_domain::KeySpec;
use zeroize::Zeroizing;

use crate::{CryptoError, SecretBytes};

/// Length of an Ed25519 signature.
pub(crate) const ED25519_SIGNATURE: usize = 64;
/// Length of μ.
pub(crate) const MU: usize = 64;

/// An Ed25519ph signature (RFC 8032 §5.1.7) of `message`, which is hashed here, with an empty
/// context. `private` is the seed followed by the public key.
pub(crate) fn ed25519ph_sign(
    private: &[u8; 64],
    message: &[u8],
) -> Result<[u8; ED25519_SIGNATURE], CryptoError> {
    let mut signature = [0; ED25519_SIGNATURE];
    // SAFETY: the signature has 64 bytes and the private key 64, as `curve25519.h` demands; the
    // message has its length; a context of length 0 may be null.
    let done = unsafe {
        lc::ED25519ph_sign(
            signature.as_mut_ptr(),
            message.as_ptr(),
            message.len(),
            private.as_ptr(),
            null(),
            0,
        )
    };
    checked(done).map(|()| signature)
}

/// Whether `signature` is an Ed25519ph signature of `message` with an empty context.
pub(crate) fn ed25519ph_verify(
    public: &[u8; 32],
    message: &[u8],
    signature: &[u8; ED25519_SIGNATURE],
) -> bool {
    // SAFETY: the signature has 64 bytes and the public key 32, as `curve25519.h` demands; the
    // message has its length; a context of length 0 may be null.
    let valid = unsafe {
        lc::ED25519ph_verify(message.as_ptr(), message.len(), signature.as_ptr(), public.as_ptr(), null(), 0)
    };
    checked(valid).is_ok()
}

/// A key of ML-DSA that signs or verifies a given μ (FIPS 204 algorithms 7 and 8).
pub(crate) struct MlDsaKey(Owned<lc::EVP_PKEY>);

// SAFETY: an `EVP_PKEY` is reference counted atomically and belongs to no thread.
unsafe impl Send for MlDsaKey {}
// SAFETY: nothing here changes the key; see the module's documentation.
unsafe impl Sync for MlDsaKey {}

impl MlDsaKey {
    /// The private key that grows from a seed.
    pub(crate) fn from_seed(spec: KeySpec, seed: &[u8; 32]) -> Result<Self, CryptoError> {
        let nid = ml_dsa(spec)?;
        // SAFETY: the seed has the length that is passed, and is copied.
        let key = unsafe { lc::EVP_PKEY_pqdsa_new_raw_private_key(nid, seed.as_ptr(), seed.len()) };
        Owned::new(key).map(Self)
    }

    /// The public key with this encoding (FIPS 204 algorithm 22).
    pub(crate) fn from_public(spec: KeySpec, raw: &[u8]) -> Result<Self, CryptoError> {
        let nid = ml_dsa(spec)?;
        // SAFETY: the raw key has the length that is passed, and is copied.
        let key = unsafe { lc::EVP_PKEY_pqdsa_new_raw_public_key(nid, raw.as_ptr(), raw.len()) };
        Owned::new(key).map(Self)
    }

    /// A signature over `mu`. `length` is that of the key's signatures.
    pub(crate) fn sign_mu(&self, mu: &[u8; MU], length: usize) -> Result<Vec<u8>, CryptoError> {
        let context = self.context()?;
        let mut signature = vec![0; length];
        let mut written = signature.len();
        // SAFETY: the context is live and initialised for signing before it signs; the buffer has
        // the length that is passed, which the library checks against what it needs.
        let done = unsafe {
            checked(lc::EVP_PKEY_sign_init(context.as_ptr()))?;
            lc::EVP_PKEY_sign(
                context.as_ptr(),
                signature.as_mut_ptr(),
                &raw mut written,
                mu.as_ptr(),
                mu.len(),
            )
        };
        checked(done)?;
        if written == length { Ok(signature) } else { Err(CryptoError::Failed) }
    }

    /// Whether `signature` is one over `mu`.
    pub(crate) fn verify_mu(&self, mu: &[u8; MU], signature: &[u8]) -> bool {
        let Ok(context) = self.context() else { return false };
        // SAFETY: the context is live and initialised for verifying before it verifies; both slices
        // have the lengths that are passed.
        let valid = unsafe {
            if checked(lc::EVP_PKEY_verify_init(context.as_ptr())).is_err() {
                return false;
            }
            lc::EVP_PKEY_verify(context.as_ptr(), signature.as_ptr(), signature.len(), mu.as_ptr(), mu.len())
        };
        checked(valid).is_ok()
    }

    fn context(&self) -> Result<Owned<lc::EVP_PKEY_CTX>, CryptoError> {
        // SAFETY: the key is live; the context takes a reference of its own to it. No engine.
        Owned::new(unsafe { lc::EVP_PKEY_CTX_new(self.0.as_ptr(), null_mut()) })
    }
}

/// The encapsulation key and the expanded decapsulation key that grow from a seed `d || z` (FIPS 203
/// algorithm 16).
pub(crate) fn ml_kem_from_seed(
    spec: KeySpec,
    seed: &[u8; 64],
) -> Result<(Vec<u8>, SecretBytes), CryptoError> {
    let (nid, public_length, private_length) = ml_kem(spec)?;
    // SAFETY: makes a new context or null, without an engine.
    let context = Owned::new(unsafe { lc::EVP_PKEY_CTX_new_id(lc::EVP_PKEY_KEM, null_mut()) })?;
    let mut key = null_mut();
    let mut seed_length = seed.len();
    // SAFETY: the context is live, then initialised, then told the parameters, in the order
    // `evp.h` demands; the seed has the length that is passed; `key` receives a new key.
    let done = unsafe {
        checked(lc::EVP_PKEY_keygen_init(context.as_ptr()))?;
        checked(lc::EVP_PKEY_CTX_kem_set_params(context.as_ptr(), nid))?;
        lc::EVP_PKEY_keygen_deterministic(context.as_ptr(), &raw mut key, seed.as_ptr(), &raw mut seed_length)
    };
    checked(done)?;
    let key = Owned::new(key)?;
    let public = raw_part(&key, public_length, lc::EVP_PKEY_get_raw_public_key)?;
    let mut private = Zeroizing::new(raw_part(&key, private_length, lc::EVP_PKEY_get_raw_private_key)?);
    Ok((public, SecretBytes::from(std::mem::take(&mut *private))))
}

type RawPart = unsafe extern "C" fn(*const lc::EVP_PKEY, *mut u8, *mut usize) -> std::ffi::c_int;

fn raw_part(key: &Owned<lc::EVP_PKEY>, length: usize, part: RawPart) -> Result<Vec<u8>, CryptoError> {
    let mut bytes = vec![0; length];
    let mut written = length;
    // SAFETY: the key is live; the buffer has the length that is passed, which the library checks.
    checked(unsafe { part(key.as_ptr(), bytes.as_mut_ptr(), &raw mut written) })?;
    if written == length { Ok(bytes) } else { Err(CryptoError::Failed) }
}

fn ml_dsa(spec: KeySpec) -> Result<std::ffi::c_int, CryptoError> {
    match spec {
        KeySpec::MlDsa44 => Ok(lc::NID_MLDSA44),
        KeySpec::MlDsa65 => Ok(lc::NID_MLDSA65),
        KeySpec::MlDsa87 => Ok(lc::NID_MLDSA87),
        _ => Err(CryptoError::Failed),
    }
}

/// The library's name of the parameter set, and the lengths of its two keys.
fn ml_kem(spec: KeySpec) -> Result<(std::ffi::c_int, usize, usize), CryptoError> {
    match spec {
        KeySpec::MlKem512 => Ok((lc::NID_MLKEM512, 800, 1632)),
        KeySpec::MlKem768 => Ok((lc::NID_MLKEM768, 1184, 2400)),
        KeySpec::MlKem1024 => Ok((lc::NID_MLKEM1024, 1568, 3168)),
        _ => Err(CryptoError::Failed),
    }
}

/// The library's functions return 1 when all went well. Otherwise they leave reasons in a queue of
/// the thread, which nobody here reads.
fn checked(result: std::ffi::c_int) -> Result<(), CryptoError> {
    if result == 1 {
        return Ok(());
    }
    // SAFETY: has no arguments and touches only the thread's own queue.
    unsafe { lc::ERR_clear_error() };
    Err(CryptoError::Failed)
}

/// An object of the library that is ours to free.
struct Owned<T: Free>(NonNull<T>);

impl<T: Free> Owned<T> {
    /// Takes what a function made, if it made something.
    fn new(made: *mut T) -> Result<Self, CryptoError> {
        match NonNull::new(made) {
            Some(made) => Ok(Self(made)),
            None => Err(checked(0).err().unwrap_or(CryptoError::Failed)),
        }
    }

    const fn as_ptr(&self) -> *mut T {
        self.0.as_ptr()
    }
}

impl<T: Free> Drop for Owned<T> {
    fn drop(&mut self) {
        // SAFETY: the pointer came from the library as a new object, and is freed here only.
        unsafe { T::free(self.0.as_ptr()) };
    }
}

/// How objects of a kind are freed.
trait Free {
    /// Frees `object`, which must be live and not used afterwards.
    unsafe fn free(object: *mut Self);
}

impl Free for lc::EVP_PKEY {
    unsafe fn free(object: *mut Self) {
        // SAFETY: as the caller promises.
        unsafe { lc::EVP_PKEY_free(object) }
    }
}

impl Free for lc::EVP_PKEY_CTX {
    unsafe fn free(object: *mut Self) {
        // SAFETY: as the caller promises.
        unsafe { lc::EVP_PKEY_CTX_free(object) }
    }
}
