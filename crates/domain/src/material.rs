//! What a key's record tells of each of its key materials. The material itself lies elsewhere.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{MaterialId, Rotation, RotationType};

/// One key material a key has or had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialRef {
    /// Names the material in ciphertexts and answers.
    pub id: MaterialId,
    /// When it was made, or first imported.
    pub created: Timestamp,
    /// How it became current; `None` of the first material and of one that is pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rotation: Option<Rotation>,
    /// Whether it waits for a rotation on demand. Until then it is not the key's for good.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pending: bool,
    /// Present of imported material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportedMaterial>,
}

/// What is known of imported material, whether it is there or not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedMaterial {
    /// Whether it was imported and not deleted since. Material that has expired may still be
    /// marked present; [`MaterialRef::is_held`] knows better.
    pub present: bool,
    /// When it expires: present material with such a date has the expiration model
    /// `KEY_MATERIAL_EXPIRES`, present material without it `KEY_MATERIAL_DOES_NOT_EXPIRE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Timestamp>,
    /// 0 to 256 characters. It outlives the material.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// Where a material stands among those of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MaterialState {
    /// New ciphertexts are made with it.
    Current,
    /// It was current once, and opens what was encrypted then.
    NonCurrent,
    /// It waits for a rotation on demand.
    PendingRotation,
    /// It waits for its import into every related key, and then for a rotation on demand.
    PendingMultiRegionImportAndRotation,
}

impl MaterialState {
    /// The name of this state on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "CURRENT",
            Self::NonCurrent => "NON_CURRENT",
            Self::PendingRotation => "PENDING_ROTATION",
            Self::PendingMultiRegionImportAndRotation => "PENDING_MULTI_REGION_IMPORT_AND_ROTATION",
        }
    }
}

impl MaterialRef {
    /// Material made at `created`, the first of its key.
    #[must_use]
    pub const fn new(id: MaterialId, created: Timestamp) -> Self {
        Self { id, created, rotation: None, pending: false, import: None }
    }

    /// Whether the material can be used at `now`: made here, or imported, not deleted and not
    /// expired.
    #[must_use]
    pub fn is_held(&self, now: Timestamp) -> bool {
        self.import
            .as_ref()
            .is_none_or(|import| import.present && import.valid_to.is_none_or(|valid_to| now < valid_to))
    }

    /// When material that is there expires.
    #[must_use]
    pub fn expiry(&self) -> Option<Timestamp> {
        self.import.as_ref().filter(|import| import.present).and_then(|import| import.valid_to)
    }

    /// Whether a rotation on demand made it current.
    #[must_use]
    pub fn is_on_demand(&self) -> bool {
        self.rotation.is_some_and(|rotation| rotation.kind == RotationType::OnDemand)
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}
