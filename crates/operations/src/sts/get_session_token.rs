//! GetSessionToken: credentials of the caller's own that end. Nothing is demanded.

use serde_json::json;
use trent_engine::{Audited, Changes, Context, Demand, Fault, Json, Operation, Outcome, Permit, Session};
use trent_model::sts::{GetSessionTokenRequest, GetSessionTokenResponse};

use super::shared;

pub(crate) struct GetSessionToken;

impl Operation for GetSessionToken {
    const NAME: &'static str = "GetSessionToken";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("DurationSeconds"), Audited::member("SerialNumber")];

    type Input = GetSessionTokenRequest;
    type Output = GetSessionTokenResponse;
    type Target = ();

    fn target(_: &GetSessionTokenRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a GetSessionTokenRequest, (): &'a ()) -> Vec<Demand<'a>> {
        Vec::new()
    }

    async fn execute(
        input: &GetSessionTokenRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetSessionTokenResponse>, Fault> {
        shared::require_lasting(Self::NAME, context)?;
        shared::require_no_mfa(input.serial_number.as_deref(), input.token_code.as_deref())?;
        let seconds = shared::own_duration(input.duration_seconds, context);
        let principal = (*context.caller.principal).clone();
        let session = Session::new(principal, context.now, shared::end(context.now, seconds));
        let minted = context.mint(&session)?;
        let recorded = json!({ "credentials": shared::recorded(&minted, &session) });
        let credentials = Some(shared::credentials(minted, &session));
        let output = GetSessionTokenResponse { credentials, ..GetSessionTokenResponse::default() };
        Ok(Outcome::write(output, Changes::default()).responding(Json(recorded.to_string())))
    }
}
