//! Deletion: the waiting period, and what comes after it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::rotation::later;
use crate::{Key, KeyState};

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

impl Key {
    /// Whether the key waits for its deletion, or for that of its replicas first.
    #[must_use]
    pub const fn is_pending_deletion(&self) -> bool {
        matches!(self.stored_state, KeyState::PendingDeletion | KeyState::PendingReplicaDeletion)
    }

    /// Whether its deletion has begun: its material was destroyed, and the rest is being removed.
    #[must_use]
    pub fn deletion_has_begun(&self) -> bool {
        self.deletion.is_some_and(|deletion| deletion.begun)
    }

    /// Lets the key wait for its deletion for `days` from `now` on, or from when its last replica is
    /// gone.
    pub fn schedule_deletion(&mut self, now: Timestamp, days: u16) {
        self.stored_state = KeyState::PendingReplicaDeletion;
        self.deletion_window = Some(days);
        if !self.has_replicas() {
            self.begin_waiting(now);
        }
    }

    /// Calls a deletion off; the key stays, disabled.
    pub const fn cancel_deletion(&mut self) {
        self.stored_state = KeyState::Disabled;
        self.deletion = None;
        self.deletion_window = None;
    }

    /// Begins the waiting period at `now`, if the key is to have one.
    pub(crate) fn begin_waiting(&mut self, now: Timestamp) {
        if let Some(days) = self.deletion_window.take() {
            self.stored_state = KeyState::PendingDeletion;
            self.deletion = Some(Deletion::scheduled(now, days));
        }
    }
}
