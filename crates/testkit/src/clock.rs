//! A clock that stands still.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::Timestamp;
use trent_engine::Clock;

/// Both of Trent's times, moved by hand only.
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    /// The first second of 2026.
    fn default() -> Self {
        Self(AtomicI64::new(1_767_225_600))
    }
}

impl TestClock {
    /// Moves time forward.
    pub fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).unwrap_or_default()
    }

    fn wall(&self) -> Timestamp {
        self.now()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}
