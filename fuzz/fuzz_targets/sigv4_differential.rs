//! See `src/sigv4_differential.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/sigv4_differential.rs"]
mod target;

fuzz_target!(|data: &[u8]| target::run(data));
