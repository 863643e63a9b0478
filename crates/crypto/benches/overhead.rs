//! What the provider adds to the library it stands on: each operation through the provider, and the
//! same one by the library alone, one after the other.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops")]

use std::hint::black_box;

use aws_lc_rs::kem::{Ciphertext, DecapsulationKey, ML_KEM_768};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm,
    Ed25519KeyPair, ML_DSA_65_SIGNING, PqdsaKeyPair, RSA_PSS_SHA256,
};
use aws_lc_rs::{hmac, rsa};
use criterion::{Criterion, criterion_group, criterion_main};
use trent_crypto::{HmacKey, KeyPair};
use trent_domain::{KeySpec, MacAlgorithm, MessageType, SigningAlgorithm};

const MESSAGE: &[u8] = &[7; 64];

/// Both sides of one comparison.
fn compare<A, B>(
    criterion: &mut Criterion,
    name: &str,
    mut provider: impl FnMut() -> A,
    mut library: impl FnMut() -> B,
) {
    let mut group = criterion.benchmark_group(name);
    group.sample_size(20);
    group.bench_function("provider", |bencher| bencher.iter(&mut provider));
    group.bench_function("library", |bencher| bencher.iter(&mut library));
    group.finish();
}

fn sign(pair: &KeyPair, algorithm: SigningAlgorithm) -> Vec<u8> {
    pair.sign(algorithm, MessageType::Raw, black_box(MESSAGE)).unwrap()
}

fn mac(criterion: &mut Criterion) {
    let ours = HmacKey::generate(KeySpec::Hmac256).unwrap();
    let theirs = hmac::Key::new(hmac::HMAC_SHA256, &[7; 32]);
    compare(
        criterion,
        "HMAC_256",
        || ours.mac(MacAlgorithm::HmacSha256, black_box(MESSAGE)).unwrap(),
        || hmac::sign(&theirs, black_box(MESSAGE)),
    );
}

fn rsa_signatures(criterion: &mut Criterion) {
    for (spec, size) in [
        (KeySpec::Rsa2048, rsa::KeySize::Rsa2048),
        (KeySpec::Rsa3072, rsa::KeySize::Rsa3072),
        (KeySpec::Rsa4096, rsa::KeySize::Rsa4096),
    ] {
        let ours = KeyPair::generate(spec).unwrap();
        let theirs = rsa::KeyPair::generate(size).unwrap();
        let mut signature = vec![0; theirs.public_modulus_len()];
        compare(
            criterion,
            spec.as_str(),
            || sign(&ours, SigningAlgorithm::RsassaPssSha256),
            || theirs.sign(&RSA_PSS_SHA256, &SystemRandom::new(), MESSAGE, &mut signature).unwrap(),
        );
    }
}

fn curve_signatures(criterion: &mut Criterion) {
    let curves: [(KeySpec, &'static EcdsaSigningAlgorithm, SigningAlgorithm); 2] = [
        (KeySpec::EccNistP256, &ECDSA_P256_SHA256_ASN1_SIGNING, SigningAlgorithm::EcdsaSha256),
        (KeySpec::EccNistP384, &ECDSA_P384_SHA384_ASN1_SIGNING, SigningAlgorithm::EcdsaSha384),
    ];
    for (spec, curve, algorithm) in curves {
        let ours = KeyPair::generate(spec).unwrap();
        let theirs = EcdsaKeyPair::generate(curve).unwrap();
        let random = SystemRandom::new();
        compare(
            criterion,
            spec.as_str(),
            || sign(&ours, algorithm),
            || theirs.sign(&random, MESSAGE).unwrap(),
        );
    }
    let ours = KeyPair::generate(KeySpec::EccNistEdwards25519).unwrap();
    let theirs = Ed25519KeyPair::generate().unwrap();
    let name = KeySpec::EccNistEdwards25519.as_str();
    compare(criterion, name, || sign(&ours, SigningAlgorithm::Ed25519Sha512), || theirs.sign(MESSAGE));
}

fn post_quantum(criterion: &mut Criterion) {
    let ours = KeyPair::generate(KeySpec::MlDsa65).unwrap();
    let theirs = PqdsaKeyPair::generate(&ML_DSA_65_SIGNING).unwrap();
    let mut signature = vec![0; theirs.algorithm().signature_len()];
    let name = KeySpec::MlDsa65.as_str();
    let algorithm = SigningAlgorithm::MlDsaShake256;
    compare(criterion, name, || sign(&ours, algorithm), || theirs.sign(MESSAGE, &mut signature).unwrap());

    let ours = KeyPair::generate(KeySpec::MlKem768).unwrap();
    let (_, ciphertext) = ours.public().encapsulate().unwrap();
    let theirs = DecapsulationKey::generate(&ML_KEM_768).unwrap();
    let name = KeySpec::MlKem768.as_str();
    let library = || theirs.decapsulate(Ciphertext::from(ciphertext.as_slice())).unwrap();
    compare(criterion, name, || ours.decapsulate(black_box(&ciphertext)).unwrap(), library);
}

criterion_group!(benches, mac, rsa_signatures, curve_signatures, post_quantum);
criterion_main!(benches);
