//! The canonical request, and the string to sign.

use std::borrow::Cow;

use aws_lc_rs::digest::{Context, SHA256, digest};
use http::HeaderMap;

use crate::ALGORITHM;
use crate::parse::Scope;

/// The SHA-256 of `bytes` in lower-case hexadecimal.
pub(crate) fn hex_sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

/// What is signed of a request, before hashing.
pub(crate) struct Canonical<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    /// Decoded names and values; the signature itself is left out.
    pub(crate) query: &'a [(Cow<'a, [u8]>, Cow<'a, [u8]>)],
    pub(crate) headers: &'a HeaderMap,
    /// Stands in for a Host header.
    pub(crate) authority: Option<&'a str>,
    /// Lower-case names in the order of the signed list.
    pub(crate) signed: &'a [&'a str],
    pub(crate) payload_hash: &'a str,
}

impl Canonical<'_> {
    /// Feeds the canonical request to `sink`, piece by piece.
    pub(crate) fn write(&self, sink: &mut impl FnMut(&[u8])) {
        sink(self.method.as_bytes());
        sink(b"\n");
        sink(path(self.path).as_bytes());
        sink(b"\n");
        write_query(self.query, sink);
        sink(b"\n");
        for name in self.signed {
            self.write_header(name, sink);
        }
        sink(b"\n");
        for (i, name) in self.signed.iter().enumerate() {
            sink(if i == 0 { b"" } else { b";" });
            sink(name.as_bytes());
        }
        sink(b"\n");
        sink(self.payload_hash.as_bytes());
    }

    /// The string to sign.
    pub(crate) fn string_to_sign(&self, time: &str, scope: &Scope<'_>) -> String {
        let mut hash = Context::new(&SHA256);
        self.write(&mut |piece| hash.update(piece));
        let hash = hex::encode(hash.finish());
        let Scope { date, region, service, terminator } = scope;
        format!("{ALGORITHM}\n{time}\n{date}/{region}/{service}/{terminator}\n{hash}")
    }

    fn write_header(&self, name: &str, sink: &mut impl FnMut(&[u8])) {
        sink(name.as_bytes());
        sink(b":");
        let mut values = self.headers.get_all(name).iter().map(http::HeaderValue::as_bytes).peekable();
        if values.peek().is_none() && name == "host" {
            sink(self.authority.unwrap_or_default().as_bytes());
        }
        for (i, value) in values.enumerate() {
            sink(if i == 0 { b"" } else { b"," });
            write_collapsed(value, sink);
        }
        sink(b"\n");
    }
}

/// A header value without outer white space, inner runs of spaces as one.
fn write_collapsed(value: &[u8], sink: &mut impl FnMut(&[u8])) {
    let value = value.trim_ascii();
    if !value.windows(2).any(|pair| pair == b"  ") {
        return sink(value);
    }
    let words = value.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    for (i, word) in words.enumerate() {
        sink(if i == 0 { b"" } else { b" " });
        sink(word);
    }
}

/// The canonical path: dot segments and empty segments removed, every segment encoded once more.
/// A path that is only `/` is itself.
fn path(path: &str) -> Cow<'_, str> {
    if path == "/" || path.is_empty() {
        return Cow::Borrowed("/");
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    let mut out = String::with_capacity(path.len() + 8);
    for segment in &segments {
        out.push('/');
        encode(segment.as_bytes(), &mut out);
    }
    let directory = path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..");
    if out.is_empty() || directory {
        out.push('/');
    }
    Cow::Owned(out)
}

fn write_query(query: &[(Cow<'_, [u8]>, Cow<'_, [u8]>)], sink: &mut impl FnMut(&[u8])) {
    if query.is_empty() {
        return;
    }
    let encoded = |text: &[u8]| {
        let mut out = String::new();
        encode(text, &mut out);
        out
    };
    let mut pairs: Vec<_> = query.iter().map(|(name, value)| (encoded(name), encoded(value))).collect();
    pairs.sort();
    for (i, (name, value)) in pairs.iter().enumerate() {
        sink(if i == 0 { b"" } else { b"&" });
        sink(name.as_bytes());
        sink(b"=");
        sink(value.as_bytes());
    }
}

/// RFC 3986: everything but the unreserved characters as `%XX` with upper-case digits.
pub(crate) fn encode(bytes: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    for &byte in bytes {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
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
            assert_eq!(path(given), expected, "{given}");
        }
    }

    #[test]
    fn header_values_are_collapsed() {
        let mut out = Vec::new();
        write_collapsed(b"  a   b  c ", &mut |piece| out.extend_from_slice(piece));
        assert_eq!(out, b"a b c");
    }
}
