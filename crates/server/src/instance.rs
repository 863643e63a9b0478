//! One Trent: an engine over an open data directory, as something that answers HTTP.

use std::sync::Arc;

use ::http::Response;
use ::http::request::Parts as Head;
use bytes::Bytes;
use trent_domain::AccountId;
use trent_engine::{
    Clock, Compute, Engine, Fault, IdentityProviders, Metrics, Parts, Records, Request, Store, Worker,
};

use crate::bootstrap::{self, BootstrapError, FirstCredential, Owner};
use crate::clock::SystemClock;
use crate::compute::Pools;
use crate::config::Config;
use crate::failure::Failure;
use crate::health::{self, Health};
use crate::http::{Answer, App};
use crate::rng::SystemRng;
use crate::seed::{Ground, Seed, Sower};
use crate::wire::{self, Durable};
use crate::{attestation, dev, files, oidc};

/// Answers the API, health, and with `--dev` what is for tests.
pub(crate) struct Instance {
    engine: Engine,
    health: Arc<Health>,
    dev: Option<dev::Tools>,
}

/// What an instance is opened with.
pub(crate) struct Opening<'a> {
    pub(crate) config: &'a Config,
    /// What the store is to hold.
    pub(crate) seed: Option<Seed>,
    pub(crate) durable: &'a Durable,
    pub(crate) clock: Arc<SystemClock>,
    pub(crate) metrics: Metrics,
    pub(crate) health: Arc<Health>,
}

/// An instance, and what else came of opening it.
pub(crate) struct Opened {
    pub(crate) instance: Instance,
    pub(crate) records: Arc<Records>,
    /// What does what is due.
    pub(crate) worker: Arc<Worker>,
    /// Whether this is the first start of the data directory.
    pub(crate) first_start: bool,
}

impl Instance {
    /// Opens a data directory, or furnishes a new one.
    pub(crate) async fn open(opening: Opening<'_>) -> Result<Opened, Failure> {
        let Opening { config, seed, durable, clock, metrics, health } = opening;
        let store = durable.store();
        let records = open_records(Arc::clone(&store), config, &metrics, &health).await?;
        let first_start = furnish(&records, config, &clock).await?;
        let identity_providers: Arc<dyn IdentityProviders> =
            Arc::new(oidc::Providers::new(&config.oidc_ca, config.dev)?);
        let compute: Arc<dyn Compute> = Arc::new(Pools::start(config.workers).map_err(Failure::broken)?);
        let ground = || Ground {
            regions: config.regions.clone(),
            seal: config.seal.clone(),
            store: Arc::clone(&store),
            records: Arc::clone(&records),
            audit: durable.audit(),
            clock: Arc::clone(&clock),
            compute: Arc::clone(&compute),
            identity_providers: Arc::clone(&identity_providers),
            resource_quotas: config.resource_quotas,
        };
        let sower = seed.map(|seed| Sower::new(seed, ground()));
        if let Some(sower) = &sower {
            sower.sow().await?;
        }
        let worker = Arc::new(Worker::new(
            Arc::clone(&records),
            durable.audit(),
            Arc::clone(&clock) as Arc<dyn Clock>,
            Arc::new(SystemRng),
        ));
        let dev = config.dev.then(|| dev::Tools {
            clock: Arc::clone(&clock),
            store,
            records: Arc::clone(&records),
            worker: Arc::clone(&worker),
            sower,
        });
        let parts = Parts {
            regions: config.regions.clone(),
            services: wire::services(),
            records: Arc::clone(&records),
            audit: durable.audit(),
            clock,
            rng: Arc::new(SystemRng),
            compute,
            identity_providers,
            attestation_roots: attestation::roots(&config.attestation_roots)?,
            rate_quotas: config.rate_quotas.clone(),
            resource_quotas: config.resource_quotas,
            metrics,
        };
        let engine = Engine::new(parts).map_err(Failure::broken)?;
        Ok(Opened { instance: Self { engine, health, dev }, records, worker, first_start })
    }
}

/// The records of a store, followed: without that no commit would ever return.
async fn open_records(
    store: Arc<dyn Store>,
    config: &Config,
    metrics: &Metrics,
    health: &Arc<Health>,
) -> Result<Arc<Records>, Failure> {
    let (keyring, _) = bootstrap::open_keyring(&*store, &config.seal).await.map_err(failure)?;
    let records = Arc::new(Records::new(store, keyring, config.cache_records, metrics.store.clone()));
    let follow = Arc::clone(&records).follow().await.map_err(Failure::broken)?;
    let health = Arc::clone(health);
    tokio::spawn(async move {
        follow.await;
        health.store_answered(false);
    });
    Ok(records)
}

/// Sees to it that the account has its root user; answers whether it had none.
async fn furnish(records: &Arc<Records>, config: &Config, clock: &SystemClock) -> Result<bool, Failure> {
    let owner = bootstrap::owner(records).await.map_err(Failure::broken)?;
    match owner {
        Owner::Unreadable => Ok(false),
        Owner::Account(account) | Owner::Unrecorded(account)
            if config.account.is_none_or(|expected| expected == account) =>
        {
            if matches!(owner, Owner::Unrecorded(_)) {
                bootstrap::keep_account(records, account, clock).await.map_err(failure)?;
            }
            Ok(false)
        }
        Owner::Account(account) | Owner::Unrecorded(account) => Err(Failure::configuration(format!(
            "`{}` belongs to the account {account} and to no other: leave out --account",
            config.data_dir.display(),
        ))),
        Owner::Nobody => {
            let account = config.account.or(AccountId::from_number(0));
            let account = account.ok_or_else(|| Failure::broken("there is no account"))?;
            let first = FirstCredential::draw().map_err(failure)?;
            // The file comes first: a key that is in the store and in no file is lost to all.
            files::write_credentials(&config.data_dir, &first).map_err(Failure::broken)?;
            bootstrap::keep_root_credential(records, account, &first, clock).await.map_err(failure)?;
            Ok(true)
        }
    }
}

fn failure(error: BootstrapError) -> Failure {
    match error {
        BootstrapError::SealMissing(_) | BootstrapError::SealFile { .. } | BootstrapError::Seal(_) => {
            Failure::configuration(error)
        }
        _ => Failure::broken(error),
    }
}

impl App for Instance {
    fn at_once(&self, head: &Head) -> Option<Response<Bytes>> {
        // Nearly every request is one of the API's.
        if head.uri.path() == "/" { None } else { health::at_once(&self.health, head) }
    }

    fn refuse(self: Arc<Self>, request: Request, refusal: Fault) -> Answer {
        Box::pin(async move { self.engine.refuse(request, refusal).await })
    }

    fn answer(self: Arc<Self>, request: Request) -> Answer {
        Box::pin(async move {
            match &self.dev {
                Some(tools) if dev::is_addressed(&request.head) => tools.answer(&request).await,
                _ => self.engine.handle(request).await,
            }
        })
    }
}
