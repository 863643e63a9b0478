//! RemoveUserFromGroup: what the group may do, the user may do no longer.

use trent_domain::Path;
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, GroupEntry, Operation, Outcome, Permit, UserEntry,
};
use trent_model::iam::RemoveUserFromGroupRequest;

use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{links, update};

pub(crate) struct RemoveUserFromGroup;

impl Operation for RemoveUserFromGroup {
    const NAME: &'static str = "RemoveUserFromGroup";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("GroupName"), Audited::member("UserName")];

    type Input = RemoveUserFromGroupRequest;
    type Output = ();
    type Target = (Named<GroupEntry>, Named<UserEntry>);

    fn target(input: &RemoveUserFromGroupRequest) -> Result<Self::Target, Fault> {
        Ok((Named::new(&input.group_name), Named::new(&input.user_name)))
    }

    fn demands<'a>(
        _: &'a RemoveUserFromGroupRequest,
        (group, _): &'a (Found<GroupEntry>, Found<UserEntry>),
    ) -> Vec<Demand<'a>> {
        vec![group.demand("iam:RemoveUserFromGroup")]
    }

    async fn execute(
        _: &RemoveUserFromGroupRequest,
        permit: &Permit<(Found<GroupEntry>, Found<UserEntry>)>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (group, user) = (permit.0.stored()?, &permit.1);
        let mut changes = Changes::default();
        // Removing somebody who is not in the group succeeds, as it does at the service.
        update::record(user, &mut changes, |user| {
            user.groups.remove(&group.id);
            Ok(())
        })?;
        if !changes.is_empty() {
            let listing = Path::member(group.account, &group.id, &user.stored()?.id);
            links::unlist(listing, context, &mut changes).await?;
        }
        Ok(Outcome::write((), changes))
    }
}
