//! What goes on beside requests. All of it ends with the drain.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::Signal;
use tokio::time::{MissedTickBehavior, interval, timeout};
use trent_engine::{Records, Store};

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
