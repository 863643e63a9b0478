//! Keys at work: their material, and what they refuse in the service's words.

use std::sync::Arc;

use trent_crypto::{KeyError, Material};
use trent_domain::StateRefusal;
use trent_engine::{Context, Effort, Fault, LoadedKey};

/// The key's current material.
///
/// # Errors
/// When it cannot be read.
pub(crate) async fn material(key: &LoadedKey, context: &Context<'_>) -> Result<Arc<Material>, Fault> {
    let entry = &key.entry;
    let missing = || Fault::Internal(format!("{} has no usable key material", entry.arn));
    // A key without its material waits for it, whatever the operation thinks of its state.
    let waiting = || Fault::State { arn: entry.arn.to_string(), refusal: StateRefusal::PendingImport };
    let current = entry.key.current().filter(|material| material.is_held(context.now));
    let id = current.ok_or_else(waiting)?.id;
    entry.material(&id, context.records).await?.ok_or_else(missing)
}

/// Uses the private half of `material`: RSA's takes milliseconds and is done elsewhere, all others
/// take less than moving them would be worth.
///
/// # Errors
/// When the work was not finished.
pub(crate) async fn privately<T: Send + 'static>(
    material: Arc<Material>,
    context: &Context<'_>,
    work: impl FnOnce(&Material) -> T + Send + 'static,
) -> Result<T, Fault> {
    if material.spec().modulus_length().is_some() {
        context.offload(Effort::Operation, move || work(&material)).await
    } else {
        Ok(work(&material))
    }
}

/// What `key` answered to `algorithm`, worded.
pub(crate) fn refusal(error: KeyError, algorithm: &str, key: &LoadedKey) -> Fault {
    let spec = key.entry.key.spec.as_str();
    match error {
        KeyError::Algorithm => Fault::Algorithm { algorithm: algorithm.to_owned(), spec },
        // The service's text is not published.
        KeyError::MessageType => {
            Fault::validation(format!("The MessageType is not valid for algorithm {algorithm}."))
        }
        KeyError::DigestLength => {
            Fault::validation(format!("Digest is invalid length for algorithm {algorithm}."))
        }
        KeyError::PlaintextTooLong { max } => Fault::validation(format!(
            "Algorithm {algorithm} and key spec {spec} cannot encrypt data larger than {max} bytes."
        )),
        KeyError::PeerKey => Fault::PeerKey,
        KeyError::InvalidCiphertext => Fault::InvalidCiphertext,
        KeyError::InvalidSignature => Fault::InvalidSignature,
        KeyError::InvalidMac => Fault::InvalidMac,
        KeyError::Crypto(error) => error.into(),
    }
}

/// A value of the model as the domain's. Both are made from the same names, so a name that is
/// missing is a fault of ours.
///
/// # Errors
/// When the domain does not know the name.
pub(crate) fn known<T>(name: &str, from_wire: impl Fn(&str) -> Option<T>) -> Result<T, Fault> {
    from_wire(name).ok_or_else(|| Fault::Internal(format!("the name `{name}` is not known")))
}
