//! Any blob: nothing panics, and the only one that opens is the one that was made.

use std::collections::BTreeMap;

use trent_crypto::{CiphertextHeader, SecretBytes, SymmetricKey};
use trent_domain::EncryptionContext;

/// A blob of the key below.
const MADE: &[u8] = include_bytes!("../seeds/ciphertext/one-pair");

/// Takes `data` for a blob.
pub(crate) fn run(data: &[u8]) {
    let header = CiphertextHeader::parse(data);
    let key = SymmetricKey::from_bytes(SecretBytes::from(vec![7; 32])).expect("a key");
    let pairs = BTreeMap::from([("purpose".to_owned(), "fuzz".to_owned())]);
    let opened = key.decrypt(data, &EncryptionContext::new(pairs));
    assert_eq!(opened.is_ok(), data == MADE);
    assert!(header.is_ok() || opened.is_err());
}
