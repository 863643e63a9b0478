//! DeletePolicy: a managed policy goes when nobody has it and but one version is left.

use trent_domain::{IdKind, Path};
use trent_engine::{Audited, Changes, Context, Demand, Fault, NameEntry, Operation, Outcome, Permit};
use trent_model::iam::DeletePolicyRequest;

use crate::iam::shared::entity::Stored as _;
use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::{fault, links};

pub(crate) struct DeletePolicy;

impl Operation for DeletePolicy {
    const NAME: &'static str = "DeletePolicy";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("PolicyArn")];

    type Input = DeletePolicyRequest;
    type Output = ();
    type Target = PolicyTarget;

    fn target(input: &DeletePolicyRequest) -> Result<PolicyTarget, Fault> {
        PolicyTarget::new(&input.policy_arn)
    }

    fn demands<'a>(_: &'a DeletePolicyRequest, policy: &'a FoundPolicy) -> Vec<Demand<'a>> {
        vec![policy.demand("iam:DeletePolicy")]
    }

    async fn execute(
        _: &DeletePolicyRequest,
        found: &Permit<FoundPolicy>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let entry = found.own()?;
        let policy = &entry.policy;
        if links::uses(policy.account, &policy.id, context).await? != links::Uses::default() {
            return Err(fault::conflict("Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            return Err(fault::conflict(
                "This policy has more than one version. Before you delete a policy, you must delete the policy's \
                 versions. The default version is deleted with the policy.",
            ));
        }
        let mut changes = Changes::default();
        changes.delete(policy.place(), entry.version);
        let listing = Path::entity_name(policy.account, IdKind::Policy, &policy.name);
        if let Some(listed) = context.records.get::<NameEntry>(&listing).await? {
            changes.delete(listing, listed.version);
        }
        Ok(Outcome::write((), changes))
    }
}
