//! What the service does to keys by itself, as the audit trail tells it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use trent_domain::{AccountId, MaterialId, Region, RotationType};
use uuid::Uuid;

use crate::audit::{Event, EventResource, Json};
use crate::entries::KeyEntry;
use crate::rng::{Rng, RngError};
use crate::trail::KEY;

const SOURCE: &str = "kms.amazonaws.com";

/// What the service does to keys by itself, in the words of the audit trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Deed {
    RotateKey,
    DeleteKey,
    DeleteExpiredKeyMaterial,
    SynchronizeMultiRegionKey,
}

impl Deed {
    const fn as_str(self) -> &'static str {
        match self {
            Self::RotateKey => "RotateKey",
            Self::DeleteKey => "DeleteKey",
            Self::DeleteExpiredKeyMaterial => "DeleteExpiredKeyMaterial",
            Self::SynchronizeMultiRegionKey => "SynchronizeMultiRegionKey",
        }
    }
}

/// Something that was done to a key and is no request of anybody's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceEvent {
    deed: Deed,
    region: Region,
    arn: String,
    facts: ServiceFacts,
    response: Option<Json>,
}

/// What the record of a service event has in the place of a caller.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceFacts {
    /// The account it belongs to.
    pub account: AccountId,
    /// `serviceEventDetails`: an object, left out when `None`.
    pub details: Option<Json>,
    /// Whether it is recorded as a call, with a request id of its own.
    pub is_call: bool,
}

/// A call that the service makes in another Region on behalf of a caller, recorded there behind the
/// one that led to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForwardedCall {
    /// The operation.
    pub name: &'static str,
    /// Where.
    pub region: Region,
    /// `requestParameters`.
    pub parameters: Json,
    /// `responseElements`.
    pub response: Json,
    /// The ARN of the key it names in its resources, if any.
    pub resource: Option<Arc<str>>,
}

impl ForwardedCall {
    /// The event as it is recorded, of a call that came of `origin`.
    pub(crate) fn recorded(self, origin: &Event, id: Uuid) -> Event {
        let account = origin.principal.as_ref().map(|principal| principal.account);
        let resource = account.zip(self.resource);
        let resource = resource.map(|(account, arn)| EventResource { account, kind: KEY, arn });
        Event {
            id,
            name: self.name,
            region: Some(self.region),
            parameters: Some(self.parameters),
            response: Some(self.response),
            additional: None,
            resources: resource.into_iter().collect(),
            // It did not come over the caller's connection.
            tls: None,
            host: None,
            invoked_by: Some(SOURCE),
            ..origin.clone()
        }
    }
}

impl ServiceEvent {
    /// `key` got new material.
    pub(crate) fn rotated(key: &KeyEntry, kind: RotationType, current: &MaterialId) -> Self {
        let details = json!({
            "rotationType": kind.as_str(),
            "keyOrigin": key.key.origin.as_str(),
            "previousKeyMaterialId": key.key.current_material().map(|id| id.to_string()),
            "currentKeyMaterialId": current.to_string(),
            "keyId": key.key.id.to_string(),
        });
        Self::of(key, Deed::RotateKey, Some(details.to_string()), None)
    }

    /// The waiting period of `key` was over.
    pub(crate) fn deleted(key: &KeyEntry) -> Self {
        Self::of(key, Deed::DeleteKey, None, Some(json!({ "keyId": &*key.arn }).to_string()))
    }

    /// Imported material of `key` expired.
    pub(crate) fn expired(key: &KeyEntry, material: &MaterialId) -> Self {
        let details = json!({ "keyId": key.key.id.to_string(), "keyMaterialId": material.to_string() });
        Self::of(key, Deed::DeleteExpiredKeyMaterial, Some(details.to_string()), None)
    }

    /// What the primary key `key` shares with its replicas was copied to them.
    pub(crate) fn synchronized(key: &KeyEntry) -> Self {
        let response = json!({ "keyId": &*key.arn }).to_string();
        let event = Self::of(key, Deed::SynchronizeMultiRegionKey, None, Some(response));
        Self { facts: ServiceFacts { is_call: true, ..event.facts }, ..event }
    }

    fn of(key: &KeyEntry, deed: Deed, details: Option<String>, response: Option<String>) -> Self {
        let facts = ServiceFacts { account: key.key.account, details: details.map(Json), is_call: false };
        let region = key.key.region.clone();
        Self { deed, region, arn: key.arn.to_string(), facts, response: response.map(Json) }
    }

    /// The event with its ids, as something that was done at `time`.
    ///
    /// # Errors
    /// When there is no randomness for them.
    pub(crate) fn dated(self, rng: &dyn Rng, time: Timestamp) -> Result<DatedEvent, RngError> {
        let request = if self.facts.is_call { rng.uuid()? } else { Uuid::nil() };
        Ok(DatedEvent { id: rng.uuid()?, request, time, event: self })
    }
}

/// A service event that has got its ids, so that it reads the same however often it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DatedEvent {
    pub(crate) id: Uuid,
    request: Uuid,
    time: Timestamp,
    event: ServiceEvent,
}

impl DatedEvent {
    /// The event as it is recorded.
    pub(crate) fn recorded(self) -> Event {
        let ServiceEvent { deed, region, arn, facts, response } = self.event;
        let arn = arn.into();
        Event {
            id: self.id,
            request_id: self.request,
            time: self.time,
            principal: None,
            session: None,
            invoked_by: None,
            access_key_id: None,
            source: SOURCE,
            name: deed.as_str(),
            region: Some(region),
            source_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            user_agent: None,
            error: None,
            parameters: None,
            response,
            additional: None,
            read_only: false,
            resources: vec![EventResource { account: facts.account, kind: KEY, arn }],
            tls: None,
            host: None,
            service: Some(facts),
        }
    }
}
