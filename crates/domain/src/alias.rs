//! Aliases: names that point at keys.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{AccountId, KeyId, PARTITION, Region};

/// A text that is not an alias name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid alias name")]
pub struct InvalidAliasName(pub String);

/// An alias name with its `alias/` prefix: 7 to 256 characters of `[a-zA-Z0-9:/_-]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AliasName(String);

impl AliasName {
    /// What every alias name starts with.
    pub const PREFIX: &'static str = "alias/";

    /// The whole name, prefix included.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name is in the part reserved for the service's own aliases.
    #[must_use]
    pub fn is_reserved(&self) -> bool {
        self.0.starts_with("alias/aws/")
    }

    /// The alias ARN of this name in an account and Region.
    #[must_use]
    pub fn arn(&self, account: AccountId, region: &Region) -> String {
        format!("arn:{PARTITION}:kms:{region}:{account}:{self}")
    }
}

impl FromStr for AliasName {
    type Err = InvalidAliasName;

    fn from_str(text: &str) -> Result<Self, InvalidAliasName> {
        let rest = text.strip_prefix(Self::PREFIX).unwrap_or_default();
        let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b':' | b'/' | b'_' | b'-');
        if !rest.is_empty() && text.len() <= 256 && rest.bytes().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidAliasName(text.to_owned()))
        }
    }
}

impl fmt::Display for AliasName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for AliasName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for AliasName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// The stored record of an alias.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The alias's own name; unique in an account and Region.
    pub name: AliasName,
    /// The key it points at, in the same account and Region.
    pub target: KeyId,
    /// When the alias was made.
    pub created: Timestamp,
    /// When it was last pointed somewhere.
    pub updated: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_checked_once() {
        for good in ["alias/a", "alias/a:b/c_D-9", "alias/aws/s3"] {
            assert_eq!(good.parse::<AliasName>().unwrap().as_str(), good);
        }
        let long = format!("alias/{}", "x".repeat(251));
        for bad in ["", "alias/", "Alias/a", "a", "alias/a b", "alias/é", long.as_str()] {
            assert!(bad.parse::<AliasName>().is_err(), "{bad}");
        }
        assert!("alias/aws/s3".parse::<AliasName>().unwrap().is_reserved());
    }
}
