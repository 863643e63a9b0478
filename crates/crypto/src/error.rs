//! What cryptography can fail with. Nothing here says why in a way an attacker could use.

/// A failure that is not the client's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CryptoError {
    /// The random source failed.
    #[error("the random source failed")]
    Random,
    /// A primitive refused its input, which only a fault of ours provokes.
    #[error("a cryptographic operation failed")]
    Failed,
    /// Sealed bytes are not the ones that were sealed here, for this place and version.
    #[error("the sealed bytes are not what was sealed")]
    Damaged,
    /// A known-answer test came out wrong: the library must not be used.
    #[error("the known-answer test of {0} failed")]
    SelfTest(&'static str),
}
