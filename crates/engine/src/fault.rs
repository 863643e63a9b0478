//! Everything that can go wrong with a request, and the one place that words it for the wire.
//!
//! A variant names one cause and carries what its message needs. The names, texts and statuses
//! are those of the AWS KMS API: every client error answers 400, whatever the published model
//! annotates, and where the service sends no message there is none.

use trent_crypto::CryptoError;
use trent_domain::{Origin, StateRefusal, TagError};
use trent_policy::PolicyError;
use trent_sigv4::{AuthError, AuthErrorKind};

use crate::{CommitError, RngError, StoreError};

/// Why a request was refused or failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    // The front door.
    /// Not a request for any operation: another method, or no target.
    NotAnOperation,
    /// No such operation, or not in this protocol.
    UnknownOperation,
    /// An operation of the API that Trent does not have yet.
    NotImplemented(&'static str),
    /// The body is larger than any request is.
    BodyTooLarge,
    /// The body took too long to arrive.
    BodyTooSlow,
    /// The body is not what the protocol asks for.
    Serialization(String),
    /// Members of the input break their constraints; the whole message.
    Validation(String),
    /// The signature, or what is around it.
    Authentication(AuthError),
    /// The access key is unknown or inactive, or its token is not the right one.
    UnrecognizedClient,
    /// The session is over.
    ExpiredToken,

    // Identifiers.
    /// The text has none of the forms of a key identifier.
    InvalidKeyId(String),
    /// An ARN that is not one of a key or alias.
    MalformedArn(String),
    /// A key ARN of another Region.
    OtherRegion(String),
    /// A well-formed identifier of no key; carries the ARN.
    KeyNotFound(String),
    /// No such alias; carries the alias ARN.
    AliasNotFound(String),
    /// An alias where only key ids and key ARNs are taken.
    AliasNotSupported,
    /// A marker that this list did not hand out.
    InvalidMarker,

    // Permission.
    /// The authorizer said no; the whole message.
    AccessDenied(String),
    /// No custom key store has the id.
    CustomKeyStoreNotFound,
    /// A grant token that names no grant.
    InvalidGrantToken,
    /// A text that is no grant id.
    InvalidGrantId,
    /// A well-formed id of no grant on the key.
    GrantNotFound(String),
    /// A principal that does not exist.
    InvalidPrincipal(String),

    // Key state and use.
    /// The state of a key does not permit the operation.
    State {
        /// Which key.
        arn: String,
        /// Why not.
        refusal: StateRefusal,
    },
    /// Keys of this origin do not have the operation.
    Origin {
        /// Which key.
        arn: String,
        /// Where its material comes from.
        origin: &'static str,
    },
    /// Keys of this kind cannot be rotated.
    NotRotatable,
    /// A rotation on demand with no material to rotate to; carries the key's ARN.
    NothingToRotate(String),
    /// The key was rotated on demand as often as it may be; carries its ARN.
    RotatedOften(String),
    /// An automatic rotation is so near that one on demand would be in its way.
    RotationConflict,
    /// Only the primary key of a multi-Region key has the operation; carries the ARN of one that is not.
    NotPrimary(String),
    /// There is a related key already; carries its ARN.
    ReplicaExists(String),
    /// There is no replica where one is to become the primary key.
    NoReplica {
        /// Which key has none.
        arn: String,
        /// Where.
        region: String,
    },
    /// The key was made for another use.
    KeyUsage {
        /// Which key.
        arn: String,
        /// What it was made for.
        usage: &'static str,
        /// What was asked.
        operation: &'static str,
    },
    /// The algorithm is not one of the key's.
    Algorithm {
        /// What was asked for.
        algorithm: String,
        /// What the key is.
        spec: &'static str,
    },
    /// Something the API has and this version of Trent has not.
    Unsupported(String),

    // Imported material.
    /// The material is not the one it has to be, or none of the key's spec.
    IncorrectKeyMaterial,
    /// The import token is not one of this key.
    InvalidImportToken,
    /// The import token is too old.
    ExpiredImportToken,
    /// New material while other new material waits for a rotation.
    PendingMaterial {
        /// Which key.
        arn: String,
        /// What was to be imported.
        new: String,
        /// What waits.
        pending: String,
    },
    /// The key has no material with this id.
    MaterialNotFound(String),

    // Outcomes.
    /// The ciphertext is corrupt, foreign, or was made under another context.
    InvalidCiphertext,
    /// The ciphertext was made under another key than the one named.
    IncorrectKey,
    /// The signature is not one of the message by the key.
    InvalidSignature,
    /// The MAC is not the one of the message by the key.
    InvalidMac,
    /// The other side's public key is not one of the key's curve.
    PeerKey,
    /// A dry run that would have succeeded.
    DryRun,

    // Records.
    /// Tags.
    Tag(TagError),
    /// The alias exists; carries its ARN.
    AliasExists(String),
    /// The alias name lacks its prefix.
    AliasPrefix,
    /// The alias name has characters it must not have, or nothing behind the prefix.
    InvalidAliasName,
    /// The name belongs to the service.
    ReservedAlias,
    /// A key policy that is not one.
    Policy(PolicyError),
    /// A key policy that names principals who do not exist.
    InvalidPrincipals,
    /// A key policy that would shut out the caller.
    PolicyLockout,
    /// A policy name without a policy.
    NoSuchPolicy,
    /// A quota; the whole message.
    LimitExceeded(String),

    /// An error of another service than KMS, under its name there.
    Named {
        /// The name, as the wire has it.
        code: &'static str,
        /// HTTP status.
        status: u16,
        /// What the client is told.
        message: String,
    },

    // Our side.
    /// Others kept changing the same records.
    Contention,
    /// The account has used up a second's requests.
    Throttled,
    /// There is no room to store what was asked.
    StorageFull,
    /// The record of the request could not be written, so the request is not answered.
    AuditUnavailable,
    /// Anything else; the text is for the operator only.
    Internal(String),
}

/// A fault in the words of the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WireError {
    /// HTTP status.
    pub status: u16,
    /// The bare shape name.
    pub code: &'static str,
    /// Absent, not empty, when there is nothing to say.
    pub message: Option<String>,
}

impl Fault {
    /// What only the operator may read of this fault, if there is more than the client is told.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        match self {
            Self::Internal(detail) => Some(detail),
            _ => None,
        }
    }

    /// A free-text `ValidationException`.
    #[must_use]
    pub fn validation(message: impl Into<String>) -> Self {
        Self::Validation(message.into())
    }

    /// What the key-state table refused.
    #[must_use]
    pub fn refused(arn: &str, refusal: StateRefusal, origin: Origin) -> Self {
        match refusal {
            StateRefusal::Origin => Self::Origin { arn: arn.to_owned(), origin: origin.as_str() },
            refusal => Self::State { arn: arn.to_owned(), refusal },
        }
    }

    /// An error of another service than KMS.
    #[must_use]
    pub fn named(code: &'static str, status: u16, message: impl Into<String>) -> Self {
        Self::Named { code, status, message: message.into() }
    }

    /// The status, name and message the client of a JSON service gets.
    #[must_use]
    pub fn wire(&self) -> WireError {
        match self {
            Self::NotAnOperation
            | Self::UnknownOperation
            | Self::NotImplemented(_)
            | Self::BodyTooLarge
            | Self::BodyTooSlow
            | Self::Serialization(_)
            | Self::Validation(_)
            | Self::Authentication(_)
            | Self::UnrecognizedClient
            | Self::ExpiredToken => self.front_door(),
            Self::InvalidKeyId(_)
            | Self::MalformedArn(_)
            | Self::OtherRegion(_)
            | Self::KeyNotFound(_)
            | Self::AliasNotFound(_)
            | Self::AliasNotSupported
            | Self::InvalidMarker
            | Self::AccessDenied(_)
            | Self::CustomKeyStoreNotFound
            | Self::InvalidGrantToken
            | Self::InvalidGrantId
            | Self::GrantNotFound(_)
            | Self::InvalidPrincipal(_) => self.lookup(),
            Self::State { .. }
            | Self::Origin { .. }
            | Self::NotRotatable
            | Self::NothingToRotate(_)
            | Self::RotatedOften(_)
            | Self::RotationConflict
            | Self::NotPrimary(_)
            | Self::ReplicaExists(_)
            | Self::NoReplica { .. }
            | Self::KeyUsage { .. }
            | Self::Algorithm { .. }
            | Self::Unsupported(_)
            | Self::InvalidCiphertext
            | Self::IncorrectKey
            | Self::InvalidSignature
            | Self::InvalidMac
            | Self::PeerKey
            | Self::DryRun => self.use_of_key(),
            Self::IncorrectKeyMaterial
            | Self::InvalidImportToken
            | Self::ExpiredImportToken
            | Self::PendingMaterial { .. }
            | Self::MaterialNotFound(_) => self.import(),
            Self::Tag(_)
            | Self::AliasExists(_)
            | Self::AliasPrefix
            | Self::InvalidAliasName
            | Self::ReservedAlias
            | Self::Policy(_)
            | Self::InvalidPrincipals
            | Self::PolicyLockout
            | Self::NoSuchPolicy
            | Self::LimitExceeded(_) => self.records(),
            Self::Named { code, status, message } => {
                WireError { status: *status, code, message: Some(message.clone()) }
            }
            Self::Contention
            | Self::Throttled
            | Self::StorageFull
            | Self::AuditUnavailable
            | Self::Internal(_) => self.our_side(),
        }
    }

    fn front_door(&self) -> WireError {
        match self {
            Self::NotImplemented(name) => client(
                "UnsupportedOperationException",
                format!("The operation {name} is not supported by this version of Trent."),
            ),
            Self::BodyTooLarge => WireError {
                status: 413,
                ..client("RequestEntityTooLargeException", "The body of the request is too large.")
            },
            Self::BodyTooSlow => WireError {
                status: 408,
                ..client("RequestTimeoutException", "The body of the request took too long to arrive.")
            },
            Self::Serialization(message) => client("SerializationException", message.clone()),
            Self::Validation(message) => client("ValidationException", message.clone()),
            Self::Authentication(error) => client(authentication_code(error.kind()), error.to_string()),
            Self::UnrecognizedClient => client(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Self::ExpiredToken => {
                client("ExpiredTokenException", "The security token included in the request is expired")
            }
            Self::NotAnOperation => WireError { status: 404, ..silent("UnknownOperationException") },
            _ => silent("UnknownOperationException"),
        }
    }

    fn lookup(&self) -> WireError {
        match self {
            Self::InvalidKeyId(text) => client("NotFoundException", format!("Invalid keyId '{text}'")),
            Self::MalformedArn(text) => client("InvalidArnException", format!("Invalid arn {text}")),
            Self::OtherRegion(region) => client("NotFoundException", format!("Invalid arn {region}")),
            Self::KeyNotFound(arn) => client("NotFoundException", format!("Key '{arn}' does not exist")),
            Self::AliasNotFound(arn) => client("NotFoundException", format!("Alias {arn} is not found.")),
            Self::AliasNotSupported => {
                client("InvalidArnException", "Key Aliases are not supported for this operation.")
            }
            Self::AccessDenied(message) => client("AccessDeniedException", message.clone()),
            Self::CustomKeyStoreNotFound => silent("CustomKeyStoreNotFoundException"),
            Self::InvalidGrantToken => silent("InvalidGrantTokenException"),
            Self::InvalidGrantId => silent("InvalidGrantIdException"),
            // The service's text is not published.
            Self::GrantNotFound(id) => client("NotFoundException", format!("Grant ID {id} not found")),
            Self::InvalidPrincipal(arn) => {
                client("InvalidArnException", format!("ARN does not refer to a valid principal: {arn}"))
            }
            // The service's text is not published.
            _ => client("InvalidMarkerException", "The marker is not valid for this request."),
        }
    }

    fn use_of_key(&self) -> WireError {
        match self {
            Self::State { arn, refusal } => {
                let (code, tail) = state_wording(*refusal);
                client(code, format!("{arn} is {tail}."))
            }
            Self::Origin { arn, origin } => client(
                "UnsupportedOperationException",
                format!("{arn} origin is {origin} which is not valid for this operation."),
            ),
            Self::NotRotatable
            | Self::NothingToRotate(_)
            | Self::RotatedOften(_)
            | Self::RotationConflict => self.rotation(),
            Self::NotPrimary(_) | Self::ReplicaExists(_) | Self::NoReplica { .. } => self.related_keys(),
            Self::KeyUsage { arn, usage, operation } => client(
                "InvalidKeyUsageException",
                format!("{arn} key usage is {usage} which is not valid for {operation}."),
            ),
            Self::Algorithm { algorithm, spec } => client(
                "InvalidKeyUsageException",
                format!("Algorithm {algorithm} is incompatible with key spec {spec}."),
            ),
            Self::Unsupported(message) => client("UnsupportedOperationException", message.clone()),
            Self::IncorrectKey => client(
                "IncorrectKeyException",
                "The key ID in the request does not identify a CMK that can perform this operation.",
            ),
            Self::DryRun => client(
                "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.",
            ),
            Self::InvalidSignature => silent("KMSInvalidSignatureException"),
            Self::InvalidMac => silent("KMSInvalidMacException"),
            Self::PeerKey => silent("ValidationException"),
            _ => silent("InvalidCiphertextException"),
        }
    }

    fn rotation(&self) -> WireError {
        match self {
            Self::NothingToRotate(arn) => client(
                "KMSInvalidStateException",
                format!("No available key material pending rotation for the key: {arn}."),
            ),
            Self::RotatedOften(arn) => client(
                "LimitExceededException",
                format!(
                    "The on-demand rotations limit has been reached for the given keyId. No more on-demand \
                     rotations can be performed for this key: {arn}"
                ),
            ),
            // The service's text is not published.
            Self::RotationConflict => client(
                "ConflictException",
                "An automatic rotation of the key is in progress or is scheduled within the next 20 minutes.",
            ),
            _ => silent("UnsupportedOperationException"),
        }
    }

    fn related_keys(&self) -> WireError {
        match self {
            Self::NotPrimary(arn) => {
                client("UnsupportedOperationException", format!("{arn} is not a multi-region primary key."))
            }
            // The service's texts of the rest are not published.
            Self::NoReplica { arn, region } => {
                client("NotFoundException", format!("{arn} has no replica in Region {region}."))
            }
            Self::ReplicaExists(arn) => client("AlreadyExistsException", format!("{arn} already exists.")),
            _ => silent("UnsupportedOperationException"),
        }
    }

    /// Most of the service's texts are not published.
    fn import(&self) -> WireError {
        match self {
            Self::InvalidImportToken => silent("InvalidImportTokenException"),
            Self::ExpiredImportToken => silent("ExpiredImportTokenException"),
            Self::PendingMaterial { arn, new, pending } => client(
                "KMSInvalidStateException",
                format!(
                    "New key material (id: {new}) cannot be imported into KMS key {arn}, because another key \
                     material (id: {pending}) is pending rotation."
                ),
            ),
            Self::MaterialNotFound(id) => {
                client("NotFoundException", format!("Key material '{id}' does not exist"))
            }
            _ => silent("IncorrectKeyMaterialException"),
        }
    }

    fn records(&self) -> WireError {
        match self {
            Self::Tag(error) => client("TagException", error.to_string()),
            Self::AliasExists(arn) => {
                client("AlreadyExistsException", format!("An alias with the name {arn} already exists"))
            }
            Self::AliasPrefix => client(
                "ValidationException",
                "Alias must start with the prefix \"alias/\". Please see \
                 https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html",
            ),
            Self::InvalidAliasName => silent("InvalidAliasNameException"),
            Self::ReservedAlias => silent("NotAuthorizedException"),
            Self::Policy(error) => client("MalformedPolicyDocumentException", error.to_string()),
            Self::InvalidPrincipals => client(
                "MalformedPolicyDocumentException",
                "Policy contains a statement with one or more invalid principals.",
            ),
            Self::PolicyLockout => client(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
            ),
            Self::LimitExceeded(message) => client("LimitExceededException", message),
            _ => client("NotFoundException", "No such policy exists"),
        }
    }

    fn our_side(&self) -> WireError {
        match self {
            // Rapid changes of one key are throttled by the service too.
            Self::Contention | Self::Throttled => client(
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            ),
            Self::StorageFull => server("The key store is out of space; nothing was changed."),
            Self::AuditUnavailable => server("The audit trail cannot be written; the request was refused."),
            _ => WireError { status: 500, code: "KMSInternalException", message: None },
        }
    }
}

fn client(code: &'static str, message: impl Into<String>) -> WireError {
    WireError { status: 400, code, message: Some(message.into()) }
}

const fn silent(code: &'static str) -> WireError {
    WireError { status: 400, code, message: None }
}

fn server(message: &str) -> WireError {
    WireError { status: 500, code: "KMSInternalException", message: Some(message.to_owned()) }
}

const fn state_wording(refusal: StateRefusal) -> (&'static str, &'static str) {
    const INVALID: &str = "KMSInvalidStateException";
    match refusal {
        StateRefusal::Disabled => ("DisabledException", "disabled"),
        StateRefusal::PendingDeletion => (INVALID, "pending deletion"),
        StateRefusal::NotPendingDeletion => (INVALID, "not pending deletion"),
        StateRefusal::PendingImport => (INVALID, "pending import"),
        StateRefusal::Unavailable => (INVALID, "unavailable"),
        StateRefusal::Creating => (INVALID, "creating"),
        StateRefusal::Updating => (INVALID, "updating"),
        StateRefusal::Origin => {
            ("UnsupportedOperationException", "of an origin that is not valid for this operation")
        }
    }
}

/// The names of the JSON services; the Query services have names of their own.
const fn authentication_code(kind: AuthErrorKind) -> &'static str {
    match kind {
        AuthErrorKind::MissingToken => "MissingAuthenticationTokenException",
        AuthErrorKind::Incomplete => "IncompleteSignatureException",
        AuthErrorKind::InvalidSignature => "InvalidSignatureException",
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Full(_) => Self::StorageFull,
            StoreError::Damaged(_) | StoreError::Failed(_) => Self::Internal(error.to_string()),
        }
    }
}

impl From<CommitError> for Fault {
    fn from(error: CommitError) -> Self {
        match error {
            CommitError::Conflict(_) => Self::Contention,
            CommitError::Store(error) => error.into(),
        }
    }
}

impl From<RngError> for Fault {
    fn from(error: RngError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<TagError> for Fault {
    fn from(error: TagError) -> Self {
        Self::Tag(error)
    }
}

impl From<PolicyError> for Fault {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}

impl From<CryptoError> for Fault {
    fn from(error: CryptoError) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<AuthError> for Fault {
    fn from(error: AuthError) -> Self {
        Self::Authentication(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and texts that clients match on.
    #[test]
    fn faults_are_worded_as_the_service_words_them() {
        let arn = || "arn:aws:kms:us-east-1:000000000000:key/k".to_owned();
        let state = |refusal| Fault::State { arn: arn(), refusal };
        let cases = [
            (state(StateRefusal::Disabled), "DisabledException", format!("{} is disabled.", arn())),
            (
                state(StateRefusal::PendingDeletion),
                "KMSInvalidStateException",
                format!("{} is pending deletion.", arn()),
            ),
            (Fault::KeyNotFound(arn()), "NotFoundException", format!("Key '{}' does not exist", arn())),
            (Fault::Tag(TagError::TooMany), "TagException", "Too many tags".to_owned()),
            (
                Fault::DryRun,
                "DryRunOperationException",
                "The request would have succeeded, but the DryRun option is set.".to_owned(),
            ),
        ];
        for (fault, code, message) in cases {
            assert_eq!(fault.wire(), WireError { status: 400, code, message: Some(message) });
        }
    }

    #[test]
    fn some_faults_say_nothing() {
        for fault in [Fault::InvalidCiphertext, Fault::InvalidGrantToken, Fault::UnknownOperation] {
            assert_eq!(fault.wire().message, None);
        }
    }

    #[test]
    fn what_the_operator_reads_stays_here() {
        let fault = Fault::Internal("the disk at /var/lib is on fire".to_owned());
        assert_eq!(fault.wire(), WireError { status: 500, code: "KMSInternalException", message: None });
        assert!(fault.detail().is_some());
    }
}
