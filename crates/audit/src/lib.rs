//! CloudTrail records and the files that keep them.
//!
//! ```text
//!            append(event)
//!                 │ rendered into the buffer of its trail       record.rs
//!          ┌──────▼───────┐
//!          │ stream       │ requests ready together share a write stream.rs
//!          └──────┬───────┘
//!          ┌──────▼───────┐
//!          │ writer       │ which file; rotation, full disks      writer.rs, file.rs
//!          └──────┬───────┘
//!          ┌──────▼───────┐
//!          │ finisher     │ closes, compresses and repairs files  finisher.rs, repair.rs
//!          └──────────────┘ on a thread of its own
//! ```
//! What is promised and what is not stands in `docs/audit.md`.

mod disk;
mod file;
mod finisher;
mod identity;
mod metrics;
mod place;
mod record;
mod repair;
mod sink;
mod stream;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod text;
mod writer;

pub use metrics::Metrics;
pub use record::Renderer;
pub use sink::{Config, FileSink};
