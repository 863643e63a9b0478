//! Request-rate quotas: which requests share one, and how many a second it lets through.
//!
//! A quota belongs to an account and a Region. The numbers of the service are in [`RateClass`];
//! which of them hold, if any, a server is told by [`RateQuotas`].

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::{KeySpec, Region};

/// Requests that share one quota.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RateClass {
    /// Cryptography with symmetric and HMAC keys, and random bytes.
    Symmetric,
    /// Cryptography with RSA keys.
    Rsa,
    /// Cryptography with elliptic-curve and SM2 keys.
    EllipticCurve,
    /// Cryptography with ML-DSA keys.
    MlDsa,
    /// Cryptography with ML-KEM keys.
    MlKem,
    /// Data key pairs of one spec.
    KeyPair(KeySpec),
    /// Everything else, each operation by itself.
    Operation(&'static str),
}

/// Operations whose quota is that of their key's kind.
const CRYPTOGRAPHIC: [&str; 13] = [
    "Decapsulate",
    "Decrypt",
    "DeriveSharedSecret",
    "Encapsulate",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "GenerateMac",
    "GenerateRandom",
    "ReEncrypt",
    "Sign",
    "Verify",
    "VerifyMac",
];

impl RateClass {
    /// The class of a request for `operation` with a key of spec `key`, if it names one, that makes
    /// a data key pair of spec `pair`, if it makes one.
    #[must_use]
    pub fn of(operation: &'static str, key: Option<KeySpec>, pair: Option<KeySpec>) -> Self {
        match (pair, key) {
            (Some(pair), _) => Self::KeyPair(pair),
            (None, key) if CRYPTOGRAPHIC.contains(&operation) => key.map_or(Self::Symmetric, Self::with),
            _ => Self::Operation(operation),
        }
    }

    /// The class of cryptography with a key of `spec`.
    const fn with(spec: KeySpec) -> Self {
        match spec {
            KeySpec::SymmetricDefault
            | KeySpec::Hmac224
            | KeySpec::Hmac256
            | KeySpec::Hmac384
            | KeySpec::Hmac512 => Self::Symmetric,
            KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096 => Self::Rsa,
            KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => Self::MlDsa,
            KeySpec::MlKem512 | KeySpec::MlKem768 | KeySpec::MlKem1024 => Self::MlKem,
            _ => Self::EllipticCurve,
        }
    }

    /// What configuration calls it: `symmetric`, `rsa`, `ecc`, `ml-dsa`, `ml-kem`, the spec of a
    /// data key pair, or the name of an operation.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Symmetric => "symmetric",
            Self::Rsa => "rsa",
            Self::EllipticCurve => "ecc",
            Self::MlDsa => "ml-dsa",
            Self::MlKem => "ml-kem",
            Self::KeyPair(spec) => spec.as_str(),
            Self::Operation(name) => name,
        }
    }

    /// Requests a second that the service allows by default in `region`; `None` when it publishes
    /// no number.
    #[must_use]
    pub fn default_in(self, region: &Region) -> Option<u32> {
        match self {
            Self::Symmetric => Some(symmetric_in(region.as_str())),
            Self::Rsa | Self::EllipticCurve | Self::MlDsa => Some(1000),
            Self::MlKem => None,
            Self::KeyPair(spec) => match spec {
                KeySpec::Sm2 => Some(25),
                KeySpec::Rsa2048 => Some(20),
                KeySpec::Rsa3072 => Some(4),
                KeySpec::Rsa4096 => Some(1),
                _ => Some(100),
            },
            Self::Operation(name) => of_operation(name),
        }
    }
}

fn symmetric_in(region: &str) -> u32 {
    match region {
        "us-east-1" | "us-west-2" | "eu-west-1" => 100_000,
        "us-east-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-1" | "eu-central-1"
        | "eu-west-2" => 20_000,
        _ => 10_000,
    }
}

fn of_operation(name: &str) -> Option<u32> {
    let quota = match name {
        "DescribeKey" | "GetPublicKey" | "ListResourceTags" => 2000,
        "GetKeyPolicy" | "GetKeyRotationStatus" => 1000,
        "ListAliases" | "ListKeys" => 500,
        "ListGrants" | "ListKeyPolicies" | "ListKeyRotations" | "ListRetirableGrants" => 100,
        "CreateGrant" | "RetireGrant" | "RevokeGrant" => 50,
        "DeleteAlias"
        | "DeleteImportedKeyMaterial"
        | "EnableKeyRotation"
        | "ImportKeyMaterial"
        | "PutKeyPolicy"
        | "ScheduleKeyDeletion" => 15,
        "TagResource" => 10,
        "CancelKeyDeletion"
        | "CreateAlias"
        | "CreateKey"
        | "DisableKey"
        | "DisableKeyRotation"
        | "EnableKey"
        | "GetKeyLastUsage"
        | "ReplicateKey"
        | "RotateKeyOnDemand"
        | "UntagResource"
        | "UpdateAlias"
        | "UpdateKeyDescription"
        | "UpdatePrimaryRegion"
        | "ConnectCustomKeyStore"
        | "CreateCustomKeyStore"
        | "DeleteCustomKeyStore"
        | "DescribeCustomKeyStores"
        | "DisconnectCustomKeyStore"
        | "UpdateCustomKeyStore" => 5,
        "GetParametersForImport" => 1,
        _ => return None,
    };
    Some(quota)
}

/// One setting of the quotas: `aws` for the service's numbers, or `NAME=N` for N requests a second
/// of the class that [`RateClass::name`] calls NAME.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RateQuota {
    /// The service's numbers.
    Aws,
    /// A number for one class.
    Class(String, u32),
}

/// Not a setting of the quotas.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a rate quota: `aws`, or NAME=N with a class or an operation and a number from 1")]
pub struct InvalidRateQuota;

impl FromStr for RateQuota {
    type Err = InvalidRateQuota;

    fn from_str(text: &str) -> Result<Self, InvalidRateQuota> {
        if text == "aws" {
            return Ok(Self::Aws);
        }
        let (name, number) = text.split_once('=').ok_or(InvalidRateQuota)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(InvalidRateQuota)?;
        if is_class(name) { Ok(Self::Class(name.to_owned(), number)) } else { Err(InvalidRateQuota) }
    }
}

impl fmt::Display for RateQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws => f.write_str("aws"),
            Self::Class(name, number) => write!(f, "{name}={number}"),
        }
    }
}

impl Serialize for RateQuota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A misspelt class must not pass for one that has no requests.
fn is_class(name: &str) -> bool {
    let classes =
        [RateClass::Symmetric, RateClass::Rsa, RateClass::EllipticCurve, RateClass::MlDsa, RateClass::MlKem];
    classes.iter().any(|class| class.name() == name)
        || KeySpec::from_wire(name).is_some_and(KeySpec::is_data_key_pair)
        || of_operation(name).is_some()
}

/// The quotas that hold; none, unless settings say otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RateQuotas {
    aws: bool,
    classes: BTreeMap<String, u32>,
}

impl FromIterator<RateQuota> for RateQuotas {
    fn from_iter<I: IntoIterator<Item = RateQuota>>(settings: I) -> Self {
        let mut quotas = Self::default();
        for setting in settings {
            match setting {
                RateQuota::Aws => quotas.aws = true,
                RateQuota::Class(name, number) => {
                    quotas.classes.insert(name, number);
                }
            }
        }
        quotas
    }
}

impl RateQuotas {
    /// Whether any quota holds.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.aws && self.classes.is_empty()
    }

    /// Requests a second of `class` in `region`; `None` for any number.
    #[must_use]
    pub fn per_second(&self, class: RateClass, region: &Region) -> Option<u32> {
        let named = self.classes.get(class.name()).copied();
        named.or_else(|| self.aws.then(|| class.default_in(region)).flatten())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(name: &str) -> Region {
        name.parse().unwrap()
    }

    #[test]
    fn requests_share_a_quota_by_the_kind_of_key() {
        let of = |operation, key| RateClass::of(operation, key, None);
        assert_eq!(of("GenerateRandom", None), RateClass::Symmetric);
        assert_eq!(of("Encrypt", Some(KeySpec::SymmetricDefault)), of("VerifyMac", Some(KeySpec::Hmac512)));
        assert_eq!(of("Encrypt", Some(KeySpec::Rsa4096)), of("Sign", Some(KeySpec::Rsa2048)));
        assert_eq!(of("DeriveSharedSecret", Some(KeySpec::EccNistP256)), of("Verify", Some(KeySpec::Sm2)));
        assert_eq!(of("DescribeKey", Some(KeySpec::Rsa2048)), RateClass::Operation("DescribeKey"));
        let pair = |spec| RateClass::of("GenerateDataKeyPair", Some(KeySpec::SymmetricDefault), Some(spec));
        assert_ne!(pair(KeySpec::Rsa2048), pair(KeySpec::Rsa3072));
    }

    #[test]
    fn nothing_holds_unless_it_is_said() {
        let quotas = |texts: &[&str]| -> RateQuotas {
            texts.iter().map(|text| text.parse::<RateQuota>().unwrap()).collect()
        };
        let here = region("eu-central-1");
        assert!(quotas(&[]).is_empty());
        assert_eq!(quotas(&[]).per_second(RateClass::Symmetric, &here), None);
        let aws = quotas(&["aws", "CreateKey=7"]);
        assert_eq!(aws.per_second(RateClass::Symmetric, &here), Some(20_000));
        assert_eq!(aws.per_second(RateClass::KeyPair(KeySpec::Rsa4096), &here), Some(1));
        assert_eq!(aws.per_second(RateClass::Operation("CreateKey"), &here), Some(7));
        assert_eq!(aws.per_second(RateClass::Operation("CreateAlias"), &here), Some(5));
        let one = quotas(&["rsa=3"]);
        assert_eq!(one.per_second(RateClass::Rsa, &here), Some(3));
        assert_eq!(one.per_second(RateClass::EllipticCurve, &here), None);
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for text in
            ["", "all", "rsa", "rsa=", "rsa=0", "rsa=-1", "rsa=x", "Encrypt=5", "ML_DSA_44=1", "aws=1"]
        {
            assert_eq!(text.parse::<RateQuota>(), Err(InvalidRateQuota), "{text}");
        }
        for text in ["rsa=1", "ecc=4294967295", "RSA_2048=2", "ListKeys=1", "ml-kem=9"] {
            assert_eq!(text.parse::<RateQuota>().unwrap().to_string(), text);
        }
    }
}
