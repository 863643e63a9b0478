//! Unique ids: names that are never used twice.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::InvalidArn;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What has a unique id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdKind {
    /// A user.
    User,
    /// A role.
    Role,
    /// A group.
    Group,
    /// A managed policy.
    Policy,
}

impl IdKind {
    const ALL: [Self; 4] = [Self::User, Self::Role, Self::Group, Self::Policy];

    /// What ARNs and store paths call it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
            Self::Policy => "policy",
        }
    }

    const fn prefix(self) -> &'static [u8; 4] {
        match self {
            Self::User => b"AIDA",
            Self::Role => b"AROA",
            Self::Group => b"AGPA",
            Self::Policy => b"ANPA",
        }
    }
}

/// The unique id of a user, role, group or managed policy: a prefix that tells which, and 17
/// letters of upper-case base32.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UniqueId([u8; UniqueId::LENGTH]);

impl UniqueId {
    /// How many characters an id has.
    pub const LENGTH: usize = 21;

    /// The id that random bytes make: 85 bits, so that no two are ever drawn alike.
    #[must_use]
    pub fn from_random(kind: IdKind, random: [u8; 17]) -> Self {
        let mut text = [0; Self::LENGTH];
        let letters = kind.prefix().iter().copied().chain(random.into_iter().map(letter));
        text.iter_mut().zip(letters).for_each(|(to, from)| *to = from);
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Letters and digits only, so this cannot fail.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// What it is the id of.
    #[must_use]
    pub fn kind(&self) -> IdKind {
        let known = IdKind::ALL.into_iter().find(|kind| self.0.starts_with(kind.prefix()));
        // No id is made without one of the prefixes.
        known.unwrap_or(IdKind::Policy)
    }
}

/// Spells random bytes as the id of an access key: 20 characters, `AKIA…` for one that lasts and
/// `ASIA…` for one of a session.
#[must_use]
pub fn access_key_id(temporary: bool, random: [u8; 16]) -> String {
    let prefix = if temporary { "ASIA" } else { "AKIA" };
    prefix.chars().chain(random.into_iter().map(letter).map(char::from)).collect()
}

/// One of 32 letters, each as likely as any other.
fn letter(random: u8) -> u8 {
    ALPHABET.get(usize::from(random % 32)).copied().unwrap_or(b'A')
}

impl FromStr for UniqueId {
    type Err = InvalidArn;

    fn from_str(text: &str) -> Result<Self, InvalidArn> {
        let invalid = || InvalidArn::new("unique id", text);
        let bytes: [u8; Self::LENGTH] = text.as_bytes().try_into().map_err(|_| invalid())?;
        let known = IdKind::ALL.iter().any(|kind| bytes.starts_with(kind.prefix()));
        let legal = bytes.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if known && legal { Ok(Self(bytes)) } else { Err(invalid()) }
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UniqueId({self})")
    }
}

impl Serialize for UniqueId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for UniqueId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ids_are_spelled_as_the_service_spells_them() {
        let id = UniqueId::from_random(IdKind::Role, std::array::from_fn(|n| u8::try_from(n).unwrap() + 17));
        assert_eq!(id.as_str(), "AROARSTUVWXYZ234567AB");
        assert_eq!(id.kind(), IdKind::Role);
        assert_eq!(access_key_id(false, [0; 16]), "AKIAAAAAAAAAAAAAAAAA");
        assert_eq!(access_key_id(true, [255; 16]), "ASIA7777777777777777");
    }

    proptest! {
        #[test]
        fn every_id_reads_back(random in any::<[u8; 17]>(), kind in 0..4_usize) {
            let id = UniqueId::from_random(IdKind::ALL[kind], random);
            prop_assert_eq!(id.as_str().parse::<UniqueId>().unwrap(), id);
            prop_assert_eq!(id.kind(), IdKind::ALL[kind]);
        }

        #[test]
        fn nothing_else_is_an_id(text in "(AIDA|AROA|AKIA|)[A-Za-z0-9/é]{0,18}") {
            let legal = text.len() == 21
                && (text.starts_with("AIDA") || text.starts_with("AROA"))
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit());
            // Prefixes that the random letters happen to make are ids, too.
            if !text.starts_with("AGPA") && !text.starts_with("ANPA") {
                prop_assert_eq!(text.parse::<UniqueId>().is_ok(), legal);
            }
        }
    }
}
