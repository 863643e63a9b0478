//! ECDSA and RSA, through the provider.

use trent_crypto::{KeyPair, PublicKey};
use trent_domain::{KeySpec, MessageType, SigningAlgorithm};

use super::cases;
use super::rsp::Case;
use crate::der;
use crate::tally::{Excluded, Tally};

pub(crate) fn ecdsa_signatures(tally: &mut Tally) {
    let verification = cases("asymmetric/ECDSA/FIPS_186-3", &["SigVer.rsp"], "Msg");
    for case in verification {
        ecdsa_signature(tally, &case, case.passes());
    }
    for (directory, file) in
        [("asymmetric/ECDSA/FIPS_186-3", "SigGen.rsp"), ("asymmetric/ECDSA/SECP256K1", "SigGen.txt")]
    {
        for case in cases(directory, &[file], "Msg") {
            ecdsa_signature(tally, &case, true);
        }
    }
}

fn ecdsa_signature(tally: &mut Tally, case: &Case, valid: bool) {
    let (curve, hash) = case.group().split_once(',').unwrap();
    let Some(spec) = curve_spec(curve) else { return tally.excluded(Excluded::Curve) };
    let algorithm = match (spec, hash) {
        (KeySpec::EccNistP256 | KeySpec::EccSecgP256K1, "SHA-256") => SigningAlgorithm::EcdsaSha256,
        (KeySpec::EccNistP384, "SHA-384") => SigningAlgorithm::EcdsaSha384,
        (KeySpec::EccNistP521, "SHA-512") => SigningAlgorithm::EcdsaSha512,
        _ => return tally.excluded(Excluded::Hash),
    };
    let spki = der::ec_spki(spec, &case.bytes("Qx"), &case.bytes("Qy"));
    let signature = der::ecdsa_signature(&case.bytes("R"), &case.bytes("S"));
    let verified = PublicKey::from_spki(spec, &spki)
        .is_ok_and(|key| key.verify(algorithm, MessageType::Raw, &case.bytes("Msg"), &signature).is_ok());
    tally.check(curve, valid, verified);
}

fn curve_spec(name: &str) -> Option<KeySpec> {
    match name {
        "P-256" => Some(KeySpec::EccNistP256),
        "P-384" => Some(KeySpec::EccNistP384),
        "P-521" => Some(KeySpec::EccNistP521),
        "K-256" => Some(KeySpec::EccSecgP256K1),
        _ => None,
    }
}

/// Points that are and are not on their curve, and public keys of private ones.
pub(crate) fn ec_keys(tally: &mut Tally) {
    let directory = "asymmetric/ECDSA/FIPS_186-3";
    let validation = cases(directory, &["PKV.rsp"], "Qx");
    for case in validation {
        let Some(spec) = curve_spec(case.group()) else {
            tally.excluded(Excluded::Curve);
            continue;
        };
        let spki = der::ec_spki(spec, &case.bytes("Qx"), &case.bytes("Qy"));
        tally.check(case.group(), case.passes(), PublicKey::from_spki(spec, &spki).is_ok());
    }
    for case in cases(directory, &["KeyPair.rsp"], "d") {
        ec_pair(tally, &case, case.group());
    }
    for case in cases("asymmetric/ECDSA/SECP256K1", &["SigGen.txt"], "d") {
        ec_pair(tally, &case, "K-256");
    }
}

fn ec_pair(tally: &mut Tally, case: &Case, curve: &str) {
    let Some(spec) = curve_spec(curve) else { return tally.excluded(Excluded::Curve) };
    let spki = der::ec_spki(spec, &case.bytes("Qx"), &case.bytes("Qy"));
    let pair = KeyPair::from_pkcs8(spec, &der::ec_pkcs8(spec, &case.bytes("d"))).unwrap();
    tally.check(curve, true, pair.public().spki() == spki);
}

pub(crate) fn rsa_pkcs1_signatures(tally: &mut Tally) {
    let verification = cases("asymmetric/RSA/FIPS_186-2", &["SigVer15_186-3.rsp"], "SHAAlg");
    let encodings = cases("asymmetric/RSA", &["SigVer15EMTest.txt"], "SHAAlg");
    for case in verification.iter().chain(&encodings) {
        if let Some(verified) = rsa_verifies(tally, case, pkcs1) {
            tally.check("RSASSA-PKCS1-v1_5", case.passes(), verified);
        }
    }
    let generation =
        cases("asymmetric/RSA/FIPS_186-2", &["SigGen15_186-2.rsp", "SigGen15_186-3.rsp"], "SHAAlg");
    for case in generation {
        if let Some(verified) = rsa_verifies(tally, &case, pkcs1) {
            tally.check("RSASSA-PKCS1-v1_5", true, verified);
        }
    }
}

/// All of these signatures have salts of 20 bytes, 10 or none, which KMS refuses: of the valid ones,
/// that is checked. That salts as long as the hash are taken is for Wycheproof's vectors to show.
pub(crate) fn rsa_pss_signatures(tally: &mut Tally) {
    let directory = "asymmetric/RSA/FIPS_186-2";
    let verification = cases(directory, &["SigVerPSS_186-3.rsp"], "SHAAlg");
    let generation = cases(directory, &["SigGenPSS_186-2.rsp", "SigGenPSS_186-3.rsp"], "SHAAlg");
    for case in verification.iter().chain(&generation) {
        if case.text("Result").is_some() && !case.passes() {
            tally.excluded(Excluded::SaltLength);
        } else if let Some(verified) = rsa_verifies(tally, case, pss) {
            tally.check("RSASSA-PSS", false, verified);
        }
    }
}

/// Nothing when KMS has no such key or hash.
fn rsa_verifies(
    tally: &mut Tally,
    case: &Case,
    algorithm: impl Fn(&str) -> Option<SigningAlgorithm>,
) -> Option<bool> {
    let spec = match case.number("mod") {
        2048 => KeySpec::Rsa2048,
        3072 => KeySpec::Rsa3072,
        4096 => KeySpec::Rsa4096,
        _ => {
            tally.excluded(Excluded::KeyLength);
            return None;
        }
    };
    let Some(algorithm) = algorithm(case.text("SHAAlg").unwrap()) else {
        tally.excluded(Excluded::Hash);
        return None;
    };
    let spki = der::rsa_spki(&case.bytes("n"), &case.bytes("e"));
    let key = PublicKey::from_spki(spec, &spki).unwrap();
    Some(key.verify(algorithm, MessageType::Raw, &case.bytes("Msg"), &case.bytes("S")).is_ok())
}

fn pkcs1(hash: &str) -> Option<SigningAlgorithm> {
    match hash {
        "SHA256" => Some(SigningAlgorithm::RsassaPkcs1V15Sha256),
        "SHA384" => Some(SigningAlgorithm::RsassaPkcs1V15Sha384),
        "SHA512" => Some(SigningAlgorithm::RsassaPkcs1V15Sha512),
        _ => None,
    }
}

fn pss(hash: &str) -> Option<SigningAlgorithm> {
    match hash {
        "SHA256" => Some(SigningAlgorithm::RsassaPssSha256),
        "SHA384" => Some(SigningAlgorithm::RsassaPssSha384),
        "SHA512" => Some(SigningAlgorithm::RsassaPssSha512),
        _ => None,
    }
}

/// Keys, messages and signatures by the authors of Ed25519, one a line; those of RFC 8032 §7.1 are
/// among them. A signature is deterministic, so ours must be theirs; over another message it fails.
pub(crate) fn ed25519(tally: &mut Tally) {
    let spec = KeySpec::EccNistEdwards25519;
    let raw = |pair: &KeyPair, message: &[u8]| {
        pair.sign(SigningAlgorithm::Ed25519Sha512, MessageType::Raw, message).unwrap()
    };
    let text = std::fs::read_to_string(super::directory("asymmetric/Ed25519/sign.input")).unwrap();
    for (number, line) in text.lines().enumerate() {
        let fields = line.split(':').map(|field| hex::decode(field).unwrap()).collect::<Vec<_>>();
        let [private, public, message, signed, ..] = &fields[..] else { panic!("line {number}") };
        let pair = KeyPair::from_pkcs8(spec, &der::ed25519_pkcs8(&private[..32])).unwrap();
        let signature = &signed[..64];
        tally.check(number, true, pair.public().spki().ends_with(public));
        tally.check(number, true, raw(&pair, message) == signature);
        let longer = [message, &[0][..]].concat();
        let algorithm = SigningAlgorithm::Ed25519Sha512;
        let verify = |message| pair.public().verify(algorithm, MessageType::Raw, message, signature);
        tally.check(number, true, verify(message).is_ok() && verify(&longer).is_err());
    }
}
