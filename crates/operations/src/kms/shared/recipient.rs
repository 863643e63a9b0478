//! Answers for attested enclaves: a secret leaves either in the clear or for the enclave, never both.

use trent_crypto::{Attestation, SecretBytes};
use trent_engine::{AttestationTarget, Fault};
use trent_model::kms::RecipientInfo;
use trent_model::{Blob, SecretBlob};

use super::symmetric;

/// The document of an input that has a recipient.
///
/// # Errors
/// When a member is missing: the model marks both optional, but an answer in the clear would be the
/// last thing that somebody who names a recipient wants.
pub(crate) fn target(recipient: Option<&RecipientInfo>) -> Result<Option<AttestationTarget>, Fault> {
    let Some(recipient) = recipient else { return Ok(None) };
    match (&recipient.key_encryption_algorithm, &recipient.attestation_document) {
        (Some(_), Some(document)) => Ok(Some(AttestationTarget::new(document.bytes()))),
        (None, _) => Err(missing("keyEncryptionAlgorithm")),
        (_, None) => Err(missing("attestationDocument")),
    }
}

fn missing(member: &str) -> Fault {
    Fault::validation(format!(
        "1 validation error detected: Value null at 'recipient.{member}' failed to satisfy constraint: \
         Member must not be null"
    ))
}

/// A secret on its way out, in one of the two members it may have.
pub(crate) struct Delivery {
    pub(crate) plaintext: Option<SecretBlob>,
    pub(crate) for_recipient: Option<Blob>,
}

/// Makes `secret` ready for whoever it is for.
///
/// # Errors
/// When it cannot be encrypted.
pub(crate) fn deliver(secret: SecretBytes, recipient: Option<&Attestation>) -> Result<Delivery, Fault> {
    match recipient {
        None => Ok(Delivery { plaintext: Some(symmetric::secret_blob(secret)), for_recipient: None }),
        Some(recipient) => {
            let message = recipient.encrypt(secret.expose())?;
            Ok(Delivery { plaintext: None, for_recipient: Some(Blob::from(message)) })
        }
    }
}
