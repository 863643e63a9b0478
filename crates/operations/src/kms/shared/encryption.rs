//! Ciphertexts under keys of any kind.

use trent_crypto::{KeyError, SecretBytes};
use trent_domain::{self as domain, EncryptionContext, KeySpec, MaterialId};
use trent_engine::{Context, Fault, LoadedCiphertext, LoadedKey};
use trent_model::Blob;
use trent_model::kms::EncryptionAlgorithmSpec;

use super::{at_work, symmetric};

/// A ciphertext of `plaintext`; second, the material it was made with, which only symmetric keys
/// tell.
///
/// # Errors
/// What the key refuses.
pub(crate) async fn encrypt(
    key: &LoadedKey,
    algorithm: EncryptionAlgorithmSpec,
    pairs: &EncryptionContext,
    plaintext: &[u8],
    context: &Context<'_>,
) -> Result<(Vec<u8>, Option<MaterialId>), Fault> {
    symmetric::require_algorithm(key, algorithm)?;
    if key.entry.key.spec == KeySpec::SymmetricDefault {
        let (ciphertext, material) = symmetric::encrypt(key, pairs, plaintext, context).await?;
        return Ok((ciphertext, Some(material)));
    }
    refuse_context(pairs)?;
    let material = at_work::material(key, context).await?;
    let known = at_work::known(algorithm.as_str(), domain::EncryptionAlgorithm::from_wire)?;
    let ciphertext = material.encrypt(known, plaintext);
    Ok((ciphertext.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?, None))
}

/// The plaintext of `blob`; second, the material it was made with, which only symmetric keys tell.
///
/// # Errors
/// What the key refuses; [`Fault::InvalidCiphertext`] for everything that is wrong with the blob
/// or the context.
pub(crate) async fn decrypt(
    target: &LoadedCiphertext,
    algorithm: EncryptionAlgorithmSpec,
    pairs: &EncryptionContext,
    blob: Option<&Blob>,
    context: &Context<'_>,
) -> Result<(SecretBytes, Option<MaterialId>), Fault> {
    let key = &target.key;
    symmetric::require_algorithm(key, algorithm)?;
    // Without a blob this is a dry run about permission alone, and it has passed.
    let blob = blob.filter(|_| target.has_ciphertext()).ok_or(Fault::DryRun)?;
    if key.entry.key.spec == KeySpec::SymmetricDefault {
        let (plaintext, material) = symmetric::decrypt(target, blob, pairs, context).await?;
        return Ok((plaintext, Some(material)));
    }
    refuse_context(pairs)?;
    let known = at_work::known(algorithm.as_str(), domain::EncryptionAlgorithm::from_wire)?;
    let (material, ciphertext) = (at_work::material(key, context).await?, blob.bytes().to_vec());
    let work = move |material: &trent_crypto::Material| material.decrypt(known, &ciphertext);
    let plaintext: Result<SecretBytes, KeyError> = at_work::privately(material, context, work).await?;
    Ok((plaintext.map_err(|error| at_work::refusal(error, algorithm.as_str(), key))?, None))
}

/// The service's text is not published.
fn refuse_context(pairs: &EncryptionContext) -> Result<(), Fault> {
    if pairs.is_empty() {
        return Ok(());
    }
    Err(Fault::validation("EncryptionContext can only be used with symmetric encryption KMS keys."))
}
