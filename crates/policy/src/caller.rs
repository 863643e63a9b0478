//! Who asks, and the facts about the request.

use std::borrow::Cow;

use trent_domain::AccountId;

/// Who asks, as policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's account. A service or an identity provider has none that counts.
    pub account: AccountId,
    /// What the caller is.
    pub identity: Identity,
}

/// The kinds of caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The root user of the account.
    Root,
    /// A user.
    User {
        /// With its path.
        arn: String,
        /// Such as `AIDA…`.
        id: String,
    },
    /// A session of a role.
    Session {
        /// `arn:aws:sts::ACCOUNT:assumed-role/NAME/SESSION`.
        arn: String,
        /// The role's, with its path.
        role_arn: String,
        /// The role's, such as `AROA…`.
        role_id: String,
    },
    /// A session of GetFederationToken.
    FederatedUser {
        /// `arn:aws:sts::ACCOUNT:federated-user/NAME`.
        arn: String,
        /// The user who asked for the token; none when it was the root user.
        user: Option<FederatingUser>,
    },
    /// A service, acting for itself.
    Service {
        /// Such as `backup.amazonaws.com`.
        name: String,
    },
    /// Somebody whom an identity provider vouches for; only trust policies know them.
    Provider {
        /// The provider's.
        arn: String,
    },
}

impl Identity {
    /// Whether this identity has identity policies at all: a service or provider needs none.
    pub(crate) const fn has_policies(&self) -> bool {
        !matches!(self, Self::Service { .. } | Self::Provider { .. })
    }

    /// Whether everything is allowed without an identity policy: the root user, and who stands for
    /// it.
    pub(crate) const fn is_root(&self) -> bool {
        matches!(self, Self::Root | Self::FederatedUser { user: None, .. })
    }
}

/// The user a federated user stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FederatingUser {
    /// With its path.
    pub arn: String,
    /// Such as `AIDA…`.
    pub id: String,
}

/// Values of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multi-valued key. Without values it is absent.
    Many(Vec<Cow<'a, str>>),
}

impl<'a> Values<'a> {
    /// One value.
    pub fn one(value: impl Into<Cow<'a, str>>) -> Self {
        Self::One(value.into())
    }

    /// Many values.
    pub fn many<T: Into<Cow<'a, str>>>(values: impl IntoIterator<Item = T>) -> Self {
        Self::Many(values.into_iter().map(Into::into).collect())
    }

    /// The values, none of which may mean that the key is absent.
    pub(crate) fn as_slice(&self) -> &[Cow<'a, str>] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

/// Condition keys, answered when a policy asks for them.
pub trait Facts {
    /// The value of a condition key; `key` is in lower case.
    fn get(&self, key: &str) -> Option<Values<'_>>;

    /// What the caller's own policies are answered, when that is more than the resource's are.
    fn own(&self) -> Option<&dyn Facts> {
        None
    }
}

/// What is asked.
pub struct Question<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// Such as `kms:Encrypt`.
    pub action: &'a str,
    /// The ARN of the resource, or `*`.
    pub resource: &'a str,
    /// Condition keys.
    pub facts: &'a dyn Facts,
}
