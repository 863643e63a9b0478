//! UpdateRole: another description, another longest session.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry};
use trent_model::iam::{UpdateRoleRequest, UpdateRoleResponse};

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, RoleTarget};
use crate::iam::shared::update;

pub(crate) struct UpdateRole;

impl Operation for UpdateRole {
    const NAME: &'static str = "UpdateRole";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[Audited::member("RoleName"), Audited::member("Description"), Audited::member("MaxSessionDuration")];

    type Input = UpdateRoleRequest;
    type Output = UpdateRoleResponse;
    type Target = RoleTarget;

    fn target(input: &UpdateRoleRequest) -> Result<RoleTarget, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a UpdateRoleRequest, role: &'a Found<RoleEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(role)]
    }

    async fn execute(
        input: &UpdateRoleRequest,
        found: &Permit<Found<RoleEntry>>,
        _: &Context<'_>,
    ) -> Result<Outcome<UpdateRoleResponse>, Fault> {
        let mut changes = Changes::default();
        update::record(found, &mut changes, |role| {
            if let Some(description) = &input.description {
                role.description = Some(description.clone());
            }
            let seconds = input.max_session_duration.and_then(|seconds| u32::try_from(seconds).ok());
            role.max_session = seconds.unwrap_or(role.max_session);
            Ok(())
        })?;
        Ok(Outcome::write(UpdateRoleResponse {}, changes))
    }
}
