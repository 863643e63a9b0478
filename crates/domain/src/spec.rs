//! Key specs and usages, and which go together (`KeySpec` and `KeyUsage` of the KMS API).

use serde::{Deserialize, Serialize};

/// What kind of key material a KMS key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeySpec {
    /// A 256-bit AES key, used with GCM.
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    SymmetricDefault,
}

impl KeySpec {
    /// The name of this spec on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SymmetricDefault => "SYMMETRIC_DEFAULT",
        }
    }

    /// Whether keys of this spec may be created for `usage`.
    #[must_use]
    pub const fn allows(self, usage: KeyUsage) -> bool {
        match (self, usage) {
            (Self::SymmetricDefault, KeyUsage::EncryptDecrypt) => true,
        }
    }

    /// The encryption algorithms of this spec, in the order KMS lists them.
    #[must_use]
    pub const fn encryption_algorithms(self) -> &'static [&'static str] {
        match self {
            Self::SymmetricDefault => &["SYMMETRIC_DEFAULT"],
        }
    }
}

/// What a KMS key may be used for; fixed at creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum KeyUsage {
    /// Encrypt, Decrypt, ReEncrypt and data keys.
    #[serde(rename = "ENCRYPT_DECRYPT")]
    EncryptDecrypt,
}

impl KeyUsage {
    /// The name of this usage on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EncryptDecrypt => "ENCRYPT_DECRYPT",
        }
    }
}
