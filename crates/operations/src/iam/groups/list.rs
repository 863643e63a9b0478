//! ListGroups: the groups of the account, by name.

use trent_engine::{Audited, Context, Demand, Fault, GroupEntry, Operation, Outcome, Permit};
use trent_model::iam::{ListGroupsRequest, ListGroupsResponse};

use crate::iam::shared::list::{ListTarget, Listed};
use crate::iam::shared::{list, page, show};

pub(crate) struct ListGroups;

impl Operation for ListGroups {
    const NAME: &'static str = "ListGroups";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("PathPrefix"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = ListGroupsRequest;
    type Output = ListGroupsResponse;
    type Target = ListTarget<GroupEntry>;

    fn target(input: &ListGroupsRequest) -> Result<Self::Target, Fault> {
        Ok(ListTarget::new(input.path_prefix.as_deref()))
    }

    fn demands<'a>(_: &'a ListGroupsRequest, listed: &'a Listed) -> Vec<Demand<'a>> {
        vec![listed.demand("iam:ListGroups")]
    }

    async fn execute(
        input: &ListGroupsRequest,
        _: &Permit<Listed>,
        context: &Context<'_>,
    ) -> Result<Outcome<ListGroupsResponse>, Fault> {
        let prefix = input.path_prefix.as_deref();
        let markers = context.markers(Self::NAME, prefix.unwrap_or_default());
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let found = list::under::<GroupEntry>(&page, prefix, context).await?;
        let (groups, marker) = page.cut(found, list::marker_name);
        Ok(Outcome::read(ListGroupsResponse {
            groups: groups.iter().map(|entry| show::group(&entry.group)).collect(),
            is_truncated: Some(marker.is_some()),
            marker,
        }))
    }
}
