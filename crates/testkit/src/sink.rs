//! An audit trail that is a list.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use trent_engine::{AuditError, AuditSink, Event};

/// Keeps every event; can be told to fail.
#[derive(Default)]
pub struct Recorded {
    events: Mutex<Vec<Event>>,
    broken: AtomicBool,
}

impl Recorded {
    /// Takes all events recorded since the last call.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut *self.events.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Forgets all events.
    pub fn clear(&self) {
        self.events.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Makes appending fail, or work again.
    pub fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }
}

#[async_trait]
impl AuditSink for Recorded {
    async fn append(&self, event: Event) -> Result<(), AuditError> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(AuditError("the test says so".to_owned()));
        }
        self.events.lock().unwrap_or_else(PoisonError::into_inner).push(event);
        Ok(())
    }
}
