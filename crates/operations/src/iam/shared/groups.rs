//! Who is in which groups.

use std::sync::Arc;

use trent_domain::{Path, User};
use trent_engine::{Context, Fault, GroupEntry};

use super::list;

/// The groups of a user, by name.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn of_user(user: &User, context: &Context<'_>) -> Result<Vec<Arc<GroupEntry>>, Fault> {
    let mut groups = Vec::with_capacity(user.groups.len());
    for id in &user.groups {
        groups.extend(context.records.get::<GroupEntry>(&Path::entity(user.account, id)).await?);
    }
    groups.sort_by_cached_key(list::marker_name);
    Ok(groups)
}
