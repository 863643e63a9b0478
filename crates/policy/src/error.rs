//! Why a text is not a policy.

use crate::DocumentKind;

/// Why a text is not a policy. Displayed in the service's own words where they are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not JSON.
    #[error("Syntax errors in policy: {0}.")]
    Json(&'static str),
    /// Not of the shape of a policy.
    #[error("Syntax errors in policy: {0}.")]
    Syntax(&'static str),
    /// Either of these, or a value that does not fit, where IAM says no more.
    #[error("Syntax errors in policy.")]
    Malformed,
    /// Not JSON, in IAM's words for trust policies.
    #[error("This policy contains invalid Json")]
    InvalidJson,
    /// An element that a trust policy does not have.
    #[error("Unknown field {0}")]
    UnknownField(String),
    /// An element that a trust policy needs.
    #[error("Missing required field {0}")]
    MissingField(&'static str),
    /// A policy that says nothing.
    #[error("Could not parse the policy: Statement is empty!")]
    NoStatement,
    /// A managed policy in the old language.
    #[error("Policy document must be version 2012-10-17 or greater.")]
    OldVersion,
    /// A trust policy about something else than assuming the role.
    #[error("AssumeRole policy may only specify STS AssumeRole actions.")]
    NotAssumeRole,
    /// A principal of a trust policy that cannot exist, or does not.
    #[error("Invalid principal in policy: \"{kind}\":\"{name}\"")]
    InvalidPrincipal {
        /// `AWS`, `SERVICE`, `FEDERATED`, or `STAR` when it has no type.
        kind: String,
        /// As the policy has it.
        name: String,
    },
    /// An element that the language does not have, or not there.
    #[error("Syntax errors in policy: unknown element `{0}`.")]
    UnknownElement(String),
    /// An element that this kind of policy must not have.
    #[error("Has prohibited field {0}")]
    ProhibitedField(&'static str),
    /// A principal that cannot exist.
    #[error("Policy contains a statement with one or more invalid principals.")]
    InvalidPrincipals,
    /// A statement of a resource's policy that names nobody.
    #[error("Policy contains a statement with no principal.")]
    MissingPrincipal,
    /// A principal in a policy that belongs to one already.
    #[error("Policy document should not specify a principal.")]
    UnwantedPrincipal,
    /// A statement without `Action` and `NotAction`.
    #[error("Policy statement must contain actions.")]
    MissingActions,
    /// A statement without `Resource` and `NotResource`.
    #[error("Policy statement must contain resources.")]
    MissingResources,
    /// An action or condition key without a prefix.
    #[error("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")]
    MissingVendor,
    /// An action with more than one colon.
    #[error("Actions/Condition can contain only one colon.")]
    TooManyColons,
    /// A resource that is neither an ARN nor `*`.
    #[error("Resource {0} must be in ARN format or \"*\".")]
    InvalidResource(String),
    /// Two statements with one name.
    #[error("Statement IDs (SID) in a single policy must be unique.")]
    RepeatedSid,
    /// A statement name with other characters.
    #[error(
        "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*"
    )]
    InvalidSid,
    /// A condition operator that does not exist.
    #[error("Invalid Condition type : {0}.")]
    InvalidOperator(String),
    /// A value that a condition operator cannot compare with.
    #[error("Syntax errors in policy: `{value}` is not {expected}.")]
    InvalidOperand {
        /// What the operator compares.
        expected: &'static str,
        /// What the policy has.
        value: String,
    },
    /// A `${` that does not begin a policy variable.
    #[error("Syntax errors in policy: `{0}` holds a malformed policy variable.")]
    InvalidVariable(String),
    /// `ForAllValues` where the absence of the key would satisfy it.
    #[error(
        "OverlyPermissiveCondition: Using the ForAllValues set operator with a single-valued condition key matches \
         requests without the specified {0} or with an unspecified {0}. To fix, remove ForAllValues."
    )]
    OverlyPermissive(&'static str),
}

impl PolicyError {
    /// The same in the words that the service has for this kind of policy.
    pub(crate) fn worded(self, kind: DocumentKind) -> Self {
        match (kind, self) {
            (DocumentKind::KeyPolicy, Self::InvalidPrincipal { .. }) => Self::InvalidPrincipals,
            (DocumentKind::KeyPolicy, error) => error,
            (DocumentKind::Trust, Self::Json(_)) => Self::InvalidJson,
            (DocumentKind::Trust, Self::UnknownElement(name)) => Self::UnknownField(name),
            (DocumentKind::Trust, Self::MissingPrincipal) => Self::MissingField("Principal"),
            (DocumentKind::Trust, Self::MissingActions) => Self::MissingField("Action"),
            (_, Self::Json(_) | Self::Syntax(_) | Self::UnknownElement(_)) => Self::Malformed,
            (_, Self::InvalidOperand { .. } | Self::InvalidVariable(_)) => Self::Malformed,
            (_, error) => error,
        }
    }
}

/// As much of `text` as belongs in a message.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(128).collect()
}
