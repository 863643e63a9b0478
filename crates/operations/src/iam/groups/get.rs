//! GetGroup: a group and the users in it, by name.

use std::sync::Arc;

use trent_domain::{Group, Path, PathRange};
use trent_engine::{Audited, Context, Demand, Fault, GroupEntry, Operation, Outcome, Permit, UserEntry};
use trent_model::iam::{GetGroupRequest, GetGroupResponse};

use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{links, list, page, show};

pub(crate) struct GetGroup;

impl Operation for GetGroup {
    const NAME: &'static str = "GetGroup";
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[Audited::member("GroupName"), Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = GetGroupRequest;
    type Output = GetGroupResponse;
    type Target = Named<GroupEntry>;

    fn target(input: &GetGroupRequest) -> Result<Self::Target, Fault> {
        Ok(Named::new(&input.group_name))
    }

    fn demands<'a>(_: &'a GetGroupRequest, group: &'a Found<GroupEntry>) -> Vec<Demand<'a>> {
        vec![group.demand("iam:GetGroup")]
    }

    async fn execute(
        input: &GetGroupRequest,
        found: &Permit<Found<GroupEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<GetGroupResponse>, Fault> {
        let group = found.stored()?;
        let markers = context.markers(Self::NAME, group.id.as_str());
        let page = page::new(input.max_items, input.marker.as_deref(), markers)?;
        let (users, marker) = page::cut(page, members(group, context).await?, list::marker_name);
        Ok(Outcome::read(GetGroupResponse {
            group: show::group(group),
            users: users.iter().map(|entry| show::listed_user(&entry.user)).collect(),
            is_truncated: Some(marker.is_some()),
            marker,
        }))
    }
}

/// The users of a group, by name.
async fn members(group: &Group, context: &Context<'_>) -> Result<Vec<Arc<UserEntry>>, Fault> {
    let mut users = Vec::new();
    for id in links::suffixes(PathRange::members(group.account, &group.id), context).await? {
        let Ok(id) = id.parse() else { continue };
        users.extend(context.records.get::<UserEntry>(&Path::entity(group.account, &id)).await?);
    }
    users.sort_by_cached_key(list::marker_name);
    Ok(users)
}
