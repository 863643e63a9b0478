//! Refusals, in the words of the service.

/// The classes of refusal; their wire names depend on the protocol of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthErrorKind {
    /// There is nothing to verify.
    MissingToken,
    /// The credentials are not of the right form.
    Incomplete,
    /// The signature, its time or its scope do not hold.
    InvalidSignature,
}

/// Why a request is not authenticated. Displays the service's message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// Neither an Authorization header nor signed query parameters.
    #[error("Request is missing Authentication Token")]
    MissingToken,
    /// Another signature algorithm.
    #[error("Unsupported AWS 'algorithm': '{0}'.")]
    Algorithm(String),
    /// A part of the header that is no `key=value`.
    #[error("'{part}' not a valid key=value pair (missing equal-sign) in Authorization header: '{header}'")]
    NotAPair {
        /// The part.
        part: String,
        /// The whole header.
        header: String,
    },
    /// Parts that are not there; the whole message.
    #[error("{0}")]
    MissingParts(String),
    /// A header that occurs more than once where one value must count.
    #[error("The request has more than one '{0}' header.")]
    Duplicate(&'static str),
    /// `host` or `:authority` is not signed.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostUnsigned,
    /// Another header that must be signed is not.
    #[error("'{0}' must be a 'SignedHeader' in the AWS Authorization.")]
    Unsigned(String),
    /// A time that is not one.
    #[error("Date must be in ISO-8601 'basic format'. Got '{0}'. See http://en.wikipedia.org/wiki/ISO_8601")]
    Date(String),
    /// The request is too old.
    #[error("Signature expired: {request} is now earlier than {limit} ({now} - {minutes} min.)")]
    Expired {
        /// When it was signed.
        request: String,
        /// The earliest time still accepted.
        limit: String,
        /// The time here.
        now: String,
        /// How far a request may be behind.
        minutes: u64,
    },
    /// A presigned request whose time has run out.
    #[error("Signature expired: {now} is now later than {limit}")]
    PresignedExpired {
        /// The time here.
        now: String,
        /// The last moment it was good for.
        limit: String,
    },
    /// The request is from the future.
    #[error("Signature not yet current: {request} is still later than {limit} ({now} + {minutes} min.)")]
    NotYetCurrent {
        /// When it was signed.
        request: String,
        /// The latest time accepted.
        limit: String,
        /// The time here.
        now: String,
        /// How far a request may be ahead.
        minutes: u64,
    },
    /// A credential that is not `keyid/date/region/service/term`.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{0}'"
    )]
    Credential(String),
    /// Everything that is wrong with the scope; the whole message.
    #[error("{0}")]
    Scope(String),
    /// The lifetime of a presigned request is not a number of seconds up to a week.
    #[error("X-Amz-Expires must be a number between 1 and 604800 seconds")]
    Expires,
    /// The signature is another one than ours.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details."
    )]
    Mismatch,
}

impl AuthError {
    /// The class of this refusal.
    #[must_use]
    pub const fn kind(&self) -> AuthErrorKind {
        match self {
            Self::MissingToken => AuthErrorKind::MissingToken,
            Self::Algorithm(_)
            | Self::NotAPair { .. }
            | Self::MissingParts(_)
            | Self::Date(_)
            | Self::Expires
            | Self::Credential(_) => AuthErrorKind::Incomplete,
            Self::Duplicate(_)
            | Self::HostUnsigned
            | Self::Unsigned(_)
            | Self::Expired { .. }
            | Self::PresignedExpired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Scope(_)
            | Self::Mismatch => AuthErrorKind::InvalidSignature,
        }
    }
}
