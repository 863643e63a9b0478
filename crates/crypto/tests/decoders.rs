//! The fuzz targets of keys, signatures and ciphertexts, on valid encodings and on damaged ones.

#![cfg(test)]

use proptest::prelude::*;
use proptest::sample::Index;
use trent_crypto::KeyPair;

#[path = "../../../fuzz/src/keys.rs"]
mod key_list;
#[path = "../../../fuzz/src/pkcs8.rs"]
mod pkcs8;
#[path = "../../../fuzz/src/signature.rs"]
mod signature;
#[path = "../../../fuzz/src/sm2_ciphertext.rs"]
mod sm2_ciphertext;
#[path = "../../../fuzz/src/spki.rs"]
mod spki;

use key_list::keys;

/// One of the encodings of one of the keys, with some bytes changed and the end cut or grown.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let changes = prop::collection::vec((any::<Index>(), any::<u8>()), 0..3);
    (any::<Index>(), any::<bool>(), changes, 0..3_usize).prop_map(|(key, private, changes, ending)| {
        let (spec, der) = key.get(keys());
        let pair = KeyPair::from_pkcs8(*spec, der).unwrap();
        let mut bytes = if private { der.clone() } else { pair.public().spki().to_vec() };
        for (place, value) in changes {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        match ending {
            0 => bytes.truncate(bytes.len() - 1),
            1 => bytes.push(0),
            _ => {}
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_damage_breaks_a_decoder(bytes in damaged()) {
        spki::run(&bytes);
        pkcs8::run(&bytes);
        signature::run(&bytes);
        sm2_ciphertext::run(&bytes);
    }

    #[test]
    fn no_bytes_break_a_decoder(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        spki::run(&bytes);
        pkcs8::run(&bytes);
        signature::run(&bytes);
        sm2_ciphertext::run(&bytes);
    }
}
