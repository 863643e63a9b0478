//! A document that borrows its texts from the body it was read from, and its reader for JSON.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use zeroize::Zeroizing;

/// A value of JSON, or of a form read along a shape. Texts without escapes, which is nearly all of them, are not copied.
#[derive(PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number without fraction or exponent.
    Integer(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(Cow<'a, str>),
    /// The bytes of a text that was found to be base64. They may be secret.
    Bytes(Zeroizing<Vec<u8>>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object; every name occurs once.
    Object(Vec<(Cow<'a, str>, Value<'a>)>),
}

impl<'a> Value<'a> {
    /// The member called `name` of an object; null counts as absent.
    #[must_use]
    pub fn member(&self, name: &str) -> Option<&Self> {
        let Self::Object(members) = self else { return None };
        members.iter().find(|(known, _)| known == name).map(|(_, value)| value).filter(|v| !v.is_null())
    }

    pub(crate) const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }
}

/// A body that is not one JSON object, or not a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(String);

impl Malformed {
    pub(crate) fn new(message: &str) -> Self {
        Self(message.to_owned())
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// Reads a body: one object, of limited depth, in valid UTF-8, no name twice in one object. An
/// empty body is an object without members.
///
/// # Errors
/// [`Malformed`], whose text quotes nothing of the body.
pub fn parse(body: &[u8]) -> Result<Value<'_>, Malformed> {
    if body.is_empty() {
        return Ok(Value::Object(Vec::new()));
    }
    // The library refuses nesting deeper than 128.
    let value: Value<'_> = serde_json::from_slice(body).map_err(|error| Malformed(wording(&error)))?;
    match value {
        Value::Object(_) => Ok(value),
        _ => Err(Malformed("The request body must be a JSON object.".to_owned())),
    }
}

/// The service's own texts are not published. The library's text may hold a piece of the input, so
/// only the place is told.
fn wording(error: &serde_json::Error) -> String {
    format!("The request body is not valid JSON (line {}, column {}).", error.line(), error.column())
}

impl<'de: 'a, 'a> Deserialize<'de> for Value<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Value::Float(value as f64), Value::Integer))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Float(value))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut array = Vec::new();
        while let Some(item) = items.next_element()? {
            array.push(item);
        }
        Ok(Value::Array(array))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut object = Vec::with_capacity(4);
        while let Some(Name(name)) = members.next_key()? {
            object.push((name, members.next_value()?));
        }
        if has_twins(&object) {
            return Err(de::Error::custom("a member occurs twice"));
        }
        Ok(Value::Object(object))
    }
}

/// Whether a name occurs twice. Objects of requests are small; a large one is sorted, so that no
/// body takes more than its length times the logarithm of it.
pub(crate) fn has_twins(object: &[(Cow<'_, str>, Value<'_>)]) -> bool {
    const SMALL: usize = 16;
    if object.len() <= SMALL {
        let twin = |(i, (name, _)): (usize, &(Cow<'_, str>, Value<'_>))| {
            object.iter().skip(i + 1).any(|(other, _)| other == name)
        };
        return object.iter().enumerate().any(twin);
    }
    let mut names: Vec<&str> = object.iter().map(|(name, _)| &**name).collect();
    names.sort_unstable();
    names.array_windows().any(|[a, b]| a == b)
}

/// The name of a member, borrowed when it has no escapes.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;
        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a member name")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(NameVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_are_borrowed_unless_escaped() {
        let value = parse(br#"{"A":"x","B":"\u0041","C":[1,-2,1.5,true,null]}"#).unwrap();
        assert!(matches!(value.member("A"), Some(Value::Text(Cow::Borrowed("x")))));
        assert!(matches!(value.member("B"), Some(Value::Text(Cow::Owned(text))) if text == "A"));
        let Some(Value::Array(items)) = value.member("C") else { panic!() };
        assert!(matches!(
            items[..],
            [Value::Integer(1), Value::Integer(-2), Value::Float(_), Value::Bool(true), Value::Null]
        ));
        assert!(parse(b"").unwrap().member("A").is_none());
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        let deep = format!("{{\"A\":{}", "[".repeat(10_000));
        let many: Vec<String> = (0..40).map(|i| format!("\"m{}\":0", i % 39)).collect();
        let twins = format!("{{{}}}", many.join(","));
        for bad in [
            "[]",
            "1",
            "\"x\"",
            "null",
            " ",
            "{",
            "{}}",
            "{\"A\":1,}",
            "{\"A\":1,\"A\":1}",
            "{\"A\":{\"b\":1,\"b\":2}}",
            "{A:1}",
            "{\"A\":1e999}",
            "{\"A\":\"\\ud800\"}",
            &deep,
            &twins,
        ] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(parse(b"{\"A\":\"\xff\"}").is_err());
        assert!(parse(b"\xef\xbb\xbf{}").is_err());
    }

    proptest! {
        #[test]
        fn no_body_breaks_it(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&body);
        }

        #[test]
        fn it_reads_what_the_library_reads(text in "[\\[{\":,}\\]a1 .-]{0,30}") {
            let library = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
            // Stricter in one thing: twins.
            if parse(text.as_bytes()).is_ok() && !text.is_empty() {
                prop_assert!(library.is_ok());
            }
        }
    }
}
