//! Answers in the form of a service's protocol.

use std::borrow::Cow;

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, EXPIRES, HeaderName, HeaderValue, PRAGMA};
use serde::Serialize;
use uuid::Uuid;

use crate::Fault;
use crate::fault::WireError;
use crate::services::{Protocol, Service};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");

/// An answer that is known but not sent.
pub(crate) struct Rendered<'a> {
    protocol: Protocol,
    operation: &'a str,
    answer: Result<Vec<u8>, WireError>,
    detail: Option<String>,
}

impl<'a> Rendered<'a> {
    pub(crate) fn new(service: &'a Service, operation: &'a str, answer: Result<Vec<u8>, Fault>) -> Self {
        let detail = answer.as_ref().err().and_then(Fault::detail).map(str::to_owned);
        let answer = answer.map_err(|fault| service.wording(&fault));
        Self { protocol: service.protocol, operation, answer, detail }
    }

    pub(crate) fn error(&self) -> Option<&WireError> {
        self.answer.as_ref().err()
    }

    pub(crate) fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    pub(crate) fn response(self, request_id: Uuid) -> http::Response<Bytes> {
        let status = self.error().map_or(200, |error| error.status);
        let mut text = Uuid::encode_buffer();
        let id: &str = request_id.hyphenated().encode_lower(&mut text);
        let protocol = self.protocol;
        let mut response = http::Response::new(Bytes::from(self.body(id)));
        *response.status_mut() = http::StatusCode::from_u16(status).unwrap_or_default();
        let headers = response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(REQUEST_ID, id);
        }
        let fixed = HeaderValue::from_static;
        headers.insert(CONTENT_TYPE, fixed(content_type(protocol)));
        headers.insert(CACHE_CONTROL, fixed("no-cache, no-store, must-revalidate, private"));
        headers.insert(EXPIRES, fixed("0"));
        headers.insert(PRAGMA, fixed("no-cache"));
        response
    }

    fn body(self, id: &str) -> Vec<u8> {
        match (self.protocol, self.answer) {
            (Protocol::Json(_), Ok(body)) => body,
            (Protocol::Json(_), Err(error)) => json_error(&error),
            (Protocol::Query { namespace, .. }, Ok(result)) => {
                xml_answer(namespace, self.operation, &result, id)
            }
            (Protocol::Query { namespace, .. }, Err(error)) => xml_error(namespace, &error, id).into_bytes(),
        }
    }
}

const fn content_type(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::Json(_) => "application/x-amz-json-1.1",
        Protocol::Query { .. } => "text/xml",
    }
}

/// The answer when not even an id can be drawn, or there is no service.
pub(crate) fn failure() -> http::Response<Bytes> {
    let mut response = http::Response::new(Bytes::from_static(br#"{"__type":"InternalFailure"}"#));
    *response.status_mut() = http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

/// Wraps a result, which is empty when the operation has none.
fn xml_answer(namespace: &str, operation: &str, result: &[u8], id: &str) -> Vec<u8> {
    let head = format!("<{operation}Response xmlns=\"{namespace}\">");
    let tail =
        format!("<ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata></{operation}Response>");
    [head.as_bytes(), result, tail.as_bytes()].concat()
}

fn xml_error(namespace: &str, error: &WireError, id: &str) -> String {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    let message = escaped(error.message.as_deref().unwrap_or_default());
    format!(
        "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type><Code>{}</Code>\
         <Message>{message}</Message></Error><RequestId>{id}</RequestId></ErrorResponse>",
        error.code
    )
}

/// Text as XML 1.0 may have it: what it cannot hold at all is replaced.
fn escaped(text: &str) -> Cow<'_, str> {
    let is_legal = |c: char| match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => !c.is_control(),
    };
    if text.chars().all(|c| is_legal(c) && !matches!(c, '<' | '>' | '&' | '\r')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\r' => out.push_str("&#xD;"),
            c if is_legal(c) => out.push(c),
            _ => out.push(char::REPLACEMENT_CHARACTER),
        }
    }
    Cow::Owned(out)
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

fn json_error(error: &WireError) -> Vec<u8> {
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
    use crate::Catalog;

    fn body(service: &Service, answer: Result<Vec<u8>, Fault>) -> (u16, String) {
        let response = Rendered::new(service, "GetUser", answer).response(Uuid::nil());
        (response.status().as_u16(), String::from_utf8(response.into_body().to_vec()).unwrap())
    }

    #[test]
    fn error_bodies_follow_the_protocol() {
        let kms = Service::kms(Catalog::default());
        let body = |fault| body(&kms, Err(fault)).1;
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

    #[test]
    fn query_services_answer_in_xml() {
        let iam = Service::iam(Catalog::default());
        let id = "00000000-0000-0000-0000-000000000000";
        let ns = "https://iam.amazonaws.com/doc/2010-05-08/";
        assert_eq!(
            body(&iam, Ok(b"<GetUserResult/>".to_vec())),
            (
                200,
                format!(
                    "<GetUserResponse xmlns=\"{ns}\"><GetUserResult/><ResponseMetadata><RequestId>{id}</RequestId>\
                     </ResponseMetadata></GetUserResponse>"
                )
            )
        );
        assert_eq!(
            body(&iam, Err(Fault::named("NoSuchEntity", 404, "no <\u{1}&>"))),
            (
                404,
                format!(
                    "<ErrorResponse xmlns=\"{ns}\"><Error><Type>Sender</Type><Code>NoSuchEntity</Code>\
                     <Message>no &lt;\u{fffd}&amp;&gt;</Message></Error><RequestId>{id}</RequestId></ErrorResponse>"
                )
            )
        );
        let (status, text) = body(&iam, Err(Fault::Internal("secret".to_owned())));
        assert!(status == 500 && text.contains("<Type>Receiver</Type><Code>ServiceFailure</Code>"), "{text}");
        assert!(!text.contains("secret"));
    }
}
