//! AWS JSON 1.1 and AWS Query for the shapes of the model: from bytes to a checked input, from an
//! output to bytes.

use trent_engine::{Audited, Codec, Decoded, Fault, Json};
use trent_model::query::{self, Call};
use trent_model::{CheckError, Input, Malformed, Output, Value};

/// The codec of an operation that answers with an object.
pub(crate) const fn json<I: Input, O: Output>() -> Codec<I, O> {
    Codec { decode, encode: trent_model::encode }
}

/// The codec of an operation whose success says all: its answer has no body.
pub(crate) const fn empty<I: Input>() -> Codec<I, ()> {
    Codec { decode, encode: |()| Vec::new() }
}

/// The codec of an operation of the Query protocol. Its answer is the element of the result, or
/// nothing when success says all; what goes around it is the engine's.
pub(crate) const fn query<I: Call>() -> Codec<I, I::Answer> {
    Codec { decode: decode_query, encode: query::encode::<I> }
}

fn decode<I: Input>(body: &[u8], audited: &'static [Audited]) -> Result<Decoded<I>, Fault> {
    decoded(trent_model::parse(body), audited)
}

fn decode_query<I: Call>(body: &[u8], audited: &'static [Audited]) -> Result<Decoded<I>, Fault> {
    decoded(query::parse(I::SHAPE, body), audited)
}

fn decoded<I: Input>(
    parsed: Result<Value<'_>, Malformed>,
    audited: &'static [Audited],
) -> Result<Decoded<I>, Fault> {
    let mut value = parsed.map_err(|error| Fault::Serialization(error.to_string()))?;
    trent_model::check(I::SHAPE, &mut value).map_err(refusal)?;
    let allowed = audited.iter().map(|member| (member.name, member.default));
    let shown = (!audited.is_empty()).then(|| Json(trent_model::audited(I::SHAPE, &value, allowed)));
    let dry_run = member::<I>(&value, "DryRun") == Some(&Value::Bool(true));
    let grant_tokens = texts(member::<I>(&value, "GrantTokens"));
    Ok(Decoded { input: trent_model::decode(value).map_err(refusal)?, dry_run, grant_tokens, shown })
}

/// A member that means the same wherever there is one. One that the shape does not have means nothing.
fn member<'v, I: Input>(value: &'v Value<'_>, name: &str) -> Option<&'v Value<'v>> {
    let known = I::SHAPE.members().iter().any(|member| member.name == name);
    if known { value.member(name) } else { None }
}

fn texts(list: Option<&Value<'_>>) -> Vec<String> {
    let Some(Value::Array(items)) = list else { return Vec::new() };
    let text =
        |item: &Value<'_>| if let Value::Text(text) = item { Some(text.clone().into_owned()) } else { None };
    items.iter().filter_map(text).collect()
}

fn refusal(error: CheckError) -> Fault {
    match error {
        CheckError::Serialization(message) => Fault::Serialization(message),
        CheckError::Validation(message) => Fault::Validation(message),
    }
}
