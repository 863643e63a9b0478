//! Query strings, decoded.

use std::borrow::Cow;

/// A name and its value, decoded.
pub(crate) type Pair<'a> = (Cow<'a, [u8]>, Cow<'a, [u8]>);

/// The parameter that holds the signature of a presigned request, and is not signed itself.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

/// The pairs of a query string, percent-decoded. A plus sign is itself, as clients sign it.
pub(crate) fn pairs(query: &str) -> Vec<Pair<'_>> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Percent-decodes; a `%` without two digits behind it is itself, and then signs as `%25`.
fn decode(text: &str) -> Cow<'_, [u8]> {
    if !text.contains('%') {
        return Cow::Borrowed(text.as_bytes());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let decoded = match (byte, tail) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        match decoded {
            Some((high, low)) => {
                out.push((high << 4) | low);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(byte);
                rest = tail;
            }
        }
    }
    Cow::Owned(out)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded() {
        let found = pairs("a=1&b=%C3%A9&c&=&d=%2&e=a%20b%zz");
        let text: Vec<_> =
            found.iter().map(|(n, v)| (String::from_utf8_lossy(n), String::from_utf8_lossy(v))).collect();
        let text: Vec<_> = text.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(text, [("a", "1"), ("b", "é"), ("c", ""), ("", ""), ("d", "%2"), ("e", "a b%zz")]);
    }
}
