//! The machine's clock behind the engine's port.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use trent_engine::Clock;

/// The system clock, with Trent's own time a whole number of seconds ahead of it.
pub struct SystemClock {
    started: Instant,
    ahead: AtomicI64,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now(), ahead: AtomicI64::new(0) }
    }
}

impl SystemClock {
    /// The furthest that Trent's time may be moved: a thousand years.
    const FURTHEST: i64 = 1000 * 366 * 86_400;

    /// Moves Trent's own time forward; answers how far it is ahead now, in seconds. `None`, and no
    /// change, when it would run backwards or too far.
    pub fn advance(&self, seconds: i64) -> Option<i64> {
        let step = |ahead: i64| Self::moved(ahead, seconds);
        self.ahead.fetch_update(Ordering::SeqCst, Ordering::SeqCst, step).ok().map(|before| before + seconds)
    }

    /// How far ahead Trent's own time would be after [`SystemClock::advance`]; `None` when it cannot
    /// be moved so.
    pub fn could_advance(&self, seconds: i64) -> Option<i64> {
        Self::moved(self.ahead.load(Ordering::SeqCst), seconds)
    }

    fn moved(ahead: i64, seconds: i64) -> Option<i64> {
        let ahead = ahead.checked_add(seconds)?;
        (seconds >= 0 && ahead <= Self::FURTHEST).then_some(ahead)
    }

    /// Lets Trent's own time be the world's again.
    pub fn return_to_present(&self) {
        self.ahead.store(0, Ordering::SeqCst);
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        let ahead = SignedDuration::from_secs(self.ahead.load(Ordering::Relaxed));
        let wall = self.wall();
        wall.checked_add(ahead).unwrap_or(wall)
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_forward_only() {
        let clock = SystemClock::default();
        assert_eq!(clock.advance(90), Some(90));
        assert_eq!(clock.advance(10), Some(100));
        assert_eq!(clock.advance(-1), None);
        assert_eq!(clock.advance(i64::MAX), None);
        let ahead = clock.now().duration_since(clock.wall()).as_secs();
        assert!((99..=100).contains(&ahead), "{ahead}");
    }
}
