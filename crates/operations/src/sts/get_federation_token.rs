//! GetFederationToken: credentials of a named session that has what the caller and the session
//! policies both give.

use serde_json::json;
use trent_domain::{PARTITION, Path, Principal, PrincipalKind};
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, Json, LoadedKey, Operation, Outcome, Permit, Place, Resource,
    Session, Subject, Target, UserEntry,
};
use trent_model::sts::{FederatedUser, GetFederationTokenRequest, GetFederationTokenResponse};

use super::shared::{self, Bounds};
use super::tags;

pub(crate) struct GetFederationToken;

/// The name of a federated user.
pub(crate) struct FederatedName(String);

/// The ARN of a federated user.
pub(crate) struct FederatedArn(String);

impl Target for FederatedName {
    type Loaded = FederatedArn;

    async fn load(&self, place: &Place<'_>) -> Result<FederatedArn, Fault> {
        let (account, name) = (place.account(), &self.0);
        Ok(FederatedArn(format!("arn:{PARTITION}:sts::{account}:federated-user/{name}")))
    }
}

impl Subject for FederatedArn {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}
}

impl Operation for GetFederationToken {
    const NAME: &'static str = "GetFederationToken";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[
        Audited::member("Name"),
        Audited::member("Policy"),
        Audited::member("PolicyArns"),
        Audited::member("DurationSeconds"),
        Audited::member("Tags"),
    ];

    type Input = GetFederationTokenRequest;
    type Output = GetFederationTokenResponse;
    type Target = FederatedName;

    fn target(input: &GetFederationTokenRequest) -> Result<FederatedName, Fault> {
        Ok(FederatedName(input.name.clone()))
    }

    fn demands<'a>(input: &'a GetFederationTokenRequest, user: &'a FederatedArn) -> Vec<Demand<'a>> {
        let demand = |action| {
            Demand::new(action, Resource::Arn(&user.0)).request_tags(tags::requested(input.tags.as_deref()))
        };
        let tagged = input.tags.as_ref().is_some_and(|tags| !tags.is_empty());
        let tag = tagged.then(|| demand("sts:TagSession"));
        [demand("sts:GetFederationToken")].into_iter().chain(tag).collect()
    }

    async fn execute(
        input: &GetFederationTokenRequest,
        _: &Permit<FederatedArn>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetFederationTokenResponse>, Fault> {
        shared::require_lasting(Self::NAME, context)?;
        let seconds = shared::own_duration(input.duration_seconds, context);
        let principal = federated(&input.name, context).await?;
        let mut session = Session::new(principal, context.now, shared::end(context.now, seconds));
        tags::set(&mut session, &tags::inherited(None), input.tags.as_deref(), &[])?;
        let bounds = Bounds { policy: input.policy.as_deref(), arns: input.policy_arns.as_deref() };
        let packed_policy_size = bounds.bound(&mut session, context.account(), context).await?;
        let minted = context.mint(&session)?;
        let (arn, id) = (session.principal.arn(), session.principal.user_id());
        let recorded = json!({
            "credentials": shared::recorded(&minted, &session),
            "federatedUser": { "federatedUserId": id, "arn": arn },
        });
        let output = GetFederationTokenResponse {
            credentials: Some(shared::credentials(minted, &session)),
            federated_user: Some(FederatedUser { arn, federated_user_id: id }),
            packed_policy_size,
            ..GetFederationTokenResponse::default()
        };
        Ok(Outcome::write(output, Changes::default()).responding(Json(recorded.to_string())))
    }
}

async fn federated(name: &str, context: &Context<'_>) -> Result<Principal, Fault> {
    let account = context.account();
    let user = match &context.caller.principal.kind {
        PrincipalKind::User { id, .. } => {
            let entry = context.records.get::<UserEntry>(&Path::entity(account, id)).await?;
            // It was there a moment ago, when its signature was judged.
            Some(entry.ok_or(Fault::UnrecognizedClient)?.as_federating())
        }
        _ => None,
    };
    Ok(Principal { account, kind: PrincipalKind::FederatedUser { name: name.to_owned(), user } })
}
