//! When roles were last used.

use jiff::SignedDuration;
use trent_domain::Role;
use trent_engine::{Context, Fault, Signer};
use trent_model::iam::RoleLastUsed;

use super::show;

/// How far back the service looks.
const TRACKED: SignedDuration = SignedDuration::from_hours(400 * 24);

/// When a session of the role last signed a request; empty when none did for long.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn of_role(role: &Role, context: &Context<'_>) -> Result<RoleLastUsed, Fault> {
    let last = Signer::Role(role.account, role.id).last_signed(context.records).await?;
    let last = last.filter(|last| context.now.duration_since(last.time) <= TRACKED);
    Ok(last.map_or_else(RoleLastUsed::default, |last| RoleLastUsed {
        last_used_date: Some(show::seconds(last.time)),
        region: Some(last.region),
    }))
}
