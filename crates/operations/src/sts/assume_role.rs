//! AssumeRole: credentials of a session of a role.

use serde_json::Value;
use trent_domain::{PrincipalKind, Role};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Json, Operation, Outcome, Permit};
use trent_model::sts::{AssumeRoleRequest, AssumeRoleResponse};

use super::role::{Assumed, RoleByArn};
use super::role_session::{self, Asked, Begun};
use super::shared::{self, Bounds, HOUR};
use super::tags;

pub(crate) struct AssumeRole;

impl Operation for AssumeRole {
    const NAME: &'static str = "AssumeRole";
    const READ_ONLY: bool = true;
    const CROSS_ACCOUNT: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("RoleArn"),
        Audited::member("RoleSessionName"),
        Audited::member("PolicyArns"),
        Audited::member("Policy"),
        Audited::member("DurationSeconds"),
        Audited::member("Tags"),
        Audited::member("TransitiveTagKeys"),
        Audited::member("ExternalId"),
        Audited::member("SerialNumber"),
        Audited::member("SourceIdentity"),
    ];

    type Input = AssumeRoleRequest;
    type Output = AssumeRoleResponse;
    type Target = RoleByArn;

    fn target(input: &AssumeRoleRequest) -> Result<RoleByArn, Fault> {
        RoleByArn::new(&input.role_arn)
    }

    /// What the caller's session passes on is asked for as if it were in the input.
    fn demands<'a>(input: &'a AssumeRoleRequest, assumed: &'a Assumed) -> Vec<Demand<'a>> {
        let passed = assumed.inherited.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
        let asked = Asked {
            role: &assumed.entry,
            session_name: &input.role_session_name,
            tags: tags::requested(input.tags.as_deref()).chain(passed).collect(),
            transitive: input.transitive_tag_keys.as_deref().unwrap_or_default(),
            source_identity: input.source_identity.as_deref().or(assumed.source_identity.as_deref()),
            external_id: input.external_id.as_deref(),
        };
        asked.demands("sts:AssumeRole")
    }

    async fn execute(
        input: &AssumeRoleRequest,
        assumed: &Permit<Assumed>,
        context: &Context<'_>,
    ) -> Result<Outcome<AssumeRoleResponse>, Fault> {
        shared::require_no_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
        let role = &assumed.entry.role;
        let seconds = duration(input.duration_seconds, role, context)?;
        let mut session = role_session::new(role, &input.role_session_name, seconds, context);
        let transitive = input.transitive_tag_keys.as_deref().unwrap_or_default();
        tags::set(&mut session, &assumed.inherited, input.tags.as_deref(), transitive)?;
        session.source_identity = source_identity(input, assumed)?;
        let bounds = Bounds { policy: input.policy.as_deref(), arns: input.policy_arns.as_deref() };
        let packed_policy_size = bounds.bound(&mut session, role.account, context).await?;
        let Begun { user, credentials, recorded } = role_session::begin(&session, context)?;
        Ok(Outcome::write(
            AssumeRoleResponse {
                assumed_role_user: Some(user),
                credentials: Some(credentials),
                packed_policy_size,
                source_identity: session.source_identity,
                ..AssumeRoleResponse::default()
            },
            Changes::default(),
        )
        .responding(Json(Value::Object(recorded).to_string())))
    }
}

/// How long the session lasts, in seconds. One that is begun from a session of a role lasts no
/// longer than an hour.
fn duration(asked: Option<i32>, role: &Role, context: &Context<'_>) -> Result<i32, Fault> {
    let asked = role_session::duration(asked, role)?;
    let chained = matches!(context.caller.principal.kind, PrincipalKind::Session { .. });
    if chained && asked > HOUR {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        ));
    }
    Ok(asked)
}

/// A source identity stays what it is from session to session.
fn source_identity(input: &AssumeRoleRequest, assumed: &Assumed) -> Result<Option<String>, Fault> {
    match (&assumed.source_identity, &input.source_identity) {
        (Some(kept), Some(given)) if kept != given => Err(Fault::named(
            "InvalidParameterValue",
            400,
            "The source identity of the calling session cannot be changed.",
        )),
        (kept, given) => Ok(kept.clone().or_else(|| given.clone())),
    }
}
