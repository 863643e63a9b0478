//! SubjectPublicKeyInfo (RFC 5280 §4.1): how public keys are shown to clients and read from them.
//!
//! For every spec but RSA the encoding is a constant followed by a raw key of constant length, so it
//! is written and recognised as such: no other encoding of the same key is taken, neither of the
//! point (compressed) nor of the curve (explicit parameters). RSA's is left to the library.

use trent_domain::KeySpec;

use crate::InvalidKey;

/// What precedes the raw key, and how long that is; nothing for specs without a constant encoding.
const fn form(spec: KeySpec) -> Option<(&'static [u8], usize)> {
    let form: (&[u8], usize) = match spec {
        KeySpec::EccNistP256 => (b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00", 65),
        KeySpec::EccNistP384 => (b"\x30\x76\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x22\x03\x62\x00", 97),
        KeySpec::EccNistP521 => (b"\x30\x81\x9b\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x23\x03\x81\x86\x00", 133),
        KeySpec::EccSecgP256K1 => (b"\x30\x56\x30\x10\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x05\x2b\x81\x04\x00\x0a\x03\x42\x00", 65),
        KeySpec::Sm2 => (b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d\x03\x42\x00", 65),
        KeySpec::EccNistEdwards25519 => (b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 32),
        KeySpec::MlDsa44 => (b"\x30\x82\x05\x32\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11\x03\x82\x05\x21\x00", 1312),
        KeySpec::MlDsa65 => (b"\x30\x82\x07\xb2\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12\x03\x82\x07\xa1\x00", 1952),
        KeySpec::MlDsa87 => (b"\x30\x82\x0a\x32\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13\x03\x82\x0a\x21\x00", 2592),
        KeySpec::MlKem512 => (b"\x30\x82\x03\x32\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x01\x03\x82\x03\x21\x00", 800),
        KeySpec::MlKem768 => (b"\x30\x82\x04\xb2\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x02\x03\x82\x04\xa1\x00", 1184),
        KeySpec::MlKem1024 => (b"\x30\x82\x06\x32\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x03\x03\x82\x06\x21\x00", 1568),
        _ => return None,
    };
    Some(form)
}

/// The encoding of a raw key.
pub(crate) fn encode(spec: KeySpec, raw: &[u8]) -> Result<Vec<u8>, InvalidKey> {
    match form(spec) {
        Some((prefix, length)) if raw.len() == length => Ok([prefix, raw].concat()),
        _ => Err(InvalidKey),
    }
}

/// The raw key of an encoding. Whether it is a valid point or lattice is for the library to say.
pub(crate) fn decode(spec: KeySpec, der: &[u8]) -> Result<&[u8], InvalidKey> {
    let (prefix, length) = form(spec).ok_or(InvalidKey)?;
    der.strip_prefix(prefix).filter(|raw| raw.len() == length).ok_or(InvalidKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_as_long_as_published() {
        let expected = [
            (KeySpec::EccNistEdwards25519, 44),
            (KeySpec::MlDsa44, 1334),
            (KeySpec::MlDsa65, 1974),
            (KeySpec::MlDsa87, 2614),
            (KeySpec::MlKem512, 822),
            (KeySpec::MlKem768, 1206),
            (KeySpec::MlKem1024, 1590),
        ];
        for (spec, whole) in expected {
            let (prefix, raw) = form(spec).unwrap();
            assert_eq!(prefix.len() + raw, whole, "{spec:?}");
        }
    }

    #[test]
    fn only_the_exact_form_is_read() {
        let der = encode(KeySpec::EccNistEdwards25519, &[7; 32]).unwrap();
        assert_eq!(decode(KeySpec::EccNistEdwards25519, &der), Ok(&[7; 32][..]));
        assert_eq!(decode(KeySpec::EccNistP256, &der), Err(InvalidKey));
        assert_eq!(decode(KeySpec::EccNistEdwards25519, &der[..43]), Err(InvalidKey));
        assert_eq!(decode(KeySpec::EccNistEdwards25519, &[&der[..], &[0]].concat()), Err(InvalidKey));
        assert_eq!(encode(KeySpec::EccNistEdwards25519, &[7; 31]), Err(InvalidKey));
        assert_eq!(encode(KeySpec::Rsa2048, &[7; 31]), Err(InvalidKey));
    }
}
