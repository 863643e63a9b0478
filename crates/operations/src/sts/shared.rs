//! What sessions of all kinds have in common: how long they last, what bounds them, and how their
//! credentials are given out.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use trent_domain::{AccountId, PrincipalKind};
use trent_engine::{Context, Fault, Minted, Session};
use trent_model::sts::{Credentials, PolicyDescriptorType};

use crate::iam::shared::audit;
use crate::iam::shared::fault::malformed_policy;
use crate::iam::shared::managed::Managed;
use crate::kms::shared::metadata::seconds;

/// The longest that sessions of the root user last, and those begun from another role's session.
pub(crate) const HOUR: i32 = 3600;
/// How long sessions of GetSessionToken and GetFederationToken last unless told otherwise.
const HALF_A_DAY: i32 = 12 * HOUR;

/// The most characters of session policies, ARNs counted.
const POLICY_CHARS: usize = 2048;
/// The most managed policies that bound a session.
const POLICY_ARNS: usize = 10;

/// When a session that begins now ends.
pub(crate) fn end(now: Timestamp, seconds: i32) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(i64::from(seconds))).unwrap_or(Timestamp::MAX)
}

/// How long a session lasts that stands for its caller; the root user's are cut to an hour.
pub(crate) fn own_duration(asked: Option<i32>, context: &Context<'_>) -> i32 {
    let asked = asked.unwrap_or(HALF_A_DAY);
    if matches!(context.caller.principal.kind, PrincipalKind::Root) { asked.min(HOUR) } else { asked }
}

/// Refuses credentials that are temporary themselves.
///
/// # Errors
/// `AccessDenied`.
pub(crate) fn require_lasting(operation: &str, context: &Context<'_>) -> Result<(), Fault> {
    match context.caller.session {
        Some(_) => Err(Fault::AccessDenied(format!("Cannot call {operation} with session credentials"))),
        None => Ok(()),
    }
}

/// Refuses a second factor: nobody has a device to show it with.
///
/// # Errors
/// `AccessDenied`.
pub(crate) fn require_no_mfa(serial: Option<&str>, code: Option<&str>) -> Result<(), Fault> {
    if serial.is_none() && code.is_none() {
        return Ok(());
    }
    Err(Fault::AccessDenied(
        "MultiFactorAuthentication failed with invalid MFA one time pass code.".to_owned(),
    ))
}

/// The policies that an input bounds a session by.
pub(crate) struct Bounds<'a> {
    /// The inline one.
    pub(crate) policy: Option<&'a str>,
    /// Managed ones of the account whose session it is.
    pub(crate) arns: Option<&'a [PolicyDescriptorType]>,
}

impl Bounds<'_> {
    /// Checks the policies, and makes them those of a session in `account`. Answers how much of
    /// what there is room for they take, in percent; `None` when there are none.
    ///
    /// # Errors
    /// Too many, too large, malformed, or not there.
    pub(crate) async fn bound(
        &self,
        session: &mut Session,
        account: AccountId,
        context: &Context<'_>,
    ) -> Result<Option<i32>, Fault> {
        let arns: Vec<&str> = self.arns.into_iter().flatten().filter_map(|one| one.arn.as_deref()).collect();
        let size = self.policy.map_or(0, |text| text.chars().count())
            + arns.iter().map(|arn| arn.len()).sum::<usize>();
        if size > POLICY_CHARS || arns.len() > POLICY_ARNS {
            return Err(Fault::named(
                "PackedPolicyTooLarge",
                400,
                format!("Session policies are limited to {POLICY_CHARS} characters and {POLICY_ARNS} ARNs."),
            ));
        }
        if let Some(policy) = self.policy {
            context.records.policies().identity(policy)?;
        }
        for arn in &arns {
            if Managed::find(arn, account, context.records).await?.is_none() {
                return Err(malformed_policy(format!("Policy {arn} does not exist or cannot be used.")));
            }
        }
        session.policies = self.policy.map(str::to_owned).into_iter().collect();
        session.policy_arns = arns.into_iter().map(str::to_owned).collect();
        let percent = i32::try_from((size * 100).div_ceil(POLICY_CHARS)).unwrap_or(100);
        Ok((size > 0).then_some(percent))
    }
}

/// Credentials as they are given out.
pub(crate) fn credentials(minted: Minted, session: &Session) -> Credentials {
    Credentials {
        access_key_id: minted.access_key_id,
        expiration: seconds(session.expires),
        secret_access_key: minted.secret.to_string().into(),
        session_token: minted.token,
    }
}

/// Credentials as the audit trail has them: neither secret nor token.
pub(crate) fn recorded(minted: &Minted, session: &Session) -> Value {
    json!({ "accessKeyId": minted.access_key_id, "expiration": audit::time(session.expires) })
}
