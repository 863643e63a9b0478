//! How many keys there may be.

use trent_domain::{PathRange, Region};
use trent_engine::{Context, Fault};

/// Refuses one key more, of the caller's account in `region`, when there are as many as there may be.
/// Keys count in whatever state, until they are gone, and replicas count.
///
/// # Errors
/// [`Fault::LimitExceeded`], or when keys cannot be counted.
pub(crate) async fn require_room_for_key(region: &Region, context: &Context<'_>) -> Result<(), Fault> {
    let most = context.quotas.keys;
    let keys = PathRange::keys(context.account(), region);
    if context.records.has_room(&keys, most).await? {
        return Ok(());
    }
    // The service's text is not published.
    Err(Fault::LimitExceeded(format!(
        "The account already has the maximum number of KMS keys in {region}, {most}."
    )))
}
