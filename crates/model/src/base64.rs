//! Base64 as the wire has it: standard alphabet, padding required, nothing else let through.
//!
//! Every ciphertext passes here twice, so the vector engine is used where the library has one.

use std::sync::LazyLock;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use base64::engine::Simd;
use base64::engine::general_purpose::PAD;
use base64::{DecodeError, Engine as _};
use zeroize::Zeroizing;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::standard(PAD));
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
static ENGINE: LazyLock<base64::engine::GeneralPurpose> =
    LazyLock::new(|| base64::engine::GeneralPurpose::new(&base64::alphabet::STANDARD, PAD));

/// The bytes that `text` spells.
pub(crate) fn decode(text: &str) -> Result<Zeroizing<Vec<u8>>, DecodeError> {
    ENGINE.decode(text).map(Zeroizing::new)
}

/// Appends the spelling of `bytes`.
pub(crate) fn encode_into(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.resize(start + bytes.len().div_ceil(3) * 4, 0);
    let written = out.get_mut(start..).and_then(|to| ENGINE.encode_slice(bytes, to).ok());
    out.truncate(start + written.unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_the_plain_engines_equal(bytes in prop::collection::vec(any::<u8>(), 0..600), at: prop::sample::Index, byte: u8) {
            let mut text = Vec::new();
            encode_into(&bytes, &mut text);
            prop_assert_eq!(&text, &STANDARD.encode(&bytes).into_bytes());
            let whole = String::from_utf8(text.clone()).unwrap();
            prop_assert_eq!(&**decode(&whole).unwrap(), &bytes[..]);
            if !text.is_empty() {
                *at.get_mut(&mut text) = byte;
                if let Ok(damaged) = String::from_utf8(text) {
                    prop_assert_eq!(decode(&damaged).ok().map(|b| b.to_vec()), STANDARD.decode(&damaged).ok());
                }
            }
        }
    }
}
