//! The seeds of the fuzz target, replayed on a stable toolchain through the target's own code.
#![expect(clippy::indexing_slicing, reason = "helpers of tests panic as tests do")]

#[path = "../../../fuzz/src/json.rs"]
mod json;

#[test]
fn the_seeds_hold() {
    let directory = format!("{}/../../fuzz/seeds/json", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let mut seed = std::fs::read(file.unwrap().path()).unwrap();
        json::run(&seed);
        for at in 0..seed.len() {
            for bit in 0..8 {
                seed[at] ^= 1 << bit;
                json::run(&seed);
                seed[at] ^= 1 << bit;
            }
            json::run(&seed[..at]);
        }
        count += 1;
    }
    assert!(count >= 3, "the seeds are gone");
}
