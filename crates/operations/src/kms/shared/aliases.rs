//! The listing of aliases by key.

use trent_domain::{Alias, AliasName, KeyId, Path, PathRange};
use trent_engine::{BoundAlias, Changes, Context, Fault, KeyAlias, encode};

/// Refuses `more` aliases for a key that has as many as it may then. Two requests at the same moment
/// may pass the limit by one: an exact count would make every alias a change of the key's own record.
///
/// # Errors
/// [`Fault::LimitExceeded`], or when the list cannot be read.
pub(crate) async fn require_room(key: &KeyId, more: usize, context: &Context<'_>) -> Result<(), Fault> {
    let range = PathRange::aliases_of(context.account(), context.region, key);
    let most = context.quotas.aliases_per_key;
    let listed = context.records.scan::<KeyAlias>(&range, most).await?.len();
    if listed + more > most {
        return Err(Fault::LimitExceeded(format!(
            "The key already has the maximum number of aliases, {most}."
        )));
    }
    Ok(())
}

/// Lists the changes that make a new alias, of the caller's account in the Region of the request.
///
/// # Errors
/// When a record cannot be rendered.
pub(crate) fn create(
    name: &AliasName,
    target: KeyId,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let (account, region) = (context.account(), context.region);
    let alias = Alias { name: name.clone(), target, created: context.now, updated: context.now };
    changes.create(Path::alias(account, region, name), encode(&alias)?);
    changes.create(Path::key_alias(account, region, &target, name), encode(&KeyAlias::default())?);
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
