//! The seeds of the fuzz targets, replayed on a stable toolchain through the targets' own code. Those
//! named `corpus-…` are what a fuzzer found on its own; the others are valid.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests panic as tests do"
)]

use std::fs;

#[path = "../../../fuzz/src/ciphertext.rs"]
mod ciphertext;
#[path = "../../../fuzz/src/keys.rs"]
mod key_list;
#[path = "../../../fuzz/src/pkcs8.rs"]
mod pkcs8;
#[path = "../../../fuzz/src/record.rs"]
mod record;
#[path = "../../../fuzz/src/signature.rs"]
mod signature;
#[path = "../../../fuzz/src/sm2_ciphertext.rs"]
mod sm2_ciphertext;
#[path = "../../../fuzz/src/spki.rs"]
mod spki;

use key_list::keys;

/// The seeds of a target, of which there must be this many.
fn seeds(target: &str, at_least: usize) -> Vec<Vec<u8>> {
    let directory = format!("{}/../../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(directory).unwrap();
    let seeds = files.map(|file| fs::read(file.unwrap().path()).unwrap()).collect::<Vec<_>>();
    assert!(seeds.len() >= at_least, "seeds of {target} are gone: there are {}", seeds.len());
    seeds
}

/// Every seed, and every seed with one bit wrong or the end missing.
fn replay_damaged(target: &str, at_least: usize, run: fn(&[u8])) {
    for mut seed in seeds(target, at_least) {
        run(&seed);
        for at in 0..seed.len() {
            seed[at] ^= 1;
            run(&seed);
            seed[at] ^= 1;
            run(&seed[..at]);
        }
    }
}

/// Every seed as it is: these targets take milliseconds, and `decoders.rs` damages encodings for them.
fn replay(target: &str, at_least: usize, run: fn(&[u8])) {
    seeds(target, at_least).iter().for_each(|seed| run(seed));
}

#[test]
fn the_seeds_hold() {
    replay_damaged("ciphertext", 3, ciphertext::run);
    replay_damaged("record", 4, record::run);
    replay("spki", 9, spki::run);
    replay("pkcs8", 30, pkcs8::run);
    replay("signature", 30, signature::run);
    replay("sm2_ciphertext", 30, sm2_ciphertext::run);
}

/// Without this the valid seeds could all be refused, and the replay would show nothing.
#[test]
fn the_valid_seeds_are_valid() {
    use trent_crypto::{KeyPair, PublicKey};
    use trent_domain::KeySpec;

    let read = |target, valid: &dyn Fn(KeySpec, &[u8]) -> bool| {
        let seeds = seeds(target, 1);
        KeySpec::ALL.iter().filter(|spec| seeds.iter().any(|seed| valid(**spec, seed))).count()
    };
    assert_eq!(read("spki", &|spec, seed| PublicKey::from_spki(spec, seed).is_ok()), 7);
    assert_eq!(read("pkcs8", &|spec, seed| KeyPair::from_pkcs8(spec, seed).is_ok()), 6);
}
