//! The encryption context: text pairs that are authenticated with a ciphertext, not kept in it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Pairs in the order of their names' bytes. An empty context and none are the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EncryptionContext(BTreeMap<String, String>);

impl EncryptionContext {
    /// A context of these pairs.
    #[must_use]
    pub const fn new(pairs: BTreeMap<String, String>) -> Self {
        Self(pairs)
    }

    /// The pairs, sorted by name.
    #[must_use]
    pub const fn pairs(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Appends the canonical encoding: the number of pairs, then name and value of each in the
    /// order of the names' bytes, every text behind its length. Numbers are 32-bit big-endian.
    /// The encoding is injective, so two different contexts never authenticate alike.
    /// Specified in `docs/ciphertext.md`.
    pub fn encode_into(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&length(self.0.len()));
        for text in self.0.iter().flat_map(|(name, value)| [name, value]) {
            out.extend_from_slice(&length(text.len()));
            out.extend_from_slice(text.as_bytes());
        }
    }
}

/// A length as four bytes. A request body is far below 4 GiB, so the saturation cannot be reached.
fn length(count: usize) -> [u8; 4] {
    u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encode(pairs: &BTreeMap<String, String>) -> Vec<u8> {
        let mut out = Vec::new();
        EncryptionContext::new(pairs.clone()).encode_into(&mut out);
        out
    }

    #[test]
    fn the_encoding_is_the_documented_one() {
        let pairs = BTreeMap::from([("b".to_owned(), "".to_owned()), ("a".to_owned(), "xy".to_owned())]);
        let expected = b"\0\0\0\x02\0\0\0\x01a\0\0\0\x02xy\0\0\0\x01b\0\0\0\0";
        assert_eq!(encode(&pairs), expected);
    }

    proptest! {
        #[test]
        fn different_contexts_encode_differently(
            a in prop::collection::btree_map(".{0,4}", ".{0,4}", 0..4),
            b in prop::collection::btree_map(".{0,4}", ".{0,4}", 0..4),
        ) {
            prop_assert_eq!(a == b, encode(&a) == encode(&b));
        }
    }
}
