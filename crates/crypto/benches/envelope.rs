//! Encrypt and decrypt of one message, as the hot path does them.
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use trent_crypto::{CiphertextHeader, SymmetricKey};
use trent_domain::{AccountId, EncryptionContext, KeyId, MaterialId};

fn envelope(c: &mut Criterion) {
    let key = SymmetricKey::generate().unwrap();
    let header = CiphertextHeader {
        account: AccountId::from_number(111_122_223_333).unwrap(),
        key: KeyId::from_raw([7; 16], false),
        material: MaterialId::from_bytes([9; 32]),
    };
    let pairs = BTreeMap::from([("purpose".to_owned(), "bench".to_owned())]);
    let context = EncryptionContext::new(pairs);
    for length in [32, 1024] {
        let plaintext = vec![b'x'; length];
        let blob = key.encrypt(&header, &context, &plaintext).unwrap();
        c.bench_function(&format!("encrypt {length} bytes"), |b| {
            b.iter(|| key.encrypt(black_box(&header), &context, black_box(&plaintext)).unwrap());
        });
        c.bench_function(&format!("decrypt {length} bytes"), |b| {
            b.iter(|| key.decrypt(black_box(&blob), &context).unwrap());
        });
    }
}

criterion_group!(benches, envelope);
criterion_main!(benches);
