//! `KeyMetadata`: what DescribeKey and CreateKey show of a key.

use jiff::Timestamp;
use trent_domain::{Key, KeyState, KeyUsage};
use trent_engine::Fault;
use trent_model::kms::{EncryptionAlgorithmSpec, KeyMetadata};

/// The metadata of `key`.
///
/// # Errors
/// When the model does not know a name the domain uses, which a test rules out.
pub(crate) fn of(key: &Key) -> Result<KeyMetadata, Fault> {
    let algorithms = match key.usage {
        KeyUsage::EncryptDecrypt => key.spec.encryption_algorithms(),
    };
    let algorithms = algorithms.iter().map(|name| named(name, EncryptionAlgorithmSpec::from_wire));
    Ok(KeyMetadata {
        aws_account_id: Some(key.account.to_string()),
        arn: Some(key.arn().to_string()),
        creation_date: Some(seconds(key.created)),
        enabled: Some(key.state == KeyState::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some(named(key.usage.as_str(), trent_model::kms::KeyUsageType::from_wire)?),
        key_state: Some(named(key.state.as_str(), trent_model::kms::KeyState::from_wire)?),
        origin: Some(named(key.origin.as_str(), trent_model::kms::OriginType::from_wire)?),
        key_manager: Some(named(key.manager.as_str(), trent_model::kms::KeyManagerType::from_wire)?),
        key_spec: Some(named(key.spec.as_str(), trent_model::kms::KeySpec::from_wire)?),
        customer_master_key_spec: Some(named(
            key.spec.as_str(),
            trent_model::kms::CustomerMasterKeySpec::from_wire,
        )?),
        encryption_algorithms: Some(algorithms.collect::<Result<_, _>>()?),
        multi_region: Some(key.id.is_multi_region()),
        current_key_material_id: key.current_material().map(|id| id.to_string()),
        ..KeyMetadata::new(key.id.to_string())
    })
}

/// A time as the wire has it.
pub(crate) fn seconds(time: Timestamp) -> trent_model::Timestamp {
    trent_model::Timestamp::from_millis(time.as_millisecond())
}

fn named<T>(name: &str, from_wire: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    from_wire(name).ok_or_else(|| Fault::Internal(format!("the model does not know `{name}`")))
}
