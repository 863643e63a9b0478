//! GetKeyPolicy: the text of a key policy, as it was given but for what its users and roles are
//! called by now.

use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::{GetKeyPolicyRequest, GetKeyPolicyResponse};

use super::shared::policy;

pub(crate) struct GetKeyPolicy;

impl Operation for GetKeyPolicy {
    const NAME: &'static str = "GetKeyPolicy";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("KeyId"), Audited::member("PolicyName")];

    type Input = GetKeyPolicyRequest;
    type Output = GetKeyPolicyResponse;
    type Target = KeyTarget;

    fn target(input: &GetKeyPolicyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a GetKeyPolicyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let name = input.policy_name.as_deref().unwrap_or(policy::DEFAULT_NAME);
        vec![Demand::new("kms:GetKeyPolicy", Resource::Key(key)).fact("kms:policyname", name)]
    }

    async fn execute(
        input: &GetKeyPolicyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetKeyPolicyResponse>, Fault> {
        match input.policy_name.as_deref() {
            None | Some(policy::DEFAULT_NAME) => {
                let policy = context.principals().shown_policy(&key.entry.key.policy).await?;
                let policy_name = policy::DEFAULT_NAME.to_owned();
                Ok(Outcome::read(GetKeyPolicyResponse {
                    policy: Some(policy),
                    policy_name: Some(policy_name),
                }))
            }
            Some(_) => Err(Fault::NoSuchPolicy),
        }
    }
}
