//! What the service does to keys by itself, as the audit trail tells it.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::json;
use trent_domain::{AccountId, MaterialId, Region, RotationType};
use uuid::Uuid;

use crate::audit::{Event, EventResource, Json};
use crate::entries::KeyEntry;
use crate::trail::KEY;

const SOURCE: &str = "kms.amazonaws.com";

/// Something that was done to a key and is no request of anybody's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceEvent {
    name: &'static str,
    region: Region,
    arn: Arc<str>,
    facts: ServiceFacts,
    response: Option<Json>,
}

/// What the record of a service event has in the place of a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// The account it belongs to.
    pub account: AccountId,
    /// `serviceEventDetails`: an object, left out when `None`.
    pub details: Option<Json>,
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
        Self::of(key, "RotateKey", Some(details.to_string()), None)
    }

    /// The waiting period of `key` was over.
    pub(crate) fn deleted(key: &KeyEntry) -> Self {
        Self::of(key, "DeleteKey", None, Some(json!({ "keyId": &*key.arn }).to_string()))
    }

    /// Imported material of `key` expired.
    pub(crate) fn expired(key: &KeyEntry, material: &MaterialId) -> Self {
        let details = json!({ "keyId": key.key.id.to_string(), "keyMaterialId": material.to_string() });
        Self::of(key, "DeleteExpiredKeyMaterial", Some(details.to_string()), None)
    }

    fn of(key: &KeyEntry, name: &'static str, details: Option<String>, response: Option<String>) -> Self {
        let facts = ServiceFacts { account: key.key.account, details: details.map(Json) };
        let region = key.key.region.clone();
        Self { name, region, arn: Arc::clone(&key.arn), facts, response: response.map(Json) }
    }

    /// The event as it is recorded.
    pub(crate) fn recorded(self, id: Uuid, time: Timestamp) -> Event {
        let account = self.facts.account;
        Event {
            id,
            request_id: Uuid::nil(),
            time,
            principal: None,
            session: None,
            access_key_id: None,
            source: SOURCE,
            name: self.name,
            region: Some(self.region),
            source_ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            user_agent: None,
            error: None,
            parameters: None,
            response: self.response,
            additional: None,
            read_only: false,
            resources: vec![EventResource { account, kind: KEY, arn: self.arn }],
            tls: None,
            host: None,
            service: Some(self.facts),
        }
    }
}
