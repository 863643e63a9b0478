//! AssumeRoleWithWebIdentity: credentials of a session of a role, for the token of an identity
//! provider that the role trusts.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, Json, LoadedKey, Operation, Outcome, Permit, Place, RoleEntry,
    Subject, Target, Unsigned, WebIdentity,
};
use trent_model::sts::{AssumeRoleWithWebIdentityRequest, AssumeRoleWithWebIdentityResponse};

use super::role::RoleByArn;
use super::role_session::{self, Asked, Begun};
use super::shared::Bounds;
use super::tags;
use super::web_claims::Wishes;

pub(crate) struct AssumeRoleWithWebIdentity;

/// A role that an identity provider's token is to open.
pub(crate) struct RoleByToken(RoleByArn);

/// The role, and what the token says.
pub(crate) struct Vouched {
    entry: Arc<RoleEntry>,
    identity: Arc<WebIdentity>,
    wishes: Wishes,
}

impl Target for RoleByToken {
    type Loaded = Vouched;

    async fn load(&self, place: &Place<'_>) -> Result<Vouched, Fault> {
        let identity = place.caller.web_identity.clone().ok_or_else(denied)?;
        let wishes = Wishes::read(&identity.claims.all)?;
        Ok(Vouched { entry: self.0.load_role(place).await?, identity, wishes })
    }
}

impl Subject for Vouched {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn asked(&self) -> Option<Map<String, Value>> {
        Some(self.wishes.shown()).filter(|shown| !shown.is_empty())
    }
}

impl Operation for AssumeRoleWithWebIdentity {
    const NAME: &'static str = "AssumeRoleWithWebIdentity";
    const READ_ONLY: bool = true;
    const UNSIGNED: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("RoleArn"),
        Audited::member("RoleSessionName"),
        Audited::member("ProviderId"),
        Audited::member("PolicyArns"),
        Audited::member("Policy"),
        Audited::member("DurationSeconds"),
    ];

    type Input = AssumeRoleWithWebIdentityRequest;
    type Output = AssumeRoleWithWebIdentityResponse;
    type Target = RoleByToken;

    /// Roles trust providers of their own account.
    async fn identify(
        input: &AssumeRoleWithWebIdentityRequest,
        place: &Unsigned<'_>,
    ) -> Result<WebIdentity, Fault> {
        let role = RoleByArn::new(&input.role_arn)?;
        if let Some(id) = &input.provider_id {
            // It names the maker of another kind of token. The service's text is not published.
            let message =
                format!("The provider {id} is not supported; leave it out for OpenID Connect tokens");
            return Err(Fault::named("InvalidIdentityToken", 400, message));
        }
        place.web_identity(input.web_identity_token.expose(), role.account()).await
    }

    fn target(input: &AssumeRoleWithWebIdentityRequest) -> Result<RoleByToken, Fault> {
        RoleByArn::new(&input.role_arn).map(RoleByToken)
    }

    fn demands<'a>(input: &'a AssumeRoleWithWebIdentityRequest, vouched: &'a Vouched) -> Vec<Demand<'a>> {
        let wishes = &vouched.wishes;
        let asked = Asked {
            role: &vouched.entry,
            session_name: &input.role_session_name,
            tags: tags::requested(Some(&wishes.tags)).collect(),
            transitive: &wishes.transitive,
            source_identity: wishes.source_identity.as_deref(),
            external_id: None,
        };
        asked.demands("sts:AssumeRoleWithWebIdentity")
    }

    async fn execute(
        input: &AssumeRoleWithWebIdentityRequest,
        vouched: &Permit<Vouched>,
        context: &Context<'_>,
    ) -> Result<Outcome<AssumeRoleWithWebIdentityResponse>, Fault> {
        let Vouched { entry, identity, wishes } = &**vouched;
        let seconds = role_session::duration(input.duration_seconds, &entry.role)?;
        let mut session = role_session::new(&entry.role, &input.role_session_name, seconds, context);
        tags::set(&mut session, &tags::inherited(None), Some(&wishes.tags), &wishes.transitive)?;
        session.source_identity.clone_from(&wishes.source_identity);
        session.provider = Some(identity.provider.clone());
        session.federation = identity.keys.lasting();
        let bounds = Bounds { policy: input.policy.as_deref(), arns: input.policy_arns.as_deref() };
        let packed_policy_size = bounds.bound(&mut session, entry.role.account, context).await?;
        let Begun { user, credentials, mut recorded } = role_session::begin(&session, context)?;
        for (name, value) in [
            ("subjectFromWebIdentityToken", &identity.claims.subject),
            ("provider", &identity.provider),
            ("audience", &identity.audience),
        ] {
            recorded.insert(name.to_owned(), json!(value));
        }
        let output = AssumeRoleWithWebIdentityResponse {
            assumed_role_user: Some(user),
            audience: Some(identity.audience.clone()),
            credentials: Some(credentials),
            packed_policy_size,
            provider: Some(identity.provider.clone()),
            source_identity: session.source_identity,
            subject_from_web_identity_token: Some(identity.claims.subject.clone()),
            ..AssumeRoleWithWebIdentityResponse::default()
        };
        let recorded = Json(Value::Object(recorded).to_string());
        Ok(Outcome::write(output, Changes::default()).responding(recorded))
    }
}

fn denied() -> Fault {
    Fault::AccessDenied("Not authorized to perform sts:AssumeRoleWithWebIdentity".to_owned())
}
