//! The fuzz target of attestation documents, on its seeds and on what damage makes of them.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests panic as tests do")]

use proptest::prelude::*;
use proptest::sample::Index;

#[path = "../../../fuzz/src/attestation.rs"]
mod attestation;

fn seed(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../fuzz/seeds/attestation/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

#[test]
fn the_seeds_are_believed() {
    assert!(attestation::run(&seed("enclave")));
    assert!(attestation::run(&seed("nitro-tpm")));
    assert!(!attestation::run(&seed("root.pem")));
}

/// Every bit of a document is under a signature, or is one.
#[test]
fn no_bit_may_be_wrong() {
    let mut document = seed("enclave");
    for at in 0..document.len() {
        let bit = 1 << (at % 8);
        document[at] ^= bit;
        assert!(!attestation::run(&document), "bit {bit:#x} of byte {at}");
        document[at] ^= bit;
        assert!(!attestation::run(&document[..at]));
    }
}

/// Some bytes changed, some cut out, some put in.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..6);
    (any::<bool>(), changes).prop_map(|(tpm, changes)| {
        let mut bytes = seed(if tpm { "nitro-tpm" } else { "enclave" });
        for (place, value, kind) in changes {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] = value,
                1 => drop(bytes.remove(place)),
                _ => bytes.insert(place, value),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_damage_breaks_the_reading(bytes in damaged()) {
        attestation::run(&bytes);
    }

    #[test]
    fn no_bytes_break_the_reading(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(!attestation::run(&bytes));
    }
}
