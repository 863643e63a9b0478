//! From the structures of the model to JSON.
//!
//! Outputs write themselves straight into the body: base64 is not spelled out elsewhere first, so
//! a plaintext on its way out is in one buffer and not in three.

use std::collections::BTreeMap;
use std::io::Write as _;

use crate::{Blob, SecretBlob, SecretText, Timestamp};

/// A structure that can be written to the wire.
pub trait Output: Send {
    /// Writes its members.
    fn write(&self, members: &mut ObjectWriter<'_>);
}

/// The body of an answer.
#[must_use]
pub fn encode(output: &impl Output) -> Vec<u8> {
    let mut body = Vec::with_capacity(2048);
    object(output, &mut body);
    body
}

fn object(output: &impl Output, body: &mut Vec<u8>) {
    body.push(b'{');
    let mut members = ObjectWriter { body, first: true };
    output.write(&mut members);
    body.push(b'}');
}

/// Writes the members of one object.
pub struct ObjectWriter<'a> {
    body: &'a mut Vec<u8>,
    first: bool,
}

impl ObjectWriter<'_> {
    /// A member that is always there. Names need no escapes: they are the model's.
    pub fn required(&mut self, name: &'static str, value: &impl Encode) {
        self.body.extend_from_slice(if self.first { b"\"" } else { b",\"" });
        self.body.extend_from_slice(name.as_bytes());
        self.body.extend_from_slice(b"\":");
        self.first = false;
        value.encode(self.body);
    }

    /// A member that is left out when there is none; null is never written.
    pub fn optional(&mut self, name: &'static str, value: &Option<impl Encode>) {
        if let Some(value) = value {
            self.required(name, value);
        }
    }
}

/// A type of the model that can be written as JSON.
pub trait Encode {
    /// Appends its JSON.
    fn encode(&self, body: &mut Vec<u8>);
}

impl<O: Output> Encode for O {
    fn encode(&self, body: &mut Vec<u8>) {
        object(self, body);
    }
}

/// Appends a text in quotes.
pub(crate) fn text(text: &str, body: &mut Vec<u8>) {
    // Writing to a Vec cannot fail.
    let _ = serde_json::to_writer(body, text);
}

fn base64(bytes: &[u8], body: &mut Vec<u8>) {
    /// What may follow, so that a body that holds a plaintext is never moved to grow.
    const ROOM: usize = 1024;
    body.reserve(bytes.len().div_ceil(3) * 4 + ROOM);
    body.push(b'"');
    crate::base64::encode_into(bytes, body);
    body.push(b'"');
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
        let _ = write!(body, "{self}");
    }
}

impl Encode for Timestamp {
    fn encode(&self, body: &mut Vec<u8>) {
        let _ = write!(body, "{self}");
    }
}

impl Encode for Blob {
    fn encode(&self, body: &mut Vec<u8>) {
        base64(self.bytes(), body);
    }
}

impl Encode for SecretBlob {
    fn encode(&self, body: &mut Vec<u8>) {
        base64(self.expose(), body);
    }
}

impl Encode for SecretText {
    fn encode(&self, body: &mut Vec<u8>) {
        text(self.expose(), body);
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, body: &mut Vec<u8>) {
        body.push(b'[');
        for (i, item) in self.iter().enumerate() {
            if i > 0 {
                body.push(b',');
            }
            item.encode(body);
        }
        body.push(b']');
    }
}

impl Encode for BTreeMap<String, String> {
    fn encode(&self, body: &mut Vec<u8>) {
        body.push(b'{');
        for (i, (name, value)) in self.iter().enumerate() {
            if i > 0 {
                body.push(b',');
            }
            text(name, body);
            body.push(b':');
            text(value, body);
        }
        body.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use crate::kms::{DecryptResponse, ListKeysResponse, ListResourceTagsResponse, Tag};
    use proptest::prelude::*;

    #[test]
    fn absent_members_are_left_out() {
        assert_eq!(encode(&DecryptResponse::default()), b"{}");
        let tag = Tag { tag_key: "a\"\n".to_owned(), tag_value: "é".to_owned() };
        let answer =
            ListResourceTagsResponse { tags: Some(vec![tag]), truncated: Some(false), ..Default::default() };
        let text = String::from_utf8(encode(&answer)).unwrap();
        assert_eq!(text, r#"{"Tags":[{"TagKey":"a\"\n","TagValue":"é"}],"Truncated":false}"#);
        let empty = ListKeysResponse { keys: Some(Vec::new()), ..Default::default() };
        assert_eq!(encode(&empty), br#"{"Keys":[]}"#);
    }

    proptest! {
        #[test]
        fn blobs_read_back(bytes in prop::collection::vec(any::<u8>(), 0..4096)) {
            let answer = DecryptResponse { plaintext: Some(SecretBlob::from(bytes.clone())), ..Default::default() };
            let value: serde_json::Value = serde_json::from_slice(&encode(&answer)).unwrap();
            prop_assert_eq!(STANDARD.decode(value["Plaintext"].as_str().unwrap()).unwrap(), bytes);
        }
    }
}
