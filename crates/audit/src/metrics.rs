//! What the sink counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of a sink; they only rise.
#[derive(Debug, Default)]
pub struct Metrics {
    records: AtomicU64,
    bytes: AtomicU64,
    writes: AtomicU64,
    write_errors: AtomicU64,
    files_opened: AtomicU64,
    files_finished: AtomicU64,
    finish_errors: AtomicU64,
}

/// One method to read each counter, and one for the crate to raise it.
macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident, $raise:ident;)+) => {
        impl Metrics {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(&self) -> u64 {
                    self.$name.load(Ordering::Relaxed)
                }

                pub(crate) fn $raise(&self, by: u64) {
                    self.$name.fetch_add(by, Ordering::Relaxed);
                }
            )+
        }
    };
}

counters! {
    /// Records handed to the operating system.
    records, add_records;
    /// Their bytes, before compression.
    bytes, add_bytes;
    /// Writes that carried them.
    writes, add_writes;
    /// Writes that failed, each with all its records; requests were refused for them.
    write_errors, add_write_errors;
    /// Files begun.
    files_opened, add_files_opened;
    /// Files that are closed and compressed.
    files_finished, add_files_finished;
    /// Attempts to close, compress or repair a file that failed and will be made again.
    finish_errors, add_finish_errors;
}
