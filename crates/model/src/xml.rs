//! From the structures of the model to XML, as answers of the Query protocol have it.
//!
//! As with JSON, outputs write themselves straight into the body. What is written here is the
//! element of the result; what goes around it belongs to whoever speaks to the client.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::{Blob, SecretBlob, SecretText, Timestamp};

/// A structure that can be written as XML.
pub trait Output: Send {
    /// Writes its members.
    fn write(&self, members: &mut ElementWriter<'_>);
}

/// The element called `name` with an output inside it.
#[must_use]
pub fn encode(name: &str, output: &impl Output) -> Vec<u8> {
    let mut body = Vec::with_capacity(2048);
    element(name, output, &mut body);
    body
}

/// Writes the members of one structure.
pub struct ElementWriter<'a> {
    body: &'a mut Vec<u8>,
}

impl ElementWriter<'_> {
    /// A member that is always there.
    pub fn required(&mut self, name: &'static str, value: &impl Encode) {
        element(name, value, self.body);
    }

    /// A member that is left out when there is none.
    pub fn optional(&mut self, name: &'static str, value: &Option<impl Encode>) {
        if let Some(value) = value {
            self.required(name, value);
        }
    }
}

/// A type of the model that can be written as the content of an element.
pub trait Encode {
    /// Appends its XML.
    fn encode(&self, body: &mut Vec<u8>);
}

/// Names need no escapes: they are the model's.
fn element(name: &str, content: &impl Encode, body: &mut Vec<u8>) {
    body.push(b'<');
    body.extend_from_slice(name.as_bytes());
    body.push(b'>');
    content.encode(body);
    body.extend_from_slice(b"</");
    body.extend_from_slice(name.as_bytes());
    body.push(b'>');
}

/// Appends a text, escaped for the inside of an element or of a quoted attribute.
///
/// A carriage return would be read as a line feed if it were not escaped. Characters that XML 1.0
/// has no way to write, mostly controls, become U+FFFD: an answer that does not parse helps nobody.
pub fn text(text: &str, body: &mut Vec<u8>) {
    for letter in text.chars() {
        match letter {
            '&' => body.extend_from_slice(b"&amp;"),
            '<' => body.extend_from_slice(b"&lt;"),
            '>' => body.extend_from_slice(b"&gt;"),
            '"' => body.extend_from_slice(b"&quot;"),
            '\r' => body.extend_from_slice(b"&#xD;"),
            '\t' | '\n' => body.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
            '\0'..'\u{20}' | '\u{fffe}' | '\u{ffff}' => body.extend_from_slice("\u{fffd}".as_bytes()),
            _ => body.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

impl<O: Output> Encode for O {
    fn encode(&self, body: &mut Vec<u8>) {
        self.write(&mut ElementWriter { body });
    }
}

/// What answers an operation whose success says all.
impl Output for () {
    fn write(&self, _: &mut ElementWriter<'_>) {}
}

impl Encode for String {
    fn encode(&self, body: &mut Vec<u8>) {
        text(self, body);
    }
}

impl Encode for bool {
    fn encode(&self, body: &mut Vec<u8>) {
        body.extend_from_slice(if *self { b"true" } else { b"false" });
    }
}

impl Encode for i32 {
    fn encode(&self, body: &mut Vec<u8>) {
        // Writing to a Vec cannot fail.
        let _ = write!(body, "{self}");
    }
}

impl Encode for Timestamp {
    /// ISO 8601 to the second, in UTC.
    fn encode(&self, body: &mut Vec<u8>) {
        let moment = jiff::Timestamp::from_second(self.millis().div_euclid(1000)).unwrap_or_default();
        let _ = write!(body, "{moment}");
    }
}

impl Encode for Blob {
    fn encode(&self, body: &mut Vec<u8>) {
        crate::base64::encode_into(self.bytes(), body);
    }
}

impl Encode for SecretBlob {
    fn encode(&self, body: &mut Vec<u8>) {
        crate::base64::encode_into(self.expose(), body);
    }
}

impl Encode for SecretText {
    fn encode(&self, body: &mut Vec<u8>) {
        text(self.expose(), body);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, body: &mut Vec<u8>) {
        for item in self {
            element("member", item, body);
        }
    }
}

impl<T: Encode> Encode for BTreeMap<String, T> {
    fn encode(&self, body: &mut Vec<u8>) {
        for (key, value) in self {
            body.extend_from_slice(b"<entry>");
            element("key", key, body);
            element("value", value, body);
            body.extend_from_slice(b"</entry>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::{GetAccountSummaryResponse, ListUserPoliciesResponse, ListUsersResponse};

    fn written(output: &impl Output) -> String {
        String::from_utf8(encode("R", output)).unwrap()
    }

    #[test]
    fn members_lists_and_maps_have_their_elements() {
        let summary = BTreeMap::from([("Users".to_owned(), 3), ("Roles".to_owned(), 0)]);
        assert_eq!(
            written(&GetAccountSummaryResponse { summary_map: Some(summary) }),
            "<R><SummaryMap><entry><key>Roles</key><value>0</value></entry><entry><key>Users</key><value>3</value>\
             </entry></SummaryMap></R>"
        );
        let names = vec!["a".to_owned(), "b&c".to_owned()];
        let answer =
            ListUserPoliciesResponse { is_truncated: Some(false), ..ListUserPoliciesResponse::new(names) };
        assert_eq!(
            written(&answer),
            "<R><IsTruncated>false</IsTruncated><PolicyNames><member>a</member><member>b&amp;c</member></PolicyNames>\
             </R>"
        );
        assert_eq!(written(&ListUsersResponse::new(Vec::new())), "<R><Users></Users></R>");
        assert_eq!(written(&()), "<R></R>");
    }

    #[test]
    fn texts_are_escaped() {
        let mut body = Vec::new();
        text("<a href=\"x\">&'\r\n\t\0\u{1f}\u{7f}é\u{ffff}\u{1F511}", &mut body);
        assert_eq!(
            String::from_utf8(body).unwrap(),
            "&lt;a href=&quot;x&quot;&gt;&amp;'&#xD;\n\t\u{fffd}\u{fffd}\u{7f}é\u{fffd}\u{1F511}"
        );
    }

    #[test]
    fn times_are_to_the_second() {
        let at = |millis| {
            let mut body = Vec::new();
            Timestamp::from_millis(millis).encode(&mut body);
            String::from_utf8(body).unwrap()
        };
        assert_eq!(at(1_767_225_600_999), "2026-01-01T00:00:00Z");
        assert_eq!(at(-1), "1969-12-31T23:59:59Z");
    }
}
