//! The one way in: every request takes these steps, in this order, and none repeats another's work.
//!
//! ```text
//! 1 receive       target → catalog entry
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
use trent_domain::Region;
use uuid::Uuid;

use crate::authenticate::Authenticator;
use crate::authorize::{self, Circumstances};
use crate::catalog::{Catalog, Codec, Decoded, Found, Handler};
use crate::metrics::{self, Metrics};
use crate::operation::{self, Context, Operation};
use crate::render::{self, Rendered};
use crate::target::{Place, Subject, Target};
use crate::trail::Trail;
use crate::{AuditSink, Caller, Clock, CommitError, Compute, Fault, Records, Rng, RngError, TlsDetails};

/// How often a request starts over because somebody else changed what it read.
const ATTEMPTS: usize = 64;

/// What precedes the operation in the target header.
const TARGET_PREFIX: &str = "TrentService.";
const SERVICE: &str = "kms";
const SOURCE: &str = "kms.amazonaws.com";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// A request that has been received whole.
pub struct Request {
    /// Method, target and headers.
    pub head: http::request::Parts,
    /// The body.
    pub body: Bytes,
    /// The peer of the connection.
    pub peer: IpAddr,
    /// How the connection is protected, if it is.
    pub tls: Option<TlsDetails>,
}

impl Request {
    /// The first value of a header, as text; invalid bytes are replaced.
    #[must_use]
    pub fn header(&self, name: &http::HeaderName) -> Option<String> {
        let value = self.head.headers.get(name)?;
        Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
    }
}

/// A request whose caller is known.
#[derive(Clone, Copy)]
pub(crate) struct Signed<'a> {
    pub(crate) request: &'a Request,
    pub(crate) caller: &'a Caller,
    pub(crate) region: &'a Region,
}

/// What an engine is made of.
pub struct Parts {
    /// The Regions it serves.
    pub regions: Vec<Region>,
    /// Its operations.
    pub catalog: Catalog,
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
    /// What counts.
    pub metrics: Metrics,
}

/// Answers requests.
pub struct Engine {
    parts: Parts,
    authenticator: Authenticator,
}

impl Engine {
    /// An engine of these parts.
    ///
    /// # Errors
    /// When there is no randomness.
    pub fn new(parts: Parts) -> Result<Self, RngError> {
        let authenticator = Authenticator::new(parts.regions.clone(), &*parts.rng, &*parts.clock)?;
        Ok(Self { parts, authenticator })
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
        let Ok(ids) = self.draw_ids() else {
            return render::answer(Uuid::nil(), Err(Fault::Internal("the random source failed".to_owned())));
        };
        let mut trail = Trail::open(&request, ids, SOURCE, &*self.parts.clock);
        let answer = match refusal {
            None => self.answer(&request, &mut trail).await,
            Some(refusal) => {
                // The operation's name is worth recording even so.
                let _ = self.receive(&request, &mut trail);
                Err(refusal)
            }
        };
        let (id, name) = (trail.request_id(), trail.name());
        let rendered = self.record(trail, answer).await;
        self.count(name, &rendered, started);
        rendered.response(id)
    }

    /// Steps 1 to 8.
    async fn answer(&self, request: &Request, trail: &mut Trail) -> Result<Vec<u8>, Fault> {
        let handler = self.receive(request, trail);
        let Parts { records, clock, .. } = &self.parts;
        let (caller, region) =
            self.authenticator.authenticate(request, SERVICE, records, &**clock, trail).await?;
        trail.caller(&caller, &region);
        handler?.handle(self, Signed { request, caller: &caller, region: &region }, trail).await
    }

    /// Step 1. The verdict is given only after the caller is known, as the service does.
    fn receive(&self, request: &Request, trail: &mut Trail) -> Result<&dyn Handler, Fault> {
        let headers = &request.head.headers;
        let target = headers.get("x-amz-target").filter(|_| request.head.method == http::Method::POST);
        let target = target.ok_or(Fault::NotAnOperation)?.to_str().map_err(|_| Fault::UnknownOperation)?;
        let name = target.strip_prefix(TARGET_PREFIX).ok_or(Fault::UnknownOperation)?;
        match self.parts.catalog.find(name) {
            Found::Operation(name, handler) => {
                trail.operation(name, handler.read_only());
                if speaks_json(headers) { Ok(handler) } else { Err(Fault::UnknownOperation) }
            }
            Found::Missing(name) => {
                trail.operation(name, true);
                Err(Fault::NotImplemented(name))
            }
            Found::Unknown => Err(Fault::UnknownOperation),
        }
    }

    /// Steps 3 to 8, for one operation.
    pub(crate) async fn perform<O: Operation>(
        &self,
        codec: &Codec<O::Input, O::Output>,
        signed: Signed<'_>,
        trail: &mut Trail,
    ) -> Result<Vec<u8>, Fault> {
        let Decoded { input, shown } = (codec.decode)(&signed.request.body, O::AUDITED)?;
        trail.parameters(shown);
        // No grant exists yet, so no token can name one.
        if !O::grant_tokens(&input).is_empty() {
            return Err(Fault::InvalidGrantToken);
        }
        for _ in 0..ATTEMPTS {
            match self.attempt::<O>(&input, signed, trail).await? {
                Some(output) => return Ok((codec.encode)(&output)),
                None => tokio::task::yield_now().await,
            }
        }
        Err(Fault::Contention)
    }

    /// Steps 4 to 8, once; `None` when somebody else was faster.
    async fn attempt<O: Operation>(
        &self,
        input: &O::Input,
        Signed { caller, region, .. }: Signed<'_>,
        trail: &mut Trail,
    ) -> Result<Option<O::Output>, Fault> {
        let records = &*self.parts.records;
        let place = Place { caller, region, operation: O::NAME, records };
        let loaded = O::target(input)?.load(&place).await?;
        trail.subject(&loaded);

        let now = self.parts.clock.now();
        let circumstances = Circumstances { caller, region, now };
        let permit = authorize::authorize::<O>(&circumstances, input, loaded)?;
        permit.verify()?;
        operation::gate::<O>(&permit)?;

        let context =
            Context { caller, region, now, records, rng: &*self.parts.rng, compute: &*self.parts.compute };
        let mut outcome = O::execute(input, &permit, &context).await?;
        if O::dry_run(input) {
            return Err(Fault::DryRun);
        }
        trail.outcome(&outcome);
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

    /// Step 9: no answer leaves without its record.
    async fn record(&self, trail: Trail, answer: Result<Vec<u8>, Fault>) -> Rendered {
        let id = trail.request_id();
        let rendered = Rendered::new(answer);
        if let Some(detail) = rendered.detail() {
            tracing::error!(request = %id, operation = trail.name(), detail, "a request failed");
        }
        let event = trail.close(rendered.error(), &*self.parts.clock);
        match self.parts.audit.append(event).await {
            Ok(()) => rendered,
            Err(error) => {
                self.parts.metrics.audit_errors.inc();
                tracing::error!(request = %id, %error, "a request is refused because it cannot be recorded");
                Rendered::new(Err(Fault::AuditUnavailable))
            }
        }
    }

    fn count(&self, name: &'static str, rendered: &Rendered, started: std::time::Duration) {
        let operation = if name.is_empty() { "unknown" } else { name };
        let error = rendered.error().map_or("none", |error| error.code);
        let elapsed = self.parts.clock.monotonic().saturating_sub(started).as_secs_f64();
        let metrics = &self.parts.metrics;
        metrics.requests.get_or_create(&metrics::Outcome { operation, error }).inc();
        metrics.latency.get_or_create(&metrics::Operation { operation }).observe(elapsed);
    }

    /// The id of the event and that of the request.
    fn draw_ids(&self) -> Result<(Uuid, Uuid), RngError> {
        let mut bytes = [[0; 16]; 2];
        self.parts.rng.fill(bytes.as_flattened_mut())?;
        let [event, request] = bytes.map(|bytes| uuid::Builder::from_random_bytes(bytes).into_uuid());
        Ok((event, request))
    }
}

fn speaks_json(headers: &http::HeaderMap) -> bool {
    let value = headers.get(http::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = value.and_then(|value| value.split(';').next());
    media.is_some_and(|media| media.trim().eq_ignore_ascii_case(CONTENT_TYPE))
}
