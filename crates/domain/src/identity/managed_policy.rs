//! Managed policies and their versions.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{IamName, IamPath, IdKind, UniqueId, entity_arn};
use crate::{AccountId, Tags};

/// One version of a managed policy; a version is never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Its number: 3 is called `v3`.
    pub number: u32,
    /// The text.
    pub document: String,
    /// When it was made.
    pub created: Timestamp,
}

impl PolicyVersion {
    /// What the API calls it.
    #[must_use]
    pub fn id(&self) -> String {
        format!("v{}", self.number)
    }
}

/// The stored record of a managed policy with all its versions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ManagedPolicy {
    /// The account it belongs to.
    pub account: AccountId,
    /// `ANPA…`; never reused.
    pub id: UniqueId,
    /// Unique in the account, whatever its letter case.
    pub name: IamName,
    /// Its path.
    pub path: IamPath,
    /// When it was made.
    pub created: Timestamp,
    /// When a version was last made or removed, or made the default.
    pub updated: Timestamp,
    /// What it is for.
    pub description: Option<String>,
    /// Its tags.
    pub tags: Tags,
    /// The versions it has, oldest first.
    pub versions: Vec<PolicyVersion>,
    /// The number of the version that counts.
    pub default_version: u32,
    /// The number that the next version gets; numbers are not reused.
    pub next_version: u32,
}

impl ManagedPolicy {
    /// How many versions a policy may have at a time.
    pub const MAX_VERSIONS: usize = 5;

    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        entity_arn(self.account, IdKind::Policy, &self.path, self.name.as_str())
    }

    /// A version by what the API calls it.
    #[must_use]
    pub fn version(&self, id: &str) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.id() == id)
    }

    /// The version that counts.
    #[must_use]
    pub fn default_version(&self) -> Option<&PolicyVersion> {
        self.versions.iter().find(|version| version.number == self.default_version)
    }

    /// Adds a version; `false` when there is no room for one.
    pub fn add_version(&mut self, document: String, make_default: bool, now: Timestamp) -> bool {
        if self.versions.len() >= Self::MAX_VERSIONS {
            return false;
        }
        let number = self.next_version;
        self.versions.push(PolicyVersion { number, document, created: now });
        self.next_version += 1;
        self.updated = now;
        if make_default {
            self.default_version = number;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_numbered_once_and_no_more_than_five() {
        let now = Timestamp::UNIX_EPOCH;
        let mut policy = ManagedPolicy {
            account: AccountId::from_number(1).unwrap(),
            id: UniqueId::from_random(IdKind::Policy, [0; 17]),
            name: "p".parse().unwrap(),
            path: IamPath::default(),
            created: now,
            updated: now,
            description: None,
            tags: Tags::default(),
            versions: Vec::new(),
            default_version: 1,
            next_version: 1,
        };
        for n in 0..5 {
            assert!(policy.add_version(n.to_string(), n == 2, now));
        }
        assert!(!policy.add_version("one more".to_owned(), true, now));
        assert_eq!(policy.default_version().unwrap().document, "2");
        policy.versions.retain(|version| version.number != 5);
        assert!(policy.add_version("again".to_owned(), false, now));
        assert_eq!(policy.version("v6").unwrap().document, "again");
        assert_eq!((policy.version("v5"), policy.version("6")), (None, None));
        assert_eq!(policy.arn(), "arn:aws:iam::000000000001:policy/p");
    }
}
