//! The seeds of the fuzz targets, replayed on a stable toolchain through the targets' own code.
#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "helpers of tests panic as tests do")]

#[path = "../../../fuzz/src/json.rs"]
mod json;
#[path = "../../../fuzz/src/query.rs"]
mod query;

#[test]
fn the_seeds_of_json_hold() {
    replay("json", json::run);
}

#[test]
fn the_seeds_of_query_hold() {
    replay("query", query::run);
}

/// Runs each seed, each with one bit turned, and each cut off.
fn replay(target: &str, run: fn(&[u8])) {
    let directory = format!("{}/../../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut count = 0;
    for file in std::fs::read_dir(directory).unwrap() {
        let mut seed = std::fs::read(file.unwrap().path()).unwrap();
        run(&seed);
        for at in 0..seed.len() {
            for bit in 0..8 {
                seed[at] ^= 1 << bit;
                run(&seed);
                seed[at] ^= 1 << bit;
            }
            run(&seed[..at]);
        }
        count += 1;
    }
    assert!(count >= 3, "the seeds are gone");
}
