//! DeleteGroup: a group goes when nobody is in it and nothing hangs on it any more.

use trent_domain::PathRange;
use trent_engine::{Audited, Changes, Context, Demand, Fault, GroupEntry, Operation, Outcome, Permit};
use trent_model::iam::DeleteGroupRequest;

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{delete, fault, links};

pub(crate) struct DeleteGroup;

impl Operation for DeleteGroup {
    const NAME: &'static str = "DeleteGroup";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("GroupName")];

    type Input = DeleteGroupRequest;
    type Output = ();
    type Target = Named<GroupEntry>;

    fn target(input: &DeleteGroupRequest) -> Result<Self::Target, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a DeleteGroupRequest, group: &'a Found<GroupEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(group)]
    }

    async fn execute(
        _: &DeleteGroupRequest,
        found: &Permit<Found<GroupEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let group = found.stored()?;
        let members = PathRange::members(group.account, &group.id);
        if !links::suffixes(members, context).await?.is_empty() {
            return Err(fault::conflict("Cannot delete entity, must remove users from group first."));
        }
        let mut changes = Changes::default();
        delete::holder(found, &mut changes)?;
        Ok(Outcome::write((), changes))
    }
}
