//! GetCallerIdentity: who is asking. Nothing is demanded, so no policy can deny it.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::sts::{GetCallerIdentityRequest, GetCallerIdentityResponse};

pub(crate) struct GetCallerIdentity;

impl Operation for GetCallerIdentity {
    const NAME: &'static str = "GetCallerIdentity";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = GetCallerIdentityRequest;
    type Output = GetCallerIdentityResponse;
    type Target = ();

    fn target(_: &GetCallerIdentityRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a GetCallerIdentityRequest, (): &'a ()) -> Vec<Demand<'a>> {
        Vec::new()
    }

    async fn execute(
        _: &GetCallerIdentityRequest,
        _: &Permit<()>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetCallerIdentityResponse>, Fault> {
        Ok(Outcome::read(GetCallerIdentityResponse {
            account: Some(context.account().to_string()),
            arn: Some(context.caller.arn.to_string()),
            user_id: Some(context.caller.user_id.clone()),
        }))
    }
}
