//! The IAM policy language: parse, compile, evaluate, explain.

use std::borrow::Cow;

use trent_domain::AccountId;

/// Who asks, as policies see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The caller's account.
    pub account: AccountId,
    /// What the caller is.
    pub identity: Identity,
}

/// The kinds of caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The root user of the account.
    Root,
}

/// Values of a condition key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Values<'a> {
    /// A single-valued key.
    One(Cow<'a, str>),
    /// A multi-valued key.
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
}

/// Condition keys, answered when a policy asks for them.
pub trait Facts {
    /// The value of a condition key; `key` is in lower case.
    fn get(&self, key: &str) -> Option<Values<'_>>;
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

/// The policies that apply.
#[derive(Default)]
pub struct PolicySet<'a> {
    /// The key policy, when the resource is a key.
    pub key_policy: Option<&'a Document>,
    /// The account that owns the key.
    pub key_account: Option<AccountId>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Allowed.
    Allow(()),
    /// Denied.
    Deny(Reason),
}

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason;

impl Reason {
    /// The message of AccessDenied.
    #[must_use]
    pub fn message(&self, arn: &str, action: &str, resource: &str) -> String {
        format!("User: {arn} is not authorized to perform: {action} on resource: {resource}")
    }
}

/// Decides.
#[must_use]
pub fn decide(_question: &Question<'_>, _set: &PolicySet<'_>) -> Decision {
    Decision::Allow(())
}

/// The kinds of policy document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentKind {
    /// A key policy.
    KeyPolicy,
}

/// A parsed policy document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    principals: Vec<PrincipalPattern>,
}

/// A principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PrincipalPattern {
    /// `*`.
    Anyone,
    /// An account.
    Account(AccountId),
    /// A service.
    Service(String),
}

/// Why a text is not a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct PolicyError(String);

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str, _kind: DocumentKind) -> Result<Self, PolicyError> {
        serde_json::from_str::<serde_json::Value>(text).map_err(|e| PolicyError(e.to_string()))?;
        Ok(Self { principals: Vec::new() })
    }

    /// Every principal named.
    pub fn principals(&self) -> impl Iterator<Item = &PrincipalPattern> {
        self.principals.iter()
    }
}
