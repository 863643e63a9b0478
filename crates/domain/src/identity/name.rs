//! Names and paths of identities.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize};

/// A text that is not a name or a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a valid name or path")]
pub struct InvalidName(pub String);

/// The name of a user, group, role or managed policy: 1 to 128 characters of `[\w+=,.@-]`. Users and
/// roles may have 64 of them only, which the API's own limits see to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct IamName(String);

impl IamName {
    /// The name, in the letters it was given in.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What names are told apart by: letter case does not count.
    #[must_use]
    pub fn folded(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for IamName {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
        if (1..=128).contains(&text.len()) && text.bytes().all(legal) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName(text.to_owned()))
        }
    }
}

/// The path of a user, group, role or managed policy: `/`, or `/…/` of up to 512 printable
/// characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct IamPath(String);

impl IamPath {
    /// The path.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for IamPath {
    fn default() -> Self {
        Self("/".to_owned())
    }
}

impl FromStr for IamPath {
    type Err = InvalidName;

    fn from_str(text: &str) -> Result<Self, InvalidName> {
        let inner = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/'));
        let nested =
            inner.is_some_and(|inner| !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_graphic()));
        if text == "/" || (nested && text.len() <= 512) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidName(text.to_owned()))
        }
    }
}

macro_rules! textual {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}
textual!(IamName, IamPath);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_paths_are_checked_once() {
        for good in ["a", "Alice.Smith+x=1,@-_", &"n".repeat(128)] {
            assert_eq!(good.parse::<IamName>().unwrap().as_str(), good);
        }
        for bad in ["", "a b", "a/b", "é", &"n".repeat(129)] {
            assert!(bad.parse::<IamName>().is_err(), "{bad}");
        }
        for good in ["/", "/a/", "/a/b.c/", "/a//b/"] {
            assert_eq!(good.parse::<IamPath>().unwrap().as_str(), good);
        }
        for bad in ["", "a", "/a", "a/", "//", "/a b/", &format!("/{}/", "p".repeat(511))] {
            assert!(bad.parse::<IamPath>().is_err(), "{bad}");
        }
    }

    #[test]
    fn letter_case_tells_no_names_apart() {
        let name: IamName = "Alice".parse().unwrap();
        assert_eq!(name.folded(), "alice");
    }
}
