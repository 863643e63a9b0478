//! Bodies, bounded in size and in time.

use std::time::Duration;

use ::http::header;
use ::http::request::Parts;
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;
use trent_engine::Fault;

use crate::config::Limits;

/// Reads a body whole.
pub(super) async fn read(head: &Parts, mut body: Incoming, limits: &Limits) -> Result<Bytes, Fault> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let read = if announced > limits.body_bytes {
        Err(Fault::BodyTooLarge)
    } else {
        timeout(limits.body, collect(&mut body, limits.body_bytes)).await.unwrap_or(Err(Fault::BodyTooSlow))
    };
    if read == Err(Fault::BodyTooLarge) && !head.headers.contains_key(header::EXPECT) {
        discard(&mut body).await;
    }
    read
}

/// A body that came in one piece is handed on as it is, without a copy.
async fn collect(body: &mut Incoming, limit: usize) -> Result<Bytes, Fault> {
    let Some(first) = next(body).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(Fault::BodyTooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = BytesMut::from(first);
    while let Some(data) = next(body).await? {
        if data.len() > limit.saturating_sub(whole.len()) {
            return Err(Fault::BodyTooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Fault> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| unreadable())?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
}

fn unreadable() -> Fault {
    Fault::Serialization("The body of the request could not be read.".to_owned())
}

/// Takes in some of what is still coming and forgets it: a client that is cut off while it sends
/// does not get to read why.
async fn discard(body: &mut Incoming) {
    const PATIENCE: Duration = Duration::from_secs(5);
    const BYTES: usize = 16 << 20;
    let rest = async {
        let mut left = BYTES;
        while let Ok(Some(data)) = next(body).await {
            let Some(less) = left.checked_sub(data.len()) else { break };
            left = less;
        }
    };
    // Whether it all came does not matter.
    let _ = timeout(PATIENCE, rest).await;
}
