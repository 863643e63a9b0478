//! The random source behind the engine's port.

use std::cell::RefCell;

use trent_engine::{Rng, RngError};
use zeroize::Zeroize as _;

/// The cryptography library's random generator. Every request takes two identifiers, so small
/// draws are served from a page that each thread draws at once; the engine asks for identifiers
/// only, which are no secrets.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRng;

/// Random bytes that were drawn and not yet given out.
struct Page {
    bytes: [u8; Page::LENGTH],
    used: usize,
}

impl Page {
    const LENGTH: usize = 2048;

    /// Gives out bytes, each once.
    fn take(&mut self, to: &mut [u8]) -> Result<(), RngError> {
        if self.bytes.len() - self.used < to.len() {
            trent_crypto::fill_random(&mut self.bytes).map_err(|_| RngError)?;
            self.used = 0;
        }
        let from = self.bytes.get_mut(self.used..self.used + to.len()).ok_or(RngError)?;
        to.copy_from_slice(from);
        // What was given out is its receiver's alone.
        from.zeroize();
        self.used += to.len();
        Ok(())
    }
}

thread_local! {
    static PAGE: RefCell<Page> = const { RefCell::new(Page { bytes: [0; Page::LENGTH], used: Page::LENGTH }) };
}

impl Rng for SystemRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError> {
        if bytes.len() > Page::LENGTH / 8 {
            return trent_crypto::fill_random(bytes).map_err(|_| RngError);
        }
        PAGE.with_borrow_mut(|page| page.take(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_byte_is_given_out_twice() {
        let mut seen = BTreeSet::new();
        for _ in 0..10_000 {
            let mut bytes = [0; 24];
            SystemRng.fill(&mut bytes).unwrap();
            assert!(seen.insert(bytes));
        }
        let mut long = [0; 5000];
        SystemRng.fill(&mut long).unwrap();
        assert_ne!(long, [0; 5000]);
    }
}
