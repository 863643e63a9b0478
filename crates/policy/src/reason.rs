//! Refusals, and how the service words them.

use crate::StatementRef;

/// Why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub(crate) cause: Cause,
    pub(crate) at: Option<StatementRef>,
    pub(crate) identity_allows: bool,
}

/// What the message names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    DeniedByResource,
    DeniedByIdentity,
    DeniedByBoundary,
    DeniedBySession,
    NoResourcePolicy,
    NoIdentityPolicy,
    NoBoundary,
    NoSessionPolicy,
    /// The resource is another account's, and whether it exists is not told.
    Unreachable,
}

impl Reason {
    /// Nothing that the caller has allows it.
    pub const NO_IDENTITY_POLICY: Self = Self::silent(Cause::NoIdentityPolicy);
    /// Nothing that the resource has allows it.
    pub const NO_RESOURCE_POLICY: Self = Self::silent(Cause::NoResourcePolicy);
    /// The resource is another account's: missing or forbidden, the message is the same.
    pub const UNREACHABLE: Self = Self::silent(Cause::Unreachable);

    const fn silent(cause: Cause) -> Self {
        Self { cause, at: None, identity_allows: false }
    }

    /// The message of AccessDenied; `resource` is left out when it is empty.
    #[must_use]
    pub fn message(&self, arn: &str, action: &str, resource: &str) -> String {
        let on = match (self.cause, resource) {
            (Cause::Unreachable, _) => " on this resource".to_owned(),
            (_, "") => String::new(),
            _ => format!(" on resource: {resource}"),
        };
        self.told(arn, action, &on)
    }

    /// The message of AccessDenied about a key that nothing but a ciphertext names: which one that is
    /// is not told.
    #[must_use]
    pub fn message_about_ciphertext(&self, arn: &str, action: &str) -> String {
        self.told(arn, action, " on the resource associated with this ciphertext")
    }

    fn told(&self, arn: &str, action: &str, on: &str) -> String {
        let why = self.clause(action);
        format!("User: {arn} is not authorized to perform: {action}{on} {why}")
    }

    /// Whether a statement denies, so that no grant helps either.
    #[must_use]
    pub const fn is_explicit(&self) -> bool {
        self.at.is_some()
    }

    /// Whether the caller's own policies would allow this: a grant to the caller's account needs it.
    #[must_use]
    pub const fn identity_allows(&self) -> bool {
        self.identity_allows
    }

    /// The statement that denies.
    #[must_use]
    pub const fn statement(&self) -> Option<StatementRef> {
        self.at
    }

    fn clause(&self, action: &str) -> String {
        let nothing_allows = |policy: &str| format!("because no {policy} allows the {action} action");
        let text = match self.cause {
            Cause::NoResourcePolicy => return nothing_allows("resource-based policy"),
            Cause::NoIdentityPolicy => return nothing_allows("identity-based policy"),
            Cause::NoBoundary => return nothing_allows("permissions boundary"),
            Cause::NoSessionPolicy => return nothing_allows("session policy"),
            Cause::DeniedByResource => "with an explicit deny in a resource-based policy",
            Cause::DeniedByIdentity => "with an explicit deny in an identity-based policy",
            Cause::DeniedByBoundary => "with an explicit deny in a permissions boundary",
            Cause::DeniedBySession => "with an explicit deny in a session policy",
            Cause::Unreachable => {
                "because the resource does not exist in this Region, no resource-based policies allow access, \
                 or a resource-based policy explicitly denies access"
            }
        };
        text.to_owned()
    }
}
