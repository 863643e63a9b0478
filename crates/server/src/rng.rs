//! The random source behind the engine's port.

use trent_engine::{Rng, RngError};

/// The cryptography library's random generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError> {
        trent_crypto::fill_random(bytes).map_err(|_| RngError)
    }
}
