//! The Authorization header.

use crate::{ALGORITHM, AuthError};

/// The parts of an Authorization header.
pub(crate) struct Authorization<'a> {
    pub(crate) credential: Option<&'a str>,
    pub(crate) signed_headers: Option<&'a str>,
    pub(crate) signature: Option<&'a str>,
}

/// Takes a header apart: `AWS4-HMAC-SHA256 Key=Value, Key=Value…`, in any order; of a part that
/// occurs twice the last one counts.
pub(crate) fn parse(header: &str) -> Result<Authorization<'_>, AuthError> {
    let header = header.trim();
    let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
    if algorithm != ALGORITHM {
        return Err(AuthError::Algorithm(algorithm.to_owned()));
    }
    let mut found = Authorization { credential: None, signed_headers: None, signature: None };
    for part in rest.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let Some((key, value)) = part.split_once('=') else {
            return Err(AuthError::NotAPair { part: part.to_owned(), header: header.to_owned() });
        };
        match key {
            "Credential" => found.credential = Some(value),
            "SignedHeaders" => found.signed_headers = Some(value),
            "Signature" => found.signature = Some(value),
            _ => {}
        }
    }
    Ok(found)
}
