//! Operations that no client sent: how a server furnishes its own store before it serves.
//!
//! They take the pipeline's steps from the decoding on, as the root user of an account and from this
//! machine, and are recorded like any request. Nothing that comes by a socket leads here.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use trent_domain::{AccountId, Principal, PrincipalKind, Region};

use crate::operation::Operation;
use crate::pipeline::{Engine, Request, Signed};
use crate::services::Service;
use crate::trail::Trail;
use crate::{Caller, Fault, Json, Who, WireError};

/// In whose name, where, and of which service something is done.
pub struct Errand<'a> {
    /// The account, whose root user does it.
    pub account: AccountId,
    /// The Region; of a service that has one place, the one that place signs as.
    pub region: &'a Region,
    /// What credentials for the service are scoped to, such as `kms`.
    pub service: &'static str,
    /// What the audit trail has for the program of a client.
    pub agent: &'static str,
}

impl Engine {
    /// Does the operation called `operation` with an input as it is on the wire; answers as on the wire.
    ///
    /// # Errors
    /// Its refusal, in the words of the service.
    pub async fn run(
        &self,
        errand: &Errand<'_>,
        operation: &str,
        input: &[u8],
    ) -> Result<Vec<u8>, WireError> {
        let (service, mut trail, caller) = self.set_out(errand)?;
        let answer = match service.called(operation) {
            Some((name, handler)) => {
                trail.operation(name, handler.read_only());
                let request = unsent();
                let signed =
                    Signed { input, request: &request, caller: Some(&caller), region: errand.region };
                handler.handle(self, signed, &mut trail).await
            }
            None => Err(Fault::UnknownOperation),
        };
        self.conclude_errand(service, trail, answer).await
    }

    /// Does an operation that is on no wire. Of its input the audit trail shows `shown`.
    ///
    /// # Errors
    /// Its refusal, in the words of the service.
    pub async fn run_typed<O: Operation>(
        &self,
        errand: &Errand<'_>,
        input: &O::Input,
        shown: Option<Json>,
    ) -> Result<O::Output, WireError> {
        let (service, mut trail, caller) = self.set_out(errand)?;
        trail.operation(O::NAME, O::READ_ONLY);
        trail.parameters(shown);
        let answer = self.settle::<O>(input, false, &caller, errand.region, &mut trail).await;
        self.conclude_errand(service, trail, answer).await
    }

    fn set_out(&self, errand: &Errand<'_>) -> Result<(&Service, Trail, Caller), WireError> {
        let unknown = || Fault::Internal(format!("there is no service `{}`", errand.service)).wire();
        let service = self.services.named(errand.service).ok_or_else(unknown)?;
        let ids = self.draw_ids().map_err(|error| service.wording(&error.into()))?;
        let mut trail = Trail::open(&unsent(), ids, service.source, &*self.parts.clock);
        let agent: Arc<str> = errand.agent.into();
        let principal = Principal { account: errand.account, kind: PrincipalKind::Root };
        let caller = Caller {
            who: Arc::new(Who::new(principal)),
            session: None,
            web_identity: None,
            access_key_id: "".into(),
            source_ip: HERE,
            secure: false,
            user_agent: Some(Arc::clone(&agent)),
        };
        trail.agent(agent);
        trail.caller(&caller, errand.region);
        Ok((service, trail, caller))
    }

    /// Step 9: what was done is recorded, or was not done well.
    async fn conclude_errand<T>(
        &self,
        service: &Service,
        trail: Trail,
        answer: Result<T, Fault>,
    ) -> Result<T, WireError> {
        let answer = answer.map_err(|fault| {
            if let Some(detail) = fault.detail() {
                tracing::error!(operation = trail.name(), detail, "an operation failed");
            }
            service.wording(&fault)
        });
        let closed = trail.close(answer.as_ref().err(), &*self.parts.clock);
        match self.append(closed).await {
            Ok(()) => answer,
            Err(error) => {
                tracing::error!(%error, "an operation cannot be recorded");
                Err(service.wording(&Fault::AuditUnavailable))
            }
        }
    }
}

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// What stands where a request would.
fn unsent() -> Request {
    let (head, ()) = http::Request::new(()).into_parts();
    Request { head, body: Bytes::new(), peer: HERE, tls: None, secure: false }
}
