//! Policy documents: what they must be, and how they are shown.

use std::fmt::Write as _;
use std::sync::Arc;

use trent_engine::{Context, Fault};
use trent_policy::{Document, DocumentKind};

use super::entity::Holder;
use super::fault;

/// The most characters of a managed policy, white space not counted.
const MANAGED_CHARS: usize = 6144;

/// Refuses a text that is no identity policy.
///
/// # Errors
/// `MalformedPolicyDocument`.
pub(crate) fn check_identity(text: &str, context: &Context<'_>) -> Result<(), Fault> {
    context.records.policies().identity(text)?;
    Ok(())
}

/// Reads an identity policy that is nobody's, so that it is not kept in memory: one that an input
/// brings along to be asked about.
///
/// # Errors
/// `InvalidInput`: the operations that ask have no other error of a client's for what is no policy.
pub(crate) fn given(text: &str) -> Result<Arc<Document>, Fault> {
    let parsed = Document::parse(text, DocumentKind::Identity).map(Arc::new);
    parsed.map_err(|error| fault::invalid_input(error.to_string()))
}

/// Refuses a text that is no managed policy.
///
/// # Errors
/// `MalformedPolicyDocument` or `LimitExceeded`.
pub(crate) fn check_managed(text: &str, context: &Context<'_>) -> Result<(), Fault> {
    check_identity(text, context)?;
    if text.chars().filter(|c| !c.is_whitespace()).count() > MANAGED_CHARS {
        return Err(fault::quota("PolicySize", MANAGED_CHARS));
    }
    Ok(())
}

/// Refuses inline policies that are too large together.
///
/// # Errors
/// `LimitExceeded`.
pub(crate) fn check_inline_size<H: Holder>(holder: &H) -> Result<(), Fault> {
    if holder.policies().inline_size() > H::INLINE_BYTES {
        let (bytes, noun, name) = (H::INLINE_BYTES, H::NOUN, holder.name());
        return Err(fault::limit_exceeded(format!(
            "Maximum policy size of {bytes} bytes exceeded for {noun} {name}"
        )));
    }
    Ok(())
}

/// A document as answers have it: percent-encoded as RFC 3986 (2.3) says.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_percent_encoded() {
        assert_eq!(shown("{\"a\": \"é*~\"}\n+"), "%7B%22a%22%3A%20%22%C3%A9%2A~%22%7D%0A%2B");
    }
}
