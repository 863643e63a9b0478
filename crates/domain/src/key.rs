//! The record of a KMS key: everything about it but its material.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, KeyArn, KeyId, KeySpec, KeyState, KeyUsage, MaterialId, Region, Tags};

/// Where the key material comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// Made by the service.
    #[serde(rename = "AWS_KMS")]
    AwsKms,
    /// Made elsewhere and imported.
    #[serde(rename = "EXTERNAL")]
    External,
}

impl Origin {
    /// The name of this origin on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwsKms => "AWS_KMS",
            Self::External => "EXTERNAL",
        }
    }
}

/// Who manages a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyManager {
    /// The customer.
    #[serde(rename = "CUSTOMER")]
    Customer,
}

impl KeyManager {
    /// The name of this manager on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "CUSTOMER",
        }
    }
}

/// One key material a key has or had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaterialRef {
    /// Names the material in ciphertexts and answers.
    pub id: MaterialId,
    /// When it was made.
    pub created: Timestamp,
}

/// The stored record of a key. The material itself lies in records of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// The key's identifier, never reused.
    pub id: KeyId,
    /// The account that owns it.
    pub account: AccountId,
    /// The Region it lives in.
    pub region: Region,
    /// Kind of material.
    pub spec: KeySpec,
    /// What it may be used for.
    pub usage: KeyUsage,
    /// Where the material comes from.
    pub origin: Origin,
    /// Who manages it.
    pub manager: KeyManager,
    /// The stored state.
    pub state: KeyState,
    /// 0 to 8192 characters.
    pub description: String,
    /// When the key was made.
    pub created: Timestamp,
    /// The `default` key policy, as it was given.
    pub policy: String,
    /// Tags in insertion order.
    pub tags: Tags,
    /// Every material, oldest first; the last one is current. None while a key waits for its first
    /// import.
    pub materials: Vec<MaterialRef>,
}

impl Key {
    /// The key's ARN.
    #[must_use]
    pub fn arn(&self) -> KeyArn {
        KeyArn { region: self.region.clone(), account: self.account, id: self.id }
    }

    /// The material that new ciphertexts are made with.
    #[must_use]
    pub fn current_material(&self) -> Option<MaterialId> {
        self.materials.last().map(|material| material.id)
    }

    /// Whether `id` is, or once was, a material of this key.
    #[must_use]
    pub fn has_material(&self, id: &MaterialId) -> bool {
        self.materials.iter().any(|material| material.id == *id)
    }
}
