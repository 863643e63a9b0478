//! Who is asking: established once, by a signature, and believed from then on.

use std::net::IpAddr;

use trent_domain::{Principal, PrincipalKind};
use trent_policy::Identity;

use crate::TlsDetails;

/// An authenticated caller and the connection it came by.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Whose access key signed.
    pub principal: Principal,
    /// The principal's ARN, spelled once.
    pub arn: String,
    /// The access key that signed.
    pub access_key_id: String,
    /// The principal as policies see it.
    pub identity: trent_policy::Caller,
    /// The peer of the connection.
    pub source_ip: IpAddr,
    /// Whether the connection is protected.
    pub tls: Option<TlsDetails>,
    /// What the client calls itself.
    pub user_agent: Option<String>,
}

impl Caller {
    /// The caller that an access key of `principal` proves.
    #[must_use]
    pub fn new(principal: Principal, access_key_id: String, source_ip: IpAddr) -> Self {
        let identity = match principal.kind {
            PrincipalKind::Root => Identity::Root,
        };
        let identity = trent_policy::Caller { account: principal.account, identity };
        let arn = principal.arn();
        Self { principal, arn, access_key_id, identity, source_ip, tls: None, user_agent: None }
    }
}
