//! The making of users, groups, roles and managed policies.

use trent_domain::UniqueId;
use trent_engine::{Changes, Context, Fault, NameEntry, encode};

use super::entity::Stored;
use super::list;
use super::named::FreeName;

/// Makes sure that there is room for one more under a name that is free, and draws its id.
///
/// # Errors
/// `EntityAlreadyExists` or `LimitExceeded`.
pub(crate) async fn new_id<S: Stored>(name: &FreeName<S>, context: &Context<'_>) -> Result<UniqueId, Fault> {
    name.require_free()?;
    list::require_room::<S>(context).await?;
    Ok(UniqueId::from_random(S::KIND, context.random()?))
}

/// Stores a new one and lists its name.
///
/// # Errors
/// When it cannot be rendered.
pub(crate) fn store<S: Stored>(new: &S, name: &FreeName<S>, changes: &mut Changes) -> Result<(), Fault> {
    changes.create(new.place(), encode(new)?);
    changes.create(name.listing.clone(), encode(&NameEntry::of(*new.id()))?);
    Ok(())
}
