//! ListInstanceProfilesForRole: a role has none.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry};
use trent_model::iam::{ListInstanceProfilesForRoleRequest, ListInstanceProfilesForRoleResponse};

use crate::iam::shared::named::{Found, RoleTarget};

pub(crate) struct ListInstanceProfilesForRole;

impl Operation for ListInstanceProfilesForRole {
    const NAME: &'static str = "ListInstanceProfilesForRole";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("RoleName")];

    type Input = ListInstanceProfilesForRoleRequest;
    type Output = ListInstanceProfilesForRoleResponse;
    type Target = RoleTarget;

    fn target(input: &ListInstanceProfilesForRoleRequest) -> Result<RoleTarget, Fault> {
        Ok(RoleTarget::new(&input.role_name))
    }

    fn demands<'a>(_: &'a ListInstanceProfilesForRoleRequest, role: &'a Found<RoleEntry>) -> Vec<Demand<'a>> {
        vec![role.demand("iam:ListInstanceProfilesForRole")]
    }

    async fn execute(
        _: &ListInstanceProfilesForRoleRequest,
        _: &Permit<Found<RoleEntry>>,
        _: &Context<'_>,
    ) -> Result<Outcome<ListInstanceProfilesForRoleResponse>, Fault> {
        Ok(Outcome::read(ListInstanceProfilesForRoleResponse {
            instance_profiles: Vec::new(),
            is_truncated: Some(false),
            marker: None,
        }))
    }
}
