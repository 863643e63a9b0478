//! DeleteRole: a role goes when nothing hangs on it any more, and all its sessions with it.

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry, Signer};
use trent_model::iam::DeleteRoleRequest;

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, RoleTarget};
use crate::iam::shared::{delete, links};

pub(crate) struct DeleteRole;

impl Operation for DeleteRole {
    const NAME: &'static str = "DeleteRole";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("RoleName")];

    type Input = DeleteRoleRequest;
    type Output = ();
    type Target = RoleTarget;

    fn target(input: &DeleteRoleRequest) -> Result<RoleTarget, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a DeleteRoleRequest, role: &'a Found<RoleEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(role)]
    }

    async fn execute(
        _: &DeleteRoleRequest,
        found: &Permit<Found<RoleEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        delete::holder(found, &mut changes)?;
        let role = found.stored()?;
        links::unbound(role, context, &mut changes).await?;
        Signer::Role(role.account, role.id).forget(context.records, &mut changes).await?;
        Ok(Outcome::write((), changes))
    }
}
