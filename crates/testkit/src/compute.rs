//! Slow work on threads of its own, one a job: tests have few.

use trent_engine::{Compute, Effort, Job};

/// Runs every job on a thread of its own.
pub(crate) struct Threads;

impl Compute for Threads {
    fn submit(&self, _: Effort, job: Job) {
        std::thread::spawn(job);
    }
}
