//! Ciphertexts under symmetric keys.

use std::collections::BTreeMap;

use trent_crypto::{CiphertextHeader, SecretBytes};
use trent_domain::{EncryptionContext, MaterialId};
use trent_engine::{Context, Fault, LoadedCiphertext, LoadedKey};
use trent_model::kms::EncryptionAlgorithmSpec;
use trent_model::{Blob, SecretBlob};

use super::at_work;

/// The encryption context of an input; none and an empty one are the same.
pub(crate) fn encryption_context(pairs: Option<&BTreeMap<String, String>>) -> EncryptionContext {
    EncryptionContext::new(pairs.cloned().unwrap_or_default())
}

/// The algorithm of an input, `SYMMETRIC_DEFAULT` unless it says otherwise.
pub(crate) fn algorithm(given: Option<EncryptionAlgorithmSpec>) -> EncryptionAlgorithmSpec {
    given.unwrap_or(EncryptionAlgorithmSpec::SymmetricDefault)
}

/// Refuses an algorithm that `key` does not have.
///
/// # Errors
/// [`Fault::Algorithm`].
pub(crate) fn require_algorithm(key: &LoadedKey, algorithm: EncryptionAlgorithmSpec) -> Result<(), Fault> {
    let spec = key.entry.key.spec;
    let offered = spec.algorithms(key.entry.key.usage);
    if offered.is_some_and(|offered| offered.contains(algorithm.as_str())) {
        return Ok(());
    }
    Err(Fault::Algorithm { algorithm: algorithm.as_str().to_owned(), spec: spec.as_str() })
}

/// A ciphertext of `plaintext` under the key's current material, and that material's id.
///
/// # Errors
/// When the material cannot be read.
pub(crate) async fn encrypt(
    key: &LoadedKey,
    encryption_context: &EncryptionContext,
    plaintext: &[u8],
    context: &Context<'_>,
) -> Result<(Vec<u8>, MaterialId), Fault> {
    let record = &key.entry.key;
    let missing = || Fault::Internal(format!("{} has no symmetric key material", key.entry.arn));
    let id = record.current_material().ok_or_else(missing)?;
    let material = at_work::material(key, context).await?;
    let symmetric = material.symmetric().ok_or_else(missing)?;
    let header = CiphertextHeader { account: record.account, key: record.id, material: id };
    Ok((symmetric.encrypt(&header, encryption_context, plaintext)?, id))
}

/// The plaintext of `blob`, and the id of the material it was made with.
///
/// # Errors
/// [`Fault::InvalidCiphertext`] for everything that is wrong with the blob or the context.
pub(crate) async fn decrypt(
    target: &LoadedCiphertext,
    blob: &Blob,
    encryption_context: &EncryptionContext,
    context: &Context<'_>,
) -> Result<(SecretBytes, MaterialId), Fault> {
    let header = target.header().ok_or(Fault::InvalidCiphertext)?;
    let material = target.key.entry.material(&header.material, context.records).await?;
    let material = material.ok_or(Fault::InvalidCiphertext)?;
    let symmetric = material.symmetric().ok_or(Fault::InvalidCiphertext)?;
    let plaintext =
        symmetric.decrypt(blob.bytes(), encryption_context).map_err(|_| Fault::InvalidCiphertext)?;
    Ok((plaintext, header.material))
}

/// A plaintext on its way out.
pub(crate) fn secret_blob(plaintext: SecretBytes) -> SecretBlob {
    SecretBlob::from(plaintext.expose().to_vec())
}
