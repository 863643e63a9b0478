//! How a server ends: it accepts nothing more, finishes what it has begun, and only then closes.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Shared by everything that must know of the end or be waited for.
#[derive(Clone, Default)]
pub(crate) struct Drain {
    begun: CancellationToken,
    connections: TaskTracker,
    /// Requests that go on without their clients.
    orphans: TaskTracker,
}

impl Drain {
    /// Serves a connection in a task of its own.
    pub(crate) fn connection(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.connections.spawn(work);
    }

    /// Finishes work in a task of its own. Outside of a runtime, which is to say when the process
    /// is ending and has given up waiting, the work is dropped.
    pub(crate) fn finish(&self, work: impl Future<Output = ()> + Send + 'static) {
        if let Ok(runtime) = Handle::try_current() {
            self.orphans.spawn_on(work, &runtime);
        }
    }

    /// How many connections are open.
    pub(crate) fn open_connections(&self) -> usize {
        self.connections.len()
    }

    /// Whether the end has begun.
    pub(crate) fn has_begun(&self) -> bool {
        self.begun.is_cancelled()
    }

    /// Returns when the end begins.
    pub(crate) async fn begun(&self) {
        self.begun.cancelled().await;
    }

    /// Begins the end, and waits for what is under way, but no longer than `patience`. Answers
    /// whether all of it was finished.
    pub(crate) async fn run(&self, patience: Duration) -> bool {
        self.begun.cancel();
        self.connections.close();
        self.orphans.close();
        let all = async {
            self.connections.wait().await;
            // Only connections leave orphans, so now their number can only fall.
            self.orphans.wait().await;
        };
        timeout(patience, all).await.is_ok()
    }
}
