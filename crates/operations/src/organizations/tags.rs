//! Tags of accounts between the wire and the record.

use trent_domain::{TagError, Tags};
use trent_engine::Fault;
use trent_model::organizations::Tag;

/// Sets the tags of an input.
///
/// # Errors
/// Repeated or reserved keys, or too many tags.
pub(crate) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Fault> {
    let pairs: Vec<_> = given.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    tags.set(&pairs).map_err(refusal)
}

/// Removes tags by key.
///
/// # Errors
/// Reserved keys.
pub(crate) fn remove(tags: &mut Tags, keys: &[String]) -> Result<(), Fault> {
    tags.remove(keys).map_err(refusal)
}

/// The tags of a record, as the API shows them.
pub(crate) fn shown(tags: &Tags) -> Vec<Tag> {
    tags.entries().iter().map(|entry| Tag { key: entry.key.clone(), value: entry.value.clone() }).collect()
}

/// The tags of an input as the conditions of policies see them.
pub(crate) fn requested(given: &[Tag]) -> impl Iterator<Item = (&str, Option<&str>)> {
    given.iter().map(|tag| (tag.key.as_str(), Some(tag.value.as_str())))
}

/// The texts of the service are not published.
fn refusal(error: TagError) -> Fault {
    let code = match error {
        TagError::TooMany => "ConstraintViolationException",
        TagError::Reserved | TagError::Duplicate => "InvalidInputException",
    };
    Fault::named(code, 400, error.to_string())
}
