//! ListGroupsForUser: the groups a user is in, by name.

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, UserEntry};
use trent_model::iam::{ListGroupsForUserRequest, ListGroupsForUserResponse};

use crate::iam::shared::named::{Found, UserTarget};
use crate::iam::shared::{groups, list, page, show};

pub(crate) struct ListGroupsForUser;

impl Operation for ListGroupsForUser {
    const NAME: &'static str = "ListGroupsForUser";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("UserName"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListGroupsForUserRequest;
    type Output = ListGroupsForUserResponse;
    type Target = UserTarget;

    fn target(input: &ListGroupsForUserRequest) -> Result<UserTarget, Fault> {
        Ok(UserTarget::new(&input.user_name))
    }

    fn demands<'a>(_: &'a ListGroupsForUserRequest, user: &'a Found<UserEntry>) -> Vec<Demand<'a>> {
        vec![user.demand("iam:ListGroupsForUser")]
    }

    async fn execute(
        input: &ListGroupsForUserRequest,
        found: &Permit<Found<UserEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListGroupsForUserResponse>, Fault> {
        let user = found.stored()?;
        let markers = context.markers(Self::NAME, user.id.as_str());
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let (groups, marker) = page::cut(page, groups::of_user(user, context).await?, list::marker_name);
        Ok(Outcome::read(ListGroupsForUserResponse {
            groups: groups.iter().map(|entry| show::group(&entry.group)).collect(),
            is_truncated: Some(marker.is_some()),
            marker,
        }))
    }
}
