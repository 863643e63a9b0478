//! A fixed answer over the HTTP stack that `trent serve` answers with: the most that any server
//! on this stack could do. `trent-bench floor` serves it.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use ::http::Response;
use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, HeaderValue, PRAGMA};
use bytes::Bytes;
use trent_engine::Request;

use crate::config::Limits;
use crate::drain::Drain;
use crate::http::{self, Answer, App, Server};
use crate::serve::{Signals, runtime};

/// Serves an answer of `size` bytes to every request until the process is told to end.
///
/// # Errors
/// When the address cannot be listened on.
pub fn serve(listen: SocketAddr, size: usize, workers: usize) -> io::Result<()> {
    let work = async {
        let mut signals = Signals::listen()?;
        let listener = http::listening(http::bind(listen)?)?;
        let endpoint = listener.local_addr()?;
        let drain = Drain::default();
        let server = Server::new(Arc::new(Floor::new(size)), Limits::default(), None, drain.clone());
        tokio::spawn(Arc::new(server).run(listener));
        println!("trent-bench: ready at http://{endpoint}");
        signals.ended().await;
        drain.run(std::time::Duration::from_secs(1)).await;
        Ok(())
    };
    runtime(workers)?.block_on(work)
}

struct Floor(Bytes);

impl Floor {
    /// An answer of `size` bytes, but no less than what a load generator looks for before it starts:
    /// a key and a ciphertext.
    fn new(size: usize) -> Self {
        let (start, end) = (r#"{"KeyMetadata":{"KeyId":"floor"},"CiphertextBlob":""#, r#""}"#);
        let blob = "x".repeat(size.saturating_sub(start.len() + end.len()));
        Self([start, &blob, end].concat().into())
    }
}

impl App for Floor {
    /// With as many headers as an answer of the engine has.
    fn answer(self: Arc<Self>, _: Request) -> Answer {
        Box::pin(async move {
            let mut answer = Response::new(self.0.clone());
            let headers = answer.headers_mut();
            for (name, value) in [
                (CONTENT_TYPE, "application/x-amz-json-1.1"),
                (CACHE_CONTROL, "no-cache, no-store, must-revalidate, private"),
                (EXPIRES, "0"),
                (PRAGMA, "no-cache"),
            ] {
                headers.insert(name, HeaderValue::from_static(value));
            }
            let id = HeaderValue::from_static("00000000-0000-4000-8000-000000000000");
            headers.insert("x-amzn-requestid", id);
            answer
        })
    }
}
