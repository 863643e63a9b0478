//! The listing of aliases by key.

use trent_domain::{Path, PathRange};
use trent_engine::{BoundAlias, Changes, Context, Fault, KeyAlias, LoadedKey};

/// The most aliases one key may have. Two requests at the same moment may pass it by one: an
/// exact count would make every alias a change of the key's own record.
const MAX_PER_KEY: usize = 50;

/// Refuses one alias more for a key that has as many as it may.
///
/// # Errors
/// [`Fault::LimitExceeded`], or when the list cannot be read.
pub(crate) async fn require_room(key: &LoadedKey, context: &Context<'_>) -> Result<(), Fault> {
    let range = PathRange::aliases_of(context.account(), context.region, &key.entry.key.id);
    if context.records.scan::<KeyAlias>(&range, MAX_PER_KEY).await?.len() >= MAX_PER_KEY {
        return Err(Fault::LimitExceeded("The key already has the maximum number of aliases, 50."));
    }
    Ok(())
}

/// Takes an alias off the list of the key it points at.
///
/// # Errors
/// When the list cannot be read.
pub(crate) async fn unlist(
    bound: &BoundAlias,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let key = bound.key.entry.key.id;
    let path = Path::key_alias(context.account(), context.region, &key, &bound.alias.name);
    if let Some(listed) = context.records.fetch::<KeyAlias>(&path).await? {
        changes.delete(path, listed.version());
    }
    Ok(())
}
