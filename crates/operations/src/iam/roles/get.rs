//! GetRole: a role with all there is to know; only here it is told when it was last used.

use jiff::SignedDuration;
use trent_domain::Role;
use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry, Signer};
use trent_model::iam::{self, GetRoleRequest, GetRoleResponse, RoleLastUsed};

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, RoleTarget};
use crate::iam::shared::{show, trust};

/// How far back the service looks.
const TRACKED: SignedDuration = SignedDuration::from_hours(400 * 24);

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
        let role_last_used = Some(last_used(role, context).await?);
        let role = iam::Role { role_last_used, ..show::role(role, &trust) };
        Ok(Outcome::read(GetRoleResponse { role }))
    }
}

/// When a session of the role last signed a request; empty when none did for long.
async fn last_used(role: &Role, context: &Context<'_>) -> Result<RoleLastUsed, Fault> {
    let last = Signer::Role(role.account, role.id).last_signed(context.records).await?;
    let last = last.filter(|last| context.now.duration_since(last.time) <= TRACKED);
    Ok(last.map_or_else(RoleLastUsed::default, |last| RoleLastUsed {
        last_used_date: Some(show::seconds(last.time)),
        region: Some(last.region),
    }))
}
