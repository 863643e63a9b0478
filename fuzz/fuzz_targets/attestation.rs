//! See `src/attestation.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/attestation.rs"]
mod target;

fuzz_target!(|data: &[u8]| {
    target::run(data);
});
