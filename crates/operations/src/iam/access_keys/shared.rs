//! Access keys and their listing by owner.

use std::sync::Arc;

use trent_domain::{AccountId, Credential, Owner, Path, PathRange};
use trent_engine::{AccountEntry, Changes, Context, CredentialEntry, Fault, encode};
use trent_model::SecretText;

use crate::iam::shared::caller::FoundOwner;
use crate::iam::shared::{fault, links, update};

/// How many access keys a user may have.
pub(super) const MOST: usize = 2;

/// The ids of the access keys of an owner.
///
/// # Errors
/// When records cannot be read.
pub(super) async fn ids(owner: &Owner, context: &Context<'_>) -> Result<Vec<String>, Fault> {
    links::suffixes(PathRange::access_keys(owner), context).await
}

/// Refuses one access key more for an owner that has as many as it may, and lists the change that lets
/// the owner neither be deleted meanwhile nor get too many keys at once.
///
/// # Errors
/// `LimitExceeded`, or when records cannot be read.
pub(super) async fn require_room(
    found: &FoundOwner,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let owner = found.owner()?;
    match found.user() {
        Some(user) => update::touch(&**user.entry()?, changes)?,
        None => touch_account(owner.account, context, changes).await?,
    }
    if ids(&owner, context).await?.len() >= MOST {
        return Err(fault::quota("AccessKeysPerUser", MOST));
    }
    Ok(())
}

/// Lists the changes that make an access key.
///
/// # Errors
/// When a record cannot be rendered.
pub(super) fn store(
    credential: &Credential,
    secret: &SecretText,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let id = &credential.access_key_id;
    let path = Path::credential(id).ok_or_else(|| Fault::Internal(format!("`{id}` has no path")))?;
    let entry = CredentialEntry::new(credential.clone(), secret.expose().to_owned().into());
    changes.create(path, entry.to_record()?);
    links::list(Path::access_key(&credential.owner, id), changes)
}

/// Writes the record of an account again as it is, for those who count what its root user has.
///
/// # Errors
/// When records cannot be read.
async fn touch_account(
    account: AccountId,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let path = Path::account(account);
    match context.records.get::<AccountEntry>(&path).await? {
        Some(entry) => changes.replace(path, entry.version, encode(&entry.account)?),
        // A store of old has none of its first account; should it be made now, this starts over.
        None => changes.require(path, 0),
    }
    Ok(())
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
