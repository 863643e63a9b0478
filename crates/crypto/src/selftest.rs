//! Known-answer tests, run at every start: a library that computes something else is not used.

use aws_lc_rs::{digest, hmac};

use crate::derive::{derive, open_once, seal_once};
use crate::import::unwrap_with_aes;
use crate::{CryptoError, known_answers};

/// Compares each primitive with a published or independently computed answer.
///
/// # Errors
/// [`CryptoError::SelfTest`] naming the first that differs.
pub fn known_answer_tests() -> Result<(), CryptoError> {
    hash()?;
    mac()?;
    kdf()?;
    aead()?;
    key_wrap()?;
    known_answers::all()
}

fn expect(what: &'static str, right: bool) -> Result<(), CryptoError> {
    if right { Ok(()) } else { Err(CryptoError::SelfTest(what)) }
}

/// FIPS 180-4, the message `abc`.
fn hash() -> Result<(), CryptoError> {
    let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect("SHA-256", hex::encode(digest::digest(&digest::SHA256, b"abc")) == expected)
}

/// RFC 4231 §4.3.
fn mac() -> Result<(), CryptoError> {
    let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let key = hmac::Key::new(hmac::HMAC_SHA256, b"Jefe");
    let tag = hmac::sign(&key, b"what do ya want for nothing?");
    expect("HMAC-SHA-256", hex::encode(tag) == expected)
}

/// Counter mode over 64 bytes equals two HMACs over counter, label, separator, context, length.
fn kdf() -> Result<(), CryptoError> {
    let derived = derive::<64>(&[7; 32], b"label", b"context")?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    let block = |counter: u32| {
        let fixed = [&counter.to_be_bytes(), &b"label\0context"[..], &512_u32.to_be_bytes()].concat();
        hmac::sign(&key, &fixed)
    };
    expect("the SP 800-108 KDF", derived[..] == [block(1).as_ref(), block(2).as_ref()].concat())
}

/// The GCM specification's test case 14: a zero key, IV and block.
fn aead() -> Result<(), CryptoError> {
    let expected = "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919";
    let mut sealed = Vec::new();
    seal_once(&[0; 32], b"", &[0; 16], &mut sealed)?;
    expect("AES-256-GCM", hex::encode(&sealed) == expected)?;
    let opened = open_once(&[0; 32], b"", &sealed)?;
    expect("AES-256-GCM", opened.expose() == [0; 16] && open_once(&[0; 32], b"x", &sealed).is_err())
}

/// Twelve bytes under the key 00 01 02 …, wrapped by OpenSSL.
fn key_wrap() -> Result<(), CryptoError> {
    let mut wrapped =
        *b"\xa5\x26\xba\xd0\x3f\x22\x8a\x7d\x6c\x37\x97\xb0\x44\x5a\x6f\xf2\xd8\xd9\x6e\xbb\x4b\x8b\x4f\x6c";
    let key: Vec<u8> = (0..32).collect();
    let unwrapped = |wrapped: &[u8]| unwrap_with_aes(&key, wrapped);
    let right = unwrapped(&wrapped).is_ok_and(|bytes| bytes.expose() == b"key material");
    if let Some(last) = wrapped.last_mut() {
        *last ^= 1;
    }
    expect("AES key wrap", right && unwrapped(&wrapped).is_err())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_library_computes_what_it_should() {
        super::known_answer_tests().unwrap();
    }
}
