//! Who is asking: established once, by a signature, and believed from then on.

use std::net::IpAddr;
use std::sync::Arc;

use trent_domain::Principal;

use crate::TlsDetails;

/// An authenticated caller and the connection it came by.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose access key signed.
    pub principal: Principal,
    /// The principal's ARN, spelled once.
    pub arn: Arc<str>,
    /// The access key that signed.
    pub access_key_id: Arc<str>,
    /// The principal as policies see it.
    pub identity: trent_policy::Caller,
    /// The peer of the connection.
    pub source_ip: IpAddr,
    /// Whether the connection is protected.
    pub tls: Option<TlsDetails>,
    /// What the client calls itself.
    pub user_agent: Option<Arc<str>>,
}
