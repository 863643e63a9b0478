//! Every algorithm behind one provider, secret types, and the envelopes of records and ciphertexts.
//!
//! This is the only crate that names the cryptography library. It composes the library's
//! primitives and has none of its own. Nothing here takes a nonce from outside, reads a clock or
//! touches a file. The formats are specified byte by byte in `docs/ciphertext.md` and
//! `docs/at-rest.md`.

mod attestation;
mod ciphertext;
mod cms;
mod derive;
mod ec;
mod ed25519;
mod error;
mod ffi;
mod hmac;
mod import;
mod key_error;
mod keyring;
mod known_answers;
mod material;
mod ml_dsa;
mod ml_kem;
mod pkcs8;
mod process;
mod provider;
mod random;
mod rsa;
mod seal;
mod secp256k1;
mod secret;
mod selftest;
mod sm2;
mod spki;
mod web_token;

pub use attestation::{Attestation, AttestationError, AttestationRoots, AttestedPlatform};
pub use ciphertext::{CiphertextHeader, InvalidCiphertext, SymmetricKey};
pub use error::CryptoError;
pub use hmac::{HmacKey, Tag};
pub use import::{ImportToken, ImportTokenError, WrappingKey};
pub use key_error::{InvalidKey, KeyError};
pub use keyring::{Keyring, RootKey};
pub use material::Material;
pub use process::{Hardening, harden_process};
pub use provider::{KeyPair, PublicKey};
pub use seal::{FileSeal, Seal, SealError};
pub use secret::{SecretBytes, fill_random};
pub use selftest::known_answer_tests;
pub use web_token::{UnverifiedWebToken, WebKeySet, WebTokenClaims, WebTokenError};
