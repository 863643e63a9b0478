//! What Sign and Verify have in common.

use trent_domain as domain;
use trent_engine::{Demand, Fault};
use trent_model::kms::{MessageType, SigningAlgorithmSpec};

use super::at_work;

/// The type of an input's message, `RAW` unless it says otherwise.
///
/// # Errors
/// When the domain does not know it.
pub(crate) fn message_type(given: Option<MessageType>) -> Result<domain::MessageType, Fault> {
    at_work::known(given.unwrap_or(MessageType::Raw).as_str(), domain::MessageType::from_wire)
}

/// The conditions of policies about signatures.
pub(crate) fn facts(
    demand: Demand<'_>,
    algorithm: SigningAlgorithmSpec,
    message_type: Option<MessageType>,
) -> Demand<'_> {
    demand
        .fact("kms:signingalgorithm", algorithm.as_str())
        .fact("kms:messagetype", message_type.unwrap_or(MessageType::Raw).as_str())
}
