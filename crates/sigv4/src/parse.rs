//! From a request to its credentials, taken apart and not yet believed.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{AUTHORIZATION, DATE, HOST};
use jiff::Timestamp;

use crate::header::{self, Authorization};
use crate::{ALGORITHM, AuthError, query, time};

/// A request, as much of it as a signature may cover.
#[derive(Clone, Copy)]
pub struct RequestParts<'a> {
    /// The method.
    pub method: &'a str,
    /// The path, as sent.
    pub path: &'a str,
    /// The query, as sent, without its question mark.
    pub query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The authority of the request target, where there is one (HTTP/2).
    pub authority: Option<&'a str>,
    /// The body.
    pub body: &'a [u8],
}

/// The scope of a credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope<'a> {
    /// `YYYYMMDD`.
    pub date: &'a str,
    /// The Region.
    pub region: &'a str,
    /// The service.
    pub service: &'a str,
    /// `aws4_request`.
    pub terminator: &'a str,
}

/// A request with credentials of the right form. Nothing is verified yet.
pub struct SignedRequest<'a> {
    pub(crate) parts: RequestParts<'a>,
    pub(crate) query: Vec<(Cow<'a, [u8]>, Cow<'a, [u8]>)>,
    pub(crate) access_key_id: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    pub(crate) region: Cow<'a, str>,
    pub(crate) service: Cow<'a, str>,
    pub(crate) terminator: Cow<'a, str>,
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) token: Option<Cow<'a, str>>,
    /// The time of the request, and how it was written.
    pub(crate) time: Timestamp,
    pub(crate) time_text: String,
    /// How long a presigned request is good for, in seconds.
    pub(crate) expires: Option<u32>,
}

/// Takes the credentials of a request apart.
///
/// # Errors
/// In the order in which the service looks: no credentials or two kinds of them, the form of the
/// header, missing parts, unsigned headers, the date, the form of the credential.
pub fn parse<'a>(parts: &RequestParts<'a>) -> Result<SignedRequest<'a>, AuthError> {
    refuse_ambiguity(parts)?;
    let query = query::pairs(parts.query);
    let presigned = query.iter().any(|(name, _)| is(name, "X-Amz-Signature") || is(name, "X-Amz-Algorithm"));
    let found = match (parts.headers.get(AUTHORIZATION), presigned) {
        (None, false) => return Err(AuthError::MissingToken),
        (Some(_), true) => return Err(AuthError::Mismatch),
        (Some(value), false) => from_header(parts, value.as_bytes())?,
        (None, true) => from_query(&query)?,
    };
    found.complete(*parts, query)
}

/// Headers that decide who is believed to ask for what may occur once: which of two counts is not
/// left to chance. The authority of an HTTP/2 request and its Host header must agree.
fn refuse_ambiguity(parts: &RequestParts<'_>) -> Result<(), AuthError> {
    const ONCE: [&str; 7] = [
        "authorization",
        "x-amz-date",
        "x-amz-security-token",
        "x-amz-target",
        "x-amz-content-sha256",
        "content-type",
        "host",
    ];
    let twice = |name: &&&str| parts.headers.get_all(**name).iter().nth(1).is_some();
    if let Some(name) = ONCE.iter().find(twice) {
        return Err(AuthError::Duplicate(name));
    }
    match (parts.headers.get(HOST), parts.authority) {
        (Some(host), Some(authority)) if host.as_bytes() != authority.as_bytes() => Err(AuthError::Mismatch),
        _ => Ok(()),
    }
}

/// What either form of signing brings along.
struct Found<'a> {
    credential: Cow<'a, str>,
    signed_headers: Cow<'a, str>,
    signature: Cow<'a, str>,
    token: Option<Cow<'a, str>>,
    time: Cow<'a, str>,
    expires: Option<Cow<'a, str>>,
    presigned: bool,
}

fn from_header<'a>(parts: &RequestParts<'a>, value: &'a [u8]) -> Result<Found<'a>, AuthError> {
    let header = std::str::from_utf8(value).map_err(|_| AuthError::Algorithm(String::new()))?;
    let Authorization { credential, signed_headers, signature } = header::parse(header)?;
    let time = text(parts.headers, "x-amz-date").or_else(|| text(parts.headers, DATE.as_str()));
    let (Some(credential), Some(signature), Some(signed_headers), Some(time)) =
        (credential, signature, signed_headers, &time)
    else {
        let missing = [
            ("Authorization header requires 'Credential' parameter.", credential.is_none()),
            ("Authorization header requires 'Signature' parameter.", signature.is_none()),
            ("Authorization header requires 'SignedHeaders' parameter.", signed_headers.is_none()),
            (
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.",
                time.is_none(),
            ),
        ];
        return Err(AuthError::MissingParts(format!("{} Authorization={header}", told(&missing))));
    };
    Ok(Found {
        credential: credential.into(),
        signed_headers: signed_headers.into(),
        signature: signature.into(),
        token: text(parts.headers, "x-amz-security-token"),
        time: time.clone(),
        expires: None,
        presigned: false,
    })
}

fn from_query<'a>(query: &[(Cow<'a, [u8]>, Cow<'a, [u8]>)]) -> Result<Found<'a>, AuthError> {
    // A wrong algorithm in a query counts as no credentials at all.
    if member(query, "X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
        return Err(AuthError::MissingToken);
    }
    let credential = member(query, "X-Amz-Credential");
    let signature = member(query, "X-Amz-Signature");
    let signed_headers = member(query, "X-Amz-SignedHeaders");
    let time = member(query, "X-Amz-Date");
    let (Some(credential), Some(signature), Some(signed_headers), Some(time)) =
        (&credential, &signature, &signed_headers, &time)
    else {
        let missing = [
            ("AWS query-string parameters must include 'X-Amz-Credential'.", credential.is_none()),
            ("AWS query-string parameters must include 'X-Amz-Signature'.", signature.is_none()),
            ("AWS query-string parameters must include 'X-Amz-SignedHeaders'.", signed_headers.is_none()),
            ("AWS query-string parameters must include 'X-Amz-Date'.", time.is_none()),
        ];
        return Err(AuthError::MissingParts(format!(
            "{} Re-examine the query-string parameters.",
            told(&missing)
        )));
    };
    Ok(Found {
        credential: credential.clone(),
        signed_headers: signed_headers.clone(),
        signature: signature.clone(),
        token: member(query, "X-Amz-Security-Token"),
        time: time.clone(),
        expires: member(query, "X-Amz-Expires"),
        presigned: true,
    })
}

impl<'a> Found<'a> {
    fn complete(
        self,
        parts: RequestParts<'a>,
        query: Vec<(Cow<'a, [u8]>, Cow<'a, [u8]>)>,
    ) -> Result<SignedRequest<'a>, AuthError> {
        require_signed(&parts, &self.signed_headers)?;
        let time = time::parse_basic(&self.time).or_else(|| {
            let date_header = !self.presigned && !parts.headers.contains_key("x-amz-date");
            date_header.then(|| time::parse_http(&self.time)).flatten()
        });
        let time = time.ok_or_else(|| AuthError::Date(self.time.to_string()))?;
        let [access_key_id, date, region, service, terminator] = five(&self.credential)?;
        let expires = match (self.presigned, self.expires) {
            (true, Some(text)) => Some(lifetime(&text)?),
            (true, None) => return Err(AuthError::Expires),
            (false, _) => None,
        };
        Ok(SignedRequest {
            parts,
            query,
            access_key_id,
            date,
            region,
            service,
            terminator,
            signed_headers: self.signed_headers,
            signature: self.signature,
            token: self.token,
            time,
            time_text: time::basic(time),
            expires,
        })
    }
}

/// Host, and everything that could change the meaning of the request, must be signed. Headers that
/// clients add after signing (amz-sdk-*, user-agent, …) need not be.
fn require_signed(parts: &RequestParts<'_>, signed: &str) -> Result<(), AuthError> {
    let is_signed = |name: &str| signed.split(';').any(|signed| signed == name);
    if !is_signed("host") && !is_signed(":authority") {
        return Err(AuthError::HostUnsigned);
    }
    let names = parts.headers.keys().map(http::HeaderName::as_str);
    match names.filter(|name| name.starts_with("x-amz-")).find(|name| !is_signed(name)) {
        Some(name) => Err(AuthError::Unsigned(name.to_owned())),
        None => Ok(()),
    }
}

fn five<'a>(credential: &Cow<'a, str>) -> Result<[Cow<'a, str>; 5], AuthError> {
    let split = |text: &str| text.split('/').count() == 5;
    if !split(credential) {
        return Err(AuthError::Credential(credential.to_string()));
    }
    let mut parts = match credential {
        Cow::Borrowed(text) => text.split('/').map(Cow::Borrowed).collect::<Vec<_>>(),
        Cow::Owned(text) => text.split('/').map(|part| Cow::Owned(part.to_owned())).collect(),
    };
    let mut next = || parts.drain(..1).next().unwrap_or_default();
    Ok([next(), next(), next(), next(), next()])
}

fn lifetime(text: &str) -> Result<u32, AuthError> {
    text.parse().ok().filter(|seconds| (1..=604_800).contains(seconds)).ok_or(AuthError::Expires)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
}

fn member<'a>(query: &[(Cow<'a, [u8]>, Cow<'a, [u8]>)], name: &str) -> Option<Cow<'a, str>> {
    let (_, value) = query.iter().find(|(known, _)| is(known, name))?;
    match value {
        Cow::Borrowed(bytes) => Some(String::from_utf8_lossy(bytes)),
        Cow::Owned(bytes) => Some(Cow::Owned(String::from_utf8_lossy(bytes).into_owned())),
    }
}

fn is(name: &[u8], expected: &str) -> bool {
    name == expected.as_bytes()
}

fn told(missing: &[(&'static str, bool)]) -> String {
    let texts: Vec<_> = missing.iter().filter(|(_, missing)| *missing).map(|(text, _)| *text).collect();
    texts.join(" ")
}
