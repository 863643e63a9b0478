//! Deletion: the waiting period, and what comes after it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rotation::later;

/// The end of a key that is pending deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    /// From this moment on the key is no more.
    pub date: Timestamp,
    /// Whether its material has been destroyed and the rest is being removed. It cannot come back
    /// then, whatever the clock says.
    #[serde(default)]
    pub begun: bool,
}

impl Deletion {
    /// The shortest waiting period in days.
    pub const MIN_DAYS: u16 = 7;
    /// The longest waiting period in days, and the usual one.
    pub const MAX_DAYS: u16 = 30;

    /// A deletion `days` after `now`.
    #[must_use]
    pub fn scheduled(now: Timestamp, days: u16) -> Self {
        Self { date: later(now, i64::from(days)), begun: false }
    }
}
