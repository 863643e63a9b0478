//! From a request to its credentials, taken apart and not yet believed.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{AUTHORIZATION, DATE, HOST};
use jiff::Timestamp;

use crate::canonical::is_host;
use crate::header::{self, Authorization};
use crate::query::{Pair, SIGNATURE};
use crate::verify::Unverified;
use crate::{ALGORITHM, AuthError, query, time};

const DATE_HEADER: &str = "x-amz-date";
const TOKEN: &str = "x-amz-security-token";

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

/// What a request brings to prove who sent it. Each stage of the verification holds it and gives
/// out as much as is believed by then.
pub(crate) struct Proof<'a> {
    pub(crate) parts: RequestParts<'a>,
    pub(crate) query: Vec<Pair<'a>>,
    pub(crate) credential: Cow<'a, str>,
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) token: Option<Cow<'a, str>>,
    /// The time of the request, and how the string to sign writes it.
    pub(crate) time: Timestamp,
    pub(crate) time_text: Cow<'a, str>,
    /// How long a presigned request is good for, in seconds.
    pub(crate) expires: Option<u32>,
}

/// Takes the credentials of a request apart.
///
/// # Errors
/// In the order in which the service looks: no credentials or two kinds of them, the form of the
/// header, missing parts, unsigned headers, the date, the lifetime.
pub fn parse<'a>(parts: &RequestParts<'a>) -> Result<Unverified<'a>, AuthError> {
    refuse_ambiguity(parts)?;
    let query = query::pairs(parts.query);
    let presigned = query.iter().any(|(name, _)| is(name, SIGNATURE) || is(name, "X-Amz-Algorithm"));
    let found = match (parts.headers.get(AUTHORIZATION), presigned) {
        (None, false) => return Err(AuthError::MissingToken),
        (Some(_), true) => return Err(AuthError::Mismatch),
        (Some(value), false) => from_header(parts, value.as_bytes())?,
        (None, true) => from_query(parts, &query)?,
    };
    found.complete(*parts, query).map(Unverified)
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
    let headers = parts.headers;
    if headers.len() > headers.keys_len() {
        let twice = |name: &&&str| headers.get_all(**name).iter().nth(1).is_some();
        if let Some(name) = ONCE.iter().find(twice) {
            return Err(AuthError::Duplicate(name));
        }
    }
    match (headers.get(HOST), parts.authority) {
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
    /// How long a presigned request says it is good for.
    lifetime: Option<Cow<'a, str>>,
}

fn from_header<'a>(parts: &RequestParts<'a>, value: &'a [u8]) -> Result<Found<'a>, AuthError> {
    let header = std::str::from_utf8(value).map_err(|_| AuthError::Algorithm(String::new()))?;
    let Authorization { credential, signed_headers, signature } = header::parse(header)?;
    let time = text(parts.headers, DATE_HEADER).or_else(|| text(parts.headers, DATE.as_str()));
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
        token: text(parts.headers, TOKEN),
        time: time.clone(),
        lifetime: None,
    })
}

fn from_query<'a>(parts: &RequestParts<'a>, query: &[Pair<'a>]) -> Result<Found<'a>, AuthError> {
    // A wrong algorithm in a query counts as no credentials at all.
    if member(query, "X-Amz-Algorithm").as_deref() != Some(ALGORITHM) {
        return Err(AuthError::MissingToken);
    }
    let credential = member(query, "X-Amz-Credential");
    let signature = member(query, SIGNATURE);
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
        token: one_token(member(query, "X-Amz-Security-Token"), text(parts.headers, TOKEN))?,
        time: time.clone(),
        lifetime: Some(member(query, "X-Amz-Expires").ok_or(AuthError::Expires)?),
    })
}

/// The token of a presigned request, which may be a signed header too, but not another one there.
fn one_token<'a>(
    query: Option<Cow<'a, str>>,
    header: Option<Cow<'a, str>>,
) -> Result<Option<Cow<'a, str>>, AuthError> {
    match (query, header) {
        (Some(query), Some(header)) if query != header => Err(AuthError::Mismatch),
        (query, header) => Ok(query.or(header)),
    }
}

impl<'a> Found<'a> {
    fn complete(self, parts: RequestParts<'a>, query: Vec<Pair<'a>>) -> Result<Proof<'a>, AuthError> {
        require_signed(&parts, &self.signed_headers)?;
        let (time, time_text) = self.time(&parts)?;
        let expires = self.lifetime.as_deref().map(lifetime).transpose()?;
        let Self { credential, signed_headers, signature, token, .. } = self;
        Ok(Proof { parts, query, credential, signed_headers, signature, token, time, time_text, expires })
    }

    /// The time and its basic form, which is what is signed, however the Date header writes it.
    fn time(&self, parts: &RequestParts<'_>) -> Result<(Timestamp, Cow<'a, str>), AuthError> {
        if let Some(time) = time::parse_basic(&self.time) {
            return Ok((time, self.time.clone()));
        }
        let date_header = self.lifetime.is_none() && !parts.headers.contains_key(DATE_HEADER);
        let time = date_header.then(|| time::parse_http(&self.time)).flatten();
        let time = time.ok_or_else(|| AuthError::Date(self.time.to_string()))?;
        Ok((time, time::basic(time).into()))
    }
}

/// Host, and everything that could change the meaning of the request, must be signed. Headers that
/// clients add after signing (amz-sdk-*, user-agent, …) need not be.
fn require_signed(parts: &RequestParts<'_>, signed: &str) -> Result<(), AuthError> {
    let is_signed = |name: &str| signed.split(';').any(|signed| signed == name);
    if !signed.split(';').any(is_host) {
        return Err(AuthError::HostUnsigned);
    }
    let names = parts.headers.keys().map(http::HeaderName::as_str);
    match names.filter(|name| name.starts_with("x-amz-")).find(|name| !is_signed(name)) {
        Some(name) => Err(AuthError::Unsigned(name.to_owned())),
        None => Ok(()),
    }
}

fn lifetime(text: &str) -> Result<u32, AuthError> {
    text.parse().ok().filter(|seconds| (1..=604_800).contains(seconds)).ok_or(AuthError::Expires)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()))
}

fn member<'a>(query: &[Pair<'a>], name: &str) -> Option<Cow<'a, str>> {
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
