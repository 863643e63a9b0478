//! Key states, and which operation each state permits: one table.
//!
//! The rows are those of the published "key states" table. Transient states of multi-Region keys
//! and custom key stores are rows of it already, so that the table is whole before they exist.

use serde::{Deserialize, Serialize};

use crate::Origin;

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
    /// No key, or any state: DescribeKey, policies, lists, DeleteAlias, RetireGrant, RevokeGrant,
    /// GetKeyLastUsage.
    Any,
    /// Encrypt, Decrypt, ReEncrypt, data keys, signatures, MACs, agreements, encapsulation.
    Cryptographic,
    /// GenerateDataKeyPair and its sibling, which keys in custom key stores do not have.
    DataKeyPair,
    /// GetPublicKey, which no longer minds a disabled key. A key without material has none to show;
    /// that is found out when it is looked for.
    PublicKey,
    /// CreateGrant.
    Grantable,
    /// CreateAlias, UpdateAlias (new target), TagResource, UntagResource, UpdateKeyDescription.
    NotPendingDeletion,
    /// EnableKey and DisableKey.
    EnableDisable,
    /// ScheduleKeyDeletion.
    ScheduleDeletion,
    /// CancelKeyDeletion.
    CancelDeletion,
    /// EnableKeyRotation and DisableKeyRotation.
    AutomaticRotation,
    /// RotateKeyOnDemand.
    OnDemandRotation,
    /// GetKeyRotationStatus.
    RotationStatus,
    /// ListKeyRotations.
    ListRotations,
    /// GetParametersForImport.
    ImportParameters,
    /// ImportKeyMaterial.
    Import,
    /// DeleteImportedKeyMaterial.
    DeleteImported,
    /// ReplicateKey.
    Replicate,
    /// UpdatePrimaryRegion.
    UpdatePrimary,
}

/// Why a state refuses an operation; the engine words it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StateRefusal {
    /// `DisabledException`.
    Disabled,
    /// `KMSInvalidStateException`, "is pending deletion".
    PendingDeletion,
    /// `KMSInvalidStateException`, "is not pending deletion".
    NotPendingDeletion,
    /// `KMSInvalidStateException`, "is pending import".
    PendingImport,
    /// `KMSInvalidStateException`, "is unavailable".
    Unavailable,
    /// `KMSInvalidStateException`, "is creating".
    Creating,
    /// `KMSInvalidStateException`, "is updating".
    Updating,
    /// `UnsupportedOperationException`: keys of this origin do not have the operation.
    Origin,
}

impl StateRow {
    /// All rows.
    pub const ALL: [Self; 18] = [
        Self::Any,
        Self::Cryptographic,
        Self::DataKeyPair,
        Self::PublicKey,
        Self::Grantable,
        Self::NotPendingDeletion,
        Self::EnableDisable,
        Self::ScheduleDeletion,
        Self::CancelDeletion,
        Self::AutomaticRotation,
        Self::OnDemandRotation,
        Self::RotationStatus,
        Self::ListRotations,
        Self::ImportParameters,
        Self::Import,
        Self::DeleteImported,
        Self::Replicate,
        Self::UpdatePrimary,
    ];

    /// Whether the operations of this row use a key, as GetKeyLastUsage understands it.
    #[must_use]
    pub const fn is_use(self) -> bool {
        matches!(self, Self::Cryptographic | Self::DataKeyPair)
    }

    /// Whether an operation of this row may proceed on a key of `origin` in `state`.
    ///
    /// # Errors
    /// The reason why not.
    pub fn check(self, state: KeyState, origin: Origin) -> Result<(), StateRefusal> {
        let external = origin == Origin::External;
        // What a key can never have is refused whatever its state.
        if self.is_of_imports() && !external {
            return Err(StateRefusal::Origin);
        }
        if let Some(refusal) = self.cell(state) {
            return Err(refusal);
        }
        // Whether it may be rotated is asked after its state.
        if self.is_of_automatic_rotation() && external {
            return Err(StateRefusal::Origin);
        }
        Ok(())
    }

    const fn is_of_imports(self) -> bool {
        matches!(self, Self::ImportParameters | Self::Import | Self::DeleteImported)
    }

    const fn is_of_automatic_rotation(self) -> bool {
        matches!(self, Self::AutomaticRotation | Self::RotationStatus)
    }

    const fn cell(self, state: KeyState) -> Option<StateRefusal> {
        let [enabled, disabled, deletion, replica_deletion, import, unavailable, creating, updating] =
            self.cells();
        match state {
            KeyState::Enabled => enabled,
            KeyState::Disabled => disabled,
            KeyState::PendingDeletion => deletion,
            KeyState::PendingReplicaDeletion => replica_deletion,
            KeyState::PendingImport => import,
            KeyState::Unavailable => unavailable,
            KeyState::Creating => creating,
            KeyState::Updating => updating,
        }
    }

    /// The table. A key that is Unavailable is in a custom key store, and one that is PendingImport
    /// has the origin EXTERNAL; that is how cells about origins come into it.
    #[rustfmt::skip]
    const fn cells(self) -> [Option<StateRefusal>; 8] {
        const YES: Option<StateRefusal> = None;
        const DIS: Option<StateRefusal> = Some(StateRefusal::Disabled);
        const DEL: Option<StateRefusal> = Some(StateRefusal::PendingDeletion);
        const NOT: Option<StateRefusal> = Some(StateRefusal::NotPendingDeletion);
        const IMP: Option<StateRefusal> = Some(StateRefusal::PendingImport);
        const UNA: Option<StateRefusal> = Some(StateRefusal::Unavailable);
        const CRE: Option<StateRefusal> = Some(StateRefusal::Creating);
        const UPD: Option<StateRefusal> = Some(StateRefusal::Updating);
        const ORI: Option<StateRefusal> = Some(StateRefusal::Origin);
        match self {
            //                          Enabled Disabled PendDel PendRepl PendImp Unavail Creating Updating
            Self::Any =>                [YES,    YES,     YES,    YES,     YES,    YES,    YES,     YES],
            Self::Cryptographic =>      [YES,    DIS,     DEL,    DEL,     IMP,    UNA,    CRE,     YES],
            Self::DataKeyPair =>        [YES,    DIS,     DEL,    DEL,     IMP,    ORI,    CRE,     YES],
            Self::PublicKey =>          [YES,    YES,     DEL,    DEL,     YES,    UNA,    CRE,     YES],
            Self::Grantable =>          [YES,    DIS,     DEL,    DEL,     IMP,    YES,    CRE,     YES],
            Self::NotPendingDeletion => [YES,    YES,     DEL,    DEL,     YES,    YES,    YES,     YES],
            Self::EnableDisable =>      [YES,    YES,     DEL,    DEL,     IMP,    YES,    CRE,     UPD],
            Self::ScheduleDeletion =>   [YES,    YES,     DEL,    DEL,     YES,    YES,    YES,     UPD],
            Self::CancelDeletion =>     [NOT,    NOT,     YES,    YES,     NOT,    NOT,    NOT,     NOT],
            Self::AutomaticRotation =>  [YES,    DIS,     DEL,    DEL,     ORI,    ORI,    CRE,     YES],
            Self::OnDemandRotation =>   [YES,    DIS,     DEL,    DEL,     IMP,    ORI,    CRE,     YES],
            Self::RotationStatus =>     [YES,    YES,     YES,    YES,     ORI,    ORI,    YES,     YES],
            Self::ListRotations =>      [YES,    YES,     YES,    YES,     YES,    ORI,    YES,     YES],
            Self::ImportParameters =>   [YES,    YES,     DEL,    DEL,     YES,    ORI,    CRE,     UPD],
            Self::Import =>             [YES,    YES,     DEL,    DEL,     YES,    ORI,    CRE,     YES],
            Self::DeleteImported =>     [YES,    YES,     YES,    YES,     YES,    ORI,    CRE,     UPD],
            Self::Replicate =>          [YES,    DIS,     DEL,    DEL,     IMP,    ORI,    CRE,     UPD],
            Self::UpdatePrimary =>      [YES,    DIS,     DEL,    DEL,     IMP,    ORI,    CRE,     YES],
        }
    }
}
