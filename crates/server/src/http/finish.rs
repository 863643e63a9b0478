//! Work that goes on when its client has gone.
//!
//! A connection that breaks drops whatever future was answering on it. For a request that was
//! read whole that must not be the end: its changes may be half way to the store and its record
//! half way to the audit trail. So the future is wrapped, and when the wrapper is dropped too
//! early it hands the rest to a task. A request that ends as it should costs no task.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::{Context, Poll};

use ::http::{Response, StatusCode};
use bytes::Bytes;

use crate::drain::Drain;
use crate::http::{Answer, reply};

/// The same answer, but certain to be made.
pub(super) fn detached(work: Answer, drain: &Drain) -> Detached<'_> {
    Detached { work: Some(work), drain }
}

pub(super) struct Detached<'a> {
    work: Option<Answer>,
    drain: &'a Drain,
}

impl Future for Detached<'_> {
    type Output = Response<Bytes>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Response<Bytes>> {
        let Some(work) = self.work.as_mut() else { return Poll::Pending };
        // A panic is a bug of ours. It costs one request, not the connection's other ones.
        let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
        let answer = match polled {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(answer)) => answer,
            Err(_) => {
                reply::error(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "An internal error.")
            }
        };
        self.work = None;
        Poll::Ready(answer)
    }
}

impl Drop for Detached<'_> {
    fn drop(&mut self) {
        if let Some(work) = self.work.take() {
            self.drain.finish(async move { drop(work.await) });
        }
    }
}
