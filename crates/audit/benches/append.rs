//! What a record costs: rendering alone, and all the way to the operating system.

use std::sync::Arc;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jiff::Timestamp;
use trent_audit::{Config, FileSink, Renderer};
use trent_domain::{AccountId, Principal, PrincipalKind};
use trent_engine::{AuditSink as _, Clock, Event, EventResource, Json, TlsDetails};
use uuid::Uuid;

struct MachineClock(Instant);

impl Clock for MachineClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    fn wall(&self) -> Timestamp {
        Timestamp::now()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

fn encrypt() -> Event {
    let account = AccountId::from_number(0).unwrap_or_else(|| std::process::abort());
    Event {
        id: Uuid::from_u128(0x1234_5678_9abc_4def_8123_4567_89ab_cdef),
        request_id: Uuid::from_u128(0xfedc_ba98_7654_4210_8123_4567_89ab_cdef),
        time: Timestamp::now(),
        principal: Some(Arc::new(Principal { account, kind: PrincipalKind::Root })),
        session: None,
        invoked_by: None,
        access_key_id: Some("AKIAIOSFODNN7EXAMPLE".into()),
        source: "kms.amazonaws.com",
        name: "Encrypt",
        region: "us-east-1".parse().ok(),
        source_ip: [127, 0, 0, 1].into(),
        user_agent: Some("Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#6.1 md/arch#x86_64".into()),
        error: None,
        parameters: Some(Json(
            r#"{"encryptionAlgorithm":"SYMMETRIC_DEFAULT","encryptionContext":{"tenant":"a"},"keyId":"alias/app"}"#
                .to_owned(),
        )),
        response: None,
        additional: None,
        read_only: true,
        resources: vec![EventResource {
            account,
            kind: "AWS::KMS::Key",
            arn: "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab".into(),
        }],
        tls: Some(TlsDetails {
            version: "TLSv1.3",
            cipher_suite: "TLS_AES_256_GCM_SHA384",
            key_exchange: Some("X25519MLKEM768"),
        }),
        host: Some("localhost:4599".into()),
        service: None,
    }
}

fn render(criterion: &mut Criterion) {
    let (event, mut renderer, mut out) = (encrypt(), Renderer::default(), Vec::new());
    criterion.bench_function("render", |bench| {
        bench.iter(|| {
            out.clear();
            renderer.render(&event, &mut out);
            out.len()
        });
    });
    criterion.bench_function("clone the event", |bench| bench.iter(|| event.clone()));
}

fn append(criterion: &mut Criterion) {
    const EACH: u64 = 64;
    let directory = tempfile::tempdir().unwrap_or_else(|_| std::process::abort());
    let clock = Arc::new(MachineClock(Instant::now()));
    let sink = FileSink::open(directory.path(), Config::default(), clock);
    let sink = Arc::new(sink.unwrap_or_else(|_| std::process::abort()));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build();
    let runtime = runtime.unwrap_or_else(|_| std::process::abort());
    let event = encrypt();
    let mut group = criterion.benchmark_group("append");
    for tasks in [1, 8, 64] {
        group.throughput(Throughput::Elements(tasks * EACH));
        group.bench_function(format!("{tasks} at a time"), |bench| {
            bench.iter(|| {
                runtime.block_on(async {
                    let each = (0..tasks).map(|_| {
                        let (sink, event) = (Arc::clone(&sink), event.clone());
                        tokio::spawn(async move {
                            for _ in 0..EACH {
                                let _ = sink.append(event.clone()).await;
                            }
                        })
                    });
                    for task in each.collect::<Vec<_>>() {
                        let _ = task.await;
                    }
                });
            });
        });
    }
}

criterion_group!(benches, render, append);
criterion_main!(benches);
