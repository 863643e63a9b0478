//! Tags between the wire and the record. IAM tells tag keys apart without regard to letter case.

use std::collections::BTreeSet;

use trent_domain::{MAX_TAGS, TagEntry, TagError, Tags};
use trent_engine::Fault;
use trent_model::iam::Tag;

use super::page::Page;
use super::{fault, page};

/// The tags of something new.
///
/// # Errors
/// As [`set`].
pub(crate) fn new(given: Option<&[Tag]>) -> Result<Tags, Fault> {
    let mut tags = Tags::default();
    set(&mut tags, given.unwrap_or_default())?;
    Ok(tags)
}

/// Sets the tags of an input; one whose key differs from a given one in letter case gives way.
///
/// # Errors
/// Repeated or reserved keys, or too many tags.
pub(crate) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Fault> {
    let mut seen = BTreeSet::new();
    if !given.iter().all(|tag| seen.insert(tag.key.to_lowercase())) {
        return Err(fault::invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        ));
    }
    let spelled_otherwise = |key: &String| given.iter().any(|tag| tag.key != *key && alike(&tag.key, key));
    let replaced: Vec<String> =
        tags.entries().iter().map(|entry| entry.key.clone()).filter(spelled_otherwise).collect();
    let mut changed = tags.clone();
    changed.remove(&replaced).map_err(refusal)?;
    let pairs: Vec<_> = given.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    changed.set(&pairs).map_err(refusal)?;
    *tags = changed;
    Ok(())
}

/// Removes tags by key.
///
/// # Errors
/// Reserved keys.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) -> Result<(), Fault> {
    let named = |key: &String| keys.iter().any(|named| alike(named, key));
    let spelled: Vec<String> = tags.entries().iter().map(|entry| entry.key.clone()).filter(named).collect();
    // Those that are not set are still looked at: they may be reserved.
    tags.remove(&[spelled.as_slice(), keys].concat()).map_err(refusal)
}

/// The tags of a record, as the API shows them.
pub(crate) fn shown(tags: &Tags) -> Vec<Tag> {
    tags.entries().iter().map(tag).collect()
}

fn tag(entry: &TagEntry) -> Tag {
    Tag { key: entry.key.clone(), value: entry.value.clone() }
}

/// The tags on a page, and the marker of the next. Markers name a tag's place in the order of
/// insertion, in as many digits as any has.
pub(crate) fn cut(page: Page<'_>, tags: Option<&Tags>) -> (Vec<Tag>, Option<String>) {
    let entries = tags.into_iter().flat_map(|tags| tags.entries());
    let (entries, marker) = page::cut(page, entries, |entry| format!("{:020}", entry.sequence));
    (entries.into_iter().map(tag).collect(), marker)
}

/// As [`shown`]; `None` when there are none.
pub(crate) fn shown_if_any(tags: &Tags) -> Option<Vec<Tag>> {
    Some(shown(tags)).filter(|tags| !tags.is_empty())
}

/// The tags of an input as the conditions of policies see them.
pub(crate) fn requested(given: &[Tag]) -> impl Iterator<Item = (&str, Option<&str>)> {
    given.iter().map(|tag| (tag.key.as_str(), Some(tag.value.as_str())))
}

/// The keys of tags to be removed as the conditions of policies see them.
pub(crate) fn named(keys: &[String]) -> impl Iterator<Item = (&str, Option<&str>)> {
    keys.iter().map(|key| (key.as_str(), None))
}

fn alike(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

fn refusal(error: TagError) -> Fault {
    match error {
        TagError::TooMany => fault::limit_exceeded(format!(
            "The number of tags has reached the maximum limit. Maximum limit is {MAX_TAGS}"
        )),
        TagError::Reserved => {
            fault::invalid_input("Tag keys beginning with aws: are reserved for system use.")
        }
        TagError::Duplicate => fault::invalid_input("Duplicate tag keys found."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: key.to_owned(), value: value.to_owned() }
    }

    fn pairs(tags: &Tags) -> Vec<(&str, &str)> {
        tags.entries().iter().map(|entry| (entry.key.as_str(), entry.value.as_str())).collect()
    }

    #[test]
    fn letter_case_tells_no_tags_apart() {
        let mut tags = new(Some(&[tag("Team", "a"), tag("cost", "1")])).unwrap();
        set(&mut tags, &[tag("TEAM", "b")]).unwrap();
        assert_eq!(pairs(&tags), [("cost", "1"), ("TEAM", "b")]);
        remove(&mut tags, &["Cost".to_owned(), "absent".to_owned()]).unwrap();
        assert_eq!(pairs(&tags), [("TEAM", "b")]);
        assert!(set(&mut tags, &[tag("x", ""), tag("X", "")]).is_err());
        assert_eq!(pairs(&tags), [("TEAM", "b")]);
    }

    #[test]
    fn a_refusal_changes_nothing() {
        let fifty: Vec<_> = (0..50).map(|n| tag(&format!("k{n}"), "")).collect();
        let mut tags = new(Some(&fifty)).unwrap();
        let before = tags.clone();
        assert!(set(&mut tags, &[tag("K0", "x"), tag("one more", "")]).is_err());
        assert!(remove(&mut tags, &["k1".to_owned(), "aws:x".to_owned()]).is_err());
        assert_eq!(tags, before);
        set(&mut tags, &[tag("K0", "x")]).unwrap();
        assert_eq!(tags.entries().len(), 50);
    }
}
