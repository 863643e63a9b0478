//! The little DER it takes to put the numbers of the vectors into keys and signatures.

use trent_domain::KeySpec;

const EC_PUBLIC_KEY: &str = "06072a8648ce3d0201";
const RSA_ENCRYPTION: &str = "06092a864886f70d0101010500";

/// The object identifier of a curve and the width of its coordinates.
fn curve(spec: KeySpec) -> (&'static str, usize) {
    match spec {
        KeySpec::EccNistP256 => ("06082a8648ce3d030107", 32),
        KeySpec::EccNistP384 => ("06052b81040022", 48),
        KeySpec::EccNistP521 => ("06052b81040023", 66),
        KeySpec::EccSecgP256K1 => ("06052b8104000a", 32),
        KeySpec::Sm2 => ("06082a811ccf5501822d", 32),
        _ => panic!("no curve"),
    }
}

/// SubjectPublicKeyInfo of a point, whose coordinates may be too long.
pub(crate) fn ec_spki(spec: KeySpec, x: &[u8], y: &[u8]) -> Vec<u8> {
    let (oid, width) = curve(spec);
    let point = [&[0, 4], &fixed(x, width)[..], &fixed(y, width)].concat();
    sequence(&[sequence(&[decoded(EC_PUBLIC_KEY), decoded(oid)]), tlv(3, &point)])
}

/// PKCS #8 of a scalar, without the public key.
pub(crate) fn ec_pkcs8(spec: KeySpec, scalar: &[u8]) -> Vec<u8> {
    let (oid, width) = curve(spec);
    let key = sequence(&[integer(&[1]), tlv(4, &fixed(scalar, width))]);
    sequence(&[integer(&[]), sequence(&[decoded(EC_PUBLIC_KEY), decoded(oid)]), tlv(4, &key)])
}

/// PKCS #8 of an Ed25519 seed.
pub(crate) fn ed25519_pkcs8(seed: &[u8]) -> Vec<u8> {
    sequence(&[integer(&[]), sequence(&[decoded("06032b6570")]), tlv(4, &tlv(4, seed))])
}

/// A signature of ECDSA.
pub(crate) fn ecdsa_signature(r: &[u8], s: &[u8]) -> Vec<u8> {
    sequence(&[integer(r), integer(s)])
}

/// SubjectPublicKeyInfo of an RSA key.
pub(crate) fn rsa_spki(n: &[u8], e: &[u8]) -> Vec<u8> {
    let key = [vec![0], sequence(&[integer(n), integer(e)])].concat();
    sequence(&[tlv(0x30, &decoded(RSA_ENCRYPTION)), tlv(3, &key)])
}

/// The number without leading zeros.
fn digits(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

fn fixed(number: &[u8], width: usize) -> Vec<u8> {
    let digits = digits(number);
    [&vec![0; width.saturating_sub(digits.len())], digits].concat()
}

fn integer(number: &[u8]) -> Vec<u8> {
    let digits = digits(number);
    let sign: &[u8] = if digits.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    tlv(2, &[sign, digits].concat())
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(value.len()).unwrap().to_be_bytes();
    let head = match (high, low) {
        (0, 0..0x80) => vec![tag, low],
        (0, _) => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    [&head, value].concat()
}

fn decoded(text: &str) -> Vec<u8> {
    hex::decode(text).unwrap()
}
