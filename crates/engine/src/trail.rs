//! What is known of a request so far, for the record that is written whatever becomes of it.

use std::sync::Arc;

use serde_json::{Map, Value};
use trent_domain::Region;
use uuid::Uuid;

use crate::audit::{Event, EventError, EventResource, Json};
use crate::fault::WireError;
use crate::operation::Outcome;
use crate::target::Subject;
use crate::{Caller, Clock, ForwardedCall, Request, ServiceEvent, attestation};

/// The type the audit trail gives keys and, as the service does, aliases.
pub(crate) const KEY: &str = "AWS::KMS::Key";

/// Collects the facts of one request on its way through the pipeline.
pub(crate) struct Trail {
    event: Event,
    /// What the service called elsewhere on the caller's behalf, told behind the request.
    forwarded: Vec<ForwardedCall>,
    /// What the service did on this occasion, told behind that.
    service: Vec<ServiceEvent>,
    /// `additionalEventData` of what came of it; what came before is recorded whatever came of it.
    achieved: Option<Json>,
    is_use: bool,
}

/// What a request leaves behind.
pub(crate) struct Closed {
    /// Its own record.
    pub(crate) event: Event,
    /// What the service called elsewhere on the caller's behalf.
    pub(crate) forwarded: Vec<ForwardedCall>,
    /// What the service did on this occasion.
    pub(crate) service: Vec<ServiceEvent>,
    /// The keys it used.
    pub(crate) used: Vec<Arc<str>>,
}

impl Trail {
    /// A trail that knows only that a request has come.
    pub(crate) fn open(
        request: &Request,
        ids: (Uuid, Uuid),
        source: &'static str,
        clock: &dyn Clock,
    ) -> Self {
        let event = Event {
            id: ids.0,
            request_id: ids.1,
            time: clock.now(),
            principal: None,
            session: None,
            invoked_by: None,
            access_key_id: None,
            source,
            name: "",
            region: None,
            source_ip: request.peer,
            user_agent: request.header(&http::header::USER_AGENT).map(Into::into),
            error: None,
            parameters: None,
            response: None,
            additional: None,
            read_only: true,
            resources: Vec::new(),
            tls: request.tls,
            host: request.tls.and_then(|_| request.header(&http::header::HOST)),
            service: None,
        };
        Self { event, forwarded: Vec::new(), service: Vec::new(), achieved: None, is_use: false }
    }

    pub(crate) fn operation(&mut self, name: &'static str, read_only: bool) {
        self.event.name = name;
        self.event.read_only = read_only;
    }

    /// What the client's program calls itself, when no request says so.
    pub(crate) fn agent(&mut self, agent: Arc<str>) {
        self.event.user_agent = Some(agent);
    }

    /// The access key that the request claims to be signed with.
    pub(crate) fn claimed(&mut self, access_key_id: &str) {
        // The text is the peer's; the record keeps no more of it than a key id may have.
        let end = access_key_id.floor_char_boundary(128);
        self.event.access_key_id = access_key_id.get(..end).map(Into::into);
    }

    pub(crate) fn caller(&mut self, caller: &Caller, region: &Region) {
        self.event.principal = Some(Arc::clone(&caller.principal));
        self.event.session.clone_from(&caller.session);
        if !caller.access_key_id.is_empty() {
            self.event.access_key_id = Some(Arc::clone(&caller.access_key_id));
        }
        self.event.region = Some(region.clone());
    }

    pub(crate) fn parameters(&mut self, parameters: Option<Json>) {
        self.event.parameters = parameters;
    }

    /// Aliases before keys, as the service lists them; a retried request starts over.
    pub(crate) fn subject(&mut self, subject: &impl Subject) {
        self.event.additional = subject.attestation().map(attestation::shown);
        if let Some(asked) = subject.asked() {
            self.asked(asked);
        }
        let resources = &mut self.event.resources;
        resources.clear();
        let account = self.event.principal.as_ref().map(|principal| principal.account);
        subject.aliases(&mut |alias| {
            resources.extend(account.map(|account| EventResource {
                account,
                kind: KEY,
                arn: alias.arn.as_str().into(),
            }));
        });
        subject.keys(&mut |key| {
            let account = key.entry.key.account;
            // An alias that is moved to where it was has its key twice.
            if !resources.iter().any(|known| known.arn == key.entry.arn) {
                resources.push(EventResource { account, kind: KEY, arn: Arc::clone(&key.entry.arn) });
            }
        });
    }

    /// Shows more among the parameters of the request.
    fn asked(&mut self, asked: Map<String, Value>) {
        let shown = self.event.parameters.as_ref().and_then(|Json(text)| serde_json::from_str(text).ok());
        let mut shown: Map<String, Value> = shown.unwrap_or_default();
        shown.extend(asked);
        self.event.parameters = Some(Json(Value::Object(shown).to_string()));
    }

    pub(crate) fn outcome<T>(&mut self, outcome: &Outcome<T>) {
        self.forwarded.clone_from(&outcome.forwarded);
        self.service.clone_from(&outcome.service);
        self.event.response.clone_from(&outcome.response);
        self.achieved.clone_from(&outcome.additional);
        let created = outcome.created.iter();
        self.event.resources.extend(created.map(|(account, arn)| EventResource {
            account: *account,
            kind: KEY,
            arn: arn.as_str().into(),
        }));
    }

    /// The request was, as far as it went, a use of its keys.
    pub(crate) fn used_keys(&mut self) {
        self.is_use = true;
    }

    /// The finished event, and what follows from it.
    pub(crate) fn close(mut self, error: Option<&WireError>, clock: &dyn Clock) -> Closed {
        self.event.time = clock.now();
        if let Some(error) = error {
            // Denials are the one error that the trail spells differently from the wire.
            let code = if error.code == "AccessDeniedException" { "AccessDenied" } else { error.code };
            self.event.error = Some(EventError { code, message: error.message.clone() });
            self.event.response = None;
            return Closed {
                event: self.event,
                forwarded: Vec::new(),
                service: Vec::new(),
                used: Vec::new(),
            };
        }
        // No operation that says more itself answers attested recipients.
        if self.achieved.is_some() {
            self.event.additional = self.achieved;
        }
        let used = self.event.resources.iter().filter(|_| self.is_use);
        let used = used.map(|resource| Arc::clone(&resource.arn)).collect();
        Closed { event: self.event, forwarded: self.forwarded, service: self.service, used }
    }

    pub(crate) fn user_agent(&self) -> Option<Arc<str>> {
        self.event.user_agent.clone()
    }

    pub(crate) const fn request_id(&self) -> Uuid {
        self.event.request_id
    }

    pub(crate) const fn name(&self) -> &'static str {
        self.event.name
    }
}
