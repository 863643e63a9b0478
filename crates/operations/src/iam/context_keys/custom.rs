//! GetContextKeysForCustomPolicy: the condition keys of policies that an input brings along.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{GetContextKeysForCustomPolicyRequest, GetContextKeysForPolicyResponse};

use super::{given, keys};

pub(crate) struct GetContextKeysForCustomPolicy;

impl Operation for GetContextKeysForCustomPolicy {
    const NAME: &'static str = "GetContextKeysForCustomPolicy";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[];

    type Input = GetContextKeysForCustomPolicyRequest;
    type Output = GetContextKeysForPolicyResponse;
    type Target = ();

    fn target(_: &GetContextKeysForCustomPolicyRequest) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a GetContextKeysForCustomPolicyRequest, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new("iam:GetContextKeysForCustomPolicy", Resource::Any)]
    }

    async fn execute(
        input: &GetContextKeysForCustomPolicyRequest,
        _: &Permit<()>,
        _: &Context<'_>,
    ) -> Result<Outcome<GetContextKeysForPolicyResponse>, Fault> {
        let documents = given(&input.policy_input_list)?;
        Ok(Outcome::read(keys(documents.iter().map(|document| &**document))))
    }
}
