//! The canonical request, and the string to sign.

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderMap;

use crate::ALGORITHM;
use crate::parse::Scope;
use crate::query::{Pair, SIGNATURE};

/// Room for the canonical request of a usual call, so that its buffer is allocated once.
const USUAL_LENGTH: usize = 512;

/// Thirty-two bytes in lower-case hexadecimal.
pub(crate) type Hex = [u8; 64];

/// `bytes` in lower-case hexadecimal. The digits are computed, not looked up, so that a signature
/// takes the same time whatever it is.
pub(crate) fn hex(bytes: &[u8]) -> Hex {
    const fn digit(nibble: u8) -> u8 {
        if nibble < 10 { b'0' + nibble } else { b'a' + nibble - 10 }
    }
    let mut out = [0; 64];
    for (pair, byte) in out.as_chunks_mut().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    out
}

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub(crate) fn hex_sha256(bytes: &[u8]) -> Hex {
    hex(digest(&SHA256, bytes).as_ref())
}

/// What is signed of a request, before hashing.
pub(crate) struct Canonical<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// Decoded names and values. The signature itself is left out when they are written.
    pub(crate) query: &'a [Pair<'a>],
    pub(crate) headers: &'a HeaderMap,
    /// Stands in for a Host header.
    pub(crate) authority: Option<&'a str>,
    /// The list as it was signed: lower-case names with semicolons between them.
    pub(crate) signed: &'a str,
    pub(crate) payload_hash: &'a Hex,
}

impl Canonical<'_> {
    /// Appends the canonical request.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.method.as_bytes());
        out.push(b'\n');
        write_path(self.path, out);
        out.push(b'\n');
        write_query(self.query, out);
        out.push(b'\n');
        for name in self.signed.split(';') {
            self.write_header(name, out);
        }
        out.push(b'\n');
        out.extend_from_slice(self.signed.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(self.payload_hash);
    }

    /// The string to sign. Both texts are built in one buffer: hashing once is much cheaper than
    /// feeding a hash many small pieces.
    pub(crate) fn string_to_sign(&self, time: &str, scope: &Scope<'_>) -> Vec<u8> {
        let mut text = Vec::with_capacity(USUAL_LENGTH);
        self.write(&mut text);
        let hash = hex_sha256(&text);
        text.clear();
        let Scope { date, region, service, terminator } = scope;
        let pieces = [ALGORITHM, "\n", time, "\n", date, "/", region, "/", service, "/", terminator, "\n"];
        for piece in pieces {
            text.extend_from_slice(piece.as_bytes());
        }
        text.extend_from_slice(&hash);
        text
    }

    /// Whether every signed header is there. What is not cannot be told from an empty one once it
    /// is written.
    pub(crate) fn is_complete(&self) -> bool {
        let authority = |name| is_host(name) && self.authority.is_some();
        self.signed.split(';').all(|name| authority(name) || self.headers.contains_key(header_name(name)))
    }

    fn write_header(&self, name: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(name.as_bytes());
        out.push(b':');
        let mut values = self.headers.get_all(header_name(name)).iter();
        match (values.next(), self.authority) {
            (Some(value), _) => write_collapsed(value.as_bytes(), out),
            (None, Some(authority)) if is_host(name) => out.extend_from_slice(authority.as_bytes()),
            (None, _) => {}
        }
        for value in values {
            out.push(b',');
            write_collapsed(value.as_bytes(), out);
        }
        out.push(b'\n');
    }
}

/// Whether a signed name is that of the host, which HTTP/2 calls the authority.
pub(crate) fn is_host(name: &str) -> bool {
    matches!(name, "host" | ":authority")
}

/// The header in which a signed name is looked up.
fn header_name(name: &str) -> &str {
    if is_host(name) { "host" } else { name }
}

/// A header value without outer white space, inner runs of spaces as one.
fn write_collapsed(value: &[u8], out: &mut Vec<u8>) {
    let mut before = 0;
    for &byte in value.trim_ascii() {
        if (before, byte) != (b' ', b' ') {
            out.push(byte);
        }
        before = byte;
    }
}

/// The canonical path: dot segments and empty segments removed, every segment encoded once more.
/// A path that is only `/` is itself.
fn write_path(path: &str, out: &mut Vec<u8>) {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    for segment in &segments {
        out.push(b'/');
        encode(segment.as_bytes(), out);
    }
    let directory = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if segments.is_empty() || directory {
        out.push(b'/');
    }
}

fn write_query(query: &[Pair<'_>], out: &mut Vec<u8>) {
    if query.is_empty() {
        return;
    }
    let encoded = |text: &[u8]| {
        let mut out = Vec::with_capacity(text.len());
        encode(text, &mut out);
        out
    };
    let signed = query.iter().filter(|(name, _)| **name != *SIGNATURE.as_bytes());
    let mut pairs: Vec<_> = signed.map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort();
    for (i, (name, value)) in pairs.iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(name);
        out.push(b'=');
        out.extend_from_slice(value);
    }
}

/// RFC 3986: everything but the unreserved characters as `%XX` with upper-case digits.
fn encode(bytes: &[u8], out: &mut Vec<u8>) {
    const fn digit(nibble: u8) -> u8 {
        if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
    }
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(byte);
        } else {
            out.extend_from_slice(&[b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain() {
        for (given, expected) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/./", "/"),
            ("/a/../b//c/", "/b/c/"),
            ("/example/..", "/"),
            ("/../../a", "/a"),
            ("/a%20b", "/a%2520b"),
            ("/%E1%88%B4", "/%25E1%2588%25B4"),
        ] {
            let mut out = Vec::new();
            write_path(given, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{given}");
        }
    }

    #[test]
    fn header_values_are_collapsed() {
        for (given, expected) in
            [("  a   b  c ", "a b c"), ("", ""), ("   ", ""), ("a\t\tb", "a\t\tb"), ("a", "a")]
        {
            let mut out = Vec::new();
            write_collapsed(given.as_bytes(), &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{given:?}");
        }
    }
}
