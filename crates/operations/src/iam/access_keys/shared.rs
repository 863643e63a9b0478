//! Access keys and their listing by owner.

use std::sync::Arc;

use trent_domain::{Owner, Path, PathRange};
use trent_engine::{Context, CredentialEntry, Fault};

use crate::iam::shared::{fault, links};

/// How many access keys a user may have.
pub(super) const MOST: usize = 2;

/// The ids of the access keys of an owner.
///
/// # Errors
/// When records cannot be read.
pub(super) async fn ids(owner: &Owner, context: &Context<'_>) -> Result<Vec<String>, Fault> {
    links::suffixes(PathRange::access_keys(owner), context).await
}

/// An access key that must be one of the owner's, and where it lies.
///
/// # Errors
/// `NoSuchEntity`.
pub(super) async fn find(
    id: &str,
    owner: &Owner,
    context: &Context<'_>,
) -> Result<(Path, Arc<CredentialEntry>), Fault> {
    let missing = || fault::no_such_access_key(id);
    let path = Path::credential(id).ok_or_else(missing)?;
    let entry = context.records.get::<CredentialEntry>(&path).await?;
    let entry = entry.filter(|entry| entry.credential.owner == *owner).ok_or_else(missing)?;
    Ok((path, entry))
}
