//! The seeds of the fuzz targets, replayed on a stable toolchain through the targets' own code.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests panic as tests do"
)]

#[path = "../../../fuzz/src/ciphertext.rs"]
mod ciphertext;
#[path = "../../../fuzz/src/record.rs"]
mod record;

fn replay(target: &str, run: fn(&[u8])) {
    let directory = format!("{}/../../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        println!("{}", path.display());
        let mut seed = std::fs::read(path).unwrap();
        run(&seed);
        for at in 0..seed.len() {
            seed[at] ^= 1;
            run(&seed);
            seed[at] ^= 1;
            run(&seed[..at]);
        }
    }
}

#[test]
fn the_seeds_hold() {
    replay("ciphertext", ciphertext::run);
    replay("record", record::run);
}
