//! Lists of all users, groups, roles or policies of an account.

use std::marker::PhantomData;
use std::sync::Arc;

use trent_domain::{PARTITION, Path, PathRange};
use trent_engine::{Context, Demand, Fault, LoadedKey, NameEntry, Place, Resource, Subject, Target};

use super::entity::{Entity, Stored};
use super::fault;
use super::page::Page;

/// How many names are read at a time.
const BATCH: usize = 200;

/// All users, groups or roles under a path.
pub(crate) struct ListTarget<E> {
    prefix: String,
    kind: PhantomData<fn() -> E>,
}

impl<E: Entity> ListTarget<E> {
    /// Those under `prefix`.
    pub(crate) fn new(prefix: Option<&str>) -> Self {
        Self { prefix: prefix.unwrap_or("/").to_owned(), kind: PhantomData }
    }
}

/// What stands for all of them when somebody asks for a list: an ARN that ends in the path.
pub(crate) struct Listed {
    arn: String,
}

impl Listed {
    /// The demand for `action` on them.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        Demand::new(action, Resource::Arn(&self.arn))
    }
}

impl<E: Entity> Target for ListTarget<E> {
    type Loaded = Listed;

    async fn load(&self, place: &Place<'_>) -> Result<Listed, Fault> {
        let (account, kind) = (place.account(), E::Stored::KIND.as_str());
        Ok(Listed { arn: format!("arn:{PARTITION}:iam::{account}:{kind}{}", self.prefix) })
    }
}

impl Subject for Listed {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}
}

/// Those of a page and one more, by name, that lie under a path. They are called in markers what
/// [`marker_name`] says.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn under<E: Entity>(
    page: &Page<'_>,
    prefix: Option<&str>,
    context: &Context<'_>,
) -> Result<Vec<Arc<E>>, Fault> {
    behind(page.after(), page.wanted(), prefix, context).await
}

/// All that lie under a path, by name.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn all<E: Entity>(
    prefix: Option<&str>,
    context: &Context<'_>,
) -> Result<Vec<Arc<E>>, Fault> {
    behind(None, usize::MAX, prefix, context).await
}

/// Up to about `wanted` of those behind a name as markers have it, by name, that lie under a path.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn behind<E: Entity>(
    after: Option<&str>,
    wanted: usize,
    prefix: Option<&str>,
    context: &Context<'_>,
) -> Result<Vec<Arc<E>>, Fault> {
    let account = context.account();
    let mut range = PathRange::entity_names(account, E::Stored::KIND);
    if let Some(after) = after {
        range = range.after(after);
    }
    let mut found = Vec::new();
    loop {
        let batch = context.records.scan::<NameEntry>(&range, BATCH).await?;
        for (_, name) in &batch {
            // Whoever has gone since the names were read is not listed.
            let entry = context.records.get::<E>(&Path::entity(account, &name.id)).await?;
            found.extend(entry.filter(|entry| is_under(entry.stored(), prefix)));
            if found.len() >= wanted {
                return Ok(found);
            }
        }
        match batch.last().and_then(|(path, _)| path.suffix(range.common_prefix())) {
            Some(last) if batch.len() == BATCH => range = range.clone().after(last),
            _ => return Ok(found),
        }
    }
}

/// What an entity is called in markers: its name as the index has it.
pub(crate) fn marker_name<E: Entity>(entry: &Arc<E>) -> String {
    entry.stored().name().folded()
}

/// Whether the path of an entity begins with `prefix`.
pub(crate) fn is_under(stored: &impl Stored, prefix: Option<&str>) -> bool {
    prefix.is_none_or(|prefix| stored.path().as_str().starts_with(prefix))
}

/// How many there are in the account, as far as its quota goes.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn count<S: Stored>(context: &Context<'_>) -> Result<usize, Fault> {
    let range = PathRange::entity_names(context.account(), S::KIND);
    Ok(context.records.scan::<NameEntry>(&range, S::QUOTA.0).await?.len())
}

/// Refuses one more when there are as many as there may be. Requests at the same moment may pass the
/// quota by one each: an exact count would make every one of them wait for the others.
///
/// # Errors
/// `LimitExceeded`.
pub(crate) async fn require_room<S: Stored>(context: &Context<'_>) -> Result<(), Fault> {
    let (limit, name) = S::QUOTA;
    if count::<S>(context).await? >= limit { Err(fault::quota(name, limit)) } else { Ok(()) }
}
