//! Tags between the wire and the record.

use trent_domain::Tags;
use trent_engine::Fault;
use trent_model::kms::Tag;

/// Sets the tags of an input.
///
/// # Errors
/// The refusals of [`Tags::set`].
pub(crate) fn set(tags: &mut Tags, given: &[Tag]) -> Result<(), Fault> {
    let pairs: Vec<_> = given.iter().map(|tag| (tag.tag_key.clone(), tag.tag_value.clone())).collect();
    Ok(tags.set(&pairs)?)
}

/// The tags of an input as the conditions of policies see them.
pub(crate) fn requested(given: &[Tag]) -> impl Iterator<Item = (&str, Option<&str>)> {
    given.iter().map(|tag| (tag.tag_key.as_str(), Some(tag.tag_value.as_str())))
}
