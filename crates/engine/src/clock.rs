//! The port for time.

use std::time::Duration;

use jiff::Timestamp;

/// Tells the time. Only the server reads the machine's clock; everything else asks here.
pub trait Clock: Send + Sync {
    /// Trent's own time, by which keys live: creation, rotation, deletion. With `--dev` it may run
    /// ahead of the world's.
    fn now(&self) -> Timestamp;

    /// The world's time, by which signatures and tokens are judged. Never moved by hand.
    fn wall(&self) -> Timestamp;

    /// Time since some fixed moment, never running back; for measuring how long things take.
    fn monotonic(&self) -> Duration;
}
