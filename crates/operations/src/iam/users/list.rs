//! ListUsers: the users of the account, by name.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, UserEntry};
use trent_model::iam::{ListUsersRequest, ListUsersResponse};

use crate::iam::shared::list::{ListTarget, Listed};
use crate::iam::shared::{list, page, show};

pub(crate) struct ListUsers;

impl Operation for ListUsers {
    const NAME: &'static str = "ListUsers";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("PathPrefix"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListUsersRequest;
    type Output = ListUsersResponse;
    type Target = ListTarget<UserEntry>;

    fn target(input: &ListUsersRequest) -> Result<Self::Target, Fault> {
        Ok(ListTarget::new(input.path_prefix.as_deref()))
    }

    fn demands<'a>(_: &'a ListUsersRequest, listed: &'a Listed) -> Vec<Demand<'a>> {
        vec![listed.demand("iam:ListUsers")]
    }

    async fn execute(
        input: &ListUsersRequest,
        _: &Permit<Listed>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListUsersResponse>, Fault> {
        let prefix = input.path_prefix.as_deref();
        let markers = context.markers(Self::NAME, prefix.unwrap_or_default());
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let found = list::under::<UserEntry>(&page, prefix, context).await?;
        let (users, marker) = page.cut(found, list::marker_name);
        Ok(Outcome::read(ListUsersResponse {
            users: users.iter().map(|entry| show::listed_user(&entry.user)).collect(),
            is_truncated: Some(marker.is_some()),
            marker,
        }))
    }
}
