//! Where each record lives: readable paths in one ordered space.
//!
//! ```text
//! /ACCOUNT/REGION/key/KEY                    key record
//! /ACCOUNT/REGION/material/KEY/MATERIAL      one key material
//! /ACCOUNT/REGION/alias/alias/NAME           alias record
//! /ACCOUNT/REGION/key-alias/KEY/alias/NAME   the aliases of a key, by key
//! /credential/ACCESS-KEY-ID                  access key
//! ```
//! A path is authenticated with the record it holds, so a record cannot be moved to another one.

use std::fmt;

use crate::{AccountId, AliasName, KeyId, MaterialId, Region};

/// The place of one record.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(String);

impl Path {
    /// The record of a key.
    #[must_use]
    pub fn key(account: AccountId, region: &Region, id: &KeyId) -> Self {
        Self(format!("/{account}/{region}/key/{id}"))
    }

    /// One material of a key.
    #[must_use]
    pub fn material(account: AccountId, region: &Region, key: &KeyId, material: &MaterialId) -> Self {
        Self(format!("/{account}/{region}/material/{key}/{material}"))
    }

    /// The record of an alias.
    #[must_use]
    pub fn alias(account: AccountId, region: &Region, name: &AliasName) -> Self {
        Self(format!("/{account}/{region}/alias/{name}"))
    }

    /// The entry that lists an alias under its key.
    #[must_use]
    pub fn key_alias(account: AccountId, region: &Region, key: &KeyId, name: &AliasName) -> Self {
        Self(format!("/{account}/{region}/key-alias/{key}/{name}"))
    }

    /// The record of an access key. The id is the caller's text and is not trusted: bytes that a
    /// path gives a meaning to are never part of a valid one, so such an id has no path.
    #[must_use]
    pub fn credential(access_key_id: &str) -> Option<Self> {
        let legal = !access_key_id.is_empty()
            && access_key_id.len() <= 128
            && access_key_id.bytes().all(|b| b.is_ascii_alphanumeric());
        legal.then(|| Self(format!("/credential/{access_key_id}")))
    }

    /// A path of the store's own bookkeeping, such as `/meta/format`.
    #[must_use]
    pub fn meta(name: &'static str) -> Self {
        Self(format!("/meta/{name}"))
    }

    /// A path read back from a store.
    #[must_use]
    pub const fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What follows `prefix`, when the path starts with it.
    #[must_use]
    pub fn suffix<'a>(&'a self, prefix: &str) -> Option<&'a str> {
        self.0.strip_prefix(prefix)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.0)
    }
}

/// All paths with a common prefix that follow `after`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathRange {
    prefix: String,
    after: Option<String>,
}

impl PathRange {
    /// The keys of an account and Region.
    #[must_use]
    pub fn keys(account: AccountId, region: &Region) -> Self {
        Self::prefix(format!("/{account}/{region}/key/"))
    }

    /// The aliases of an account and Region.
    #[must_use]
    pub fn aliases(account: AccountId, region: &Region) -> Self {
        Self::prefix(format!("/{account}/{region}/alias/"))
    }

    /// The aliases that point at one key.
    #[must_use]
    pub fn aliases_of(account: AccountId, region: &Region, key: &KeyId) -> Self {
        Self::prefix(format!("/{account}/{region}/key-alias/{key}/"))
    }

    /// Every access key.
    #[must_use]
    pub fn credentials() -> Self {
        Self::prefix("/credential/".to_owned())
    }

    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::prefix("/".to_owned())
    }

    fn prefix(prefix: String) -> Self {
        Self { prefix, after: None }
    }

    /// The part of the range behind the path that ends in `suffix`; that path itself need not
    /// exist any more, so a listing goes on where it stopped whatever was deleted meanwhile.
    #[must_use]
    pub fn after(mut self, suffix: &str) -> Self {
        self.after = Some(format!("{}{suffix}", self.prefix));
        self
    }

    /// The common prefix.
    #[must_use]
    pub fn common_prefix(&self) -> &str {
        &self.prefix
    }

    /// The path the range starts behind, if it does not start with the prefix.
    #[must_use]
    pub fn start_after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// The first text behind every path with the prefix: the prefix with its last byte raised.
    /// Prefixes end in `/`, so the last byte can always be raised within ASCII.
    #[must_use]
    pub fn end(&self) -> String {
        let mut end = self.prefix.clone();
        end.pop();
        end.push('0'); // the byte after `/`
        end
    }

    /// Whether `path` lies in the range.
    #[must_use]
    pub fn contains(&self, path: &str) -> bool {
        path.starts_with(&self.prefix) && self.after.as_deref().is_none_or(|after| path > after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_covers_its_prefix_and_no_more() {
        let range = PathRange::credentials();
        assert_eq!(range.end(), "/credential0");
        assert!(range.contains("/credential/AKIA") && !range.contains("/credential0"));
        let rest = range.after("AKIA");
        assert!(!rest.contains("/credential/AKIA") && rest.contains("/credential/AKIB"));
    }

    #[test]
    fn an_access_key_id_cannot_leave_its_place() {
        for bad in ["", "../x", "a/b", "a%2f", &"A".repeat(129)] {
            assert_eq!(Path::credential(bad), None, "{bad}");
        }
    }
}
