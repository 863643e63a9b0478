//! Threads for slow work, behind the engine's port.
//!
//! A signature of RSA-4096 holds a core for milliseconds, a new key for seconds. Such work has
//! threads of its own, which give way to those that serve requests: the system runs them when a
//! core is idle, or for a small share of it. Making keys and using them have separate threads, so
//! that a stream of new keys does not keep signatures waiting.

use std::io;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use rustix::process::setpriority_process;
use trent_engine::{Compute, Effort, Job};

/// Priorities as `nice` counts them: 0 is that of the serving threads, 19 the lowest.
const OPERATION_NICENESS: i32 = 5;
const GENERATION_NICENESS: i32 = 19;

/// Two pools of threads.
pub(crate) struct Pools {
    operation: Sender<Job>,
    generation: Sender<Job>,
}

impl Pools {
    /// Starts `threads` threads for either effort.
    pub(crate) fn start(threads: usize) -> io::Result<Self> {
        Ok(Self {
            operation: pool("trent-rsa", OPERATION_NICENESS, threads)?,
            generation: pool("trent-keygen", GENERATION_NICENESS, threads)?,
        })
    }
}

impl Compute for Pools {
    fn submit(&self, effort: Effort, job: Job) {
        let pool = match effort {
            Effort::Operation => &self.operation,
            Effort::Generation => &self.generation,
        };
        // Its threads end with the process; a job that is dropped tells its asker so.
        let _ = pool.send(job);
    }
}

fn pool(name: &str, niceness: i32, threads: usize) -> io::Result<Sender<Job>> {
    let (sender, jobs) = channel();
    let jobs = Arc::new(Mutex::new(jobs));
    for _ in 0..threads.max(1) {
        let jobs = Arc::clone(&jobs);
        thread::Builder::new().name(name.to_owned()).spawn(move || work(&jobs, niceness))?;
    }
    Ok(sender)
}

fn work(jobs: &Mutex<Receiver<Job>>, niceness: i32) {
    // On Linux this is the priority of the calling thread alone. Without it all still works.
    let _ = setpriority_process(None, niceness);
    loop {
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = next else { return };
        // A panic is a bug of ours. It costs one request, not the thread.
        let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn jobs_are_run_and_a_panic_ends_only_its_own() {
        let pools = Pools::start(1).unwrap();
        let (sender, done) = channel();
        for effort in [Effort::Operation, Effort::Generation] {
            pools.submit(effort, Box::new(|| panic!("a test")));
            let sender = sender.clone();
            pools.submit(effort, Box::new(move || sender.send(effort).unwrap()));
            assert_eq!(done.recv_timeout(Duration::from_secs(20)), Ok(effort));
        }
    }
}
