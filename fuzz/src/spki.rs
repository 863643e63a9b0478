//! Anything in the place of a public key: nothing panics, what is read is exactly what was given, and
//! a key that was read can be used.

use trent_crypto::{KeyError, KeyPair, PublicKey};
use trent_domain::{EncryptionAlgorithm, KeySpec, MessageType, SigningAlgorithm};

/// Reads `data` as a key of every spec, and lets a private key of each curve meet it.
pub(crate) fn run(data: &[u8]) {
    for &spec in KeySpec::ALL {
        let Ok(key) = PublicKey::from_spki(spec, data) else { continue };
        assert_eq!(key.spki(), data);
        for &algorithm in SigningAlgorithm::ALL {
            assert!(key.verify(algorithm, MessageType::Raw, b"message", b"signature").is_err());
        }
        for &algorithm in EncryptionAlgorithm::ALL {
            let encrypted = key.encrypt(algorithm, b"message");
            assert_eq!(encrypted.is_ok(), algorithm.max_plaintext(spec).is_some());
        }
        assert!(!matches!(key.encapsulate(), Err(KeyError::Crypto(_))));
    }
    for (spec, pkcs8) in super::keys() {
        let pair = KeyPair::from_pkcs8(*spec, pkcs8).expect("a key of ours");
        let agreed = pair.derive_shared_secret(data);
        assert!(matches!(agreed, Ok(_) | Err(KeyError::PeerKey | KeyError::Algorithm)));
    }
}
