//! Data key pairs, with and without their private half in the clear.

use trent_crypto::{CryptoError, KeyPair, SecretBytes};
use trent_domain::{EncryptionContext, KeySpec, MaterialId};
use trent_engine::{Context, Effort, Fault, LoadedKey};
use trent_model::kms::DataKeyPairSpec;

use super::{at_work, symmetric};

/// A data key pair, the ciphertext of its private half, and the material that was made with.
pub(crate) struct DataKeyPair {
    pub(crate) private_key: SecretBytes,
    pub(crate) public_key: Vec<u8>,
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) material: MaterialId,
}

/// Makes a pair of `spec` under `key`.
///
/// # Errors
/// When `key` is not a symmetric one, or randomness or its material fail.
pub(crate) async fn generate(
    key: &LoadedKey,
    encryption_context: &EncryptionContext,
    spec: DataKeyPairSpec,
    context: &Context<'_>,
) -> Result<DataKeyPair, Fault> {
    symmetric::require_algorithm(key, symmetric::algorithm(None))?;
    let spec = at_work::known(spec.as_str(), KeySpec::from_wire)?;
    let (private_key, public_key) = context.offload(Effort::Generation, move || halves(spec)).await??;
    let (ciphertext, material) =
        symmetric::encrypt(key, encryption_context, private_key.expose(), context).await?;
    Ok(DataKeyPair { private_key, public_key, ciphertext, material })
}

fn halves(spec: KeySpec) -> Result<(SecretBytes, Vec<u8>), CryptoError> {
    let pair = KeyPair::generate(spec)?;
    let private_key = SecretBytes::from(pair.private_key_pkcs8().expose().to_vec());
    Ok((private_key, pair.public().spki().to_vec()))
}
