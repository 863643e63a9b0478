//! What a client does between GetParametersForImport and ImportKeyMaterial.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trent_crypto::PublicKey;
use trent_domain::{EncryptionAlgorithm, KeySpec};

use crate::Answer;

/// The two members of ImportKeyMaterial that carry `material`, wrapped by SM2PKE under the public key
/// of `parameters`. SM2 pairs are made in no time, unlike those of RSA.
///
/// # Errors
/// When the answer is not one of GetParametersForImport with an SM2 key.
pub fn wrapped(
    parameters: &Answer,
    material: &[u8],
) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let public_key = PublicKey::from_spki(KeySpec::Sm2, &STANDARD.decode(parameters.text("/PublicKey"))?)?;
    let blob = public_key.encrypt(EncryptionAlgorithm::Sm2Pke, material)?;
    Ok(json!({
        "ImportToken": parameters.text("/ImportToken"),
        "EncryptedKeyMaterial": STANDARD.encode(blob),
    }))
}
