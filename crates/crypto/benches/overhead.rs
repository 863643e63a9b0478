//! What the provider adds to the library it stands on: every operation of a key through the provider,
//! and the same one with the same key by the library alone, in turns.
//!
//! `cargo bench -p trent-crypto --bench overhead -- [SECONDS] [NAME]`: how long each comparison takes
//! (one second unless told otherwise), and a part of the names of those to make.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark prints, and stops when it cannot run"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, ECDH_P521, UnparsedPublicKey};
use aws_lc_rs::kem::{self, Ciphertext, DecapsulationKey, EncapsulationKey};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{
    self, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
    PublicEncryptingKey,
};
use aws_lc_rs::signature::{
    self as lc, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, ParsedPublicKey, PqdsaKeyPair,
};
use aws_lc_rs::{digest, hmac};
use k256::ecdsa::signature::hazmat::{PrehashVerifier as _, RandomizedPrehashSigner as _};
use k256::pkcs8::DecodePrivateKey as _;
use rand_core::{TryCryptoRng, TryRng};
use sm2::dsa::signature::{RandomizedSigner as _, Verifier as _};
use trent_crypto::{HmacKey, KeyPair, SecretBytes};
use trent_domain::{EncryptionAlgorithm, KeySpec, MacAlgorithm, MessageType, SigningAlgorithm};

const MESSAGE: &[u8] = &[7; 64];

/// How often the two sides take turns.
const TURNS: u32 = 20;

struct Bench {
    time: Duration,
    only: String,
}

impl Bench {
    fn from_arguments() -> Self {
        let mut bench = Self { time: Duration::from_secs(1), only: String::new() };
        for argument in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
            match argument.parse() {
                Ok(seconds) => bench.time = Duration::from_secs_f64(seconds),
                Err(_) => bench.only = argument,
            }
        }
        bench
    }

    /// One line of the table: the median turn of either side.
    fn compare<A, B>(&self, name: &str, mut provider: impl FnMut() -> A, mut library: impl FnMut() -> B) {
        if !name.contains(&self.only) {
            return;
        }
        let turn = self.time / TURNS / 2;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..TURNS {
            ours.push(cost(turn, &mut provider));
            theirs.push(cost(turn, &mut library));
        }
        let (ours, theirs) = (median(ours), median(theirs));
        let (ratio, rate) = (theirs / ours * 100.0, 1e9 / ours);
        println!("{name:<36} {ours:>12.0} {theirs:>12.0} {ratio:>7.1} % {rate:>12.0}");
    }
}

/// Nanoseconds for one call, when called for about `turn`.
fn cost<T>(turn: Duration, call: &mut impl FnMut() -> T) -> f64 {
    let (start, mut calls) = (Instant::now(), 0_u32);
    let mut batch = 1;
    loop {
        for _ in 0..batch {
            black_box(call());
        }
        calls += batch;
        let elapsed = start.elapsed();
        if elapsed >= turn {
            return elapsed.as_secs_f64() * 1e9 / f64::from(calls);
        }
        // The clock is read seldom enough not to be measured.
        if elapsed < turn / 8 {
            batch *= 2;
        }
    }
}

fn median(mut costs: Vec<f64>) -> f64 {
    costs.sort_by(f64::total_cmp);
    costs.get(costs.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() {
    let bench = Bench::from_arguments();
    println!("{:<36} {:>12} {:>12} {:>9} {:>12}", "", "provider ns", "library ns", "ratio", "ops/s, 1 core");
    macs(&bench);
    rsa_keys(&bench);
    nist_curves(&bench);
    agreement(&bench);
    edwards(&bench);
    secp256k1(&bench);
    sm2_signatures(&bench);
    sm2_encryption(&bench);
    ml_dsa(&bench);
    ml_kem(&bench);
}

fn macs(bench: &Bench) {
    for (spec, algorithm, theirs) in [
        (KeySpec::Hmac224, MacAlgorithm::HmacSha224, hmac::HMAC_SHA224),
        (KeySpec::Hmac256, MacAlgorithm::HmacSha256, hmac::HMAC_SHA256),
        (KeySpec::Hmac384, MacAlgorithm::HmacSha384, hmac::HMAC_SHA384),
        (KeySpec::Hmac512, MacAlgorithm::HmacSha512, hmac::HMAC_SHA512),
    ] {
        let bytes = vec![7; spec.hmac_key_length().unwrap()];
        let key = hmac::Key::new(theirs, &bytes);
        let ours = HmacKey::from_bytes(spec, SecretBytes::from(bytes)).unwrap();
        let tag = hmac::sign(&key, MESSAGE);
        bench.compare(
            &format!("{} mac", spec.as_str()),
            || ours.mac(algorithm, black_box(MESSAGE)).unwrap(),
            || hmac::sign(&key, black_box(MESSAGE)),
        );
        bench.compare(
            &format!("{} verify", spec.as_str()),
            || ours.verify_mac(algorithm, black_box(MESSAGE), tag.as_ref()).unwrap(),
            || hmac::verify(&key, black_box(MESSAGE), tag.as_ref()).unwrap(),
        );
    }
}

/// Signing and verifying through the provider beside two ways of doing it.
fn signatures<T>(
    bench: &Bench,
    pair: &KeyPair,
    algorithm: SigningAlgorithm,
    sign: impl FnMut() -> T,
    mut verify: impl FnMut(&[u8]),
) {
    let (raw, spec) = (MessageType::Raw, pair.spec().as_str());
    bench.compare(&format!("{spec} sign"), || pair.sign(algorithm, raw, black_box(MESSAGE)).unwrap(), sign);
    let signature = pair.sign(algorithm, raw, MESSAGE).unwrap();
    bench.compare(
        &format!("{spec} verify"),
        || pair.public().verify(algorithm, raw, black_box(MESSAGE), &signature).unwrap(),
        || verify(&signature),
    );
}

fn der(pair: &KeyPair) -> &[u8] {
    pair.private_key_pkcs8().expose()
}

fn rsa_keys(bench: &Bench) {
    for spec in [KeySpec::Rsa2048, KeySpec::Rsa3072, KeySpec::Rsa4096] {
        let ours = KeyPair::generate(spec).unwrap();
        let theirs = rsa::KeyPair::from_pkcs8(der(&ours)).unwrap();
        let public = ParsedPublicKey::new(&lc::RSA_PSS_2048_8192_SHA256, ours.public().spki()).unwrap();
        let mut signature = vec![0; theirs.public_modulus_len()];
        signatures(
            bench,
            &ours,
            SigningAlgorithm::RsassaPssSha256,
            || theirs.sign(&lc::RSA_PSS_SHA256, &SystemRandom::new(), MESSAGE, &mut signature).unwrap(),
            |signature| public.verify_sig(black_box(MESSAGE), signature).unwrap(),
        );
        rsa_encryption(bench, &ours);
    }
}

fn rsa_encryption(bench: &Bench, ours: &KeyPair) {
    let (algorithm, spec) = (EncryptionAlgorithm::RsaesOaepSha256, ours.spec().as_str());
    let encrypting =
        OaepPublicEncryptingKey::new(PublicEncryptingKey::from_der(ours.public().spki()).unwrap()).unwrap();
    let decrypting =
        OaepPrivateDecryptingKey::new(PrivateDecryptingKey::from_pkcs8(der(ours)).unwrap()).unwrap();
    let ciphertext = ours.public().encrypt(algorithm, MESSAGE).unwrap();
    let mut buffer = vec![0; ciphertext.len()];
    bench.compare(
        &format!("{spec} encrypt"),
        || ours.public().encrypt(algorithm, black_box(MESSAGE)).unwrap(),
        || encrypting.encrypt(&OAEP_SHA256_MGF1SHA256, black_box(MESSAGE), &mut buffer, None).unwrap().len(),
    );
    let mut buffer = vec![0; ciphertext.len()];
    bench.compare(
        &format!("{spec} decrypt"),
        || ours.decrypt(algorithm, black_box(&ciphertext)).unwrap(),
        || decrypting.decrypt(&OAEP_SHA256_MGF1SHA256, &ciphertext, &mut buffer, None).unwrap().len(),
    );
}

fn nist_curves(bench: &Bench) {
    use SigningAlgorithm as A;
    for (spec, algorithm, signing, verifying) in [
        (
            KeySpec::EccNistP256,
            A::EcdsaSha256,
            &lc::ECDSA_P256_SHA256_ASN1_SIGNING,
            &lc::ECDSA_P256_SHA256_ASN1,
        ),
        (
            KeySpec::EccNistP384,
            A::EcdsaSha384,
            &lc::ECDSA_P384_SHA384_ASN1_SIGNING,
            &lc::ECDSA_P384_SHA384_ASN1,
        ),
        (
            KeySpec::EccNistP521,
            A::EcdsaSha512,
            &lc::ECDSA_P521_SHA512_ASN1_SIGNING,
            &lc::ECDSA_P521_SHA512_ASN1,
        ),
    ] {
        let ours = KeyPair::generate(spec).unwrap();
        let theirs = EcdsaKeyPair::from_pkcs8(signing, der(&ours)).unwrap();
        let public = ParsedPublicKey::new(verifying, theirs.public_key().as_ref()).unwrap();
        signatures(
            bench,
            &ours,
            algorithm,
            || theirs.sign(&SystemRandom::new(), black_box(MESSAGE)).unwrap(),
            |signature| public.verify_sig(black_box(MESSAGE), signature).unwrap(),
        );
    }
}

fn agreement(bench: &Bench) {
    for (spec, algorithm) in [
        (KeySpec::EccNistP256, &ECDH_P256),
        (KeySpec::EccNistP384, &ECDH_P384),
        (KeySpec::EccNistP521, &ECDH_P521),
    ] {
        let (ours, peer) = (KeyPair::generate(spec).unwrap(), KeyPair::generate(spec).unwrap());
        let theirs = agreement::PrivateKey::from_private_key_der(algorithm, der(&ours)).unwrap();
        let peers = agreement::PrivateKey::from_private_key_der(algorithm, der(&peer)).unwrap();
        let point = peers.compute_public_key().unwrap();
        bench.compare(
            &format!("{} agree", spec.as_str()),
            || ours.derive_shared_secret(black_box(peer.public().spki())).unwrap(),
            || {
                let peer = UnparsedPublicKey::new(algorithm, black_box(point.as_ref()));
                agreement::agree(&theirs, peer, (), |x| Ok(SecretBytes::from(x.to_vec()))).unwrap()
            },
        );
    }
}

fn edwards(bench: &Bench) {
    let ours = KeyPair::generate(KeySpec::EccNistEdwards25519).unwrap();
    let theirs = Ed25519KeyPair::from_pkcs8(der(&ours)).unwrap();
    let public = ParsedPublicKey::new(&lc::ED25519, theirs.public_key().as_ref()).unwrap();
    signatures(
        bench,
        &ours,
        SigningAlgorithm::Ed25519Sha512,
        || theirs.sign(black_box(MESSAGE)),
        |signature| public.verify_sig(black_box(MESSAGE), signature).unwrap(),
    );
}

/// The generator that the provider lends to the curves of other libraries, too.
struct Random;

impl TryRng for Random {
    type Error = aws_lc_rs::error::Unspecified;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        let mut bytes = [0; 4];
        aws_lc_rs::rand::fill(&mut bytes).map(|()| u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        let mut bytes = [0; 8];
        aws_lc_rs::rand::fill(&mut bytes).map(|()| u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        aws_lc_rs::rand::fill(bytes)
    }
}

impl TryCryptoRng for Random {}

fn secp256k1(bench: &Bench) {
    use k256::ecdsa::{Signature, SigningKey};
    let ours = KeyPair::generate(KeySpec::EccSecgP256K1).unwrap();
    let theirs = SigningKey::from(&k256::SecretKey::from_pkcs8_der(der(&ours)).unwrap());
    let hash = || digest::digest(&digest::SHA256, black_box(MESSAGE));
    signatures(
        bench,
        &ours,
        SigningAlgorithm::EcdsaSha256,
        || {
            let signature: Signature = theirs.sign_prehash_with_rng(&mut Random, hash().as_ref()).unwrap();
            signature.to_der()
        },
        |signature| {
            let signature = Signature::from_der(signature).unwrap();
            theirs.verifying_key().verify_prehash(hash().as_ref(), &signature).unwrap();
        },
    );
}

fn sm2_signatures(bench: &Bench) {
    use sm2::dsa::{Signature, SigningKey};
    let ours = KeyPair::generate(KeySpec::Sm2).unwrap();
    let key = sm2::SecretKey::from_pkcs8_der(der(&ours)).unwrap();
    let theirs = SigningKey::new("1234567812345678", &key).unwrap();
    signatures(
        bench,
        &ours,
        SigningAlgorithm::Sm2Dsa,
        || theirs.try_sign_with_rng(&mut Random, black_box(MESSAGE)).unwrap().to_der(),
        |signature| {
            let signature = Signature::from_der(signature).unwrap();
            theirs.verifying_key().verify(black_box(MESSAGE), &signature).unwrap();
        },
    );
    let peer = KeyPair::generate(KeySpec::Sm2).unwrap();
    let point = sm2::SecretKey::from_pkcs8_der(der(&peer)).unwrap().public_key().to_sec1_bytes();
    bench.compare(
        "SM2 agree",
        || ours.derive_shared_secret(black_box(peer.public().spki())).unwrap(),
        || {
            let peer = sm2::PublicKey::from_sec1_bytes(black_box(&point)).unwrap();
            elliptic_curve::ecdh::diffie_hellman(key.to_nonzero_scalar(), peer.as_affine())
        },
    );
}

fn sm2_encryption(bench: &Bench) {
    use sm2::pke::{DecryptingKey, EncryptingKey};
    let algorithm = EncryptionAlgorithm::Sm2Pke;
    let ours = KeyPair::generate(KeySpec::Sm2).unwrap();
    let key = sm2::SecretKey::from_pkcs8_der(der(&ours)).unwrap();
    let encrypting = EncryptingKey::new(key.public_key());
    let decrypting = DecryptingKey::new(key);
    let ciphertext = ours.public().encrypt(algorithm, MESSAGE).unwrap();
    bench.compare(
        "SM2 encrypt",
        || ours.public().encrypt(algorithm, black_box(MESSAGE)).unwrap(),
        || encrypting.encrypt_der(&mut Random, black_box(MESSAGE)).unwrap(),
    );
    bench.compare(
        "SM2 decrypt",
        || ours.decrypt(algorithm, black_box(&ciphertext)).unwrap(),
        || decrypting.decrypt_der(black_box(&ciphertext)).unwrap(),
    );
}

fn ml_dsa(bench: &Bench) {
    for (spec, signing, verifying) in [
        (KeySpec::MlDsa44, &lc::ML_DSA_44_SIGNING, &lc::ML_DSA_44),
        (KeySpec::MlDsa65, &lc::ML_DSA_65_SIGNING, &lc::ML_DSA_65),
        (KeySpec::MlDsa87, &lc::ML_DSA_87_SIGNING, &lc::ML_DSA_87),
    ] {
        let ours = KeyPair::generate(spec).unwrap();
        let theirs = PqdsaKeyPair::from_pkcs8(signing, der(&ours)).unwrap();
        let public = ParsedPublicKey::new(verifying, theirs.public_key().as_ref()).unwrap();
        let mut signature = vec![0; theirs.algorithm().signature_len()];
        signatures(
            bench,
            &ours,
            SigningAlgorithm::MlDsaShake256,
            || theirs.sign(black_box(MESSAGE), &mut signature).unwrap(),
            |signature| public.verify_sig(black_box(MESSAGE), signature).unwrap(),
        );
    }
}

fn ml_kem(bench: &Bench) {
    for (spec, algorithm) in [
        (KeySpec::MlKem512, &kem::ML_KEM_512),
        (KeySpec::MlKem768, &kem::ML_KEM_768),
        (KeySpec::MlKem1024, &kem::ML_KEM_1024),
    ] {
        let ours = KeyPair::generate(spec).unwrap();
        // The library reads no seeds: a key of its own, which takes as long.
        let theirs = DecapsulationKey::generate(algorithm).unwrap();
        let public = theirs.encapsulation_key().unwrap().key_bytes().unwrap();
        let public = EncapsulationKey::new(algorithm, public.as_ref()).unwrap();
        let (_, ciphertext) = ours.public().encapsulate().unwrap();
        bench.compare(
            &format!("{} encapsulate", spec.as_str()),
            || ours.public().encapsulate().unwrap(),
            || public.encapsulate().unwrap(),
        );
        bench.compare(
            &format!("{} decapsulate", spec.as_str()),
            || ours.decapsulate(black_box(&ciphertext)).unwrap(),
            || theirs.decapsulate(Ciphertext::from(ciphertext.as_slice())).unwrap(),
        );
    }
}
