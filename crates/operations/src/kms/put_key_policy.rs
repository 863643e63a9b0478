//! PutKeyPolicy: replaces the policy of a key.

use trent_engine::{
    Audited, Context, Demand, Fault, KeyTarget, LoadedKey, Operation, Outcome, Permit, Resource,
};
use trent_model::kms::PutKeyPolicyRequest;

use super::shared::{policy, update};

pub(crate) struct PutKeyPolicy;

impl Operation for PutKeyPolicy {
    const NAME: &'static str = "PutKeyPolicy";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[
        Audited::member("KeyId"),
        Audited::member("PolicyName"),
        Audited::member("Policy"),
        Audited::member("BypassPolicyLockoutSafetyCheck"),
    ];

    type Input = PutKeyPolicyRequest;
    type Output = ();
    type Target = KeyTarget;

    fn target(input: &PutKeyPolicyRequest) -> Result<KeyTarget, Fault> {
        Ok(KeyTarget::by_id(&input.key_id))
    }

    fn demands<'a>(input: &'a PutKeyPolicyRequest, key: &'a LoadedKey) -> Vec<Demand<'a>> {
        let name = input.policy_name.as_deref().unwrap_or(policy::DEFAULT_NAME);
        let demand = Demand::new("kms:PutKeyPolicy", Resource::Key(key)).fact("kms:policyname", name);
        vec![policy::bypass_fact(demand, input.bypass_policy_lockout_safety_check)]
    }

    async fn execute(
        input: &PutKeyPolicyRequest,
        key: &Permit<LoadedKey>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        match input.policy_name.as_deref() {
            None | Some(policy::DEFAULT_NAME) => {}
            Some("AWS_RAM") => {
                return Err(Fault::validation("The AWS_RAM policy can only be managed by the RAM service"));
            }
            Some(_) => return Err(Fault::NoSuchPolicy),
        }
        let bypass = input.bypass_policy_lockout_safety_check == Some(true);
        let policy = policy::check(&input.policy, bypass, &key.entry.key.arn(), context).await?;
        update::key(key, |key| {
            key.policy = policy;
            Ok(())
        })
    }
}
