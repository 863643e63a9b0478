//! What goes on beside requests. All of it ends with the drain.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::signal::unix::Signal;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use trent_engine::{Clock as _, Records, Store, Worker};

use crate::clock::SystemClock;
use crate::drain::Drain;
use crate::health::Health;
use crate::tls::{Served, Source};
use crate::wire::Durable;

/// Reads every record once and tells how many are not what was written. Readers of the store do
/// not wait for it.
pub(crate) async fn verify(records: Arc<Records>, drain: Drain) {
    let verified = tokio::select! {
        () = drain.begun() => return,
        verified = records.verify_all() => verified,
    };
    match verified {
        Ok((sound, 0)) => tracing::info!(sound, "all records are what was written"),
        Ok((sound, damaged)) => {
            tracing::error!(sound, damaged, "some records are not what was written");
        }
        Err(error) => tracing::error!(%error, "the records could not be verified"),
    }
}

/// Looks after the store and the audit trail, for readiness.
pub(crate) async fn watch_health(store: Arc<dyn Store>, health: Arc<Health>, drain: Drain) {
    const PERIOD: Duration = Duration::from_secs(5);
    let mut ticks = interval(PERIOD);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut audit_errors = 0;
    loop {
        tokio::select! {
            () = drain.begun() => return,
            _ = ticks.tick() => {}
        }
        let answered = timeout(PERIOD, store.revision()).await;
        health.store_answered(matches!(answered, Ok(Ok(_))));
        audit_errors = health.audit_since(audit_errors);
    }
}

/// The longest that the last use of a key stays unwritten, and that what failed is left alone.
const WORK_PERIOD: Duration = Duration::from_secs(60);

/// Rotates, expires and deletes keys when it is time, at once if that was while the server was
/// down; and writes down when keys were last used.
pub(crate) async fn work(worker: Arc<Worker>, clock: Arc<SystemClock>, drain: Drain) {
    let mut minutes = interval(WORK_PERIOD);
    minutes.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut wait = Duration::ZERO;
    loop {
        tokio::select! {
            () = drain.begun() => return,
            () = worker.sooner() => {}
            () = sleep(wait) => {}
            _ = minutes.tick() => worker.write_usage().await,
        }
        wait = match worker.round().await {
            Ok(next) => until(next, &clock),
            Err(error) => {
                tracing::error!(%error, "what is due to keys could not be found out");
                WORK_PERIOD
            }
        };
    }
}

/// How long to wait for `next`. Clocks may be set, so never too long.
fn until(next: Option<Timestamp>, clock: &SystemClock) -> Duration {
    let wait = next.map(|next| next.duration_since(clock.now()));
    let wait = wait.map(|wait| Duration::try_from(wait).unwrap_or(Duration::ZERO));
    wait.map_or(WORK_PERIOD, |wait| wait.min(WORK_PERIOD))
}

/// Lets files of the audit trail end although no further record comes.
pub(crate) async fn tick(durable: Durable, drain: Drain) {
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = drain.begun() => return,
            _ = ticks.tick() => durable.tick(),
        }
    }
}

/// Takes over certificates when it is time for others: every few seconds it is looked, and at
/// once on SIGHUP. Whatever is wrong with a new one, the old one goes on being served.
pub(crate) async fn renew_certificates(
    mut source: Box<dyn Source>,
    served: Arc<Served>,
    mut hangup: Signal,
    drain: Drain,
) {
    let mut ticks = interval(Duration::from_secs(10));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = None;
    loop {
        tokio::select! {
            () = drain.begun() => return,
            _ = ticks.tick() => {}
            _ = hangup.recv() => {}
        }
        let trouble = match source.renewed() {
            Ok(None) => None,
            Ok(Some(next)) => {
                served.replace(next);
                tracing::info!("a new certificate is served");
                None
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(error) = trouble.as_ref().filter(|_| trouble != told) {
            tracing::error!(%error, "the certificate cannot be renewed; the old one is still served");
        }
        told = trouble;
    }
}
