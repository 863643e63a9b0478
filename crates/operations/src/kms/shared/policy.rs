//! Key policies: the default one, and what a new one must satisfy.

use serde_json::json;
use trent_domain::{AccountId, KeyArn};
use trent_engine::{Context, Demand, Fault, may_still_put_policy};
use trent_policy::PrincipalPattern;

/// The most bytes a key policy may have.
pub(crate) const MAX_BYTES: usize = 32_768;

/// The name of the one policy a key has.
pub(crate) const DEFAULT_NAME: &str = "default";

/// The policy of a key that was created without one, in the service's own layout.
pub(crate) fn default_policy(account: AccountId) -> String {
    let root = json!(account.root_arn());
    format!(
        "{{\n  \"Version\" : \"2012-10-17\",\n  \"Id\" : \"key-default-1\",\n  \"Statement\" : [ {{\n    \
         \"Sid\" : \"Enable IAM User Permissions\",\n    \"Effect\" : \"Allow\",\n    \"Principal\" : {{\n      \
         \"AWS\" : {root}\n    }},\n    \"Action\" : \"kms:*\",\n    \"Resource\" : \"*\"\n  }} ]\n}}"
    )
}

/// Checks a policy that is to become the policy of the key `arn`, and answers how it is kept: with
/// its users and roles by unique id.
///
/// # Errors
/// Too large, malformed, naming principals that do not exist, or (unless `bypass`) shutting out
/// the caller.
pub(crate) async fn check(
    text: &str,
    bypass: bool,
    arn: &KeyArn,
    context: &Context<'_>,
) -> Result<String, Fault> {
    if text.len() > MAX_BYTES {
        return Err(Fault::LimitExceeded(format!(
            "The key policy exceeds the maximum size of {MAX_BYTES} bytes."
        )));
    }
    let policies = context.records.policies();
    let document = policies.key_policy(text)?;
    // Identity providers vouch for callers of STS only.
    if document.principals().any(|principal| matches!(principal, PrincipalPattern::Provider(_))) {
        return Err(Fault::InvalidPrincipals);
    }
    let stored = context.principals().stored_policy(text).await?.ok_or(Fault::InvalidPrincipals)?;
    if !bypass && !may_still_put_policy(context, &*policies.key_policy(&stored)?, arn).await? {
        return Err(Fault::PolicyLockout);
    }
    Ok(stored)
}

/// `kms:BypassPolicyLockoutSafetyCheck`, which is absent unless the input has it.
pub(crate) fn bypass_fact(demand: Demand<'_>, given: Option<bool>) -> Demand<'_> {
    match given {
        Some(bypass) => demand.fact("kms:bypasspolicylockoutsafetycheck", bypass.to_string()),
        None => demand,
    }
}
