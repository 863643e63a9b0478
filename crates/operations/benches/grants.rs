//! What it costs that a request is permitted by a grant and not by the key policy: the same Encrypt,
//! on keys with few and with many grants.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run stops; its entry point is a macro's")]

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::json;
use tokio::runtime::Runtime;
use trent_domain::{
    EncryptionContext, Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal, KeyArn,
};
use trent_engine::{Changes, principal_tag};
use trent_testkit::{ACCOUNT, REGION, Trent};

fn grants(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let trent = runtime.block_on(Trent::start()).unwrap();
    let key = runtime.block_on(trent.create_key()).unwrap();
    bench(criterion, &runtime, &trent, "policy", &key);
    for count in [1, 1_000, 50_000] {
        let key = runtime.block_on(trent.create_key()).unwrap();
        runtime.block_on(fill(&trent, &key, count));
        bench(criterion, &runtime, &trent, &format!("{count} grants"), &key);
    }
}

fn bench(criterion: &mut Criterion, runtime: &Runtime, trent: &Trent, name: &str, key: &str) {
    let input = json!({ "KeyId": key, "Plaintext": "QUJD", "EncryptionContext": { "n": "0" } });
    let request = trent.request("Encrypt", input.to_string().into_bytes()).unwrap();
    criterion.bench_function(name, |bencher| {
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

/// Takes the key policy's permission to encrypt away and puts `count` grants in its place, each with
/// an encryption context of its own.
async fn fill(trent: &Trent, key: &str, count: usize) {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let statement = json!({
        "Effect": "Allow", "Principal": { "AWS": root }, "NotAction": "kms:Encrypt", "Resource": "*"
    });
    let policy = json!({ "Version": "2012-10-17", "Statement": statement }).to_string();
    trent.call("PutKeyPolicy", &json!({ "KeyId": key, "Policy": policy })).await.unwrap();
    let (account, id) = (ACCOUNT.parse().unwrap(), key.rsplit('/').next().unwrap().parse().unwrap());
    let key = KeyArn { region: REGION.parse().unwrap(), account, id };
    let tag = principal_tag(&trent.records, &root);
    let mut changes = Changes::default();
    for number in 0..count {
        let pairs = [("n".to_owned(), number.to_string())].into();
        let context_equals = Some(EncryptionContext::new(pairs));
        let grant = Grant {
            id: GrantId::new((number as u128).to_be_bytes(), tag),
            account,
            region: key.region.clone(),
            key: key.id,
            grantee: GrantPrincipal::Identity { name: root.clone(), account },
            retiring: None,
            issuer: account,
            name: None,
            operations: vec![GrantOperation::Encrypt],
            constraints: GrantConstraints { context_equals, ..GrantConstraints::default() },
            created: jiff::Timestamp::UNIX_EPOCH,
        };
        changes.create_grant(&trent.records, &grant).unwrap();
    }
    trent.records.commit(changes).await.unwrap();
}

criterion_group!(benches, grants);
criterion_main!(benches);
