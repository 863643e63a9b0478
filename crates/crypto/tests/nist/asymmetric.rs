//! ECDSA and RSA, through the provider.

use trent_crypto::{KeyPair, PublicKey};
use trent_domain::{KeySpec, MessageType, SigningAlgorithm};

use crate::rsp::Case;
use crate::tally::{Excluded, Tally};
use crate::{cases, der};

#[test]
fn ecdsa_signatures() {
    let Some(verification) = cases("asymmetric/ECDSA/FIPS_186-3", &["SigVer.rsp"], "Msg") else { return };
    let mut tally = Tally::default();
    for case in verification {
        ecdsa_signature(&mut tally, &case, case.passes());
    }
    for (directory, file) in
        [("asymmetric/ECDSA/FIPS_186-3", "SigGen.rsp"), ("asymmetric/ECDSA/SECP256K1", "SigGen.txt")]
    {
        for case in cases(directory, &[file], "Msg").unwrap_or_default() {
            ecdsa_signature(&mut tally, &case, true);
        }
    }
    tally.report("ECDSA", 315);
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
#[test]
fn ec_keys() {
    let directory = "asymmetric/ECDSA/FIPS_186-3";
    let Some(validation) = cases(directory, &["PKV.rsp"], "Qx") else { return };
    let mut tally = Tally::default();
    for case in validation {
        let Some(spec) = curve_spec(case.group()) else {
            tally.excluded(Excluded::Curve);
            continue;
        };
        let spki = der::ec_spki(spec, &case.bytes("Qx"), &case.bytes("Qy"));
        tally.check(case.group(), case.passes(), PublicKey::from_spki(spec, &spki).is_ok());
    }
    for case in cases(directory, &["KeyPair.rsp"], "d").unwrap_or_default() {
        ec_pair(&mut tally, &case, case.group());
    }
    for case in cases("asymmetric/ECDSA/SECP256K1", &["SigGen.txt"], "d").unwrap_or_default() {
        ec_pair(&mut tally, &case, "K-256");
    }
    tally.report("EC keys", 1191);
}

fn ec_pair(tally: &mut Tally, case: &Case, curve: &str) {
    let Some(spec) = curve_spec(curve) else { return tally.excluded(Excluded::Curve) };
    let spki = der::ec_spki(spec, &case.bytes("Qx"), &case.bytes("Qy"));
    let pair = KeyPair::from_pkcs8(spec, &der::ec_pkcs8(spec, &case.bytes("d"))).unwrap();
    tally.check(curve, true, pair.public().spki() == spki);
}

#[test]
fn rsa_pkcs1_signatures() {
    let Some(verification) = cases("asymmetric/RSA/FIPS_186-2", &["SigVer15_186-3.rsp"], "SHAAlg") else {
        return;
    };
    let encodings = cases("asymmetric/RSA", &["SigVer15EMTest.txt"], "SHAAlg").unwrap_or_default();
    let mut tally = Tally::default();
    for case in verification.iter().chain(&encodings) {
        if let Some(verified) = rsa_verifies(&mut tally, case, pkcs1) {
            tally.check("RSASSA-PKCS1-v1_5", case.passes(), verified);
        }
    }
    let generation =
        cases("asymmetric/RSA/FIPS_186-2", &["SigGen15_186-2.rsp", "SigGen15_186-3.rsp"], "SHAAlg");
    for case in generation.unwrap_or_default() {
        if let Some(verified) = rsa_verifies(&mut tally, &case, pkcs1) {
            tally.check("RSASSA-PKCS1-v1_5", true, verified);
        }
    }
    tally.report("RSASSA-PKCS1-v1_5", 396);
}

/// All of these signatures have salts of 20 bytes, 10 or none, which KMS refuses: of the valid ones,
/// that is checked. That salts as long as the hash are taken is for Wycheproof's vectors to show.
#[test]
fn rsa_pss_signatures() {
    let directory = "asymmetric/RSA/FIPS_186-2";
    let Some(verification) = cases(directory, &["SigVerPSS_186-3.rsp"], "SHAAlg") else { return };
    let generation =
        cases(directory, &["SigGenPSS_186-2.rsp", "SigGenPSS_186-3.rsp"], "SHAAlg").unwrap_or_default();
    let mut tally = Tally::default();
    for case in verification.iter().chain(&generation) {
        if case.text("Result").is_some() && !case.passes() {
            tally.excluded(Excluded::SaltLength);
        } else if let Some(verified) = rsa_verifies(&mut tally, case, pss) {
            tally.check("RSASSA-PSS", false, verified);
        }
    }
    tally.report("RSASSA-PSS, refused", 207);
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
