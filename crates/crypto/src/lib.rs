//! Every algorithm behind one provider, secret types, and the envelopes of records and ciphertexts.
//!
//! This is the only crate that names the cryptography library. It composes the library's
//! primitives and has none of its own. Nothing here takes a nonce from outside, reads a clock or
//! touches a file. The formats are specified byte by byte in `docs/ciphertext.md` and
//! `docs/at-rest.md`.

mod ciphertext;
mod derive;
mod error;
mod keyring;
mod material;
mod process;
mod seal;
mod secret;
mod selftest;

pub use ciphertext::{CiphertextHeader, InvalidCiphertext, SymmetricKey};
pub use error::CryptoError;
pub use keyring::{Keyring, RootKey};
pub use material::Material;
pub use process::{Hardening, harden_process};
pub use seal::{FileSeal, Seal, SealError};
pub use secret::{SecretBytes, fill_random};
pub use selftest::known_answer_tests;
