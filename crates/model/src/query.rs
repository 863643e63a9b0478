//! The AWS Query protocol: a form whose names are paths, such as `Tags.member.1.Key`.
//!
//! A form does not tell numbers from texts, nor a list from a structure, so it is read along the
//! shape of the input. What comes out is the same tree as from JSON: whatever does not fit is left as
//! the text it is, for [`check`](crate::check()) to tell of.

use std::borrow::Cow;

use crate::form::{Pair, pairs};
use crate::value::has_twins;
use crate::xml::Output;
use crate::{Input, Kind, Malformed, Member, Shape, Value};

/// The input of an operation of the Query protocol, with what answers it.
pub trait Call: Input {
    /// The output; `()` when success says all.
    type Answer: Output;
    /// The name of the element around the output.
    const RESULT: Option<&'static str>;
}

/// The element of an answer to `I`; nothing when it has none.
#[must_use]
pub fn encode<I: Call>(answer: &I::Answer) -> Vec<u8> {
    I::RESULT.map_or_else(Vec::new, |name| crate::xml::encode(name, answer))
}

/// What a form asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The name of the operation.
    pub action: Option<Cow<'a, str>>,
    /// The version of the API.
    pub version: Option<Cow<'a, str>>,
}

/// Reads no more of a form than what it asks for.
///
/// # Errors
/// [`Malformed`], also when one of both is there twice.
pub fn asked(body: &[u8]) -> Result<Asked<'_>, Malformed> {
    let mut asked = Asked::default();
    for pair in pairs(body) {
        let pair = pair?;
        let place = match &*pair.name {
            "Action" => &mut asked.action,
            "Version" => &mut asked.version,
            _ => continue,
        };
        if place.replace(pair.value).is_some() {
            return Err(twice());
        }
    }
    Ok(asked)
}

/// Reads a form along `shape`. Parameters the shape does not know are passed over.
///
/// # Errors
/// [`Malformed`], whose text quotes nothing of the body.
pub fn parse<'a>(shape: &Shape, body: &'a [u8]) -> Result<Value<'a>, Malformed> {
    let mut form = pairs(body).take(MOST + 1).collect::<Result<Vec<_>, _>>()?;
    if form.len() > MOST {
        return Err(Malformed::new("The request has too many parameters."));
    }
    // Now whatever belongs together lies together, lists in the order of their indices.
    form.sort_unstable_by(|a, b| order(&a.name).cmp(order(&b.name)));
    if form.array_windows().any(|[a, b]| a.name == b.name) {
        return Err(twice());
    }
    structure(shape.members(), &mut form, 0)
}

/// The most parameters of one form. The largest request any client has reason to send, a simulation
/// of many policies, has a few thousand.
const MOST: usize = 20_000;

/// The most digits of an index.
const INDEX_DIGITS: usize = 6;

fn twice() -> Malformed {
    Malformed::new("A request parameter is given twice.")
}

fn misplaced() -> Malformed {
    Malformed::new("A request parameter does not have the form of its operation's input.")
}

/// How names are ordered: step by step, numbers by their value.
fn order(name: &str) -> impl Iterator<Item = (usize, &str)> {
    name.split('.').map(|step| {
        let is_number = step.bytes().all(|byte| byte.is_ascii_digit());
        (if is_number { step.len() } else { usize::MAX }, step)
    })
}

impl Pair<'_> {
    /// The step of the name that begins at `at`, if it goes that far.
    fn step(&self, at: usize) -> Option<&str> {
        self.name.get(at..)?.split('.').next()
    }
}

/// Makes the tree of one group: pairs that share their name up to `at`.
fn value<'a>(shape: &Shape, group: &mut [Pair<'a>], at: usize) -> Result<Value<'a>, Malformed> {
    match (group, &shape.kind) {
        ([leaf], kind) if leaf.step(at).is_none() => scalar(kind, std::mem::take(&mut leaf.value)),
        (group, Kind::Structure(members)) => structure(members, group, at),
        (group, Kind::List { member, .. }) => {
            let items = indexed(group, at, "member", |group, at| value(member, group, at));
            items.map(Value::Array)
        }
        (group, Kind::Map { value: shape, .. }) => {
            let pairs = indexed(group, at, "entry", |group, at| entry(shape, group, at))?;
            if has_twins(&pairs) { Err(twice()) } else { Ok(Value::Object(pairs)) }
        }
        _ => Err(misplaced()),
    }
}

fn structure<'a>(members: &[Member], group: &mut [Pair<'a>], at: usize) -> Result<Value<'a>, Malformed> {
    let mut object = Vec::with_capacity(4);
    for group in group.chunk_by_mut(|a, b| a.step(at) == b.step(at)) {
        // A member inside a structure that is itself given as a text.
        let step = group.first().and_then(|pair| pair.step(at)).ok_or_else(misplaced)?;
        let Some(member) = members.iter().find(|member| member.name == step) else { continue };
        let inner = at + step.len() + 1;
        object.push((Cow::Borrowed(member.name), value(member.shape, group, inner)?));
    }
    Ok(Value::Object(object))
}

/// The items of a list or map: `member.1`, `member.2` and so on. Gaps are closed.
fn indexed<'a, T>(
    group: &mut [Pair<'a>],
    at: usize,
    name: &str,
    mut item: impl FnMut(&mut [Pair<'a>], usize) -> Result<T, Malformed>,
) -> Result<Vec<T>, Malformed> {
    if group.iter().any(|pair| pair.step(at) != Some(name)) {
        return Err(misplaced());
    }
    let at = at + name.len() + 1;
    let mut items = Vec::new();
    for group in group.chunk_by_mut(|a, b| a.step(at) == b.step(at)) {
        let index = group.first().and_then(|pair| pair.step(at)).filter(|step| is_index(step));
        let inner = at + index.ok_or_else(misplaced)?.len() + 1;
        items.push(item(group, inner)?);
    }
    Ok(items)
}

fn is_index(step: &str) -> bool {
    let digits = step.bytes().all(|byte| byte.is_ascii_digit());
    digits && (1..=INDEX_DIGITS).contains(&step.len()) && !step.starts_with('0')
}

/// One pair of a map, spelled `key` and `value`.
fn entry<'a>(
    shape: &Shape,
    group: &mut [Pair<'a>],
    at: usize,
) -> Result<(Cow<'a, str>, Value<'a>), Malformed> {
    let (mut key, mut item) = (None, Value::Null);
    for group in group.chunk_by_mut(|a, b| a.step(at) == b.step(at)) {
        let step = group.first().and_then(|pair| pair.step(at)).ok_or_else(misplaced)?;
        let inner = at + step.len() + 1;
        match (step == "value", step == "key", group) {
            (true, _, group) => item = value(shape, group, inner)?,
            (_, true, [pair]) if pair.step(inner).is_none() => key = Some(std::mem::take(&mut pair.value)),
            _ => return Err(misplaced()),
        }
    }
    Ok((key.ok_or_else(misplaced)?, item))
}

fn scalar<'a>(kind: &Kind, text: Cow<'a, str>) -> Result<Value<'a>, Malformed> {
    let read = match kind {
        Kind::Integer { .. } => text.parse().ok().map(Value::Integer),
        Kind::Boolean => Some(boolean(&text)?),
        Kind::Timestamp => moment(&text),
        // How an empty list is spelled.
        Kind::List { .. } if text.is_empty() => Some(Value::Array(Vec::new())),
        Kind::List { .. } => return Err(Malformed::new("Unexpected list element termination")),
        Kind::Map { .. } if text.is_empty() => Some(Value::Object(Vec::new())),
        Kind::Structure(_) => return Err(Malformed::new("Unexpected complex element termination")),
        _ => None,
    };
    Ok(read.unwrap_or(Value::Text(text)))
}

/// A truth value as XML Schema spells it.
fn boolean(text: &str) -> Result<Value<'static>, Malformed> {
    match text {
        "true" | "1" => Ok(Value::Bool(true)),
        "false" | "0" => Ok(Value::Bool(false)),
        _ => Err(Malformed::new("boolean must follow xsd1.1 definition")),
    }
}

/// A moment in ISO 8601, as the number of seconds it is in JSON.
fn moment(text: &str) -> Option<Value<'static>> {
    let moment: jiff::Timestamp = text.parse().ok()?;
    Some(match moment.as_millisecond() {
        millis if millis % 1000 == 0 => Value::Integer(millis / 1000),
        millis => Value::Float(millis as f64 / 1000.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::iam::shapes::{
        CREATE_USER_REQUEST, LIST_POLICIES_REQUEST, LIST_USERS_REQUEST, SIMULATE_CUSTOM_POLICY_REQUEST,
    };
    use crate::iam::{
        CreateUserRequest, DeleteUserRequest, GetAccountSummaryRequest, GetAccountSummaryResponse,
        GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse,
    };
    use crate::kms::shapes::{ENCRYPT_REQUEST, IMPORT_KEY_MATERIAL_REQUEST};
    use crate::{CheckError, check, decode};
    use proptest::prelude::*;

    /// The tree of a form equals that of the JSON.
    fn same(shape: &Shape, form: &str, json: &str) {
        let [mut left, mut right] =
            [parse(shape, form.as_bytes()), crate::parse(json.as_bytes())].map(Result::unwrap);
        assert_eq!(check(shape, &mut left), Ok(()), "{form}");
        assert_eq!(check(shape, &mut right), Ok(()), "{json}");
        assert!(left == right, "{form}");
    }

    fn message(shape: &Shape, form: &str) -> String {
        match check(shape, &mut parse(shape, form.as_bytes()).unwrap()) {
            Err(CheckError::Validation(message) | CheckError::Serialization(message)) => message,
            Ok(()) => panic!("{form}"),
        }
    }

    #[test]
    fn a_form_reads_as_its_structure() {
        let form = b"Action=CreateUser&Version=2010-05-08&UserName=b%C3%B6b&Tags.member.2.Key=x&Tags.member.2.Value=\
                     &Tags.member.1.Value=v+1&Tags.member.1.Key=k";
        let mut value = parse(CreateUserRequest::SHAPE, form).unwrap();
        // The name is beyond ASCII, which no user's may be; everything else is in order.
        assert!(check(CreateUserRequest::SHAPE, &mut value).is_err());
        let input: CreateUserRequest = decode(value).unwrap();
        assert_eq!((input.user_name.as_str(), input.path), ("böb", None));
        let tags = input.tags.unwrap();
        let tags: Vec<_> = tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        assert_eq!(tags, [("k", "v 1"), ("x", "")]);
    }

    #[test]
    fn what_is_asked_for_is_read_alone() {
        let asked_for = |action: Option<&'static str>, version: Option<&'static str>| {
            Ok(Asked { action: action.map(Cow::Borrowed), version: version.map(Cow::Borrowed) })
        };
        assert_eq!(asked(b"A=1&Version=2&Action=Get&B=2"), asked_for(Some("Get"), Some("2")));
        assert_eq!(asked(b""), asked_for(None, None));
        assert!(asked(b"Action=A&Action=A").is_err() && asked(b"Action=A&B=%").is_err());
    }

    #[test]
    fn lists_are_in_the_order_of_their_numbers() {
        let actions: Vec<String> = (1..=12).rev().map(|i| format!("ActionNames.member.{i}=a:{i}")).collect();
        let json: Vec<String> = (1..=12).map(|i| format!("\"a:{i}\"")).collect();
        same(
            &SIMULATE_CUSTOM_POLICY_REQUEST,
            &format!(
                "{}&PolicyInputList.member.7=%7B%7D&ContextEntries.member.1.ContextKeyValues.member.3=v&\
                 ContextEntries.member.1.ContextKeyType=string&ContextEntries.member.1.ContextKeyName=aws:x1&\
                 ResourceArns=",
                actions.join("&")
            ),
            &format!(
                r#"{{"ActionNames":[{}],"ContextEntries":[{{"ContextKeyName":"aws:x1","ContextKeyType":"string",
                    "ContextKeyValues":["v"]}}],"PolicyInputList":["{{}}"],"ResourceArns":[]}}"#,
                json.join(",")
            ),
        );
    }

    #[test]
    fn texts_become_the_types_of_their_shapes() {
        same(&LIST_USERS_REQUEST, "MaxItems=17&Marker=17", r#"{"Marker":"17","MaxItems":17}"#);
        same(
            &ENCRYPT_REQUEST,
            "DryRun=true&EncryptionContext.entry.2.value=2&EncryptionContext.entry.2.key=b&\
             EncryptionContext.entry.1.key=a&EncryptionContext.entry.1.value=1&KeyId=1&Plaintext=YWJj",
            r#"{"DryRun":true,"EncryptionContext":{"a":"1","b":"2"},"KeyId":"1","Plaintext":"YWJj"}"#,
        );
        for (time, number) in
            [("2026-01-01T00:00:00Z", "1767225600"), ("2026-01-01T00:00:00.25Z", "1767225600.25")]
        {
            same(
                &IMPORT_KEY_MATERIAL_REQUEST,
                &format!("EncryptedKeyMaterial=QQ==&ImportToken=QQ==&KeyId=k&ValidTo={time}"),
                &format!(
                    r#"{{"EncryptedKeyMaterial":"QQ==","ImportToken":"QQ==","KeyId":"k","ValidTo":{number}}}"#
                ),
            );
        }
    }

    #[test]
    fn all_violations_are_told_at_once() {
        assert_eq!(
            message(&CREATE_USER_REQUEST, "UserName=&Tags.member.1.Key=k"),
            "2 validation errors detected: Value null at 'tags.1.member.value' failed to satisfy constraint: Member \
             must not be null; Value '' at 'userName' failed to satisfy constraint: Member must have length greater \
             than or equal to 1"
        );
        let misnamed = "The specified value for userName is invalid. It must contain only alphanumeric characters \
                        and/or the following: +=,.@_-";
        assert_eq!(message(&CREATE_USER_REQUEST, "UserName=a%20b&Path=/"), misnamed);
        assert_eq!(
            message(&CREATE_USER_REQUEST, "UserName=a&Path=b"),
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric \
             characters and/or / characters."
        );
        assert_eq!(
            message(&LIST_USERS_REQUEST, "MaxItems=1001"),
            "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have \
             value less than or equal to 1000"
        );
        assert_eq!(
            message(&LIST_USERS_REQUEST, "MaxItems=x"),
            "STRING_VALUE can not be converted to an Integer"
        );
        assert!(message(&CREATE_USER_REQUEST, "").contains("Value null at 'userName'"));
        let entry = "EncryptionContext.entry.1.key=a&KeyId=k&Plaintext=QQ==";
        assert!(message(&ENCRYPT_REQUEST, entry).contains("Value null at 'encryptionContext.value'"));
    }

    #[test]
    fn hostile_forms_are_refused() {
        for bad in [
            "UserName=a&UserName=a",
            "UserName=a&UserName.x=b",
            "UserName.x=b",
            "Tags.member.1=a&Tags.member.1.Key=k",
            "Tags=&Tags.member.1.Key=k",
            "Tags.member.0.Key=k",
            "Tags.member.01.Key=k",
            "Tags.member.1234567.Key=k",
            "Tags.member.-1.Key=k",
            "Tags.member..Key=k",
            "Tags.member=k",
            "Tags.member.=k",
            "Tags.entry.1.Key=k",
            "Tags.1.Key=k",
            "Tags.=k",
            "Tags.member.1.Key.x=k",
            "UserName=%zz",
            &vec!["a=&"; MOST + 1].concat(),
        ] {
            assert!(parse(&CREATE_USER_REQUEST, bad.as_bytes()).is_err(), "{bad}");
        }
        for bad in ["1.value=v", "1.key=a&EncryptionContext.entry.2.key=a", "1.key.x=a", "1.other=a", "1=a"] {
            let form = format!("EncryptionContext.entry.{bad}");
            assert!(parse(&ENCRYPT_REQUEST, form.as_bytes()).is_err(), "{form}");
        }
        let deep = format!("UserName=a&X{}=1", ".member.1".repeat(20));
        assert!(parse(&CREATE_USER_REQUEST, deep.as_bytes()).is_ok());
    }

    #[test]
    fn what_does_not_fit_is_told_as_the_service_tells_it() {
        let told = |shape, form: &str| parse(shape, form.as_bytes()).err().unwrap().to_string();
        assert_eq!(told(&CREATE_USER_REQUEST, "Tags=x"), "Unexpected list element termination");
        assert_eq!(told(&CREATE_USER_REQUEST, "Tags.member.1=x"), "Unexpected complex element termination");
        for (text, read) in
            [("true", Some(true)), ("1", Some(true)), ("false", Some(false)), ("0", Some(false))]
                .into_iter()
                .chain(["TRUE", "True", "yes", "", " true"].map(|text| (text, None)))
        {
            let form = format!("OnlyAttached={text}");
            match read {
                Some(read) => {
                    let value = parse(&LIST_POLICIES_REQUEST, form.as_bytes()).unwrap();
                    assert!(value.member("OnlyAttached") == Some(&Value::Bool(read)), "{form}");
                }
                None => {
                    assert_eq!(told(&LIST_POLICIES_REQUEST, &form), "boolean must follow xsd1.1 definition");
                }
            }
        }
    }

    #[test]
    fn answers_are_named_by_their_operations() {
        let answer = GetContextKeysForPolicyResponse::default();
        assert_eq!(
            encode::<GetContextKeysForCustomPolicyRequest>(&answer),
            b"<GetContextKeysForCustomPolicyResult></GetContextKeysForCustomPolicyResult>"
        );
        assert_eq!(encode::<DeleteUserRequest>(&()), b"");
        let empty = GetAccountSummaryResponse::default();
        assert_eq!(
            encode::<GetAccountSummaryRequest>(&empty),
            b"<GetAccountSummaryResult></GetAccountSummaryResult>"
        );
    }

    proptest! {
        #[test]
        fn no_body_breaks_it(body in "(((Tags|UserName|X)(\\.member|\\.entry|\\.Key|\\.[0-9]{1,3}){0,4}=?[a%0-9]{0,3}&?)|.){0,8}") {
            if let Ok(mut value) = parse(&CREATE_USER_REQUEST, body.as_bytes()) {
                let _ = check(&CREATE_USER_REQUEST, &mut value);
            }
        }

        #[test]
        fn lists_read_back_in_any_order(
            names in prop::collection::vec("[a-z&=.+% é]{1,5}", 1..30),
            seed in prop::collection::vec(any::<u32>(), 30),
        ) {
            let escaped = |text: &str| text.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>();
            let mut pieces: Vec<String> =
                names.iter().enumerate().map(|(i, name)| format!("ActionNames.member.{}={}", i + 1, escaped(name))).collect();
            pieces.sort_by_key(|piece| seed.get(piece.len() % 30).map(|s| s.wrapping_mul(piece.len() as u32)));
            let value = parse(&SIMULATE_CUSTOM_POLICY_REQUEST, pieces.join("&").as_bytes()).map(|value| {
                let Some(Value::Array(items)) = value.member("ActionNames") else { return Vec::new() };
                items.iter().map(|item| if let Value::Text(text) = item { text.to_string() } else { String::new() }).collect()
            });
            prop_assert_eq!(value, Ok(names));
        }
    }
}
