//! Group commit: requests that are ready at the same moment share one write.
//!
//! The first to add a record leads. It lets the other ready tasks run once, so that they add
//! theirs, and then writes them all; the others wait for it. While it writes, the next batch
//! fills, and a task of its own leads that one, so that no request works for others for ever.
//! At most one batch is written at a time, so none overtakes another.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::Notify;
use trent_engine::{AuditError, Event};

use crate::file::SEPARATOR;
use crate::metrics::Metrics;
use crate::record::Renderer;
use crate::writer::Writer;

/// A buffer that has grown larger than this is not kept.
const KEEP: usize = 1 << 20;

/// The records of one trail on their way to its file.
pub(crate) struct Stream {
    filling: Mutex<Filling>,
    writer: Mutex<Writer>,
    metrics: Arc<Metrics>,
}

/// The batch that still takes records.
#[derive(Default)]
struct Filling {
    renderer: Renderer,
    bytes: Vec<u8>,
    records: u64,
    batch: Arc<Batch>,
    /// Whether somebody is going to write this batch.
    led: bool,
    closed: bool,
    /// The buffer of the last batch, for the next.
    spare: Vec<u8>,
}

/// What those who wait for a batch share.
#[derive(Default)]
struct Batch {
    outcome: OnceLock<Result<(), AuditError>>,
    written: Notify,
}

impl Batch {
    fn complete(&self, outcome: Result<(), AuditError>) {
        // Only its leader completes a batch, and only once.
        let _ = self.outcome.set(outcome);
        self.written.notify_waiters();
    }

    async fn outcome(&self) -> Result<(), AuditError> {
        // From its creation on, a `Notified` misses nothing; so it comes before the look.
        let written = self.written.notified();
        if self.outcome.get().is_none() {
            written.await;
        }
        self.outcome.get().cloned().unwrap_or_else(|| Err(AuditError("a batch was lost".to_owned())))
    }
}

/// The duty to write the batch that is filling. It is done when this is dropped, so it is done
/// whatever becomes of the task that has it.
struct Lead(Arc<Stream>);

impl Drop for Lead {
    fn drop(&mut self) {
        self.0.write();
    }
}

impl Stream {
    /// A stream into a writer.
    pub(crate) fn new(writer: Writer, metrics: Arc<Metrics>) -> Self {
        Self { filling: Mutex::default(), writer: Mutex::new(writer), metrics }
    }

    /// Returns when the record was handed to the operating system, or could not be.
    pub(crate) async fn append(self: &Arc<Self>, event: &Event) -> Result<(), AuditError> {
        let (batch, lead) = self.add(event)?;
        if let Some(lead) = lead {
            tokio::task::yield_now().await;
            drop(lead);
        }
        batch.outcome().await
    }

    /// Lets time take its effect on the file.
    pub(crate) fn tick(&self) {
        lock(&self.writer).tick();
    }

    /// Gives up the file, after the records that wait; later ones are refused.
    pub(crate) fn close(self: &Arc<Self>) {
        let abandoned = {
            let mut filling = lock(&self.filling);
            filling.closed = true;
            filling.records > 0
        };
        if abandoned {
            // Its leader, if it still runs, will find nothing to do.
            self.write();
        }
        lock(&self.writer).close();
    }

    fn add(self: &Arc<Self>, event: &Event) -> Result<(Arc<Batch>, Option<Lead>), AuditError> {
        let mut filling = lock(&self.filling);
        let filling = &mut *filling;
        if filling.closed {
            return Err(AuditError("the trail is closed".to_owned()));
        }
        filling.bytes.extend_from_slice(SEPARATOR);
        filling.renderer.render(event, &mut filling.bytes);
        filling.records += 1;
        let lead = (!std::mem::replace(&mut filling.led, true)).then(|| Lead(Arc::clone(self)));
        Ok((Arc::clone(&filling.batch), lead))
    }

    /// Writes the batch that is filling. The writer is locked before the batch is taken: batches
    /// reach the file in the order in which they were filled.
    fn write(self: &Arc<Self>) {
        let mut writer = lock(&self.writer);
        let (batch, mut bytes, records) = self.take();
        if records > 0 {
            batch.complete(self.hand_over(&mut writer, &bytes, records));
        }
        drop(writer);
        bytes.clear();
        if self.hand_back(bytes) {
            self.lead_on();
        }
    }

    /// Takes the batch that is filling and begins another.
    fn take(&self) -> (Arc<Batch>, Vec<u8>, u64) {
        let mut filling = lock(&self.filling);
        let filling = &mut *filling;
        let spare = std::mem::take(&mut filling.spare);
        let bytes = std::mem::replace(&mut filling.bytes, spare);
        (std::mem::take(&mut filling.batch), bytes, std::mem::take(&mut filling.records))
    }

    /// Keeps the buffer for later; `true` when the next batch has records already and needs to be led.
    fn hand_back(&self, buffer: Vec<u8>) -> bool {
        let mut filling = lock(&self.filling);
        if buffer.capacity() <= KEEP {
            filling.spare = buffer;
        }
        filling.led = filling.records > 0;
        filling.led
    }

    fn hand_over(&self, writer: &mut Writer, bytes: &[u8], records: u64) -> Result<(), AuditError> {
        let written: io::Result<()> = writer.append(bytes);
        match written {
            Ok(()) => {
                self.metrics.add_writes(1);
                self.metrics.add_records(records);
                self.metrics.add_bytes(bytes.len() as u64);
                Ok(())
            }
            Err(error) => {
                self.metrics.add_write_errors(1);
                Err(AuditError(error.to_string()))
            }
        }
    }

    fn lead_on(self: &Arc<Self>) {
        let lead = Lead(Arc::clone(self));
        // Without a runtime, which is the case at its end only, the lead is dropped here and now.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                tokio::task::yield_now().await;
                drop(lead);
            });
        }
    }
}

/// A panic elsewhere leaves nothing half done that matters here: a batch is taken whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
