//! Why a key did not do what was asked of it: one cause each, for the operations to put into the
//! service's words.

use crate::CryptoError;

/// Why a key did not do what was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Keys of this spec do not have the algorithm.
    #[error("the algorithm does not go with the key's spec")]
    Algorithm,
    /// The algorithm takes no message of this type.
    #[error("the algorithm does not take this type of message")]
    MessageType,
    /// A digest, or an external μ, is not as long as the algorithm demands.
    #[error("the digest has the wrong length for the algorithm")]
    DigestLength,
    /// There is more to encrypt than the algorithm can.
    #[error("the plaintext is longer than {max} bytes")]
    PlaintextTooLong {
        /// How much it can.
        max: usize,
    },
    /// The other side's public key is no key of the same curve.
    #[error("the peer's public key is not acceptable")]
    PeerKey,
    /// The ciphertext does not decrypt, or has an impossible length. There is no finer distinction,
    /// lest it be an oracle.
    #[error("the ciphertext is invalid")]
    InvalidCiphertext,
    /// The signature is not one of this message by this key, whatever the reason.
    #[error("the signature is invalid")]
    InvalidSignature,
    /// The MAC is not the one of this message by this key.
    #[error("the message authentication code is invalid")]
    InvalidMac,
    /// The library failed; the caller is not to blame.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

/// The bytes are not an encoded key of the spec it should be of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the encoded key is not one of the expected kind")]
pub struct InvalidKey;

/// For errors that a key which has been accepted can only meet through a fault of the library.
pub(crate) fn failed<E>(_: E) -> CryptoError {
    CryptoError::Failed
}
