//! Form-encoded bodies: pairs of names and values, percent-encoded.

use std::borrow::Cow;

use crate::Malformed;

/// A parameter of a form.
#[derive(Debug)]
pub(crate) struct Pair<'a> {
    pub(crate) name: Cow<'a, str>,
    pub(crate) value: Cow<'a, str>,
}

/// The longest name let through: more than twice the longest any model can spell. It bounds how deep a
/// name can lead, and what comparing names costs.
const LONGEST_NAME: usize = 256;

/// The parameters of `body`, in its order.
pub(crate) fn pairs(body: &[u8]) -> impl Iterator<Item = Result<Pair<'_>, Malformed>> {
    body.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty()).map(|piece| {
        let mut halves = piece.splitn(2, |byte| *byte == b'=');
        let mut half = || decoded(halves.next().unwrap_or_default());
        let (name, value) = (half()?, half()?);
        if name.len() > LONGEST_NAME {
            return Err(Malformed::new("The name of a request parameter is too long."));
        }
        Ok(Pair { name, value })
    })
}

/// Decodes `%XX`, and `+` to a space. What has neither is borrowed.
fn decoded(text: &[u8]) -> Result<Cow<'_, str>, Malformed> {
    let not_text = |_| Malformed::new("The request parameters are not valid UTF-8.");
    if !text.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return std::str::from_utf8(text).map(Cow::Borrowed).map_err(|error| not_text(Some(error)));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => escape(rest.next(), rest.next())?,
            other => *other,
        });
    }
    String::from_utf8(bytes).map(Cow::Owned).map_err(|_| not_text(None))
}

fn escape(high: Option<&u8>, low: Option<&u8>) -> Result<u8, Malformed> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let byte = digit(high).zip(digit(low)).and_then(|(high, low)| u8::try_from(high * 16 + low).ok());
    byte.ok_or_else(|| Malformed::new("The request parameters hold an invalid percent escape."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(body: &str) -> Result<Vec<(String, String)>, Malformed> {
        pairs(body.as_bytes()).map(|pair| pair.map(|p| (p.name.into_owned(), p.value.into_owned()))).collect()
    }

    #[test]
    fn pairs_come_apart_and_lose_their_escapes() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            read("A=1&&B=a+b%2Bc%26%3d=&%43&=x&D=%C3%A9"),
            Ok(vec![pair("A", "1"), pair("B", "a b+c&=="), pair("C", ""), pair("", "x"), pair("D", "é")])
        );
        assert_eq!(read(""), Ok(Vec::new()));
        let plain = pairs(b"Action=ListUsers").next().unwrap().unwrap();
        assert!(matches!((plain.name, plain.value), (Cow::Borrowed("Action"), Cow::Borrowed("ListUsers"))));
    }

    #[test]
    fn bad_escapes_are_refused() {
        for bad in ["A=%", "A=%4", "A=%4g", "A=%+1", "A=%-1", "%zz=1", "A=%FF", "A=%C3", "A=%ED%A0%80"] {
            assert!(read(bad).is_err(), "{bad}");
        }
        assert!(pairs(b"A=\xff").next().unwrap().is_err());
        assert!(read(&"n".repeat(256)).is_ok() && read(&"n".repeat(257)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_escaped_reads_back(value: String, escape_all: bool) {
            let plain = |byte: &u8| byte.is_ascii_alphanumeric() && !escape_all;
            let spelled = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
            let escaped: String = value.bytes().map(spelled).collect();
            prop_assert_eq!(read(&format!("N={escaped}")), Ok(vec![("N".to_owned(), value)]));
        }
    }
}
