//! Signing, for our own clients and tests. It shares the canonical form with verification.

use http::HeaderMap;
use http::header::{AUTHORIZATION, HeaderValue, InvalidHeaderValue};
use jiff::Timestamp;

use crate::canonical::{Canonical, hex_sha256};
use crate::parse::Scope;
use crate::{ALGORITHM, SecretAccessKey, SigningKey, TERMINATOR, query, time};

/// Who signs, when and for what.
pub struct SignParams<'a> {
    /// The access key's id.
    pub access_key_id: &'a str,
    /// The access key's secret.
    pub secret: &'a SecretAccessKey,
    /// The session token of temporary credentials.
    pub session_token: Option<&'a str>,
    /// The Region of the scope.
    pub region: &'a str,
    /// The service of the scope.
    pub service: &'a str,
    /// The time of the request.
    pub time: Timestamp,
}

/// A text that cannot be a header.
#[derive(Debug, thiserror::Error)]
#[error("the request cannot be signed: {0}")]
pub struct SignError(#[from] InvalidHeaderValue);

/// Adds `x-amz-date`, `x-amz-security-token` (for temporary credentials) and `authorization` to the
/// headers of a request, which must hold `host` already. All headers that are there get signed.
///
/// # Errors
/// When a text cannot be a header value.
pub fn sign(
    params: &SignParams<'_>,
    method: &str,
    path: &str,
    query: &str,
    headers: &mut HeaderMap,
    body: &[u8],
) -> Result<(), SignError> {
    let text = time::basic(params.time);
    headers.insert("x-amz-date", HeaderValue::from_str(&text)?);
    if let Some(token) = params.session_token {
        headers.insert("x-amz-security-token", HeaderValue::from_str(token)?);
    }
    let mut names: Vec<&str> = headers.keys().map(http::HeaderName::as_str).collect();
    names.sort_unstable();
    let signed = names.join(";");
    let canonical = Canonical {
        method,
        path,
        query: &query::pairs(query),
        headers,
        authority: None,
        signed: &signed,
        payload_hash: &hex_sha256(body),
    };
    let date = text.get(..8).unwrap_or_default();
    let (region, service) = (params.region, params.service);
    let scope = Scope { date, region, service, terminator: TERMINATOR };
    let key = SigningKey::derive(params.secret, date, region, service);
    let signature = key.sign(&canonical.string_to_sign(&text, &scope));
    let value = format!(
        "{ALGORITHM} Credential={}/{date}/{region}/{service}/{TERMINATOR}, SignedHeaders={signed}, Signature={}",
        params.access_key_id,
        String::from_utf8_lossy(&signature)
    );
    headers.insert(AUTHORIZATION, HeaderValue::from_str(&value)?);
    Ok(())
}
