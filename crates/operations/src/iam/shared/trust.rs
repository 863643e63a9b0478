//! Trust policies: who may assume a role. They are kept with users and roles by unique id.

use trent_domain::Role;
use trent_engine::{Context, Fault};

use super::fault;

/// The most characters of a trust policy, white space not counted.
const CHARS: usize = 2048;

/// Checks a text that is to be a trust policy, and answers how it is kept.
///
/// # Errors
/// `LimitExceeded` or `MalformedPolicyDocument`.
pub(crate) async fn check(text: &str, context: &Context<'_>) -> Result<String, Fault> {
    if text.chars().filter(|c| !c.is_whitespace()).count() > CHARS {
        return Err(fault::quota("ACLSizePerRole", CHARS));
    }
    context.records.policies().trust(text)?;
    let stored = context.principals().stored_policy(text).await?;
    stored.ok_or_else(|| fault::malformed_policy("Invalid principal in policy"))
}

/// The trust policy of a role, with principals as they are called now.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn shown(role: &Role, context: &Context<'_>) -> Result<String, Fault> {
    context.principals().shown_policy(&role.trust_policy).await
}
