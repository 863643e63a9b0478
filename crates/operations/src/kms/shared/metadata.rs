//! `KeyMetadata`: what DescribeKey and CreateKey show of a key.

use jiff::Timestamp;
use trent_domain::{Algorithms, Key, KeyArn, KeySpec, KeyState, MaterialRef, MultiRegion, Region};
use trent_engine::Fault;
use trent_model::kms::{self, KeyMetadata};

/// The metadata of `key`.
///
/// # Errors
/// When the model does not know a name the domain uses, which a test rules out.
pub(crate) fn of(key: &Key, now: Timestamp) -> Result<KeyMetadata, Fault> {
    let state = key.state(now);
    let metadata = KeyMetadata {
        aws_account_id: Some(key.account.to_string()),
        arn: Some(key.arn().to_string()),
        creation_date: Some(seconds(key.created)),
        enabled: Some(state == KeyState::Enabled),
        description: Some(key.description.clone()),
        key_usage: Some(named(key.usage.as_str(), kms::KeyUsageType::from_wire)?),
        key_state: Some(named(state.as_str(), kms::KeyState::from_wire)?),
        origin: Some(named(key.origin.as_str(), kms::OriginType::from_wire)?),
        key_manager: Some(named(key.manager.as_str(), kms::KeyManagerType::from_wire)?),
        key_spec: Some(named(key.spec.as_str(), kms::KeySpec::from_wire)?),
        // The deprecated enumeration stopped growing before Ed25519 and the post-quantum specs.
        customer_master_key_spec: kms::CustomerMasterKeySpec::from_wire(key.spec.as_str()),
        multi_region: Some(key.multi_region.is_some()),
        multi_region_configuration: key.multi_region.as_ref().map(|related| relations(key, related)),
        deletion_date: key.deletion.map(|deletion| seconds(deletion.date)),
        pending_deletion_window_in_days: key.deletion_window.map(i32::from),
        expiration_model: expiration_model(key, now),
        valid_to: key
            .materials
            .iter()
            .filter(|material| !material.pending && material.is_held(now))
            .filter_map(MaterialRef::expiry)
            .min()
            .map(seconds),
        // While a replica is being made it is not told.
        current_key_material_id: current_material(key).filter(|_| state != KeyState::Creating),
        ..KeyMetadata::new(key.id.to_string())
    };
    with_algorithms(metadata, key)
}

/// The related keys of `key`, itself among them.
fn relations(key: &Key, related: &MultiRegion) -> kms::MultiRegionConfiguration {
    let in_region = |region: &Region| kms::MultiRegionKey {
        arn: Some(KeyArn { region: region.clone(), account: key.account, id: key.id }.to_string()),
        region: Some(region.to_string()),
    };
    let kind = match key.is_primary() {
        true => kms::MultiRegionKeyType::Primary,
        false => kms::MultiRegionKeyType::Replica,
    };
    kms::MultiRegionConfiguration {
        multi_region_key_type: Some(kind),
        primary_key: Some(in_region(&related.primary)),
        replica_keys: Some(related.replicas.iter().map(in_region).collect()),
    }
}

/// How imported material ends; absent while there is none.
fn expiration_model(key: &Key, now: Timestamp) -> Option<kms::ExpirationModelType> {
    let current = key.current().filter(|current| current.is_held(now))?;
    current.import.as_ref()?;
    let expires = key.materials.iter().any(|material| !material.pending && material.expiry().is_some());
    Some(if expires {
        kms::ExpirationModelType::KeyMaterialExpires
    } else {
        kms::ExpirationModelType::KeyMaterialDoesNotExpire
    })
}

/// Shown of symmetric keys only.
fn current_material(key: &Key) -> Option<String> {
    let material = key.current_material().filter(|_| key.spec == KeySpec::SymmetricDefault);
    material.map(|id| id.to_string())
}

/// Fills in the one of the five lists that goes with the key's usage.
fn with_algorithms(mut metadata: KeyMetadata, key: &Key) -> Result<KeyMetadata, Fault> {
    let Some(algorithms) = key.spec.algorithms(key.usage) else { return Ok(metadata) };
    let names = algorithms.names();
    match algorithms {
        Algorithms::Encryption(_) => {
            metadata.encryption_algorithms = Some(all(&names, kms::EncryptionAlgorithmSpec::from_wire)?);
        }
        Algorithms::Signing(_) => {
            metadata.signing_algorithms = Some(all(&names, kms::SigningAlgorithmSpec::from_wire)?);
        }
        Algorithms::Mac(_) => {
            metadata.mac_algorithms = Some(all(&names, kms::MacAlgorithmSpec::from_wire)?);
        }
        Algorithms::KeyAgreement(_) => {
            metadata.key_agreement_algorithms = Some(all(&names, kms::KeyAgreementAlgorithmSpec::from_wire)?);
        }
        Algorithms::Encapsulation(_) => {
            metadata.encapsulation_algorithms =
                Some(all(&names, kms::EncapsulationAlgorithmSpec::from_wire)?);
        }
    }
    Ok(metadata)
}

/// A time as the wire has it.
pub(crate) fn seconds(time: Timestamp) -> trent_model::Timestamp {
    trent_model::Timestamp::from_millis(time.as_millisecond())
}

fn all<T>(names: &[&str], from_wire: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Fault> {
    names.iter().map(|name| named(name, &from_wire)).collect()
}

/// A name of the domain as the model has it.
///
/// # Errors
/// When the model does not know it.
pub(crate) fn named<T>(name: &str, from_wire: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    from_wire(name).ok_or_else(|| Fault::Internal(format!("the model does not know `{name}`")))
}
