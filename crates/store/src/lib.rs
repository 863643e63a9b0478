//! Where records are kept: the stores behind the port [`trent_engine::Store`].
//!
//! [`MemoryStore`] forgets everything and serves tests; [`EmbeddedStore`] is one SQLite file in the
//! data directory (`docs/storage.md`); [`OverlayStore`] tries changes without making them. All answer to
//! one conformance suite, `tests/conformance.rs`.
//! Values are sealed before they arrive: nothing here knows what a record means.

mod batch;
mod embedded;
mod feed;
mod memory;
mod overlay;

pub use embedded::{EmbeddedStore, FORMAT_VERSION, OpenError};
pub use feed::HISTORY_PATHS;
pub use memory::MemoryStore;
pub use overlay::OverlayStore;
