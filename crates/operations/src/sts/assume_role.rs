//! AssumeRole: credentials of a session of a role.

use serde_json::json;
use trent_domain::{Principal, PrincipalKind, Role};
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, Json, Operation, Outcome, Permit, Resource, Session,
};
use trent_model::sts::{AssumeRoleRequest, AssumeRoleResponse, AssumedRoleUser, Credentials};

use super::role::{Assumed, RoleByArn};
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

    /// Tags and a source identity are asked for by actions of their own, those that the caller's
    /// session passes on too.
    fn demands<'a>(input: &'a AssumeRoleRequest, assumed: &'a Assumed) -> Vec<Demand<'a>> {
        let source_identity = input.source_identity.as_ref().or(assumed.source_identity.as_ref());
        let tagged =
            input.tags.as_ref().is_some_and(|tags| !tags.is_empty()) || !assumed.inherited.is_empty();
        let assume = demand(input, assumed, "sts:AssumeRole");
        let tag = tagged.then(|| demand(input, assumed, "sts:TagSession"));
        let identify = source_identity.map(|_| demand(input, assumed, "sts:SetSourceIdentity"));
        [assume].into_iter().chain(tag).chain(identify).collect()
    }

    async fn execute(
        input: &AssumeRoleRequest,
        assumed: &Permit<Assumed>,
        context: &Context<'_>,
    ) -> Result<Outcome<AssumeRoleResponse>, Fault> {
        shared::require_no_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
        let role = &assumed.entry.role;
        let seconds = duration(input.duration_seconds, role, context)?;
        let principal = session_of(role, &input.role_session_name);
        let mut session = Session::new(principal, context.now, shared::end(context.now, seconds));
        let transitive = input.transitive_tag_keys.as_deref().unwrap_or_default();
        tags::set(&mut session, &assumed.inherited, input.tags.as_deref(), transitive)?;
        session.source_identity = source_identity(input, assumed)?;
        let bounds = Bounds { policy: input.policy.as_deref(), arns: input.policy_arns.as_deref() };
        let packed_policy_size = bounds.bound(&mut session, role.account, context).await?;
        let (user, credentials, recorded) = begin(&session, context)?;
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
        .responding(recorded))
    }
}

fn demand<'a>(input: &'a AssumeRoleRequest, assumed: &'a Assumed, action: &'static str) -> Demand<'a> {
    let passed = assumed.inherited.iter().map(|(key, value)| (key.as_str(), Some(value.as_str())));
    let mut demand = Demand::new(action, Resource::Role(&assumed.entry))
        .fact("sts:rolesessionname", input.role_session_name.as_str())
        .request_tags(tags::requested(input.tags.as_deref()))
        .request_tags(passed);
    if let Some(id) = &input.external_id {
        demand = demand.fact("sts:externalid", id.as_str());
    }
    if let Some(identity) = input.source_identity.as_ref().or(assumed.source_identity.as_ref()) {
        demand = demand.fact("sts:sourceidentity", identity.as_str());
    }
    if let Some(keys) = input.transitive_tag_keys.as_ref().filter(|keys| !keys.is_empty()) {
        demand = demand.facts("sts:transitivetagkeys", keys.iter().map(String::as_str));
    }
    demand
}

/// How long the session lasts, in seconds. One that is begun from a session of a role lasts no
/// longer than an hour.
fn duration(asked: Option<i32>, role: &Role, context: &Context<'_>) -> Result<i32, Fault> {
    let asked = asked.unwrap_or(HOUR);
    if i64::from(asked) > i64::from(role.max_session) {
        return Err(Fault::validation(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        ));
    }
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

/// A session of a role, as a principal.
fn session_of(role: &Role, session_name: &str) -> Principal {
    Principal {
        account: role.account,
        kind: PrincipalKind::Session {
            role_id: role.id,
            role_name: role.name.clone(),
            role_path: role.path.clone(),
            session_name: session_name.to_owned(),
        },
    }
}

/// Makes the credentials of a role's session, and what the audit trail has of them.
fn begin(session: &Session, context: &Context<'_>) -> Result<(AssumedRoleUser, Credentials, Json), Fault> {
    let minted = context.mint(session)?;
    let (arn, id) = (session.principal.arn(), session.principal.user_id());
    let recorded = json!({
        "credentials": shared::recorded(&minted, session),
        "assumedRoleUser": { "assumedRoleId": id, "arn": arn },
    });
    let user = AssumedRoleUser { arn, assumed_role_id: id };
    Ok((user, shared::credentials(minted, session), Json(recorded.to_string())))
}
