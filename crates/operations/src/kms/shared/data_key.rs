//! Data keys, with and without their plaintext.

use trent_crypto::SecretBytes;
use trent_domain::{EncryptionContext, MaterialId};
use trent_engine::{Context, Fault, LoadedKey};
use trent_model::kms::DataKeySpec;

use super::symmetric;

/// A data key, its ciphertext, and the material the ciphertext was made with.
pub(crate) struct DataKey {
    pub(crate) plaintext: SecretBytes,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) material: MaterialId,
}

/// How many bytes an input asks for.
///
/// # Errors
/// Unless exactly one of the two members is there.
pub(crate) fn length(spec: Option<DataKeySpec>, bytes: Option<i32>) -> Result<usize, Fault> {
    let length = match (spec, bytes) {
        (Some(DataKeySpec::Aes256), None) => Some(32),
        (Some(DataKeySpec::Aes128), None) => Some(16),
        (None, Some(bytes)) => usize::try_from(bytes).ok(),
        _ => None,
    };
    length.ok_or_else(|| Fault::validation("Please specify either number of bytes or key spec."))
}

/// Makes a data key of `length` bytes under `key`.
///
/// # Errors
/// When randomness or the key's material fail.
pub(crate) async fn generate(
    key: &LoadedKey,
    encryption_context: &EncryptionContext,
    length: usize,
    context: &Context<'_>,
) -> Result<DataKey, Fault> {
    let plaintext = SecretBytes::random(length)?;
    let (ciphertext, material) =
        symmetric::encrypt(key, encryption_context, plaintext.expose(), context).await?;
    Ok(DataKey { plaintext, ciphertext, material })
}
