//! Answers in the form of AWS JSON 1.1.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, HeaderName, HeaderValue, PRAGMA};
use serde::Serialize;
use uuid::Uuid;

use crate::Fault;
use crate::fault::WireError;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer that is known but not sent.
pub(crate) struct Rendered {
    body: Vec<u8>,
    error: Option<WireError>,
    detail: Option<String>,
}

impl Rendered {
    pub(crate) fn new(answer: Result<Vec<u8>, Fault>) -> Self {
        match answer {
            Ok(body) => Self { body, error: None, detail: None },
            Err(fault) => {
                let error = fault.wire();
                let detail = fault.detail().map(str::to_owned);
                Self { body: error_body(&error), error: Some(error), detail }
            }
        }
    }

    pub(crate) const fn error(&self) -> Option<&WireError> {
        self.error.as_ref()
    }

    pub(crate) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    pub(crate) fn response(self, request_id: Uuid) -> http::Response<Bytes> {
        let status = self.error.as_ref().map_or(200, |error| error.status);
        let mut response = http::Response::new(Bytes::from(self.body));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        let headers = response.headers_mut();
        let mut text = Uuid::encode_buffer();
        let id = request_id.hyphenated().encode_lower(&mut text);
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(REQUEST_ID, id);
        }
        let fixed = HeaderValue::from_static;
        headers.insert(CONTENT_TYPE, fixed("application/x-amz-json-1.1"));
        headers.insert(CACHE_CONTROL, fixed("no-cache, no-store, must-revalidate, private"));
        headers.insert(EXPIRES, fixed("0"));
        headers.insert(PRAGMA, fixed("no-cache"));
        response
    }
}

/// An answer given outside of the pipeline's steps.
pub(crate) fn answer(request_id: Uuid, answer: Result<Vec<u8>, Fault>) -> http::Response<Bytes> {
    Rendered::new(answer).response(request_id)
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    #[serde(rename = "__type")]
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'a str>,
    /// Denials, and they alone, spell the member with a capital letter.
    #[serde(rename = "Message", skip_serializing_if = "Option::is_none")]
    denial: Option<&'a str>,
}

fn error_body(error: &WireError) -> Vec<u8> {
    let message = error.message.as_deref();
    let body = if error.code == "AccessDeniedException" {
        ErrorBody { code: error.code, message: None, denial: message }
    } else {
        ErrorBody { code: error.code, message, denial: None }
    };
    serde_json::to_vec(&body).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(fault: Fault) -> String {
        String::from_utf8(Rendered::new(Err(fault)).body).unwrap()
    }

    #[test]
    fn error_bodies_follow_the_protocol() {
        assert_eq!(body(Fault::InvalidCiphertext), r#"{"__type":"InvalidCiphertextException"}"#);
        assert_eq!(
            body(Fault::validation("1 \"x\"")),
            r#"{"__type":"ValidationException","message":"1 \"x\""}"#
        );
        assert_eq!(
            body(Fault::AccessDenied("no".to_owned())),
            r#"{"__type":"AccessDeniedException","Message":"no"}"#
        );
    }
}
