//! The listing of aliases by key.

use trent_domain::Path;
use trent_engine::{BoundAlias, Changes, Context, Fault, KeyAlias};

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
