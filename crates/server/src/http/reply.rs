//! Answers that are made here and not by the engine.

use ::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use ::http::{Response, StatusCode};
use bytes::Bytes;
use serde::Serialize;
use trent_engine::Fault;
use uuid::Uuid;

/// A short text.
pub(crate) fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    of_type("text/plain; charset=utf-8", status, body)
}

/// A JSON document.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Bytes> {
    of_type("application/json", status, serde_json::to_vec(body).unwrap_or_default())
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(rename = "__type")]
    code: &'a str,
    message: &'a str,
}

/// An error in the form that clients of the API understand.
pub(crate) fn error(status: StatusCode, code: &str, message: &str) -> Response<Bytes> {
    let body = serde_json::to_vec(&ErrorBody { code, message }).unwrap_or_default();
    let mut answer = of_type("application/x-amz-json-1.1", status, body);
    if let Some(id) = request_id() {
        answer.headers_mut().insert("x-amzn-requestid", id);
    }
    answer
}

/// A refusal in the same form.
pub(crate) fn refusal(fault: &Fault) -> Response<Bytes> {
    let refused = fault.wire();
    let status = StatusCode::from_u16(refused.status).unwrap_or(StatusCode::BAD_REQUEST);
    error(status, refused.code, refused.message.as_deref().unwrap_or_default())
}

fn of_type(kind: &'static str, status: StatusCode, body: impl Into<Bytes>) -> Response<Bytes> {
    let mut answer = Response::new(body.into());
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn request_id() -> Option<HeaderValue> {
    let mut bytes = [0; 16];
    trent_crypto::fill_random(&mut bytes).ok()?;
    let id = uuid::Builder::from_random_bytes(bytes).into_uuid();
    HeaderValue::from_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer())).ok()
}
