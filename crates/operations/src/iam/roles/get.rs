//! GetRole: a role with all there is to know; lists of roles do not tell when they were last used.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry};
use trent_model::iam::{self, GetRoleRequest, GetRoleResponse};

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, RoleTarget};
use crate::iam::shared::{last_used, show, trust};

pub(crate) struct GetRole;

impl Operation for GetRole {
    const NAME: &'static str = "GetRole";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("RoleName")];

    type Input = GetRoleRequest;
    type Output = GetRoleResponse;
    type Target = RoleTarget;

    fn target(input: &GetRoleRequest) -> Result<RoleTarget, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a GetRoleRequest, role: &'a Found<RoleEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(role)]
    }

    async fn execute(
        _: &GetRoleRequest,
        found: &Permit<Found<RoleEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetRoleResponse>, Fault> {
        let role = found.stored()?;
        let trust = trust::shown(role, context).await?;
        let role_last_used = Some(last_used::of_role(role, context).await?);
        let role = iam::Role { role_last_used, ..show::role(role, &trust) };
        Ok(Outcome::read(GetRoleResponse { role }))
    }
}
