//! ListRoles: the roles of the account, by name.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, RoleEntry};
use trent_model::iam::{ListRolesRequest, ListRolesResponse};

use crate::iam::shared::list::{ListTarget, Listed};
use crate::iam::shared::{list, page, show, trust};

pub(crate) struct ListRoles;

impl Operation for ListRoles {
    const NAME: &'static str = "ListRoles";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("PathPrefix"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListRolesRequest;
    type Output = ListRolesResponse;
    type Target = ListTarget<RoleEntry>;

    fn target(input: &ListRolesRequest) -> Result<Self::Target, Fault> {
        Ok(ListTarget::new(input.path_prefix.as_deref()))
    }

    fn demands<'a>(_: &'a ListRolesRequest, listed: &'a Listed) -> Vec<Demand<'a>> {
        vec![listed.demand("iam:ListRoles")]
    }

    async fn execute(
        input: &ListRolesRequest,
        _: &Permit<Listed>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListRolesResponse>, Fault> {
        let prefix = input.path_prefix.as_deref();
        let markers = context.markers(Self::NAME, prefix.unwrap_or_default());
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let found = list::under::<RoleEntry>(&page, prefix, context).await?;
        let (found, marker) = page.cut(found, list::marker_name);
        let mut roles = Vec::with_capacity(found.len());
        for entry in &found {
            let trust = trust::shown(&entry.role, context).await?;
            roles.push(show::listed_role(&entry.role, &trust));
        }
        Ok(Outcome::read(ListRolesResponse { roles, is_truncated: Some(marker.is_some()), marker }))
    }
}
