//! One verification of a request as boto3 sends it, with the day's signing key at hand.
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use trent_sigv4::{RequestParts, SecretAccessKey, SignParams, SigningKey, Verified, parse, sign};

const SKEW: SignedDuration = SignedDuration::from_mins(5);

fn headers(now: Timestamp, secret: &SecretAccessKey, body: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in [
        ("host", "127.0.0.1:4599"),
        ("content-type", "application/x-amz-json-1.1"),
        ("x-amz-target", "TrentService.Encrypt"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    let access_key_id = "AKIAIOSFODNN7EXAMPLE";
    let params = SignParams {
        access_key_id,
        secret,
        session_token: None,
        region: "us-east-1",
        service: "kms",
        time: now,
    };
    sign(&params, "POST", "/", "", &mut headers, body).unwrap();
    for (name, value) in [
        ("accept-encoding", "identity"),
        (
            "user-agent",
            "Boto3/1.42.0 md/Botocore#1.42.0 ua/2.1 os/linux#6.8.0 md/arch#x86_64 lang/python#3.13.5",
        ),
        ("amz-sdk-invocation-id", "5f0e6f8e-8f7c-4a51-9c34-1d2f4f2d6a10"),
        ("amz-sdk-request", "attempt=1"),
        ("content-length", "1400"),
    ] {
        headers.insert(name, value.parse().unwrap());
    }
    headers
}

fn verified(parts: &RequestParts<'_>, now: Timestamp, key: &SigningKey) -> Verified {
    let timely = parse(parts).unwrap().check_time(now, SKEW).unwrap();
    let scoped = timely.check_scope(|region| region == "us-east-1", "kms").unwrap();
    black_box(scoped.scope());
    scoped.verify(key).unwrap()
}

fn verify(c: &mut Criterion) {
    let now: Timestamp = "2026-11-24T12:00:00Z".parse().unwrap();
    let secret = SecretAccessKey::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
    let key = SigningKey::derive(&secret, "20261124", "us-east-1", "kms");
    for length in [0, 1400] {
        let body = vec![b'x'; length];
        let headers = headers(now, &secret, &body);
        let parts = RequestParts {
            method: "POST",
            path: "/",
            query: "",
            headers: &headers,
            authority: None,
            body: &body,
        };
        c.bench_function(&format!("verify a boto3 request of {length} bytes"), |b| {
            b.iter(|| verified(black_box(&parts), now, &key));
        });
    }
}

criterion_group!(benches, verify);
criterion_main!(benches);
