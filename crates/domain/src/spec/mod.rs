//! Key specs, key usages and algorithms, and which go together: the laws of `KeySpec`, `KeyUsage`
//! and the five `…AlgorithmSpec` lists of the KMS API.
//!
//! [`table`] holds the one table from which everything else about a pair of spec and usage follows.

mod algorithm;
mod key_spec;
mod message;
mod table;
mod usage;
mod wire;
mod wrapping;

pub use algorithm::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, MacAlgorithm, SigningAlgorithm,
};
pub use key_spec::KeySpec;
pub use message::{MessageForm, MessageType};
pub use table::Algorithms;
pub use usage::KeyUsage;
pub(crate) use wire::named;
pub use wrapping::{WrappingAlgorithm, WrappingKeySpec};
