//! One private key of each family, made once a process.

use std::sync::OnceLock;

use trent_crypto::KeyPair;
use trent_domain::KeySpec;

/// Specs and PKCS #8 encodings.
pub(crate) fn keys() -> &'static [(KeySpec, Vec<u8>)] {
    static KEYS: OnceLock<Vec<(KeySpec, Vec<u8>)>> = OnceLock::new();
    const SPECS: [KeySpec; 9] = [
        KeySpec::Rsa2048,
        KeySpec::EccNistP256,
        KeySpec::EccNistP384,
        KeySpec::EccNistP521,
        KeySpec::EccSecgP256K1,
        KeySpec::EccNistEdwards25519,
        KeySpec::Sm2,
        KeySpec::MlDsa44,
        KeySpec::MlKem512,
    ];
    KEYS.get_or_init(|| {
        let pair = |spec| KeyPair::generate(spec).expect("a new key");
        SPECS.map(|spec| (spec, pair(spec).private_key_pkcs8().expose().to_vec())).to_vec()
    })
}
