//! Anything in the place of an asymmetric ciphertext: it decrypts or is invalid, and nothing else.

use trent_crypto::{KeyError, KeyPair};
use trent_domain::EncryptionAlgorithm;

/// Decrypts `data` with every key that decrypts, SM2 above all: its ciphertexts are a DER structure.
pub(crate) fn run(data: &[u8]) {
    for (spec, pkcs8) in super::keys() {
        let pair = KeyPair::from_pkcs8(*spec, pkcs8).expect("a key of ours");
        for &algorithm in EncryptionAlgorithm::ALL {
            let opened = pair.decrypt(algorithm, data);
            assert!(matches!(opened, Ok(_) | Err(KeyError::InvalidCiphertext | KeyError::Algorithm)));
        }
        let opened = pair.decapsulate(data);
        assert!(matches!(opened, Ok(_) | Err(KeyError::InvalidCiphertext | KeyError::Algorithm)));
    }
}
