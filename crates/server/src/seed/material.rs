//! Key material as a seed file has it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use trent_crypto::SecretBytes;
use trent_domain::KeySpec;
use zeroize::{Zeroize as _, Zeroizing};

use super::format;

/// The material that is given, for a key of `spec`.
pub(super) fn read(given: &format::Material, spec: KeySpec) -> Result<trent_crypto::Material, String> {
    let bytes = bytes(given)?;
    trent_crypto::Material::restore(spec, bytes).map_err(|_| wrong(spec))
}

fn wrong(spec: KeySpec) -> String {
    let name = spec.as_str();
    match (spec, spec.hmac_key_length()) {
        (KeySpec::SymmetricDefault, _) => format!("material for {name} is 32 bytes"),
        (_, Some(length)) => format!("material for {name} is {length} bytes"),
        _ => format!("this is not an unencrypted PKCS #8 private key for {name}"),
    }
}

fn bytes(given: &format::Material) -> Result<SecretBytes, String> {
    match (&given.hex, &given.base64, &given.pem) {
        (Some(text), None, None) => hexadecimal(text.0.expose()),
        (None, Some(text), None) => base64(text.0.expose()),
        (None, None, Some(text)) => pem(text.0.expose()),
        _ => Err("material is one of `hex`, `base64` and `pem`".to_owned()),
    }
}

fn hexadecimal(text: &str) -> Result<SecretBytes, String> {
    let bytes = hex::decode(without_space(text).as_bytes());
    bytes.map(SecretBytes::from).map_err(|_| "this is not hexadecimal".to_owned())
}

fn base64(text: &str) -> Result<SecretBytes, String> {
    let bytes = STANDARD.decode(without_space(text).as_bytes());
    bytes.map(SecretBytes::from).map_err(|_| "this is not Base64".to_owned())
}

fn pem(text: &str) -> Result<SecretBytes, String> {
    let mut key = PrivatePkcs8KeyDer::from_pem_slice(text.as_bytes()).map_err(|_| {
        "this is no PEM of the kind `PRIVATE KEY`; `openssl pkcs8 -topk8 -nocrypt` makes it of other kinds"
            .to_owned()
    })?;
    let bytes = SecretBytes::from(key.secret_pkcs8_der().to_vec());
    key.zeroize();
    Ok(bytes)
}

/// A text may go over several lines.
fn without_space(text: &str) -> Zeroizing<String> {
    let mut digits = Zeroizing::new(String::with_capacity(text.len()));
    digits.extend(text.split_ascii_whitespace());
    digits
}
