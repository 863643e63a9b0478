//! The library's random generator for the curves that are not the library's.

use rand_core::{TryCryptoRng, TryRng};

use crate::{CryptoError, fill_random};

/// Draws from [`fill_random`].
pub(crate) struct LibraryRng;

impl TryRng for LibraryRng {
    type Error = CryptoError;

    fn try_next_u32(&mut self) -> Result<u32, CryptoError> {
        let mut bytes = [0; 4];
        fill_random(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, CryptoError> {
        let mut bytes = [0; 8];
        fill_random(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), CryptoError> {
        fill_random(bytes)
    }
}

impl TryCryptoRng for LibraryRng {}
