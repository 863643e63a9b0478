//! The request pipeline and its ports.
//!
//! Nothing here opens a file or a socket: what the engine needs from the world it names as a port
//! ([`Store`], [`AuditSink`], [`Clock`], [`Rng`]) and is handed at start.

mod audit;
mod clock;
mod rng;
mod store;

pub use audit::{AuditError, AuditSink, Event, EventError, EventResource, Json, TlsDetails};
pub use clock::Clock;
pub use rng::{Rng, RngError};
pub use store::{
    Batch, Check, CommitError, Delete, Put, Revision, Store, StoreError, Stored, Watch, WatchEvent,
};
