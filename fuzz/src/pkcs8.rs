//! Anything in the place of a private key: nothing panics, and a key that is read has one form, which
//! reads back.

use trent_crypto::KeyPair;
use trent_domain::KeySpec;

/// Reads `data` as a key of every spec.
pub(crate) fn run(data: &[u8]) {
    for &spec in KeySpec::ALL {
        let Ok(pair) = KeyPair::from_pkcs8(spec, data) else { continue };
        let canonical = pair.private_key_pkcs8();
        let again = KeyPair::from_pkcs8(spec, canonical.expose()).expect("our own encoding");
        assert_eq!(again.private_key_pkcs8(), canonical);
        assert_eq!(again.public().spki(), pair.public().spki());
        // A key that is read may still not fit its other half, which an import finds out.
        let _ = KeyPair::import(spec, data);
    }
}
