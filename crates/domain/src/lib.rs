//! The nouns and laws of key management, without I/O.
//!
//! Everything here is a value or a pure function of values: identifiers and ARNs, the key record,
//! the key-state table, aliases, grants, identities, credentials, tags. Nothing reads a clock, a file or
//! a socket, and nothing knows how a request arrived. How records are stored is the engine's matter;
//! what may be done with them is the policy crate's.

mod alias;
mod arn;
mod context;
mod credential;
mod deletion;
mod grant;
mod identity;
mod import;
mod key;
mod material;
mod multi_region;
mod network;
mod paths;
mod quota;
mod resource_quota;
mod rotation;
mod spec;
mod state;
mod tag;

pub use alias::{Alias, AliasName, InvalidAliasName};
pub use arn::{AccountId, Arn, GrantId, InvalidArn, KeyArn, KeyId, MaterialId, PARTITION, PathTag, Region};
pub use context::EncryptionContext;
pub use credential::{Credential, CredentialStatus, Owner, OwnerKind};
pub use deletion::Deletion;
pub use grant::{
    Grant, GrantConstraints, GrantOperation, GrantPrincipal, MAX_CONSTRAINT_CHARS, MAX_CONSTRAINT_PAIRS,
};
pub use identity::{
    Account, AccountStatus, FederatingUser, Group, IamName, IamPath, IdKind, IdentityPolicies, InvalidName,
    ManagedPolicy, OidcProvider, Organization, PolicyVersion, Principal, PrincipalKind, Role, UniqueId, User,
    access_key_id, entity_arn,
};
pub use import::{Import, ImportRefusal, ImportType, LONGEST_VALIDITY};
pub use key::{Key, KeyManager, Origin};
pub use material::{ImportedMaterial, MaterialRef, MaterialState};
pub use multi_region::{Move, MultiRegion, SETTLING};
pub use network::{InvalidNetwork, Network};
pub use paths::{Due, Path, PathRange};
pub use quota::{InvalidRateQuota, RateClass, RateQuota, RateQuotas};
pub use resource_quota::{InvalidResourceQuota, ResourceQuota, ResourceQuotas};
pub use rotation::{MAX_ON_DEMAND_ROTATIONS, Rotation, RotationSchedule, RotationType};
pub use spec::{
    Algorithms, EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, KeySpec, KeyUsage,
    MacAlgorithm, MessageForm, MessageType, SigningAlgorithm, WrappingAlgorithm, WrappingKeySpec,
};
pub use state::{KeyState, StateRefusal, StateRow};
pub use tag::{MAX_TAGS, TagEntry, TagError, Tags};
