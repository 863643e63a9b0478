//! See `src/sm2_ciphertext.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/keys.rs"]
mod keys;
use keys::keys;

#[path = "../src/sm2_ciphertext.rs"]
mod target;

fuzz_target!(|data: &[u8]| target::run(data));
