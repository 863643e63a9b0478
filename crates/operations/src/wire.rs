//! AWS JSON 1.1 for the shapes of the model: from bytes to a checked input, from an output to bytes.

use serde::Serialize;
use trent_engine::{Codec, Fault, Json};
use trent_model::{CheckError, Input};

/// The codec of an operation that answers with an object.
pub(crate) const fn json<I: Input, O: Serialize>() -> Codec<I, O> {
    Codec { decode, encode }
}

/// The codec of an operation whose success says all: its answer has no body.
pub(crate) const fn empty<I: Input>() -> Codec<I, ()> {
    Codec { decode, encode: |()| Ok(Vec::new()) }
}

fn decode<I: Input>(body: &[u8], audited: &'static [&'static str]) -> Result<(I, Option<Json>), Fault> {
    let mut value = trent_model::parse(body).map_err(|error| Fault::Serialization(error.to_string()))?;
    trent_model::check(I::SHAPE, &mut value).map_err(refusal)?;
    let shown = (!audited.is_empty()).then(|| Json(trent_model::audited(I::SHAPE, &value, audited)));
    Ok((trent_model::decode(value).map_err(refusal)?, shown))
}

fn encode<O: Serialize>(output: &O) -> Result<Vec<u8>, Fault> {
    serde_json::to_vec(output).map_err(|error| Fault::Internal(error.to_string()))
}

fn refusal(error: CheckError) -> Fault {
    match error {
        CheckError::Serialization(message) => Fault::Serialization(message),
        CheckError::Validation(message) => Fault::Validation(message),
    }
}
