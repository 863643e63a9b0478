//! See `src/signature.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/keys.rs"]
mod keys;
use keys::keys;

#[path = "../src/signature.rs"]
mod target;

fuzz_target!(|data: &[u8]| target::run(data));
