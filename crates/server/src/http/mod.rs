//! HTTP/1.1: from an accepted connection to whole requests, and their answers back.
//!
//! ```text
//! listen.rs   an address → sockets
//! accept.rs   sockets → connections, each in a task of its own, under TLS or not
//! mod.rs      a connection → requests, read whole within limits → App → answers
//! body.rs     the limits on bodies
//! proxy.rs    whom a trusted proxy asks for
//! finish.rs   work goes on when its client has gone
//! reply.rs    the few answers that are not the App's
//! ```
//! `trent serve`, its admin listener and `trent-bench floor` are three [`App`]s over this one path.

mod accept;
mod body;
mod finish;
mod listen;
mod proxy;
mod reply;

use std::convert::Infallible;
use std::pin::{Pin, pin};
use std::sync::Arc;

use ::http::header::{CONNECTION, HeaderValue};
use ::http::request::Parts;
use ::http::{Request as Head, Response};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use trent_engine::{Fault, Request};

pub(crate) use accept::Server;
pub(crate) use listen::{bind, listening};
pub(crate) use proxy::TrustedProxies;
pub(crate) use reply::{json, text};

use crate::config::Limits;
use crate::drain::Drain;
use crate::http::proxy::Origin;

/// An answer on its way.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Response<Bytes>> + Send>>;

/// What answers requests.
pub(crate) trait App: Send + Sync + 'static {
    /// The answer to a request that needs neither its body nor any work.
    fn at_once(&self, _head: &Parts) -> Option<Response<Bytes>> {
        None
    }

    /// The answer to a request that was received whole. It is finished whether or not the client
    /// waits for it.
    fn answer(self: Arc<Self>, request: Request) -> Answer;

    /// The answer to a request whose body could not be taken.
    fn refuse(self: Arc<Self>, _request: Request, refusal: Fault) -> Answer {
        Box::pin(std::future::ready(reply::refusal(&refusal)))
    }
}

/// How large a request's head may be, in bytes. Clients send one or two kilobytes.
const HEAD_BYTES: usize = 32 * 1024;

/// A connection, as far as its requests need to know it.
struct Peer<A> {
    app: Arc<A>,
    origin: Origin,
    proxies: TrustedProxies,
    limits: Limits,
    drain: Drain,
}

impl<A: App> Peer<A> {
    /// Serves requests, one after the other, until either side has had enough.
    async fn serve(self, stream: impl AsyncRead + AsyncWrite + Unpin) -> hyper::Result<()> {
        let service = service_fn(|request| self.respond(request));
        // The limit on the number of headers stays the library's 100: it is free, another is not.
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(self.limits.head)
            .max_header_size(HEAD_BYTES)
            .max_buf_size(2 * HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        tokio::select! {
            biased;
            ended = connection.as_mut() => return ended,
            () = self.drain.begun() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    }

    /// One request, from its head to its answer.
    async fn respond(&self, request: Head<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        let (head, body) = request.into_parts();
        Ok(self.answer(head, body).await.map(Full::new))
    }

    async fn answer(&self, head: Parts, body: Incoming) -> Response<Bytes> {
        if let Some(answer) = self.app.at_once(&head) {
            return answer;
        }
        let read = body::read(&head, body, &self.limits).await;
        let (origin, read) = match self.proxies.origin(self.origin, &head.headers) {
            Ok(origin) => (origin, read),
            Err(refusal) => (self.origin, Err(refusal)),
        };
        let Origin { address, tls, secure } = origin;
        let request = |body| Request { head, body, peer: address, tls, secure };
        let app = Arc::clone(&self.app);
        match read {
            Ok(body) => finish::detached(app.answer(request(body)), &self.drain).await,
            Err(refusal) => {
                let refused = app.refuse(request(Bytes::new()), refusal);
                let mut answer = finish::detached(refused, &self.drain).await;
                // Where the next request would begin is not known.
                answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                answer
            }
        }
    }
}

#[cfg(test)]
mod tests;
