//! Key states, and which operation each state permits: one table.
//!
//! The rows are those of the published "key states" table. Transient states of multi-Region keys
//! and custom key stores are rows of it already, so that the table is whole before they exist.

use serde::{Deserialize, Serialize};

/// The state of a KMS key, as DescribeKey shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyState {
    /// Usable.
    Enabled,
    /// Switched off; can be switched on again.
    Disabled,
    /// Waiting for deletion.
    PendingDeletion,
    /// A multi-Region primary waiting for its replicas to go first.
    PendingReplicaDeletion,
    /// Waiting for imported key material.
    PendingImport,
    /// In a custom key store that cannot be reached.
    Unavailable,
    /// A replica in the making.
    Creating,
    /// A multi-Region key whose primary is moving.
    Updating,
}

impl KeyState {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Enabled,
        Self::Disabled,
        Self::PendingDeletion,
        Self::PendingReplicaDeletion,
        Self::PendingImport,
        Self::Unavailable,
        Self::Creating,
        Self::Updating,
    ];

    /// The name of this state on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enabled => "Enabled",
            Self::Disabled => "Disabled",
            Self::PendingDeletion => "PendingDeletion",
            Self::PendingReplicaDeletion => "PendingReplicaDeletion",
            Self::PendingImport => "PendingImport",
            Self::Unavailable => "Unavailable",
            Self::Creating => "Creating",
            Self::Updating => "Updating",
        }
    }
}

/// A row of the key-state table: operations with equal demands share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateRow {
    /// No key, or any state: DescribeKey, policies, lists, DeleteAlias.
    Any,
    /// Encrypt, Decrypt, ReEncrypt, data keys, signatures, MACs, agreements.
    Cryptographic,
    /// GetPublicKey, which no longer minds a disabled key. A key without material has none to show;
    /// that is found out when it is looked for.
    PublicKey,
    /// CreateAlias, UpdateAlias (new target), TagResource, UntagResource, UpdateKeyDescription.
    NotPendingDeletion,
    /// CreateGrant.
    Grantable,
    /// EnableKey and DisableKey.
    EnableDisable,
}

/// Why a state refuses an operation; the engine words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateRefusal {
    /// `DisabledException`.
    Disabled,
    /// `KMSInvalidStateException`, "is pending deletion".
    PendingDeletion,
    /// `KMSInvalidStateException`, "is pending import".
    PendingImport,
    /// `KMSInvalidStateException`, "is unavailable".
    Unavailable,
    /// `KMSInvalidStateException`, "is creating".
    Creating,
    /// `KMSInvalidStateException`, "is updating".
    Updating,
}

impl StateRow {
    /// Whether an operation of this row may proceed on a key in `state`.
    ///
    /// # Errors
    /// The reason why not.
    pub const fn check(self, state: KeyState) -> Result<(), StateRefusal> {
        use KeyState as S;
        let refusal = match (self, state) {
            (Self::Any, _) | (_, S::Enabled) => return Ok(()),
            (_, S::PendingDeletion | S::PendingReplicaDeletion) => StateRefusal::PendingDeletion,
            (Self::NotPendingDeletion, _) => return Ok(()),
            (Self::Cryptographic | Self::Grantable, S::Disabled) => StateRefusal::Disabled,
            (Self::Grantable, S::Unavailable | S::Updating) => return Ok(()),
            (Self::PublicKey, S::Disabled | S::PendingImport) => return Ok(()),
            (Self::Cryptographic | Self::PublicKey, S::Unavailable) => StateRefusal::Unavailable,
            (Self::Cryptographic | Self::PublicKey, S::Updating) => return Ok(()),
            (Self::EnableDisable, S::Disabled | S::Unavailable) => return Ok(()),
            (Self::EnableDisable, S::Updating) => StateRefusal::Updating,
            (_, S::PendingImport) => StateRefusal::PendingImport,
            (_, S::Creating) => StateRefusal::Creating,
        };
        Err(refusal)
    }
}
