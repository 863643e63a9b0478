//! Telling the audit trail what was done.
//!
//! What is done and the note that the trail is to be told of it are written in one transaction; the note
//! goes when the trail has been told. Killed in between, the next process tells: at worst for the second
//! time, with the same event id.

use serde::{Deserialize, Serialize};
use trent_domain::{Path, PathRange};

use super::{BATCH, Undone, Worker, said};
use crate::entries::{decode, encode};
use crate::policies::Policies;
use crate::records::Record;
use crate::service_event::{DatedEvent, ServiceEvent};
use crate::{Changes, Fault, StoreError};

/// The note that the audit trail is to be told of an event.
#[derive(Serialize, Deserialize)]
struct Untold(DatedEvent);

impl Untold {
    /// Notes are made and removed, never written over.
    const VERSION: u64 = 1;

    fn path(&self) -> Path {
        Path::untold(&self.0.id.to_string())
    }
}

impl Record for Untold {
    fn decode(plaintext: &[u8], _: u64, _: &Policies) -> Result<Self, StoreError> {
        decode(plaintext)
    }
}

impl Worker {
    /// Commits `changes`, and tells of `events`, which they brought about.
    pub(super) async fn commit(&self, mut changes: Changes, events: Vec<ServiceEvent>) -> Result<(), Undone> {
        let mut notes = Vec::with_capacity(events.len());
        for event in events {
            let note = Untold(event.dated(&*self.rng, self.clock.now()).map_err(Fault::from)?);
            changes.create(note.path(), encode(&note)?);
            notes.push(note);
        }
        self.records.commit(changes).await?;
        for note in notes {
            self.tell(note).await?;
        }
        Ok(())
    }

    /// Tells what is left from before; what cannot be told is left for the next time, and keeps nothing
    /// from being done.
    pub(super) async fn tell_what_is_left(&self) {
        let mut range = PathRange::untold();
        loop {
            let notes = match self.records.scan::<Untold>(&range, BATCH).await {
                Ok(notes) => notes,
                Err(error) => return unheard(&error.into()),
            };
            let Some((last, _)) = notes.last() else { return };
            range = PathRange::untold().after(last.suffix(range.common_prefix()).unwrap_or_default());
            for (_, note) in notes {
                if let Err(Undone::Fault(fault)) = self.tell(note).await {
                    unheard(&fault);
                }
            }
        }
    }

    async fn tell(&self, note: Untold) -> Result<(), Undone> {
        let mut changes = Changes::default();
        changes.delete(note.path(), Untold::VERSION);
        let told = self.audit.append(note.0.recorded()).await;
        told.map_err(|error| Fault::Internal(error.to_string()))?;
        Ok(self.records.commit(changes).await?)
    }
}

fn unheard(fault: &Fault) {
    let error = said(fault);
    tracing::error!(%error, "the audit trail could not be told what was done to a key");
}
