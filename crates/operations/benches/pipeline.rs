//! The whole pipeline without HTTP and without files: what a request costs between the socket and
//! the audit trail's file.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run stops; its entry point is a macro's"
)]

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use tokio::runtime::Runtime;
use trent_testkit::Trent;

fn pipeline(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let trent = runtime.block_on(Trent::start()).unwrap();
    let key = runtime.block_on(trent.create_key()).unwrap();
    let plaintext = "A".repeat(1368);
    let encrypt = json!({ "KeyId": key, "Plaintext": plaintext });
    let made = runtime.block_on(trent.call("Encrypt", &encrypt)).unwrap();
    let decrypt = json!({ "CiphertextBlob": made.body["CiphertextBlob"] });
    let data_key = json!({ "KeyId": key, "KeySpec": "AES_256" });
    for (operation, input) in [("Encrypt", encrypt), ("Decrypt", decrypt), ("GenerateDataKey", data_key)] {
        let request = trent.request(operation, input.to_string().into_bytes()).unwrap();
        criterion.bench_function(operation, |bencher| {
            bencher.iter(|| {
                let request = trent_engine::Request {
                    head: request.head.clone(),
                    body: request.body.clone(),
                    peer: request.peer,
                    tls: None,
                    secure: false,
                };
                let answer = runtime.block_on(trent.handle(request));
                assert_eq!(answer.status(), 200);
                trent.audit.clear();
            });
        });
    }
}

criterion_group!(benches, pipeline);
criterion_main!(benches);
