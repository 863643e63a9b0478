//! Why a text is not a policy.

/// Why a text is not a policy. Displayed in the service's own words where they are known.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not JSON, or not of the shape of a policy.
    #[error("Syntax errors in policy: {0}.")]
    Syntax(&'static str),
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
    #[error("Actions/Conditions must be prefixed by a vendor, e.g., iam, sdb, ec2, etc.")]
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

/// As much of `text` as belongs in a message.
pub(crate) fn excerpt(text: &str) -> String {
    text.chars().take(128).collect()
}
