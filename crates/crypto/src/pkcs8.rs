//! PrivateKeyInfo (PKCS #8, RFC 5958) of keys that are made from a seed: a constant followed by the
//! seed. For ML-DSA and ML-KEM it is the `[0]` choice of RFC 9881 and RFC 9935. The other specs'
//! encodings are left to the libraries.

use trent_domain::KeySpec;

use crate::{InvalidKey, SecretBytes};

const fn form(spec: KeySpec) -> Option<(&'static [u8], usize)> {
    let form: (&[u8], usize) = match spec {
        KeySpec::EccNistEdwards25519 => {
            (b"\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20", 32)
        }
        KeySpec::MlDsa44 => {
            (b"\x30\x34\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x11\x04\x22\x80\x20", 32)
        }
        KeySpec::MlDsa65 => {
            (b"\x30\x34\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12\x04\x22\x80\x20", 32)
        }
        KeySpec::MlDsa87 => {
            (b"\x30\x34\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x13\x04\x22\x80\x20", 32)
        }
        KeySpec::MlKem512 => {
            (b"\x30\x54\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x01\x04\x42\x80\x40", 64)
        }
        KeySpec::MlKem768 => {
            (b"\x30\x54\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x02\x04\x42\x80\x40", 64)
        }
        KeySpec::MlKem1024 => {
            (b"\x30\x54\x02\x01\x00\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x04\x03\x04\x42\x80\x40", 64)
        }
        _ => return None,
    };
    Some(form)
}

/// The encoding of a new random seed.
pub(crate) fn random(spec: KeySpec) -> Result<SecretBytes, crate::CryptoError> {
    let (_, length) = form(spec).ok_or(crate::CryptoError::Failed)?;
    let seed = SecretBytes::random(length)?;
    encode(spec, seed.expose()).map_err(|_| crate::CryptoError::Failed)
}

/// The encoding of a seed.
pub(crate) fn encode(spec: KeySpec, seed: &[u8]) -> Result<SecretBytes, InvalidKey> {
    match form(spec) {
        Some((prefix, length)) if seed.len() == length => Ok(SecretBytes::from([prefix, seed].concat())),
        _ => Err(InvalidKey),
    }
}

/// The seed of an encoding.
pub(crate) fn decode<const N: usize>(spec: KeySpec, der: &[u8]) -> Result<&[u8; N], InvalidKey> {
    let (prefix, _) = form(spec).ok_or(InvalidKey)?;
    der.strip_prefix(prefix).and_then(|seed| seed.try_into().ok()).ok_or(InvalidKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_of_all_key_encapsulations_encode_alike() {
        for spec in [KeySpec::MlKem512, KeySpec::MlKem768, KeySpec::MlKem1024] {
            let der = random(spec).unwrap();
            assert_eq!(der.expose().len(), 86);
            assert!(decode::<64>(spec, der.expose()).is_ok());
            assert_eq!(decode::<32>(spec, der.expose()), Err(InvalidKey));
            assert_eq!(decode::<64>(KeySpec::MlDsa44, der.expose()), Err(InvalidKey));
        }
    }
}
