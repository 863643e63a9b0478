//! Does what a seed says, twice: on top of the store for trial, then in the store.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use trent_domain::{AccountId, Region, ResourceQuotas};
use trent_engine::{
    AuditError, AuditSink, Clock, Compute, Engine, Errand, Event, Fault, IdentityProviders, Metrics, Parts,
    Records, Store, StoreError, StoreMetrics, WireError,
};
use trent_operations::seed;
use trent_store::OverlayStore;

use super::people::People;
use super::refusal::Refusal;
use super::steps::{Act, Key, Step};
use super::{Seed, refused};
use crate::clock::SystemClock;
use crate::failure::Failure;
use crate::rng::SystemRng;
use crate::{bootstrap, wire};

/// What the audit trail has for the program of a client.
pub(super) const AGENT: &str = "trent serve --seed";

/// Where services are that have one place.
const HOME: &str = "us-east-1";

/// How many records the trial keeps decoded.
const TRIAL_RECORDS: usize = 10_000;

/// What a seed is sown on.
pub(crate) struct Ground {
    pub(crate) regions: Vec<Region>,
    pub(crate) seal: std::path::PathBuf,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) records: Arc<Records>,
    pub(crate) audit: Arc<dyn AuditSink>,
    pub(crate) clock: Arc<SystemClock>,
    pub(crate) compute: Arc<dyn Compute>,
    pub(crate) identity_providers: Arc<dyn IdentityProviders>,
    pub(crate) resource_quotas: ResourceQuotas,
}

/// A seed and its ground.
pub(crate) struct Sower {
    seed: Seed,
    ground: Ground,
}

/// Why a step cannot be done.
pub(super) enum Trouble {
    /// It is refused: the seed is at fault.
    Refused(WireError),
    /// Something else is.
    Store(StoreError),
}

impl From<WireError> for Trouble {
    fn from(error: WireError) -> Self {
        Self::Refused(error)
    }
}

impl From<StoreError> for Trouble {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Sower {
    pub(crate) const fn new(seed: Seed, ground: Ground) -> Self {
        Self { seed, ground }
    }

    /// Adds to the store what it does not have of the seed.
    ///
    /// # Errors
    /// What the seed contradicts; nothing was written then. When it fails otherwise, a part may have
    /// been written, and the next time adds the rest.
    pub(crate) async fn sow(&self) -> Result<(), Failure> {
        let new = self.rehearse().await?;
        let Ground { records, audit, .. } = &self.ground;
        let field = self.field(Arc::clone(records), Arc::clone(audit))?;
        for step in &new {
            field.step(step).await.map_err(|trouble| self.failure(step, trouble))?;
        }
        tracing::info!(
            seed = %self.seed.file.display(),
            things = self.seed.steps.len(),
            new_or_changed = new.len(),
            "the store holds what the seed says"
        );
        Ok(())
    }

    /// Does all steps where they leave nothing behind; answers those that would have changed the store.
    async fn rehearse(&self) -> Result<Vec<&Step>, Failure> {
        let store = OverlayStore::over(Arc::clone(&self.ground.store)).await.map_err(Failure::broken)?;
        let store = Arc::new(store);
        let (keyring, _) =
            bootstrap::open_keyring(&*store, &self.ground.seal).await.map_err(Failure::broken)?;
        let records = Records::new(store.clone(), keyring, TRIAL_RECORDS, StoreMetrics::default());
        let records = Arc::new(records);
        tokio::spawn(Arc::clone(&records).follow().await.map_err(Failure::broken)?);
        let field = self.field(records, Arc::new(Untold))?;
        let mut new = Vec::new();
        for step in &self.seed.steps {
            let before = store.revision().await.map_err(Failure::broken)?;
            let differ = field.step(step).await.map_err(|trouble| self.failure(step, trouble))?;
            if !differ.is_empty() {
                tracing::warn!(place = %step.place, ?differ, "what the seed says otherwise is left as it is");
            }
            if store.revision().await.map_err(Failure::broken)? != before {
                new.push(step);
            }
        }
        store.close();
        Ok(new)
    }

    fn failure(&self, step: &Step, trouble: Trouble) -> Failure {
        match trouble {
            Trouble::Refused(error) if is_ours(&error) => Failure::broken(Worded(&error)),
            Trouble::Refused(error) => refused(&self.seed.file, &Refusal::at(step.place, Worded(&error))),
            Trouble::Store(error) => Failure::broken(error),
        }
    }

    fn field(&self, records: Arc<Records>, audit: Arc<dyn AuditSink>) -> Result<Field, Failure> {
        let Ground { regions, clock, compute, identity_providers, resource_quotas, .. } = &self.ground;
        let engine = Engine::new(Parts {
            regions: regions.clone(),
            services: wire::services(),
            records: Arc::clone(&records),
            audit,
            clock: Arc::clone(clock) as Arc<dyn Clock>,
            rng: Arc::new(SystemRng),
            compute: Arc::clone(compute),
            identity_providers: Arc::clone(identity_providers),
            attestation_roots: Arc::default(),
            // Nobody waits for a seed but the start.
            rate_quotas: trent_domain::RateQuotas::default(),
            resource_quotas: *resource_quotas,
            metrics: Metrics::default(),
        });
        let home = HOME.parse().map_err(Failure::broken)?;
        Ok(Field { engine: engine.map_err(Failure::broken)?, records, home })
    }
}

/// Whether an error is none of the seed's doing.
fn is_ours(error: &WireError) -> bool {
    error.status >= 500
}

/// An error as one line.
struct Worded<'a>(&'a WireError);

impl fmt::Display for Worded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.message {
            Some(message) => f.write_str(message),
            None => f.write_str(self.0.code),
        }
    }
}

/// Where steps are done.
struct Field {
    engine: Engine,
    records: Arc<Records>,
    home: Region,
}

impl Field {
    /// Does a step; answers what is other than it was to be, and stays so.
    async fn step(&self, step: &Step) -> Result<Vec<&'static str>, Trouble> {
        let own = self.own_account().await?;
        let account = step.account.unwrap_or(own);
        let people = People { engine: &self.engine, records: &self.records, account, region: &self.home };
        let errand = |service| Errand { account, region: &self.home, service, agent: AGENT };
        match &step.act {
            Act::Account(given) => {
                seed::account(&self.engine, &errand("organizations"), given).await?;
                Ok(Vec::new())
            }
            Act::Policy(given) => people.policy(given).await,
            Act::Group(given) => people.group(given).await,
            Act::User(given) => people.user(given).await,
            Act::Role(given) => people.role(given).await,
            Act::AccessKey(given) => {
                seed::access_key(&self.engine, &errand("iam"), given).await?;
                Ok(Vec::new())
            }
            Act::Key(given) => {
                let Key { region, seed } = &**given;
                let errand = Errand { account, region, service: "kms", agent: AGENT };
                Ok(seed::key(&self.engine, &errand, seed).await?)
            }
        }
    }

    /// The account that the store began with.
    async fn own_account(&self) -> Result<AccountId, Trouble> {
        match bootstrap::owner(&self.records).await? {
            bootstrap::Owner::Account(account) | bootstrap::Owner::Unrecorded(account) => Ok(account),
            bootstrap::Owner::Nobody | bootstrap::Owner::Unreadable => {
                Err(Fault::Internal("the store belongs to nobody".to_owned()).wire().into())
            }
        }
    }
}

/// The trail of a trial.
struct Untold;

#[async_trait]
impl AuditSink for Untold {
    async fn append(&self, _: Event) -> Result<(), AuditError> {
        Ok(())
    }
}
