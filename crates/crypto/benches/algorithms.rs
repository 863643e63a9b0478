//! What each family costs: making a key, and each thing a key does.
//!
//! For the library's own figures beside these, run `openssl speed` or, for AWS-LC, its `bssl speed`.

use std::hint::black_box;

use criterion::{BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime};
use trent_crypto::{HmacKey, KeyError, KeyPair};
use trent_domain::{Algorithms, EncryptionAlgorithm, KeySpec, KeyUsage, MacAlgorithm, MessageType};

const MESSAGE: &[u8] = &[7; 64];

fn pairs(criterion: &mut Criterion) {
    for &spec in KeySpec::ALL.iter().filter(|spec| spec.is_asymmetric()) {
        let Ok(pair) = KeyPair::generate(spec) else { continue };
        let mut group = criterion.benchmark_group(spec.as_str());
        group.sample_size(10);
        group.bench_function("generate", |bencher| bencher.iter(|| KeyPair::generate(spec)));
        let pkcs8 = pair.private_key_pkcs8().expose();
        group.bench_function("parse", |bencher| bencher.iter(|| KeyPair::from_pkcs8(spec, pkcs8)));
        signatures(&mut group, &pair);
        encryption(&mut group, &pair);
        secrets(&mut group, &pair);
        group.finish();
    }
}

fn signatures(group: &mut BenchmarkGroup<'_, WallTime>, pair: &KeyPair) {
    let Some(Algorithms::Signing(offered)) = pair.spec().algorithms(KeyUsage::SignVerify) else { return };
    for &algorithm in offered {
        for &kind in MessageType::ALL {
            let Ok(signature) = pair.sign(algorithm, kind, MESSAGE) else { continue };
            let what = format!("{}/{}", algorithm.as_str(), kind.as_str());
            group.bench_function(format!("sign/{what}"), |bencher| {
                bencher.iter(|| pair.sign(algorithm, kind, black_box(MESSAGE)));
            });
            group.bench_function(format!("verify/{what}"), |bencher| {
                bencher.iter(|| pair.public().verify(algorithm, kind, black_box(MESSAGE), &signature));
            });
        }
    }
}

fn encryption(group: &mut BenchmarkGroup<'_, WallTime>, pair: &KeyPair) {
    for &algorithm in EncryptionAlgorithm::ALL {
        let Ok(ciphertext) = pair.public().encrypt(algorithm, MESSAGE) else { continue };
        group.bench_function(format!("encrypt/{}", algorithm.as_str()), |bencher| {
            bencher.iter(|| pair.public().encrypt(algorithm, black_box(MESSAGE)));
        });
        group.bench_function(format!("decrypt/{}", algorithm.as_str()), |bencher| {
            bencher.iter(|| pair.decrypt(algorithm, black_box(&ciphertext)));
        });
    }
}

fn secrets(group: &mut BenchmarkGroup<'_, WallTime>, pair: &KeyPair) {
    let spki = pair.public().spki();
    if pair.derive_shared_secret(spki) != Err(KeyError::Algorithm) {
        group.bench_function("agree", |bencher| {
            bencher.iter(|| pair.derive_shared_secret(black_box(spki)));
        });
    }
    if let Ok((_, ciphertext)) = pair.public().encapsulate() {
        group.bench_function("encapsulate", |bencher| bencher.iter(|| pair.public().encapsulate()));
        group.bench_function("decapsulate", |bencher| {
            bencher.iter(|| pair.decapsulate(black_box(&ciphertext)));
        });
    }
}

fn macs(criterion: &mut Criterion) {
    let specs = [KeySpec::Hmac224, KeySpec::Hmac256, KeySpec::Hmac384, KeySpec::Hmac512];
    for (spec, &algorithm) in specs.into_iter().zip(MacAlgorithm::ALL) {
        let Ok(key) = HmacKey::generate(spec) else { continue };
        criterion.bench_function(&format!("{}/mac", spec.as_str()), |bencher| {
            bencher.iter(|| key.mac(algorithm, black_box(MESSAGE)));
        });
    }
}

criterion_group!(benches, macs, pairs);
criterion_main!(benches);
