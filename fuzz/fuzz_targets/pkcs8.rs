//! See `src/pkcs8.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/pkcs8.rs"]
mod target;

fuzz_target!(|data: &[u8]| target::run(data));
