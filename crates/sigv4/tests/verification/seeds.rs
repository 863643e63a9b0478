//! The seeds of the fuzz targets, replayed on a stable toolchain through the targets' own code.

#[path = "../../../../fuzz/src/sigv4_differential.rs"]
mod differential;
#[path = "../../../../fuzz/src/sigv4_header.rs"]
mod header;

fn replay(target: &str, run: fn(&[u8])) {
    let directory = format!("{}/../../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    for file in std::fs::read_dir(directory).unwrap() {
        let path = file.unwrap().path();
        println!("{}", path.display());
        let seed = std::fs::read(path).unwrap();
        run(&seed);
        for at in 0..seed.len() {
            run(&seed[..at]);
        }
    }
}

#[test]
fn the_seeds_hold() {
    replay("sigv4_header", header::run);
    replay("sigv4_differential", differential::run);
}
