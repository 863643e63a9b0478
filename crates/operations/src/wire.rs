//! AWS JSON 1.1 for the shapes of the model: from bytes to a checked input, from an output to bytes.

use trent_engine::{Audited, Codec, Decoded, Fault, Json};
use trent_model::{CheckError, Input, Output};

/// The codec of an operation that answers with an object.
pub(crate) const fn json<I: Input, O: Output>() -> Codec<I, O> {
    Codec { decode, encode: trent_model::encode }
}

/// The codec of an operation whose success says all: its answer has no body.
pub(crate) const fn empty<I: Input>() -> Codec<I, ()> {
    Codec { decode, encode: |()| Vec::new() }
}

fn decode<I: Input>(body: &[u8], audited: &'static [Audited]) -> Result<Decoded<I>, Fault> {
    let mut value = trent_model::parse(body).map_err(|error| Fault::Serialization(error.to_string()))?;
    trent_model::check(I::SHAPE, &mut value).map_err(refusal)?;
    let allowed = audited.iter().map(|member| (member.name, member.default));
    let shown = (!audited.is_empty()).then(|| Json(trent_model::audited(I::SHAPE, &value, allowed)));
    Ok(Decoded { input: trent_model::decode(value).map_err(refusal)?, shown })
}

fn refusal(error: CheckError) -> Fault {
    match error {
        CheckError::Serialization(message) => Fault::Serialization(message),
        CheckError::Validation(message) => Fault::Validation(message),
    }
}
