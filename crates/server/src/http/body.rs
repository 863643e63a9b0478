//! Bodies, bounded in size and in time.

use std::time::Duration;

use ::http::request::Parts;
use ::http::{Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body as _, Incoming};
use tokio::time::timeout;

use crate::config::Limits;
use crate::http::reply;

/// Why a body was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    TooLarge,
    TooSlow,
    Broken,
}

impl Refusal {
    /// What the client is told. The connection ends with it: where the next request would begin
    /// is not known.
    pub(super) fn answer(self) -> Response<Bytes> {
        let (status, code, message) = match self {
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLargeException",
                "The body of the request is too large.",
            ),
            Self::TooSlow => (
                StatusCode::REQUEST_TIMEOUT,
                "RequestTimeoutException",
                "The body of the request took too long to arrive.",
            ),
            Self::Broken => (
                StatusCode::BAD_REQUEST,
                "SerializationException",
                "The body of the request could not be read.",
            ),
        };
        let mut answer = reply::error(status, code, message);
        answer.headers_mut().insert(header::CONNECTION, header::HeaderValue::from_static("close"));
        answer
    }
}

/// Reads a body whole.
pub(super) async fn read(head: &Parts, mut body: Incoming, limits: &Limits) -> Result<Bytes, Refusal> {
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let read = if announced > limits.body_bytes {
        Err(Refusal::TooLarge)
    } else {
        timeout(limits.body, collect(&mut body, limits.body_bytes)).await.unwrap_or(Err(Refusal::TooSlow))
    };
    if read == Err(Refusal::TooLarge) && !head.headers.contains_key(header::EXPECT) {
        discard(&mut body).await;
    }
    read
}

/// A body that came in one piece is handed on as it is, without a copy.
async fn collect(body: &mut Incoming, limit: usize) -> Result<Bytes, Refusal> {
    let Some(first) = next(body).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(Refusal::TooLarge);
    }
    if body.is_end_stream() {
        return Ok(first);
    }
    let mut whole = BytesMut::from(first);
    while let Some(data) = next(body).await? {
        if data.len() > limit.saturating_sub(whole.len()) {
            return Err(Refusal::TooLarge);
        }
        whole.extend_from_slice(&data);
    }
    Ok(whole.freeze())
}

/// The next piece of data; trailers are passed over.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>, Refusal> {
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame.map_err(|_| Refusal::Broken)?.into_data() {
            return Ok(Some(data));
        }
    }
    Ok(None)
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
