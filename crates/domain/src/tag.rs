//! Tags of a key: at most fifty, in the order they were first set.

use serde::{Deserialize, Serialize};

/// The most tags one key may have.
pub const MAX_TAGS: usize = 50;

/// Why a change of tags is refused. The texts are the service's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TagError {
    /// One request names the same tag key twice.
    #[error("Duplicate tag keys")]
    Duplicate,
    /// The key would have more than [`MAX_TAGS`].
    #[error("Too many tags")]
    TooMany,
    /// The prefix `aws:` is reserved, in any letter case.
    #[error("Tags beginning with aws: are reserved")]
    Reserved,
}

/// One tag and its place in the order of insertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagEntry {
    /// Rises with every new tag of the key and is never reused, so that a listing can go on after
    /// the tag it stopped at was removed.
    pub sequence: u64,
    /// 1 to 128 characters, case-sensitive.
    pub key: String,
    /// 0 to 256 characters.
    pub value: String,
}

/// The tags of one key in insertion order; an overwritten value keeps its place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tags {
    entries: Vec<TagEntry>,
    next_sequence: u64,
}

impl Tags {
    /// All tags, oldest first.
    #[must_use]
    pub fn entries(&self) -> &[TagEntry] {
        &self.entries
    }

    /// The value of the tag named `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.as_str())
    }

    /// Sets all of `tags`, or none of them.
    ///
    /// # Errors
    /// A reserved or repeated tag key, or more than [`MAX_TAGS`] in the request or the result.
    pub fn set(&mut self, tags: &[(String, String)]) -> Result<(), TagError> {
        check_names(tags.iter().map(|(key, _)| key.as_str()))?;
        let fresh = tags.iter().filter(|(key, _)| self.get(key).is_none()).count();
        if tags.len() > MAX_TAGS || self.entries.len() + fresh > MAX_TAGS {
            return Err(TagError::TooMany);
        }
        for (key, value) in tags {
            self.set_one(key, value);
        }
        Ok(())
    }

    /// Removes the tags named; names that are not set are passed over, as the service does.
    ///
    /// # Errors
    /// A reserved tag key.
    pub fn remove(&mut self, keys: &[String]) -> Result<(), TagError> {
        if keys.iter().any(|key| is_reserved(key)) {
            return Err(TagError::Reserved);
        }
        self.entries.retain(|entry| !keys.contains(&entry.key));
        Ok(())
    }

    fn set_one(&mut self, key: &str, value: &str) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.key == key) {
            value.clone_into(&mut entry.value);
            return;
        }
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.entries.push(TagEntry { sequence, key: key.to_owned(), value: value.to_owned() });
    }
}

fn check_names<'a>(keys: impl Iterator<Item = &'a str> + Clone) -> Result<(), TagError> {
    if keys.clone().any(is_reserved) {
        return Err(TagError::Reserved);
    }
    let mut seen = std::collections::BTreeSet::new();
    if keys.into_iter().all(|key| seen.insert(key)) { Ok(()) } else { Err(TagError::Duplicate) }
}

fn is_reserved(key: &str) -> bool {
    key.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("aws:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: impl IntoIterator<Item = String>) -> Vec<(String, String)> {
        names.into_iter().map(|name| (name, "v".to_owned())).collect()
    }

    #[test]
    fn an_overwritten_tag_keeps_its_place() {
        let mut tags = Tags::default();
        tags.set(&pairs(["a", "b"].map(String::from))).unwrap();
        tags.set(&[("a".into(), "2".into())]).unwrap();
        tags.remove(&["b".into(), "missing".into()]).unwrap();
        tags.set(&pairs(["b".to_owned()])).unwrap();
        let seen: Vec<_> =
            tags.entries().iter().map(|e| (e.sequence, e.key.as_str(), e.value.as_str())).collect();
        assert_eq!(seen, [(0, "a", "2"), (2, "b", "v")]);
    }

    #[test]
    fn refusals_change_nothing() {
        let mut tags = Tags::default();
        tags.set(&pairs((0..50).map(|i| i.to_string()))).unwrap();
        let before = tags.clone();
        assert_eq!(tags.set(&pairs(["one more".to_owned()])), Err(TagError::TooMany));
        assert_eq!(tags.set(&pairs(["x", "x"].map(String::from))), Err(TagError::Duplicate));
        assert_eq!(tags.set(&pairs(["AwS:x".to_owned()])), Err(TagError::Reserved));
        assert_eq!(tags.remove(&["aws:".to_owned()]), Err(TagError::Reserved));
        assert_eq!(tags, before);
        tags.set(&pairs(["49".to_owned()])).unwrap();
    }
}
