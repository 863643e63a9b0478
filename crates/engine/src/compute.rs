//! The port for slow work: what would hold up other requests on the threads that serve them.

use crate::Fault;

/// How long work takes, which decides who waits for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Effort {
    /// Milliseconds: a private-key operation of RSA.
    Operation,
    /// Up to seconds: making an RSA key.
    Generation,
}

/// A piece of work. It answers its asker by itself.
pub type Job = Box<dyn FnOnce() + Send>;

/// Runs slow work somewhere else. Work of one effort may wait for work of the same effort only, and
/// none of it may keep the threads that serve requests from running.
pub trait Compute: Send + Sync {
    /// Takes a job; it is run, or dropped when the process ends.
    fn submit(&self, effort: Effort, job: Job);
}

/// Runs `work` on `compute` and waits for what it answers.
///
/// # Errors
/// When the work was dropped or panicked.
pub(crate) async fn run<T: Send + 'static>(
    compute: &dyn Compute,
    effort: Effort,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Fault> {
    let (answer, answered) = tokio::sync::oneshot::channel();
    compute.submit(
        effort,
        Box::new(move || {
            // Nobody may be waiting any more.
            let _ = answer.send(work());
        }),
    );
    answered.await.map_err(|_| Fault::Internal("slow work was not finished".to_owned()))
}
