//! What the audit trail shows of an input.

use crate::encode::text;
use crate::{Kind, Shape, Value};

/// The members of a checked input that are on the allow-list, as a JSON object with the trail's
/// spelling of names. Each is listed with the JSON that is shown when the input leaves it out, or
/// an empty text to show nothing then. Blobs and sensitive members are never shown.
#[must_use]
pub fn audited<'a>(
    shape: &Shape,
    input: &Value<'_>,
    allowed: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> String {
    let mut out = Vec::with_capacity(256);
    out.push(b'{');
    for (name, default) in allowed {
        let Some(member) = shape.members().iter().find(|member| member.name == name) else { continue };
        let value = input.member(name).filter(|value| is_showable(member.shape, value));
        if value.is_none() && default.is_empty() {
            continue;
        }
        separate(&mut out, b'{');
        text(member.path, &mut out);
        out.push(b':');
        match value {
            Some(value) => write(member.shape, value, &mut out),
            None => out.extend_from_slice(default.as_bytes()),
        }
    }
    out.push(b'}');
    // Made of texts and the model's names only, so this cannot fail.
    String::from_utf8(out).unwrap_or_default()
}

fn is_showable(shape: &Shape, value: &Value<'_>) -> bool {
    !shape.sensitive && !matches!(shape.kind, Kind::Blob { .. }) && !matches!(value, Value::Bytes(_))
}

fn separate(out: &mut Vec<u8>, open: u8) {
    if out.last() != Some(&open) {
        out.push(b',');
    }
}

fn write(shape: &Shape, value: &Value<'_>, out: &mut Vec<u8>) {
    match (value, &shape.kind) {
        (Value::Object(_), Kind::Structure(members)) => {
            out.push(b'{');
            for member in *members {
                let found = value.member(member.name).filter(|value| is_showable(member.shape, value));
                if let Some(found) = found {
                    separate(out, b'{');
                    text(member.path, out);
                    out.push(b':');
                    write(member.shape, found, out);
                }
            }
            out.push(b'}');
        }
        (Value::Object(pairs), Kind::Map { value: shape, .. }) => {
            out.push(b'{');
            for (name, value) in pairs.iter().filter(|(_, value)| is_showable(shape, value)) {
                separate(out, b'{');
                text(name, out);
                out.push(b':');
                write(shape, value, out);
            }
            out.push(b'}');
        }
        (Value::Array(items), Kind::List { member, .. }) => {
            out.push(b'[');
            for item in items.iter().filter(|item| is_showable(member, item)) {
                separate(out, b'[');
                write(member, item, out);
            }
            out.push(b']');
        }
        (Value::Text(value), _) => text(value, out),
        (Value::Bool(value), _) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        (Value::Integer(number), _) => out.extend_from_slice(number.to_string().as_bytes()),
        (Value::Float(number), _) if number.is_finite() => {
            out.extend_from_slice(number.to_string().as_bytes())
        }
        _ => out.extend_from_slice(b"null"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kms::shapes::{CREATE_CUSTOM_KEY_STORE_REQUEST, CREATE_KEY_REQUEST, ENCRYPT_REQUEST};
    use crate::{check, parse};

    fn shown(shape: &Shape, body: &str, allowed: &[(&str, &str)]) -> String {
        let mut value = parse(body.as_bytes()).unwrap();
        check(shape, &mut value).unwrap();
        audited(shape, &value, allowed.iter().copied())
    }

    #[test]
    fn only_what_is_allowed_is_shown_and_secrets_never() {
        let body =
            r#"{"KeyId":"k\"","Plaintext":"YWJj","EncryptionContext":{"A":"1","b":"2"},"GrantTokens":["t"]}"#;
        let allowed = ["KeyId", "Plaintext", "EncryptionContext", "NoSuchMember"].map(|name| (name, ""));
        assert_eq!(
            shown(&ENCRYPT_REQUEST, body, &allowed),
            r#"{"keyId":"k\"","encryptionContext":{"A":"1","b":"2"}}"#
        );
        let store = r#"{"CustomKeyStoreName":"s","KeyStorePassword":"hunter22"}"#;
        let allowed = ["CustomKeyStoreName", "KeyStorePassword"].map(|name| (name, ""));
        assert_eq!(shown(&CREATE_CUSTOM_KEY_STORE_REQUEST, store, &allowed), r#"{"customKeyStoreName":"s"}"#);
    }

    #[test]
    fn inner_names_are_spelled_alike_and_defaults_filled_in() {
        let body = r#"{"Tags":[{"TagKey":"a","TagValue":"b"}],"MultiRegion":null}"#;
        let allowed = [("Tags", ""), ("MultiRegion", "false")];
        assert_eq!(
            shown(&CREATE_KEY_REQUEST, body, &allowed),
            r#"{"tags":[{"tagKey":"a","tagValue":"b"}],"multiRegion":false}"#
        );
    }
}
