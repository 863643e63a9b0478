//! From a checked tree to the structures of the model.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::{Blob, CheckError, SecretBlob, SecretText, Shape, Timestamp, Value};

/// A structure that can be read from the wire.
pub trait Structure: Sized {
    /// Reads it from its members.
    ///
    /// # Errors
    /// When a member is missing or of another type, which [`check`](crate::check()) rules out.
    fn read(members: &mut Members<'_>) -> Result<Self, CheckError>;
}

/// The input of an operation.
pub trait Input: Structure + Send + Sync + 'static {
    /// Its shape.
    const SHAPE: &'static Shape;
}

/// Decodes an input that [`check`](crate::check()) has passed.
///
/// # Errors
/// As [`Structure::read`].
pub fn decode<I: Input>(input: Value<'_>) -> Result<I, CheckError> {
    structure(input)
}

fn structure<S: Structure>(value: Value<'_>) -> Result<S, CheckError> {
    match value {
        Value::Object(found) => S::read(&mut Members(found)),
        _ => Err(unexpected()),
    }
}

/// The members of an object, each taken once.
pub struct Members<'a>(Vec<(Cow<'a, str>, Value<'a>)>);

impl<'a> Members<'a> {
    /// A member that may be absent.
    ///
    /// # Errors
    /// When it is of another type.
    pub fn optional<T: Decode>(&mut self, name: &str) -> Result<Option<T>, CheckError> {
        self.take(name).map(T::decode).transpose()
    }

    /// A member that must be there.
    ///
    /// # Errors
    /// When it is absent, or of another type.
    pub fn required<T: Decode>(&mut self, name: &str) -> Result<T, CheckError> {
        self.take(name).map_or_else(|| Err(unexpected()), T::decode)
    }

    fn take(&mut self, name: &str) -> Option<Value<'a>> {
        let place = self.0.iter().position(|(known, value)| known == name && !value.is_null())?;
        Some(self.0.swap_remove(place).1)
    }
}

/// A type of the model that can be read from a checked tree.
pub trait Decode: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// When the value is of another type.
    fn decode(value: Value<'_>) -> Result<Self, CheckError>;
}

/// Checked inputs never come here; should one, it is refused and not guessed at.
pub(crate) fn unexpected() -> CheckError {
    CheckError::Serialization("The request does not have the form of its operation's input.".to_owned())
}

impl<S: Structure> Decode for S {
    fn decode(value: Value<'_>) -> Result<Self, CheckError> {
        structure(value)
    }
}

macro_rules! decoded {
    ($($type:ty, $pattern:pat => $made:expr;)+) => {$(
        impl Decode for $type {
            fn decode(value: Value<'_>) -> Result<Self, CheckError> {
                match value {
                    $pattern => $made,
                    _ => Err(unexpected()),
                }
            }
        }
    )+};
}

decoded! {
    String, Value::Text(text) => Ok(text.into_owned());
    bool, Value::Bool(value) => Ok(value);
    i32, Value::Integer(number) => i32::try_from(number).map_err(|_| unexpected());
    Blob, Value::Bytes(mut bytes) => Ok(Self::from(std::mem::take(&mut *bytes)));
    SecretBlob, Value::Bytes(mut bytes) => Ok(Self::from(std::mem::take(&mut *bytes)));
    SecretText, Value::Text(text) => Ok(Self::from(text.into_owned()));
}

impl Decode for Timestamp {
    fn decode(value: Value<'_>) -> Result<Self, CheckError> {
        let millis = match value {
            Value::Integer(seconds) => seconds.checked_mul(1000),
            // A cast from a float saturates; what is out of range is refused below.
            Value::Float(seconds) => Some((seconds * 1000.0).round() as i64),
            _ => None,
        };
        /// The year 9999, as far as any date on the wire goes.
        const FURTHEST: i64 = 253_402_300_799_999;
        let millis = millis.filter(|millis| (-FURTHEST..=FURTHEST).contains(millis));
        millis.map(Self::from_millis).ok_or_else(|| {
            CheckError::Serialization("NUMBER_VALUE can not be converted to a Timestamp".to_owned())
        })
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(value: Value<'_>) -> Result<Self, CheckError> {
        match value {
            Value::Array(items) => items.into_iter().map(T::decode).collect(),
            _ => Err(unexpected()),
        }
    }
}

impl<T: Decode> Decode for BTreeMap<String, T> {
    fn decode(value: Value<'_>) -> Result<Self, CheckError> {
        match value {
            Value::Object(pairs) => {
                pairs.into_iter().map(|(name, value)| Ok((name.into_owned(), T::decode(value)?))).collect()
            }
            _ => Err(unexpected()),
        }
    }
}

/// Reads an enumeration by its names.
pub(crate) fn named<T>(value: Value<'_>, from_wire: impl Fn(&str) -> Option<T>) -> Result<T, CheckError> {
    match value {
        Value::Text(text) => from_wire(&text).ok_or_else(unexpected),
        _ => Err(unexpected()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::{EncryptRequest, EncryptionAlgorithmSpec, ImportKeyMaterialRequest, TagResourceRequest};
    use crate::{check, parse};

    fn read<I: Input>(body: &str) -> Result<I, CheckError> {
        let mut value = parse(body.as_bytes()).unwrap();
        check(I::SHAPE, &mut value)?;
        decode(value)
    }

    #[test]
    fn an_input_reads_as_its_structure() {
        let input: EncryptRequest = read(
            r#"{"KeyId":"k","Plaintext":"YWJj","EncryptionContext":{"b":"2","a":"1"},"DryRun":false,
                "EncryptionAlgorithm":"SYMMETRIC_DEFAULT","GrantTokens":["t"]}"#,
        )
        .unwrap();
        assert_eq!((input.key_id.as_str(), input.plaintext.expose()), ("k", &b"abc"[..]));
        assert_eq!(input.encryption_context.unwrap().into_iter().next(), Some(("a".into(), "1".into())));
        assert_eq!(input.encryption_algorithm, Some(EncryptionAlgorithmSpec::SymmetricDefault));
        assert_eq!((input.dry_run, input.grant_tokens), (Some(false), Some(vec!["t".to_owned()])));
        let tags: TagResourceRequest =
            read(r#"{"KeyId":"k","Tags":[{"TagKey":"a","TagValue":""}]}"#).unwrap();
        assert_eq!(tags.tags[0].tag_key, "a");
    }

    #[test]
    fn times_are_numbers_of_seconds() {
        let at = |time: &str| {
            let body = format!(
                r#"{{"KeyId":"k","ImportToken":"QQ==","EncryptedKeyMaterial":"QQ==","ValidTo":{time}}}"#
            );
            read::<ImportKeyMaterialRequest>(&body).map(|input| input.valid_to.unwrap().millis())
        };
        assert_eq!(at("1700000000.25"), Ok(1_700_000_000_250));
        assert_eq!(at("17e8"), Ok(1_700_000_000_000));
        assert!(at("1e30").is_err() && at("-1e30").is_err() && at("\"2024-01-01\"").is_err());
    }
}
