//! Resource quotas: how many things of a kind there may be.
//!
//! These always hold. The numbers are the service's defaults, unless a server is told others.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// A kind of thing that there may be only so many of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Limited {
    Keys,
    AliasesPerKey,
    GrantsPerKey,
}

impl Limited {
    const ALL: [Self; 3] = [Self::Keys, Self::AliasesPerKey, Self::GrantsPerKey];

    /// What configuration calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Keys => "keys",
            Self::AliasesPerKey => "aliases-per-key",
            Self::GrantsPerKey => "grants-per-key",
        }
    }
}

/// One setting of the quotas, `NAME=N`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceQuota {
    what: Limited,
    number: usize,
}

/// Not a setting of the quotas.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a resource quota: NAME=N with `keys`, `aliases-per-key` or `grants-per-key` and a number from 1"
)]
pub struct InvalidResourceQuota;

impl FromStr for ResourceQuota {
    type Err = InvalidResourceQuota;

    fn from_str(text: &str) -> Result<Self, InvalidResourceQuota> {
        let (name, number) = text.split_once('=').ok_or(InvalidResourceQuota)?;
        let what = Limited::ALL.into_iter().find(|what| what.name() == name).ok_or(InvalidResourceQuota)?;
        let number = number.parse().ok().filter(|number| *number > 0).ok_or(InvalidResourceQuota)?;
        Ok(Self { what, number })
    }
}

impl fmt::Display for ResourceQuota {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.what.name(), self.number)
    }
}

impl Serialize for ResourceQuota {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// How many of each there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResourceQuotas {
    /// Keys of one account in one Region, in whatever state, replicas included.
    pub keys: usize,
    /// Aliases that point at one key.
    pub aliases_per_key: usize,
    /// Grants of one key.
    pub grants_per_key: usize,
}

impl Default for ResourceQuotas {
    /// The service's numbers.
    fn default() -> Self {
        Self { keys: 100_000, aliases_per_key: 50, grants_per_key: 50_000 }
    }
}

impl FromIterator<ResourceQuota> for ResourceQuotas {
    fn from_iter<I: IntoIterator<Item = ResourceQuota>>(settings: I) -> Self {
        let mut quotas = Self::default();
        for ResourceQuota { what, number } in settings {
            match what {
                Limited::Keys => quotas.keys = number,
                Limited::AliasesPerKey => quotas.aliases_per_key = number,
                Limited::GrantsPerKey => quotas.grants_per_key = number,
            }
        }
        quotas
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_changes_its_own_number() {
        let set = |texts: &[&str]| -> ResourceQuotas {
            texts.iter().map(|text| text.parse::<ResourceQuota>().unwrap()).collect()
        };
        let usual = ResourceQuotas::default();
        assert_eq!(set(&[]), usual);
        assert_eq!(set(&["keys=7"]), ResourceQuotas { keys: 7, ..usual });
        assert_eq!(
            set(&["aliases-per-key=1", "grants-per-key=2"]),
            ResourceQuotas { aliases_per_key: 1, grants_per_key: 2, ..usual }
        );
    }

    #[test]
    fn what_is_no_setting_is_refused() {
        for text in ["", "keys", "keys=", "keys=0", "keys=-1", "keys=x", "key=5", "keys=1e3", "aws"] {
            assert_eq!(text.parse::<ResourceQuota>(), Err(InvalidResourceQuota), "{text}");
        }
        for text in ["keys=1", "aliases-per-key=4294967295", "grants-per-key=2"] {
            assert_eq!(text.parse::<ResourceQuota>().unwrap().to_string(), text);
        }
    }
}
