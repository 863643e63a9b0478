//! Who calls, and the names it is called by.

use serde::{Deserialize, Serialize};

use super::{IamName, IamPath, IdKind, UniqueId, entity_arn};
use crate::{AccountId, PARTITION};

/// The kinds of principal.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum PrincipalKind {
    /// The root user of the account.
    Root,
    /// A user.
    User {
        /// `AIDA…`.
        id: UniqueId,
        /// What it is called now.
        name: IamName,
        /// Where it is filed now.
        path: IamPath,
    },
    /// A session of a role.
    Session {
        /// `AROA…`.
        role_id: UniqueId,
        /// What the role is called now.
        role_name: IamName,
        /// Where the role is filed now.
        role_path: IamPath,
        /// What the session is called.
        session_name: String,
    },
    /// A session of GetFederationToken.
    FederatedUser {
        /// What the session is called.
        name: String,
        /// The user who asked for it; none when it was the root user.
        user: Option<FederatingUser>,
    },
    /// Whoever an identity provider vouches for, until it has become a session of a role.
    WebIdentity {
        /// The ARN of the provider.
        provider: String,
        /// The audience that the token is for.
        audience: String,
        /// The token's `sub`.
        subject: String,
    },
}

/// The user behind a federated user.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FederatingUser {
    /// `AIDA…`.
    pub id: UniqueId,
    /// What it is called now.
    pub name: IamName,
    /// Where it is filed now.
    pub path: IamPath,
}

impl FederatingUser {
    /// The user's ARN.
    #[must_use]
    pub fn arn(&self, account: AccountId) -> String {
        entity_arn(account, IdKind::User, &self.path, self.name.as_str())
    }
}

/// A principal of an account.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Principal {
    /// The account it belongs to; for [`PrincipalKind::WebIdentity`] the account whose provider
    /// vouches for it.
    pub account: AccountId,
    /// What it is.
    pub kind: PrincipalKind,
}

impl Principal {
    /// The ARN that error messages and audit records call it by.
    #[must_use]
    pub fn arn(&self) -> String {
        let account = self.account;
        match &self.kind {
            PrincipalKind::Root => account.root_arn(),
            PrincipalKind::User { name, path, .. } => entity_arn(account, IdKind::User, path, name.as_str()),
            PrincipalKind::Session { role_name, session_name, .. } => {
                format!("arn:{PARTITION}:sts::{account}:assumed-role/{role_name}/{session_name}")
            }
            PrincipalKind::FederatedUser { name, .. } => {
                format!("arn:{PARTITION}:sts::{account}:federated-user/{name}")
            }
            PrincipalKind::WebIdentity { provider, .. } => provider.clone(),
        }
    }

    /// The ARN that `aws:PrincipalArn` has: a session's is that of its role.
    #[must_use]
    pub fn policy_arn(&self) -> String {
        self.role_arn().unwrap_or_else(|| self.arn())
    }

    /// The ARN of the role whose session this is.
    #[must_use]
    pub fn role_arn(&self) -> Option<String> {
        let PrincipalKind::Session { role_name, role_path, .. } = &self.kind else { return None };
        Some(entity_arn(self.account, IdKind::Role, role_path, role_name.as_str()))
    }

    /// The unique identifier (`aws:userid`).
    #[must_use]
    pub fn user_id(&self) -> String {
        match &self.kind {
            PrincipalKind::Root => self.account.to_string(),
            PrincipalKind::User { id, .. } => id.to_string(),
            PrincipalKind::Session { role_id, session_name, .. } => format!("{role_id}:{session_name}"),
            PrincipalKind::FederatedUser { name, .. } => format!("{}:{name}", self.account),
            PrincipalKind::WebIdentity { provider, audience, subject } => {
                format!("{provider}:{audience}:{subject}")
            }
        }
    }

    /// The user's name (`aws:username`), which only users have.
    #[must_use]
    pub fn user_name(&self) -> Option<&str> {
        match &self.kind {
            PrincipalKind::User { name, .. } => Some(name.as_str()),
            _ => None,
        }
    }

    /// What `aws:PrincipalType` says.
    #[must_use]
    pub const fn type_name(&self) -> &'static str {
        match self.kind {
            PrincipalKind::Root => "Account",
            PrincipalKind::User { .. } => "User",
            PrincipalKind::Session { .. } => "AssumedRole",
            PrincipalKind::FederatedUser { .. } => "FederatedUser",
            // The key is not defined for callers that are nobody yet.
            PrincipalKind::WebIdentity { .. } => "WebIdentityUser",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: PrincipalKind) -> Principal {
        Principal { account: AccountId::from_number(42).unwrap(), kind }
    }

    #[test]
    fn principals_are_named_as_the_service_names_them() {
        let user = of(PrincipalKind::User {
            id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            name: "Alice".parse().unwrap(),
            path: "/team/".parse().unwrap(),
        });
        assert_eq!(user.arn(), "arn:aws:iam::000000000042:user/team/Alice");
        assert_eq!((user.user_id().as_str(), user.user_name()), ("AIDAAAAAAAAAAAAAAAAAA", Some("Alice")));
        let session = of(PrincipalKind::Session {
            role_id: "AROAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            role_name: "Admin".parse().unwrap(),
            role_path: "/a/".parse().unwrap(),
            session_name: "s1".to_owned(),
        });
        // The path of a role is no part of the names of its sessions.
        assert_eq!(session.arn(), "arn:aws:sts::000000000042:assumed-role/Admin/s1");
        assert_eq!(session.policy_arn(), "arn:aws:iam::000000000042:role/a/Admin");
        assert_eq!(session.user_id(), "AROAAAAAAAAAAAAAAAAAA:s1");
        let federated = of(PrincipalKind::FederatedUser { name: "f".to_owned(), user: None });
        assert_eq!(federated.arn(), "arn:aws:sts::000000000042:federated-user/f");
        assert_eq!(federated.user_id(), "000000000042:f");
        assert_eq!(of(PrincipalKind::Root).user_id(), "000000000042");
    }
}
