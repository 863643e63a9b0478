//! The port for the audit trail.

use std::net::IpAddr;
use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use trent_domain::{AccountId, Principal, Region};
use uuid::Uuid;

use crate::{ServiceFacts, Session};

/// A JSON text that was rendered already.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Json(pub String);

/// How the connection was protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TlsDetails {
    /// As the audit record spells it: `TLSv1.2` or `TLSv1.3`.
    pub version: &'static str,
    /// The IANA name of the cipher suite, such as `TLS_AES_256_GCM_SHA384`.
    pub cipher_suite: &'static str,
    /// The name of the key exchange group, such as `X25519MLKEM768`.
    pub key_exchange: Option<&'static str>,
}

/// Why a request failed, in the words the client was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventError {
    /// The error's name on the wire; the audit trail spells denials `AccessDenied`.
    pub code: &'static str,
    /// Absent when the client got none.
    pub message: Option<String>,
}

/// A thing a request touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventResource {
    /// Who owns it.
    pub account: AccountId,
    /// `AWS::KMS::Key`, …
    pub kind: &'static str,
    /// Its ARN.
    pub arn: Arc<str>,
}

/// One request, granted or refused: all that its record says. Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identifies this record.
    pub id: Uuid,
    /// Identifies the request; the `x-amzn-RequestId` of its answer.
    pub request_id: Uuid,
    /// When the request was completed.
    pub time: Timestamp,
    /// Who called; `None` when the caller could not be established, in which case the event
    /// belongs to no account and goes to the security log.
    pub principal: Option<Arc<Principal>>,
    /// The session it called in, when its credentials are temporary.
    pub session: Option<Arc<Session>>,
    /// The service that called on the caller's behalf, if one did.
    pub invoked_by: Option<&'static str>,
    /// The access key that signed, or the text that claimed to be one.
    pub access_key_id: Option<Arc<str>>,
    /// `kms.amazonaws.com`, …
    pub source: &'static str,
    /// The operation, such as `Encrypt`; empty when the request named none that exists.
    pub name: &'static str,
    /// The Region of the signature's scope.
    pub region: Option<Region>,
    /// The peer of the connection.
    pub source_ip: IpAddr,
    /// As sent; at most 1 KB of it is kept.
    pub user_agent: Option<Arc<str>>,
    /// Present when the request was refused.
    pub error: Option<EventError>,
    /// `requestParameters`: an object, or `None` for null.
    pub parameters: Option<Json>,
    /// `responseElements`: an object, or `None` for null.
    pub response: Option<Json>,
    /// `additionalEventData`: an object, left out when `None`.
    pub additional: Option<Json>,
    /// Whether the operation leaves the state of keys alone.
    pub read_only: bool,
    /// What it touched.
    pub resources: Vec<EventResource>,
    /// Present on TLS connections.
    pub tls: Option<TlsDetails>,
    /// The `Host` header of a TLS connection, as the client sent it.
    pub host: Option<String>,
    /// Present when this was no request but something the service did by itself; the members that
    /// tell of a request mean nothing then.
    pub service: Option<ServiceFacts>,
}

/// The record could not be handed to the operating system.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the audit trail cannot be written: {0}")]
pub struct AuditError(pub String);

/// Where records go.
#[async_trait]
pub trait AuditSink: Send + Sync {
    /// Returns when the record has been handed to the operating system. The request fails closed
    /// when it cannot be: no answer leaves without its record.
    async fn append(&self, event: Event) -> Result<(), AuditError>;
}
