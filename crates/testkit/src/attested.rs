//! An enclave whose attestation document Trent accepts here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use trent_crypto::AttestationRoots;

use crate::trent::Failure;

const ROOT: &[u8] = include_bytes!("../../../fuzz/seeds/attestation/root.pem");
const ENCLAVE: &[u8] = include_bytes!("../../../fuzz/seeds/attestation/enclave");

/// When the document of [`recipient`] was made: it is accepted for minutes.
pub const ATTESTED: i64 = 1_795_561_513;

/// A `Recipient`: an enclave whose register number n measures n + 1, 48 times.
#[must_use]
pub fn recipient() -> Value {
    json!({ "KeyEncryptionAlgorithm": "RSAES_OAEP_SHA_256", "AttestationDocument": STANDARD.encode(ENCLAVE) })
}

/// The root that vouches for the enclave, beside the genuine one.
pub(crate) fn roots() -> Result<AttestationRoots, Failure> {
    let mut roots = AttestationRoots::default();
    roots.trust_pem(ROOT).map_err(|_| "not a certificate")?;
    Ok(roots)
}
