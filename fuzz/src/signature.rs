//! Anything in the place of a signature: it is invalid, and nothing else.

use trent_crypto::{KeyError, KeyPair};
use trent_domain::{MessageForm, MessageType, SigningAlgorithm};

/// Verifies `data` with every key and algorithm.
pub(crate) fn run(data: &[u8]) {
    for (spec, pkcs8) in super::keys() {
        let pair = KeyPair::from_pkcs8(*spec, pkcs8).expect("a key of ours");
        for &algorithm in SigningAlgorithm::ALL {
            for &kind in MessageType::ALL {
                let message = match algorithm.message_form(kind) {
                    Some(MessageForm::Digest(length)) => vec![7; length],
                    _ => b"message".to_vec(),
                };
                let refused = pair.public().verify(algorithm, kind, &message, data);
                let expected = [KeyError::Algorithm, KeyError::MessageType, KeyError::InvalidSignature];
                assert!(refused.is_err_and(|error| expected.contains(&error)));
            }
        }
    }
}
