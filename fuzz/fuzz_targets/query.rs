//! See `src/query.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/query.rs"]
mod target;

fuzz_target!(|data: &[u8]| target::run(data));
