//! What an operation is: one type that states everything about itself.

use jiff::Timestamp;
use trent_crypto::Keyring;
use trent_domain::{AccountId, KeySpec, KeyUsage, Region, ResourceQuotas, StateRow};

use crate::authorize::{Circumstances, Demand, Permit};
use crate::marker::Markers;
use crate::target::{Subject, Target};
use crate::web_identity::{WebIdentities, WebIdentity};
use crate::{
    Caller, Changes, Compute, Effort, Fault, ForwardedCall, Json, Minted, Principals, Records, Rng,
    ServiceEvent, Session, compute,
};

/// A member of an input that the audit trail shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Audited {
    /// Its name on the wire.
    pub name: &'static str,
    /// What is shown, as JSON, when the input leaves it out; nothing when this is empty.
    pub default: &'static str,
}

impl Audited {
    /// A member that is shown when it is there.
    #[must_use]
    pub const fn member(name: &'static str) -> Self {
        Self { name, default: "" }
    }

    /// A member that is shown as the JSON text `default` when the input leaves it out.
    #[must_use]
    pub const fn defaulting(name: &'static str, default: &'static str) -> Self {
        Self { name, default }
    }
}

/// What the targets of an operation load as.
pub type Loaded<O> = <<O as Operation>::Target as Target>::Loaded;

/// An operation of an API.
pub trait Operation: Sized + Send + Sync + 'static {
    /// Its name in the API.
    const NAME: &'static str;
    /// Whether it leaves the state of keys alone; the audit trail says so.
    const READ_ONLY: bool;
    /// The row of the key-state table that its keys are held against.
    const STATE: StateRow = StateRow::Any;
    /// Whether it may be used on a resource of another account.
    const CROSS_ACCOUNT: bool = false;
    /// Whether it may be asked without a signature: then [`Operation::identify`] says who asks.
    const UNSIGNED: bool = false;
    /// Whether a grant token that is none is refused, where tokens may be sent along.
    const CHECKS_GRANT_TOKENS: bool = true;
    /// What its keys must have been made for.
    const USAGE: Option<KeyUsage> = None;
    /// The members of the input that the audit trail shows: an allow-list.
    const AUDITED: &'static [Audited];

    /// The decoded and checked input.
    type Input: Send + Sync + 'static;
    /// The answer; `()` for none.
    type Output: Send;
    /// What the input names.
    type Target: Target;

    /// Who asks, when nobody signed: what the input itself proves.
    ///
    /// # Errors
    /// When it proves nothing, which is so of every operation but those that are `UNSIGNED`.
    fn identify(
        _input: &Self::Input,
        _place: &Unsigned<'_>,
    ) -> impl Future<Output = Result<WebIdentity, Fault>> + Send {
        std::future::ready(Err(Fault::Authentication(trent_sigv4::AuthError::MissingToken)))
    }

    /// What must be loaded, from the input alone.
    ///
    /// # Errors
    /// Rules between members that the model cannot express.
    fn target(input: &Self::Input) -> Result<Self::Target, Fault>;

    /// Every action the caller must be allowed, on which resource, under which condition keys.
    fn demands<'a>(input: &'a Self::Input, loaded: &'a Loaded<Self>) -> Vec<Demand<'a>>;

    /// The spec of the data key pair it makes: each has a rate quota of its own.
    fn makes_pair(_input: &Self::Input) -> Option<KeySpec> {
        None
    }

    /// What the caller is charged besides, in another Region: for which operation, and how often.
    fn charged_elsewhere(_input: &Self::Input) -> Option<(&str, &'static str, usize)> {
        None
    }

    /// Does the work. Everything was checked that can be checked from outside; changes are
    /// returned, not made, and may be thrown away and asked for again when somebody was faster.
    fn execute(
        input: &Self::Input,
        permit: &Permit<Loaded<Self>>,
        context: &Context<'_>,
    ) -> impl Future<Output = Result<Outcome<Self::Output>, Fault>> + Send;
}

/// What there is to go by when nobody signed.
#[derive(Clone, Copy)]
pub struct Unsigned<'a> {
    pub(crate) records: &'a Records,
    /// The world's time, by which tokens are judged.
    pub(crate) wall: Timestamp,
    pub(crate) web_identities: &'a WebIdentities,
}

impl Unsigned<'_> {
    /// Whom the token of an identity provider of `account` is about.
    ///
    /// # Errors
    /// When it is not to be believed, or that cannot be found out.
    pub async fn web_identity(&self, token: &str, account: AccountId) -> Result<WebIdentity, Fault> {
        self.web_identities.identify(token, account, self.records, self.wall).await
    }
}

/// What an operation came to.
pub struct Outcome<T> {
    /// The answer.
    pub output: T,
    /// What is to be stored before it is given.
    pub changes: Changes,
    /// `responseElements` of the audit record.
    pub response: Option<Json>,
    /// `additionalEventData` of the audit record.
    pub additional: Option<Json>,
    /// ARNs of keys that did not exist when the request arrived.
    pub created: Option<(AccountId, String)>,
    /// What the service called in other Regions on the caller's behalf, for the audit trail.
    pub forwarded: Vec<ForwardedCall>,
    /// What the service did to keys on this occasion, for the audit trail.
    pub service: Vec<ServiceEvent>,
}

impl<T> Outcome<T> {
    /// An answer that changes nothing.
    #[must_use]
    pub fn read(output: T) -> Self {
        Self::write(output, Changes::default())
    }

    /// An answer that takes effect with `changes`.
    #[must_use]
    pub fn write(output: T, changes: Changes) -> Self {
        Self {
            output,
            changes,
            response: None,
            additional: None,
            created: None,
            forwarded: Vec::new(),
            service: Vec::new(),
        }
    }

    /// With `responseElements` for the audit record.
    #[must_use]
    pub fn responding(mut self, response: Json) -> Self {
        self.response = Some(response);
        self
    }

    /// With `additionalEventData` for the audit record.
    #[must_use]
    pub fn adding(mut self, additional: Json) -> Self {
        self.additional = Some(additional);
        self
    }
}

/// What an operation may use of the world.
pub struct Context<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// The Region of the request.
    pub region: &'a Region,
    /// Every Region that is served.
    pub regions: &'a [Region],
    /// Trent's time when the request was taken up.
    pub now: Timestamp,
    /// Records, for reading.
    pub records: &'a Records,
    /// Randomness for identifiers.
    pub rng: &'a dyn Rng,
    /// Where slow work is done.
    pub compute: &'a dyn Compute,
    /// How many things of a kind there may be.
    pub quotas: &'a ResourceQuotas,
}

impl<'a> Context<'a> {
    /// The caller's account.
    #[must_use]
    pub fn account(&self) -> AccountId {
        self.caller.principal.account
    }

    /// Random bytes.
    ///
    /// # Errors
    /// When the source fails.
    pub fn random<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.rng.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// Does slow work off the threads that serve requests.
    ///
    /// # Errors
    /// When it was not finished.
    pub async fn offload<T: Send + 'static>(
        &self,
        effort: Effort,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Fault> {
        compute::run(self.compute, effort, work).await
    }

    /// The markers of a list of `operation`, filtered by `filter`.
    #[must_use]
    pub fn markers(&self, operation: &str, filter: &str) -> Markers<'a> {
        let keyring: &'a Keyring = self.records.keyring();
        Markers::new(keyring, format!("{operation}\n{}\n{}\n{filter}", self.account(), self.region))
    }

    /// When and where the request is judged.
    #[must_use]
    pub const fn circumstances(&self) -> Circumstances<'_> {
        Circumstances { caller: self.caller, region: self.region, now: self.now, records: self.records }
    }

    /// Principals as things of the caller's account name them.
    #[must_use]
    pub fn principals(&self) -> Principals<'a> {
        Principals::new(self.records, self.account())
    }

    /// Temporary credentials for a session. They work as long as its role or user exists and its
    /// time has not come.
    ///
    /// # Errors
    /// When randomness fails, or the token would be too large to travel.
    pub fn mint(&self, session: &Session) -> Result<Minted, Fault> {
        session.mint(self.random()?, self.records)
    }
}

/// Holds the keys of `permit` against the key-state table and the operation's usage.
pub(crate) fn gate<O: Operation>(permit: &Permit<Loaded<O>>, now: Timestamp) -> Result<(), Fault> {
    let mut verdict = Ok(());
    permit.gated(&mut |loaded| {
        if verdict.is_err() {
            return;
        }
        let (key, arn) = (&loaded.entry.key, &loaded.entry.arn);
        if let Err(refusal) = O::STATE.check(key.state(now), key.origin) {
            verdict = Err(Fault::refused(arn, refusal, key.origin));
        } else if let Some(usage) = O::USAGE.filter(|usage| *usage != key.usage) {
            let _ = usage;
            let usage = key.usage.as_str();
            verdict = Err(Fault::KeyUsage { arn: arn.to_string(), usage, operation: O::NAME });
        }
    });
    verdict
}
