//! Holding an input against the constraints of its shape.
//!
//! Types come first: a member of the wrong JSON type is a `SerializationException`, and the first
//! one found ends the matter. Constraints are judged all together, and all that are violated are
//! told in one `ValidationException`. Names and paths of IAM come last and have words of their own.

use std::borrow::Cow;

use crate::{Bounds, Kind, Pattern, Shape, Value};

/// Why an input is refused. The texts are for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckError {
    /// A member has another JSON type than its shape.
    Serialization(String),
    /// Constraints are violated; all of them are told.
    Validation(String),
}

/// Checks `input` against `shape`. Texts of blob members are replaced by their bytes, so that
/// nothing is decoded twice.
///
/// # Errors
/// [`CheckError`].
pub fn check(shape: &Shape, input: &mut Value<'_>) -> Result<(), CheckError> {
    let mut checker = Checker { path: String::new(), violations: Vec::new(), misnamed: None };
    checker.value(shape, input)?;
    match checker.violations.as_slice() {
        [] => checker.misnamed.map_or(Ok(()), |told| Err(CheckError::Validation(told))),
        [one] => Err(CheckError::Validation(format!("1 validation error detected: {one}"))),
        many => Err(CheckError::Validation(format!(
            "{} validation errors detected: {}",
            many.len(),
            many.join("; ")
        ))),
    }
}

struct Checker {
    /// Where in the input the walk is.
    path: String,
    violations: Vec<String>,
    /// The first name or path with other characters than it may have, where the service looks at
    /// those by itself: only when no constraint is violated, and in words of its own.
    misnamed: Option<String>,
}

/// The most violations told in one message; an input of a megabyte could hold a hundred thousand.
const MOST: usize = 50;

impl Checker {
    fn value(&mut self, shape: &Shape, value: &mut Value<'_>) -> Result<(), CheckError> {
        match (&shape.kind, &mut *value) {
            (Kind::Structure(_), Value::Object(_)) => self.structure(shape, value),
            (Kind::List { member, bounds }, Value::Array(items)) => {
                self.bounds(shape, *bounds, items.len(), "length", || Cow::Borrowed("[...]"));
                items.iter_mut().enumerate().try_for_each(|(i, item)| self.item(member, i, item))
            }
            (Kind::Map { key, value, bounds }, Value::Object(pairs)) => {
                self.bounds(shape, *bounds, pairs.len(), "length", || Cow::Borrowed("{...}"));
                pairs.iter_mut().try_for_each(|(name, item)| self.pair((key, value), name, item))
            }
            (Kind::Text { bounds, pattern }, Value::Text(text)) => {
                self.text(shape, *bounds, pattern.as_ref(), text);
                Ok(())
            }
            (Kind::Enum(names), Value::Text(text)) => {
                if !names.contains(&&**text) {
                    let set = names.join(", ");
                    self.violated(shape, text, &format!("satisfy enum value set: [{set}]"));
                }
                Ok(())
            }
            (Kind::Blob { bounds }, Value::Text(text)) => {
                let bytes = crate::base64::decode(text).map_err(|_| not_base64())?;
                self.bounds(shape, *bounds, bytes.len(), "length", || Cow::Borrowed(""));
                *value = Value::Bytes(bytes);
                Ok(())
            }
            (Kind::Integer { bounds }, Value::Integer(number)) => self.integer(shape, *bounds, *number),
            (Kind::Boolean, Value::Bool(_)) | (Kind::Timestamp, Value::Integer(_) | Value::Float(_)) => {
                Ok(())
            }
            _ => Err(mismatch(shape, value)),
        }
    }

    fn structure(&mut self, shape: &Shape, value: &mut Value<'_>) -> Result<(), CheckError> {
        let Value::Object(found) = value else { return Ok(()) };
        for member in shape.members() {
            let length = self.enter(member.path);
            match found.iter_mut().find(|(name, value)| name == member.name && !value.is_null()) {
                Some((_, value)) => self.value(member.shape, value)?,
                None if member.required => self.missing(),
                None => {}
            }
            self.path.truncate(length);
        }
        Ok(())
    }

    /// Items are counted from 1 and followed by a literal `member`: `tags.1.member.tagKey`.
    fn item(&mut self, shape: &Shape, index: usize, item: &mut Value<'_>) -> Result<(), CheckError> {
        let length = self.enter(&format!("{}.member", index + 1));
        self.inner(shape, length, item)
    }

    fn pair(
        &mut self,
        (key, value): (&Shape, &Shape),
        name: &str,
        item: &mut Value<'_>,
    ) -> Result<(), CheckError> {
        if let Kind::Text { bounds, pattern } = &key.kind {
            let length = self.enter("key");
            self.text(key, *bounds, pattern.as_ref(), name);
            self.path.truncate(length);
        }
        let length = self.enter("value");
        self.inner(value, length, item)
    }

    /// A null inside a list or map is not an absent member but a missing value.
    fn inner(&mut self, shape: &Shape, length: usize, item: &mut Value<'_>) -> Result<(), CheckError> {
        let verdict = if item.is_null() {
            self.missing();
            Ok(())
        } else {
            self.value(shape, item)
        };
        self.path.truncate(length);
        verdict
    }

    fn text(&mut self, shape: &Shape, bounds: Bounds, pattern: Option<&Pattern>, text: &str) {
        // Characters are only counted when bytes leave it open: there are at most as many.
        let open =
            bounds.max.is_some_and(|max| exceeds(text.len(), max)) || bounds.min.is_some_and(|min| min > 0);
        if open {
            self.bounds(shape, bounds, text.chars().count(), "length", || Cow::Borrowed(text));
        }
        let Some(pattern) = pattern.filter(|pattern| !pattern.matches(text)) else { return };
        if let Some(must) = own_words(shape, pattern) {
            let member = self.path.rsplit('.').next().unwrap_or_default();
            let told = || format!("The specified value for {member} is invalid. It must {must}");
            self.misnamed.get_or_insert_with(told);
        } else {
            self.violated(shape, text, &format!("satisfy regular expression pattern: {}", pattern.as_str()));
        }
    }

    fn integer(&mut self, shape: &Shape, bounds: Bounds, number: i64) -> Result<(), CheckError> {
        if i32::try_from(number).is_err() {
            return Err(CheckError::Serialization(
                "NUMBER_VALUE can not be converted to an Integer".to_owned(),
            ));
        }
        let shown = || number.to_string();
        if let Some(min) = bounds.min.filter(|min| number < *min) {
            self.violated(shape, &shown(), &format!("have value greater than or equal to {min}"));
        }
        if let Some(max) = bounds.max.filter(|max| number > *max) {
            self.violated(shape, &shown(), &format!("have value less than or equal to {max}"));
        }
        Ok(())
    }

    fn bounds<'t>(
        &mut self,
        shape: &Shape,
        bounds: Bounds,
        count: usize,
        what: &str,
        shown: impl Fn() -> Cow<'t, str>,
    ) {
        if let Some(min) = bounds.min.filter(|min| !exceeds(count, min - 1)) {
            self.violated(shape, &shown(), &format!("have {what} greater than or equal to {min}"));
        }
        if let Some(max) = bounds.max.filter(|max| exceeds(count, *max)) {
            self.violated(shape, &shown(), &format!("have {what} less than or equal to {max}"));
        }
    }

    fn violated(&mut self, shape: &Shape, shown: &str, must: &str) {
        // Blobs and secrets are never quoted.
        let hidden = shape.sensitive || matches!(shape.kind, Kind::Blob { .. });
        let quoted = if hidden { "Value".to_owned() } else { format!("Value '{shown}'") };
        self.report(&quoted, must);
    }

    fn missing(&mut self) {
        self.report("Value null", "not be null");
    }

    fn report(&mut self, value: &str, must: &str) {
        if self.violations.len() < MOST {
            let path = &self.path;
            self.violations
                .push(format!("{value} at '{path}' failed to satisfy constraint: Member must {must}"));
        }
    }

    /// Goes one step down; answers how long the path was.
    fn enter(&mut self, step: &str) -> usize {
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(step);
        length
    }
}

/// What a text must do that breaks its pattern, for names and paths of IAM, of which the service
/// does not show the pattern.
fn own_words(shape: &Shape, pattern: &Pattern) -> Option<&'static str> {
    const NAME: &str = r"[\w+=,.@-]+";
    match (shape.name, pattern.as_str()) {
        (_, NAME) => Some("contain only alphanumeric characters and/or the following: +=,.@_-"),
        ("pathType" | "policyPathType", _) => {
            Some("begin and end with / and contain only alphanumeric characters and/or / characters.")
        }
        _ => None,
    }
}

fn exceeds(count: usize, limit: i64) -> bool {
    i64::try_from(count).map_or(true, |count| count > limit)
}

fn not_base64() -> CheckError {
    CheckError::Serialization(
        "STRING_VALUE can not be converted to a Blob: it is not valid base64".to_owned(),
    )
}

/// The service's wording for texts and numbers; the rest follows its pattern.
fn mismatch(shape: &Shape, value: &Value<'_>) -> CheckError {
    let found = match value {
        Value::Null => "NULL_VALUE",
        Value::Bool(true) => "TRUE_VALUE",
        Value::Bool(false) => "FALSE_VALUE",
        Value::Integer(_) | Value::Float(_) => "NUMBER_VALUE",
        Value::Text(_) | Value::Bytes(_) => "STRING_VALUE",
        Value::Array(_) => {
            return CheckError::Serialization("Start of list found where not expected".to_owned());
        }
        Value::Object(_) => {
            let message = "Start of structure or map found where not expected.";
            return CheckError::Serialization(message.to_owned());
        }
    };
    let expected = match shape.kind {
        Kind::Structure(_) => "a Structure",
        Kind::List { .. } => "a List",
        Kind::Map { .. } => "a Map",
        Kind::Text { .. } | Kind::Enum(_) => "a String",
        Kind::Blob { .. } => "a Blob",
        Kind::Integer { .. } => "an Integer",
        Kind::Boolean => "a Boolean",
        Kind::Timestamp => "a Timestamp",
    };
    CheckError::Serialization(format!("{found} can not be converted to {expected}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use crate::{kms, parse};

    fn check_text(shape: &Shape, body: &str) -> Result<(), CheckError> {
        check(shape, &mut parse(body.as_bytes()).unwrap())
    }

    fn violations(shape: &Shape, body: &str) -> String {
        match check_text(shape, body) {
            Err(CheckError::Validation(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    fn serialization(shape: &Shape, body: &str) -> String {
        match check_text(shape, body) {
            Err(CheckError::Serialization(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    use kms::shapes::{CREATE_KEY_REQUEST, ENCRYPT_REQUEST, GENERATE_RANDOM_REQUEST, TAG_RESOURCE_REQUEST};

    #[test]
    fn recorded_messages_come_out_to_the_letter() {
        let cases = [
            (
                r#"{"NumberOfBytes":0}"#,
                "1 validation error detected: Value '0' at 'numberOfBytes' failed to satisfy constraint: Member must \
                 have value greater than or equal to 1",
            ),
            (
                r#"{"NumberOfBytes":1025}"#,
                "1 validation error detected: Value '1025' at 'numberOfBytes' failed to satisfy constraint: Member \
                 must have value less than or equal to 1024",
            ),
        ];
        for (body, message) in cases {
            assert_eq!(violations(&GENERATE_RANDOM_REQUEST, body), message);
        }
        let long = STANDARD.encode([0; 4097]);
        assert_eq!(
            violations(&ENCRYPT_REQUEST, &format!(r#"{{"KeyId":"k","Plaintext":"{long}"}}"#)),
            "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length \
             less than or equal to 4096"
        );
        let key = "k".repeat(129);
        assert_eq!(
            violations(
                &TAG_RESOURCE_REQUEST,
                &format!(r#"{{"KeyId":"k","Tags":[{{"TagKey":"{key}","TagValue":""}}]}}"#)
            ),
            format!(
                "1 validation error detected: Value '{key}' at 'tags.1.member.tagKey' failed to satisfy constraint: \
                 Member must have length less than or equal to 128"
            )
        );
    }

    #[test]
    fn all_failures_are_told_at_once() {
        let message = violations(&TAG_RESOURCE_REQUEST, r#"{"KeyId":null,"Tags":[{"TagKey":"a"},null]}"#);
        assert_eq!(
            message,
            "3 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be \
             null; Value null at 'tags.1.member.tagValue' failed to satisfy constraint: Member must not be null; \
             Value null at 'tags.2.member' failed to satisfy constraint: Member must not be null"
        );
        let many = format!(r#"{{"KeyId":"k","Tags":[{}]}}"#, vec!["null"; 1000].join(","));
        assert!(violations(&TAG_RESOURCE_REQUEST, &many).starts_with("50 validation errors detected: "));
    }

    #[test]
    fn enums_and_patterns_are_told_with_what_they_allow() {
        let message = violations(&CREATE_KEY_REQUEST, r#"{"Origin":"MOON","Policy":"\u0000"}"#);
        assert!(message.starts_with("2 validation errors detected: Value 'MOON' at 'origin'"), "{message}");
        assert!(message.contains("Member must satisfy enum value set: [AWS_KMS, EXTERNAL, AWS_CLOUDHSM, "));
        assert!(message.ends_with(
            r"Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+"
        ));
    }

    #[test]
    fn wrong_types_are_not_constraints() {
        for (body, message) in [
            (r#"{"KeyId":1}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"KeyId":"k","Plaintext":true}"#, "TRUE_VALUE can not be converted to a Blob"),
            (r#"{"KeyId":["k"]}"#, "Start of list found where not expected"),
            (r#"{"KeyId":{}}"#, "Start of structure or map found where not expected."),
            (r#"{"EncryptionContext":"x"}"#, "STRING_VALUE can not be converted to a Map"),
            (r#"{"EncryptionContext":{"a":1}}"#, "NUMBER_VALUE can not be converted to a String"),
            (r#"{"DryRun":"true"}"#, "STRING_VALUE can not be converted to a Boolean"),
        ] {
            assert_eq!(serialization(&ENCRYPT_REQUEST, body), message, "{body}");
        }
        for bad in ["QQ", "Q===", "QQ==\\n", "Q Q==", "QR==", "-_=="] {
            let body = format!(r#"{{"KeyId":"k","Plaintext":"{bad}"}}"#);
            assert!(serialization(&ENCRYPT_REQUEST, &body).contains("base64"), "{bad}");
        }
        for bad in ["1.5", "4294967296", "1e3"] {
            let body = format!(r#"{{"NumberOfBytes":{bad}}}"#);
            assert!(serialization(&GENERATE_RANDOM_REQUEST, &body).starts_with("NUMBER_VALUE"), "{bad}");
        }
    }

    #[test]
    fn what_is_unknown_or_null_is_passed_over() {
        let body = r#"{"KeyId":"k","Plaintext":"QQ==","Unknown":[{}],"GrantTokens":null}"#;
        assert_eq!(check_text(&ENCRYPT_REQUEST, body), Ok(()));
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        let value = "é".repeat(256);
        let body = format!(r#"{{"KeyId":"k","Tags":[{{"TagKey":"a","TagValue":"{value}"}}]}}"#);
        assert_eq!(check_text(&TAG_RESOURCE_REQUEST, &body), Ok(()));
        let body = body.replace(&value, &format!("{value}x"));
        assert!(violations(&TAG_RESOURCE_REQUEST, &body).contains("less than or equal to 256"));
    }
}
