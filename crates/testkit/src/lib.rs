//! An in-process Trent for tests: the whole pipeline over the memory store, without sockets.
//!
//! Time stands still unless a test moves it, the audit trail is a list that can be looked at, and
//! requests are signed as clients sign them.

mod attested;
mod clock;
mod compute;
mod import;
mod issuer;
mod people;
mod sink;
mod trent;

pub use attested::{ATTESTED, recipient};
pub use clock::TestClock;
pub use import::wrapped;
pub use issuer::{Issuer, Issuers};
pub use sink::Recorded;
pub use trent::{ACCOUNT, Answer, Credentials, REGION, Trent};
