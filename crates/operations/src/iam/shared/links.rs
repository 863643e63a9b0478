//! The lists of who has a managed policy, as a policy of its own or as its boundary.
//!
//! They change together with the records of those who have it. Whoever gets a policy also touches
//! the policy's record, so that no policy is deleted while somebody is given it.

use trent_domain::{AccountId, Path, PathRange, UniqueId};
use trent_engine::{Changes, Context, Fault, Link, encode};

use super::entity::Stored;
use super::managed::Managed;
use super::update;

/// Lists `holder` under a policy that is attached to it.
///
/// # Errors
/// When a record cannot be rendered.
pub(crate) fn attach(policy: &Managed, holder: &impl Stored, changes: &mut Changes) -> Result<(), Fault> {
    update::touch_policy(policy, changes)?;
    list(Path::attached(holder.account(), &policy.id()?, holder.id()), changes)
}

/// Takes `holder` off the list of an attached policy.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn detach(
    policy: &Managed,
    holder: &impl Stored,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    unlist(Path::attached(holder.account(), &policy.id()?, holder.id()), context, changes).await
}

/// Lists `holder` under the policy that bounds it.
///
/// # Errors
/// When a record cannot be rendered.
pub(crate) fn bound(policy: &Managed, holder: &impl Stored, changes: &mut Changes) -> Result<(), Fault> {
    update::touch_policy(policy, changes)?;
    list(Path::bounded(holder.account(), &policy.id()?, holder.id()), changes)
}

/// Takes `holder` off the list of the policy that bounds it now, if one does.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn unbound(
    holder: &impl Stored,
    context: &Context<'_>,
    changes: &mut Changes,
) -> Result<(), Fault> {
    let account = holder.account();
    let Some(arn) = holder.boundary() else { return Ok(()) };
    // A policy that bounds somebody is not deleted, so it is there.
    let Some(policy) = Managed::find(arn, account, context.records).await? else { return Ok(()) };
    unlist(Path::bounded(account, &policy.id()?, holder.id()), context, changes).await
}

/// Lists something by its path.
///
/// # Errors
/// When the entry cannot be rendered.
pub(crate) fn list(path: Path, changes: &mut Changes) -> Result<(), Fault> {
    changes.create(path, encode(&Link::default())?);
    Ok(())
}

/// Takes something off its list.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn unlist(path: Path, context: &Context<'_>, changes: &mut Changes) -> Result<(), Fault> {
    if let Some(link) = context.records.fetch::<Link>(&path).await? {
        changes.delete(path, link.version);
    }
    Ok(())
}

/// How many have a policy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Uses {
    /// As a policy of their own.
    pub(crate) attached: usize,
    /// As their boundary.
    pub(crate) bounding: usize,
}

/// Counts who has a policy.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn uses(
    account: AccountId,
    policy: &UniqueId,
    context: &Context<'_>,
) -> Result<Uses, Fault> {
    let range = PathRange::uses(account, policy);
    let mut uses = Uses::default();
    for suffix in suffixes(range, context).await? {
        match suffix.starts_with("boundary/") {
            true => uses.bounding += 1,
            false => uses.attached += 1,
        }
    }
    Ok(uses)
}

/// What follows the prefix of a range in each of its paths.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn suffixes(mut range: PathRange, context: &Context<'_>) -> Result<Vec<String>, Fault> {
    const BATCH: usize = 500;
    let mut found = Vec::new();
    loop {
        let batch = context.records.scan::<Link>(&range, BATCH).await?;
        let prefix = range.common_prefix();
        found.extend(batch.iter().filter_map(|(path, _)| path.suffix(prefix)).map(str::to_owned));
        match found.last() {
            Some(last) if batch.len() == BATCH => range = range.after(last),
            _ => return Ok(found),
        }
    }
}
