//! Who is asking: established once, by a signature, and believed from then on.

use std::net::IpAddr;
use std::ops::Deref;
use std::sync::Arc;

use trent_domain::{Principal, PrincipalKind};
use trent_policy::{FederatingUser, Identity};

use crate::{Session, WebIdentity};

/// A principal under all its names, spelled once and shared by its requests.
#[derive(Debug)]
pub struct Who {
    /// The principal.
    pub principal: Arc<Principal>,
    /// Its ARN, as messages and records call it.
    pub arn: Arc<str>,
    /// `aws:PrincipalArn`: of a session, the role's.
    pub policy_arn: Arc<str>,
    /// `aws:userid`.
    pub user_id: String,
    /// As policies see it.
    pub identity: trent_policy::Caller,
}

impl Who {
    /// All the names of a principal.
    #[must_use]
    pub fn new(principal: Principal) -> Self {
        Self {
            arn: principal.arn().into(),
            policy_arn: principal.policy_arn().into(),
            user_id: principal.user_id(),
            identity: trent_policy::Caller { account: principal.account, identity: identity(&principal) },
            principal: Arc::new(principal),
        }
    }
}

fn identity(principal: &Principal) -> Identity {
    let arn = principal.arn();
    match &principal.kind {
        PrincipalKind::Root => Identity::Root,
        PrincipalKind::User { id, .. } => Identity::User { arn, id: id.to_string() },
        PrincipalKind::Session { role_id, .. } => {
            Identity::Session { arn, role_arn: principal.policy_arn(), role_id: role_id.to_string() }
        }
        PrincipalKind::FederatedUser { user, .. } => {
            let user = user.as_ref();
            let user =
                user.map(|user| FederatingUser { arn: user.arn(principal.account), id: user.id.to_string() });
            Identity::FederatedUser { arn, user }
        }
        PrincipalKind::WebIdentity { provider, .. } => Identity::Provider { arn: provider.clone() },
    }
}

/// An authenticated caller and the connection it came by.
#[derive(Debug, Clone)]
pub struct Caller {
    /// Who it is; its names are read through the caller.
    pub who: Arc<Who>,
    /// The session whose credentials signed, if they are temporary.
    pub session: Option<Arc<Session>>,
    /// What an identity provider says of it, if that is all there is to know.
    pub web_identity: Option<Arc<WebIdentity>>,
    /// The access key that signed; empty when nobody signed and the input proves who asks.
    pub access_key_id: Arc<str>,
    /// The client's address.
    pub source_ip: IpAddr,
    /// Whether the client's connection is protected.
    pub secure: bool,
    /// What the client calls itself.
    pub user_agent: Option<Arc<str>>,
}

impl Deref for Caller {
    type Target = Who;

    fn deref(&self) -> &Who {
        &self.who
    }
}
