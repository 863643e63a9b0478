//! Appending JSON to a buffer of bytes, without anything in between.

use std::fmt;
use std::io::Write as _;

use trent_domain::AccountId;
use uuid::Uuid;

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Whether a byte cannot stand for itself in a JSON string (RFC 8259 §7).
const fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\'
}

/// Appends a quoted string; runs of ordinary characters are copied whole.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|&byte| is_special(byte)) {
        let (run, tail) = rest.split_at(at);
        out.extend_from_slice(run);
        let Some((&special, tail)) = tail.split_first() else { break };
        escape(out, special);
        rest = tail;
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.extend([byte >> 4, byte & 0xf].iter().filter_map(|&digit| HEX.get(usize::from(digit))));
        }
    }
}

/// The longest beginning of `text` that has at most `limit` bytes and splits no character.
pub(crate) fn truncated(text: &str, limit: usize) -> &str {
    text.get(..text.floor_char_boundary(limit)).unwrap_or(text)
}

/// Appends a quoted UUID.
pub(crate) fn uuid(out: &mut Vec<u8>, id: &Uuid) {
    let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
    out.push(b'"');
    out.extend_from_slice(id.hyphenated().encode_lower(&mut text).as_bytes());
    out.push(b'"');
}

/// The 12 digits of an account.
pub(crate) fn digits(account: AccountId) -> [u8; 12] {
    let mut digits = [b'0'; 12];
    let mut rest = account.number();
    for digit in digits.iter_mut().rev() {
        // A remainder by ten fits.
        *digit += u8::try_from(rest % 10).unwrap_or_default();
        rest /= 10;
    }
    digits
}

/// Appends, quoted, what displays as plain characters.
pub(crate) fn display(out: &mut Vec<u8>, value: impl fmt::Display) {
    // Writing into memory does not fail.
    let _ = write!(out, "\"{value}\"");
}

/// Appends JSON that was rendered elsewhere. A record is one line, so line ends, which can only
/// stand between tokens, become spaces.
pub(crate) fn json(out: &mut Vec<u8>, text: &str) {
    let start = out.len();
    out.extend_from_slice(text.as_bytes());
    if text.contains(['\n', '\r']) {
        let lines = out.iter_mut().skip(start).filter(|byte| matches!(byte, b'\n' | b'\r'));
        lines.for_each(|byte| *byte = b' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spelled(text: &str) -> String {
        let mut out = Vec::new();
        string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn what_json_cannot_hold_is_escaped() {
        assert_eq!(spelled("a\"b\\c\nd\u{1f}é"), r#""a\"b\\c\nd\u001fé""#);
        assert_eq!(spelled(""), "\"\"");
        assert_eq!(spelled("\0"), "\"\\u0000\"");
    }

    #[test]
    fn cutting_splits_no_character() {
        assert_eq!(truncated("añb", 2), "a");
        assert_eq!(truncated("añb", 3), "añ");
        assert_eq!(truncated("añb", 9), "añb");
    }

    #[test]
    fn accounts_keep_their_leading_zeros() {
        let account: AccountId = "000120340567".parse().unwrap();
        assert_eq!(&digits(account), b"000120340567");
    }

    #[test]
    fn line_ends_between_tokens_become_spaces() {
        let mut out = b"\n".to_vec();
        json(&mut out, "{\n\"a\": 1\r\n}");
        assert_eq!(out, b"\n{ \"a\": 1  }");
    }

    proptest! {
        #[test]
        fn every_string_reads_back(text in any::<String>()) {
            prop_assert_eq!(serde_json::from_str::<String>(&spelled(&text)).unwrap(), text);
        }
    }
}
