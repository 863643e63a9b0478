//! UpdateAssumeRolePolicy: another trust policy; sessions that are on go on.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry};
use trent_model::iam::UpdateAssumeRolePolicyRequest;

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, RoleTarget};
use crate::iam::shared::{trust, update};

pub(crate) struct UpdateAssumeRolePolicy;

impl Operation for UpdateAssumeRolePolicy {
    const NAME: &'static str = "UpdateAssumeRolePolicy";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("RoleName"), Audited::member("PolicyDocument")];

    type Input = UpdateAssumeRolePolicyRequest;
    type Output = ();
    type Target = RoleTarget;

    fn target(input: &UpdateAssumeRolePolicyRequest) -> Result<RoleTarget, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a UpdateAssumeRolePolicyRequest, role: &'a Found<RoleEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(role)]
    }

    async fn execute(
        input: &UpdateAssumeRolePolicyRequest,
        found: &Permit<Found<RoleEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        let trust = trust::check(&input.policy_document, context).await?;
        update::record(found, &mut changes, |role| {
            role.trust_policy = trust;
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
