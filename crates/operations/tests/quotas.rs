//! How many keys there may be, and what it costs to know.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::json;
use trent_domain::ResourceQuotas;
use trent_testkit::{Answer, REGION, Trent};

const DAY: i64 = 86_400;

async fn start(keys: usize) -> Trent {
    Trent::start_with(&[REGION], ResourceQuotas { keys, ..ResourceQuotas::default() }).await.unwrap()
}

async fn create(trent: &Trent) -> Answer {
    trent.call("CreateKey", &json!({})).await.unwrap()
}

#[tokio::test]
async fn an_account_is_full_until_a_key_is_gone() {
    let trent = start(3).await;
    let keys = [create(&trent).await, create(&trent).await, create(&trent).await];
    let key = keys[0].text("/KeyMetadata/KeyId");
    let refused = create(&trent).await;
    assert_eq!(refused.error(), Some("LimitExceededException"));
    let full = "The account already has the maximum number of KMS keys in us-east-1, 3.";
    assert_eq!((refused.status, refused.message()), (400, Some(full)));
    // In whatever state: it counts until it is gone.
    for (operation, input) in [
        ("DisableKey", json!({ "KeyId": key })),
        ("ScheduleKeyDeletion", json!({ "KeyId": key, "PendingWindowInDays": 7 })),
    ] {
        assert_eq!(trent.call(operation, &input).await.unwrap().status, 200);
        assert_eq!(create(&trent).await.error(), Some("LimitExceededException"));
    }
    trent.pass(8 * DAY).await.unwrap();
    assert_eq!(create(&trent).await.status, 200);
    assert_eq!(create(&trent).await.error(), Some("LimitExceededException"));
}

#[tokio::test]
async fn keys_are_counted_once_and_again_only_near_the_limit() {
    const MANY: usize = 50;
    let trent = start(MANY + 2).await;
    let scans = || trent.metrics.store.scans.get();
    create(&trent).await;
    let before = scans();
    for _ in 1..MANY {
        assert_eq!(create(&trent).await.status, 200);
    }
    assert_eq!(scans(), before);
    // What is full is not counted again before something has changed.
    assert_eq!((create(&trent).await.status, create(&trent).await.status), (200, 200));
    assert_eq!(create(&trent).await.status, 400);
    let before = scans();
    assert_eq!(create(&trent).await.status, 400);
    assert_eq!(scans(), before);
}

/// Requests at the same moment do not see each other, but nothing is lost of what was there before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_limit_is_passed_by_no_more_than_comes_at_once() {
    const AT_ONCE: usize = 4;
    let trent = std::sync::Arc::new(start(10).await);
    let workers = (0..AT_ONCE).map(|_| {
        let trent = trent.clone();
        tokio::spawn(async move {
            let mut made = 0;
            for _ in 0..10 {
                made += usize::from(create(&trent).await.status == 200);
            }
            made
        })
    });
    let mut made = 0;
    for worker in workers.collect::<Vec<_>>() {
        made += worker.await.unwrap();
    }
    assert!((10..10 + AT_ONCE).contains(&made), "{made}");
}
