//! AddUserToGroup: what the group may do, the user may do from now on.

use trent_domain::Path;
use trent_engine::{
    Audited, Changes, Context, Demand, Fault, GroupEntry, Operation, Outcome, Permit, UserEntry,
};
use trent_model::iam::AddUserToGroupRequest;

use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{fault, links, update};

/// How many groups a user may be in.
const MOST: usize = 10;

pub(crate) struct AddUserToGroup;

impl Operation for AddUserToGroup {
    const NAME: &'static str = "AddUserToGroup";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("GroupName"), Audited::member("UserName")];

    type Input = AddUserToGroupRequest;
    type Output = ();
    type Target = (Named<GroupEntry>, Named<UserEntry>);

    fn target(input: &AddUserToGroupRequest) -> Result<Self::Target, Fault> {
        Ok((Named::new(&input.group_name), Named::new(&input.user_name)))
    }

    fn demands<'a>(
        _: &'a AddUserToGroupRequest,
        (group, _): &'a (Found<GroupEntry>, Found<UserEntry>),
    ) -> Vec<Demand<'a>> {
        vec![group.demand("iam:AddUserToGroup")]
    }

    async fn execute(
        _: &AddUserToGroupRequest,
        permit: &Permit<(Found<GroupEntry>, Found<UserEntry>)>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (found, user) = &**permit;
        let group = found.stored()?;
        let mut changes = Changes::default();
        update::record(user, &mut changes, |user| {
            user.groups.insert(group.id);
            if user.groups.len() > MOST { Err(fault::quota("GroupsPerUser", MOST)) } else { Ok(()) }
        })?;
        if !changes.is_empty() {
            // The group must not be deleted meanwhile.
            update::touch(&**found.entry()?, &mut changes)?;
            links::list(Path::member(group.account, &group.id, &user.stored()?.id), &mut changes)?;
        }
        Ok(Outcome::write((), changes))
    }
}
