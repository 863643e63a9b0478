//! GetContextKeysForPrincipalPolicy: the condition keys of the policies of a user, group or role.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{GetContextKeysForPolicyResponse, GetContextKeysForPrincipalPolicyRequest};

use super::{given, keys};
use crate::iam::shared::holder::{FoundHolder, HolderTarget};

pub(crate) struct GetContextKeysForPrincipalPolicy;

impl Operation for GetContextKeysForPrincipalPolicy {
    const NAME: &'static str = "GetContextKeysForPrincipalPolicy";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicySourceArn")];

    type Input = GetContextKeysForPrincipalPolicyRequest;
    type Output = GetContextKeysForPolicyResponse;
    type Target = HolderTarget;

    fn target(input: &GetContextKeysForPrincipalPolicyRequest) -> Result<HolderTarget, Fault> {
        HolderTarget::by_arn(&input.policy_source_arn)
    }

    fn demands<'a>(
        _: &'a GetContextKeysForPrincipalPolicyRequest,
        holder: &'a FoundHolder,
    ) -> Vec<Demand<'a>> {
        vec![holder.demand("iam:GetContextKeysForPrincipalPolicy")]
    }

    /// The boundary is not asked: it is not attached, and the service tells of policies that are.
    async fn execute(
        input: &GetContextKeysForPrincipalPolicyRequest,
        holder: &Permit<FoundHolder>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetContextKeysForPolicyResponse>, Fault> {
        let holdings = holder.holdings(context).await?;
        let given = given(input.policy_input_list.as_deref().unwrap_or_default())?;
        let held = holdings.identity.iter().map(|held| &*held.document);
        Ok(Outcome::read(keys(held.chain(given.iter().map(|document| &**document)))))
    }
}
