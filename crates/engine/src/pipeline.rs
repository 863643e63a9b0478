//! The one way in: every request takes these steps, in this order, and none repeats another's work.
//!
//! ```text
//! 1 receive       scope → service, target or form → catalog entry
//! 2 authenticate  signature → Caller
//! 3 decode        body → checked input
//! 4 load          what the input names → records
//! 5 authorize     demands → Permit
//! 6 gate          key states and usages
//! 7 execute       → output and changes
//! 8 commit        changes, if nothing that was read has changed; else from 4 again
//! 9 audit         on every way out, before the first byte of the answer
//! 10 render
//! ```
//! A dry run takes all steps up to 7, so that it finds every fault the real run would, and drops
//! what it made.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use trent_crypto::AttestationRoots;
use trent_domain::{RateClass, RateQuotas, Region, ResourceQuotas};
use trent_sigv4::AuthError;
use uuid::Uuid;

use crate::attestation::Attesters;
use crate::authenticate::Authenticator;
use crate::authorize::{self, Circumstances};
use crate::catalog::{Codec, Decoded, Handler};
use crate::metrics::{self, Metrics};
use crate::operation::{self, Context, Loaded, Operation, Unsigned};
use crate::render::{self, Rendered};
use crate::services::{Receipt, Service, Services};
use crate::target::{Place, Subject, Target};
use crate::throttle::Throttle;
use crate::tokens;
use crate::trail::{Closed, Trail};
use crate::usage::{LastSigned, LastUse};
use crate::web_identity::WebIdentities;
use crate::{
    AuditError, AuditSink, Caller, Clock, CommitError, Compute, Event, Fault, IdentityProviders, Records,
    Rng, RngError, TlsDetails, Who,
};

/// How often a request starts over because somebody else changed what it read.
const ATTEMPTS: usize = 64;

/// A request that has been received whole.
pub struct Request {
    /// Method, target and headers.
    pub head: http::request::Parts,
    /// The body.
    pub body: Bytes,
    /// The client's address: the peer of the connection, or whom a trusted proxy names.
    pub peer: IpAddr,
    /// How the connection is protected, if it is the client's own and protected.
    pub tls: Option<TlsDetails>,
    /// Whether the client's connection is protected.
    pub secure: bool,
}

impl Request {
    /// The first value of a header, as text; invalid bytes are replaced.
    #[must_use]
    pub fn header(&self, name: &http::HeaderName) -> Option<String> {
        let value = self.head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// A request whose caller is known, or may be left to the operation to identify.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// Where the input is.
    pub(crate) input: &'a [u8],
    /// How the request came.
    pub(crate) request: &'a Request,
    /// Who signed; `None` for an operation that needs no signature.
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) region: &'a Region,
}

/// What an engine is made of.
pub struct Parts {
    /// The Regions it serves.
    pub regions: Vec<Region>,
    /// What it serves; a request that names no service means the first.
    pub services: Vec<Service>,
    /// Its records; [`Records::follow`] must be running.
    pub records: Arc<Records>,
    /// Where requests are recorded.
    pub audit: Arc<dyn AuditSink>,
    /// What tells the time.
    pub clock: Arc<dyn Clock>,
    /// What draws identifiers.
    pub rng: Arc<dyn Rng>,
    /// What does slow work.
    pub compute: Arc<dyn Compute>,
    /// Where identity providers are asked for their keys.
    pub identity_providers: Arc<dyn IdentityProviders>,
    /// What attestation documents must lead to.
    pub attestation_roots: Arc<AttestationRoots>,
    /// How many requests a second it takes.
    pub rate_quotas: RateQuotas,
    /// How many things of a kind there may be.
    pub resource_quotas: ResourceQuotas,
    /// What counts.
    pub metrics: Metrics,
}

/// Answers requests.
pub struct Engine {
    pub(crate) parts: Parts,
    pub(crate) services: Services,
    authenticator: Authenticator,
    throttle: Throttle,
    web_identities: WebIdentities,
}

impl Engine {
    /// An engine of these parts.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new(mut parts: Parts) -> Result<Self, RngError> {
        let authenticator = Authenticator::new(parts.regions.clone(), &*parts.rng)?;
        let services = Services::new(std::mem::take(&mut parts.services));
        let throttle = Throttle::new(std::mem::take(&mut parts.rate_quotas));
        let web_identities =
            WebIdentities::new(Arc::clone(&parts.identity_providers), Arc::clone(&parts.clock));
        Ok(Self { parts, services, authenticator, throttle, web_identities })
    }

    /// The answer to a request: the whole pipeline.
    pub async fn handle(&self, request: Request) -> http::Response<Bytes> {
        self.conclude(request, None).await
    }

    /// The answer to a request whose body could not be taken, recorded like any other. Nobody is
    /// authenticated by a request that was not read.
    pub async fn refuse(&self, request: Request, refusal: Fault) -> http::Response<Bytes> {
        self.conclude(request, Some(refusal)).await
    }

    async fn conclude(&self, request: Request, refusal: Option<Fault>) -> http::Response<Bytes> {
        let started = self.parts.clock.monotonic();
        let (Some(service), Ok(ids)) = (self.services.of(&request), self.draw_ids()) else {
            return render::failure();
        };
        let mut trail = Trail::open(&request, ids, service.source, &*self.parts.clock);
        let answer = match refusal {
            None => self.answer(service, &request, &mut trail).await,
            Some(refusal) => {
                // The operation's name is worth recording even so.
                let _ = receive(service, &request, &mut trail);
                Err(refusal)
            }
        };
        let (id, name) = (trail.request_id(), trail.name());
        let rendered = self.record(service, trail, answer).await;
        self.count(name, &rendered, started);
        rendered.response(id)
    }

    /// Steps 1 to 8.
    async fn answer(
        &self,
        service: &Service,
        request: &Request,
        trail: &mut Trail,
    ) -> Result<Vec<u8>, Fault> {
        let handler = receive(service, request, trail);
        let Parts { records, clock, .. } = &self.parts;
        let proven = self.authenticator.authenticate(request, service, records, &**clock, trail).await;
        let input = service.input(request);
        let (caller, region) = match (proven, &handler) {
            // Some operations are asked by those who have no credentials yet. Whoever has some is not
            // let in by them, but must not have wrong ones.
            (Ok((_, region)), Ok(handler)) if handler.unsigned() => (None, region),
            (Ok((caller, region)), _) => (Some(caller), region),
            (Err(Fault::Authentication(AuthError::MissingToken)), Ok(handler)) if handler.unsigned() => {
                (None, self.authenticator.home().clone())
            }
            (Err(fault), _) => return Err(fault),
        };
        if let Some(caller) = &caller {
            trail.caller(caller, &region);
        }
        let signed = Signed { input, request, caller: caller.as_ref(), region: &region };
        handler?.handle(self, signed, trail).await
    }

    /// Steps 3 to 8, for one operation.
    pub(crate) async fn perform<O: Operation>(
        &self,
        codec: &Codec<O::Input, O::Output>,
        signed: Signed<'_>,
        trail: &mut Trail,
    ) -> Result<Vec<u8>, Fault> {
        let mut decoded = (codec.decode)(signed.input, O::AUDITED)?;
        trail.parameters(decoded.shown.take());
        let identified;
        let caller = match signed.caller {
            Some(caller) => caller,
            None => {
                identified = self.identify::<O>(&decoded.input, signed, trail).await?;
                &identified
            }
        };
        if O::CHECKS_GRANT_TOKENS {
            tokens::verify(&self.parts.records, signed.region, &decoded.grant_tokens).await?;
        }
        let Decoded { input, dry_run, .. } = decoded;
        let output = self.settle::<O>(&input, dry_run, caller, signed.region, trail).await?;
        Ok((codec.encode)(&output))
    }

    /// Steps 4 to 8, until nobody was faster.
    pub(crate) async fn settle<O: Operation>(
        &self,
        input: &O::Input,
        dry_run: bool,
        caller: &Caller,
        region: &Region,
        trail: &mut Trail,
    ) -> Result<O::Output, Fault> {
        for _ in 0..ATTEMPTS {
            match self.attempt::<O>(input, dry_run, caller, region, trail).await? {
                Some(output) => return Ok(output),
                None => tokio::task::yield_now().await,
            }
        }
        Err(Fault::Contention)
    }

    /// Who asks for an operation that nobody signed.
    async fn identify<O: Operation>(
        &self,
        input: &O::Input,
        signed: Signed<'_>,
        trail: &mut Trail,
    ) -> Result<Caller, Fault> {
        let Parts { records, clock, .. } = &self.parts;
        let place = Unsigned { records, wall: clock.wall(), web_identities: &self.web_identities };
        let identity = O::identify(input, &place).await?;
        let caller = Caller {
            who: Arc::new(Who::new(identity.principal.clone())),
            session: None,
            web_identity: Some(Arc::new(identity)),
            access_key_id: "".into(),
            source_ip: signed.request.peer,
            secure: signed.request.secure,
            user_agent: trail.user_agent(),
        };
        trail.caller(&caller, signed.region);
        Ok(caller)
    }

    /// Steps 4 to 8, once; `None` when somebody else was faster.
    async fn attempt<O: Operation>(
        &self,
        input: &O::Input,
        dry_run: bool,
        caller: &Caller,
        region: &Region,
        trail: &mut Trail,
    ) -> Result<Option<O::Output>, Fault> {
        let records = &*self.parts.records;
        let now = self.parts.clock.now();
        let attesters = Attesters::of(&self.parts);
        let place = Place { caller, region, operation: O::NAME, now, records, attesters };
        let loaded = O::target(input)?.load(&place).await?;
        trail.subject(&loaded);
        self.admit::<O>(caller, region, input, &loaded)?;

        let circumstances = Circumstances { caller, region, now, records };
        let permit = authorize::authorize::<O>(&circumstances, input, loaded).await?;
        permit.verify()?;
        operation::gate::<O>(&permit, now)?;

        let Parts { regions, rng, compute, resource_quotas: quotas, .. } = &self.parts;
        let (rng, compute) = (&**rng, &**compute);
        let context = Context { caller, region, regions, now, records, rng, compute, quotas };
        let mut outcome = O::execute(input, &permit, &context).await?;
        if dry_run {
            return Err(Fault::DryRun);
        }
        trail.outcome(&outcome);
        if O::STATE.is_use() {
            trail.used_keys();
        }
        if outcome.changes.is_empty() {
            return Ok(Some(outcome.output));
        }
        permit.require(&mut outcome.changes);
        match records.commit(outcome.changes).await {
            Ok(()) => Ok(Some(outcome.output)),
            Err(CommitError::Conflict(_)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Charges a request to the quota of its caller. One that starts over because others change the
    /// same key is charged again, as the service throttles rapid changes of a key, too.
    fn admit<O: Operation>(
        &self,
        caller: &Caller,
        region: &Region,
        input: &O::Input,
        loaded: &Loaded<O>,
    ) -> Result<(), Fault> {
        if self.throttle.is_idle() {
            return Ok(());
        }
        let mut key = None;
        loaded.keys(&mut |loaded| key = key.or(Some(loaded.entry.key.spec)));
        let class = RateClass::of(O::NAME, key, O::makes_pair(input));
        let (account, now) = (caller.principal.account, self.parts.clock.monotonic());
        self.throttle.admit(account, region, class, now)?;
        let Some((name, operation, times)) = O::charged_elsewhere(input) else { return Ok(()) };
        let served = self.parts.regions.iter().find(|region| region.as_str() == name);
        let charge = |region| self.throttle.admit(account, region, RateClass::Operation(operation), now);
        served.map_or(Ok(()), |region| (0..times).try_for_each(|_| charge(region)))
    }

    /// Step 9: no answer leaves without its record.
    async fn record<'a>(
        &self,
        service: &'a Service,
        trail: Trail,
        answer: Result<Vec<u8>, Fault>,
    ) -> Rendered<'a> {
        let (id, name) = (trail.request_id(), trail.name());
        let rendered = Rendered::new(service, name, answer);
        if let Some(detail) = rendered.detail() {
            tracing::error!(request = %id, operation = trail.name(), detail, "a request failed");
        }
        let closed = trail.close(rendered.error(), &*self.parts.clock);
        match self.append(closed).await {
            Ok(()) => rendered,
            Err(error) => {
                self.parts.metrics.audit_errors.inc();
                tracing::error!(request = %id, %error, "a request is refused because it cannot be recorded");
                Rendered::new(service, name, Err(Fault::AuditUnavailable))
            }
        }
    }

    /// Records a request and what the service did on its occasion, and notes what it used.
    pub(crate) async fn append(&self, closed: Closed) -> Result<(), AuditError> {
        let Closed { event, forwarded, service, used } = closed;
        let Parts { audit, clock, rng, records, .. } = &self.parts;
        let last =
            LastUse { operation: event.name, time: event.time, event: event.id, request: event.request_id };
        let unrecorded = |error: RngError| AuditError(error.to_string());
        let forwarded = forwarded.into_iter().map(|call| Ok(call.recorded(&event, rng.uuid()?)));
        let forwarded: Vec<Event> = forwarded.collect::<Result<_, _>>().map_err(unrecorded)?;
        let signed = LastSigned::of(&event);
        audit.append(event).await?;
        for event in forwarded {
            audit.append(event).await?;
        }
        for arn in &used {
            records.usage().keys.note(arn, &last);
        }
        records.usage().signed(signed);
        for event in service {
            audit.append(event.dated(&**rng, clock.now()).map_err(unrecorded)?.recorded()).await?;
        }
        Ok(())
    }

    fn count(&self, name: &'static str, rendered: &Rendered<'_>, started: std::time::Duration) {
        let operation = if name.is_empty() { "unknown" } else { name };
        let error = rendered.error().map_or("none", |error| error.code);
        let elapsed = self.parts.clock.monotonic().saturating_sub(started).as_secs_f64();
        let metrics = &self.parts.metrics;
        metrics.requests.get_or_create(&metrics::Outcome { operation, error }).inc();
        metrics.latency.get_or_create(&metrics::Operation { operation }).observe(elapsed);
    }

    /// The id of the event and that of the request.
    pub(crate) fn draw_ids(&self) -> Result<(Uuid, Uuid), RngError> {
        let mut bytes = [[0; 16]; 2];
        self.parts.rng.fill(bytes.as_flattened_mut())?;
        let [event, request] = bytes.map(|bytes| uuid::Builder::from_random_bytes(bytes).into_uuid());
        Ok((event, request))
    }
}

/// Step 1. The verdict is given only after the caller is known, as the service does.
fn receive<'a>(service: &'a Service, request: &Request, trail: &mut Trail) -> Result<&'a dyn Handler, Fault> {
    let Receipt { name, handler } = service.find(request);
    trail.operation(name, handler.as_ref().map_or(true, |handler| handler.read_only()));
    handler
}
