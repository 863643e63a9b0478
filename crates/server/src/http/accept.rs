//! From a listening socket to connections.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::config::Limits;
use crate::drain::Drain;
use crate::http::proxy::Origin;
use crate::http::{App, Peer, TrustedProxies};
use crate::tls;

/// Something that answers, and what connections to it may do.
pub(crate) struct Server<A> {
    app: Arc<A>,
    limits: Limits,
    tls: Option<TlsAcceptor>,
    proxies: TrustedProxies,
    drain: Drain,
    /// One permit for each connection that may be open, over all listeners.
    open: Arc<Semaphore>,
}

impl<A: App> Server<A> {
    /// A server that ends with `drain`.
    pub(crate) fn new(app: Arc<A>, limits: Limits, tls: Option<Arc<ServerConfig>>, drain: Drain) -> Self {
        let open = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
        Self { app, limits, tls: tls.map(TlsAcceptor::from), proxies: TrustedProxies::default(), drain, open }
    }

    /// Believes these proxies about whom they ask for.
    pub(crate) fn trusting(self, proxies: TrustedProxies) -> Self {
        Self { proxies, ..self }
    }

    /// Accepts connections until the drain begins.
    pub(crate) async fn run(self: Arc<Self>, listener: TcpListener) {
        let drain = self.drain.clone();
        tokio::select! {
            () = drain.begun() => {}
            () = self.accept(&listener) => {}
        }
    }

    /// At the limit nothing is accepted; who comes then waits in the system's queue.
    async fn accept(self: &Arc<Self>, listener: &TcpListener) {
        while let Ok(permit) = Arc::clone(&self.open).acquire_owned().await {
            match listener.accept().await {
                Ok((stream, address)) => {
                    let server = Arc::clone(self);
                    self.drain.connection(async move {
                        server.converse(stream, address).await;
                        drop(permit);
                    });
                }
                Err(error) => refused(&error).await,
            }
        }
    }

    /// One connection from its handshake to its end.
    async fn converse(&self, stream: TcpStream, address: SocketAddr) {
        let Some(acceptor) = &self.tls else {
            return ended(self.peer(address, None).serve(stream).await);
        };
        match timeout(self.limits.handshake, acceptor.accept(stream)).await {
            Ok(Ok(stream)) => {
                let details = tls::details(stream.get_ref().1);
                ended(self.peer(address, details).serve(stream).await);
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    fn peer(&self, address: SocketAddr, tls: Option<trent_engine::TlsDetails>) -> Peer<A> {
        Peer {
            app: Arc::clone(&self.app),
            // An IPv4 peer of a socket for both families is an IPv4 peer.
            origin: Origin::direct(address.ip().to_canonical(), tls),
            proxies: self.proxies.clone(),
            limits: self.limits,
            drain: self.drain.clone(),
        }
    }
}

fn ended(outcome: hyper::Result<()>) {
    if let Err(error) = outcome {
        tracing::debug!(%error, "a connection broke");
    }
}

/// A connection that broke before it was accepted is nothing. Without descriptors or memory there
/// is nothing to do but to let others end.
async fn refused(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        tracing::warn!(%error, "a connection cannot be accepted");
        sleep(Duration::from_millis(100)).await;
    }
}
