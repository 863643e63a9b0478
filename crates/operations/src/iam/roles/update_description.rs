//! UpdateRoleDescription: another description.

use trent_domain::Role;
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry};
use trent_model::iam::{UpdateRoleDescriptionRequest, UpdateRoleDescriptionResponse};

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, RoleTarget};
use crate::iam::shared::{show, trust, update};

pub(crate) struct UpdateRoleDescription;

impl Operation for UpdateRoleDescription {
    const NAME: &'static str = "UpdateRoleDescription";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("RoleName"), Audited::member("Description")];

    type Input = UpdateRoleDescriptionRequest;
    type Output = UpdateRoleDescriptionResponse;
    type Target = RoleTarget;

    fn target(input: &UpdateRoleDescriptionRequest) -> Result<RoleTarget, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a UpdateRoleDescriptionRequest, role: &'a Found<RoleEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(role)]
    }

    async fn execute(
        input: &UpdateRoleDescriptionRequest,
        found: &Permit<Found<RoleEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<UpdateRoleDescriptionResponse>, Fault> {
        let mut changes = Changes::default();
        let describe = |role: &mut Role| {
            role.description = Some(input.description.clone());
            Ok(())
        };
        update::record(found, &mut changes, describe)?;
        let role = Role { description: Some(input.description.clone()), ..found.stored()?.clone() };
        let trust = trust::shown(&role, context).await?;
        let output = UpdateRoleDescriptionResponse { role: Some(show::role(&role, &trust)) };
        Ok(Outcome::write(output, changes))
    }
}
