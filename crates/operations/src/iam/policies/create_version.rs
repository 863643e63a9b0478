//! CreatePolicyVersion: a new text for a managed policy; it counts when it is made the default.

use trent_domain::ManagedPolicy;
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{self, CreatePolicyVersionRequest, CreatePolicyVersionResponse};

use crate::iam::shared::managed::{self, FoundPolicy, PolicyTarget};
use crate::iam::shared::{audit, fault, policy, show};

pub(crate) struct CreatePolicyVersion;

impl Operation for CreatePolicyVersion {
    const NAME: &'static str = "CreatePolicyVersion";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("PolicyArn"), Audited::member("PolicyDocument"), Audited::member("SetAsDefault")];

    type Input = CreatePolicyVersionRequest;
    type Output = CreatePolicyVersionResponse;
    type Target = PolicyTarget;

    fn target(input: &CreatePolicyVersionRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a CreatePolicyVersionRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:CreatePolicyVersion")]
    }

    async fn execute(
        input: &CreatePolicyVersionRequest,
        found: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<CreatePolicyVersionResponse>, Fault> {
        policy::check_managed(&input.policy_document, context)?;
        let default = input.set_as_default == Some(true);
        let mut changes = Changes::default();
        let mut made = None;
        managed::change(found, &mut changes, |policy| {
            if !policy.add_version(input.policy_document.clone(), default, context.now) {
                return Err(too_many());
            }
            made = policy.versions.last().cloned();
            Ok(())
        })?;
        let made = made.ok_or_else(|| Fault::Internal("a new version is missing".to_owned()))?;
        // Answers leave out the text that was just sent.
        let shown = iam::PolicyVersion { document: None, ..show::version(&made, 0) };
        let shown = iam::PolicyVersion { is_default_version: Some(default), ..shown };
        let output = CreatePolicyVersionResponse { policy_version: Some(shown) };
        Ok(Outcome::write(output, changes).responding(audit::version(&made, default)))
    }
}

fn too_many() -> Fault {
    let most = ManagedPolicy::MAX_VERSIONS;
    fault::limit_exceeded(format!(
        "A managed policy can have up to {most} versions. Before you create a new version, you must delete an \
         existing version."
    ))
}
