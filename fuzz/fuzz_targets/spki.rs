//! See `src/spki.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/keys.rs"]
mod keys;
use keys::keys;

#[path = "../src/spki.rs"]
mod target;

fuzz_target!(|data: &[u8]| target::run(data));
