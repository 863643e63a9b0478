//! DecodeAuthorizationMessage: refusals here say everything in plain words, so no message is ever
//! encoded and none can be decoded.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::sts::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};

pub(crate) struct DecodeAuthorizationMessage;

impl Operation for DecodeAuthorizationMessage {
    const NAME: &'static str = "DecodeAuthorizationMessage";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = DecodeAuthorizationMessageRequest;
    type Output = DecodeAuthorizationMessageResponse;
    type Target = ();

    fn target(_: &DecodeAuthorizationMessageRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a DecodeAuthorizationMessageRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("sts:DecodeAuthorizationMessage", Resource::Any)]
    }

    async fn execute(
        _: &DecodeAuthorizationMessageRequest,
        _: &Permit<()>,
        _: &Context<'_>,
    ) -> Result<Outcome<DecodeAuthorizationMessageResponse>, Fault> {
        Err(Fault::named(
            "InvalidAuthorizationMessageException",
            400,
            "Message is not a valid encoded authorization message",
        ))
    }
}
