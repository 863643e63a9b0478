//! See `src/web_token.rs`.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "../src/web_token.rs"]
mod target;

fuzz_target!(|data: &[u8]| {
    target::run(data);
});
