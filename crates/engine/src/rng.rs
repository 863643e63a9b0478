//! The port for randomness.

use uuid::Uuid;

/// The random source refused to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the random source failed")]
pub struct RngError;

/// Cryptographically secure random bytes: identifiers, and the answer of GenerateRandom. Keys and
/// nonces are drawn inside the crypto crate and nowhere else.
pub trait Rng: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// When the source fails; `bytes` must not be used then.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError>;

    /// A new random UUID.
    ///
    /// # Errors
    /// As [`Rng::fill`].
    fn uuid(&self) -> Result<Uuid, RngError> {
        let mut bytes = [0; 16];
        self.fill(&mut bytes)?;
        Ok(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }
}
