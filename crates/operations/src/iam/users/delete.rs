//! DeleteUser: a user goes when nothing hangs on it any more.

use trent_domain::{Owner, PathRange};
use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit, UserEntry};
use trent_model::iam::DeleteUserRequest;

use crate::iam::shared::about::About;
use crate::iam::shared::named::{Found, UserTarget};
use crate::iam::shared::{delete, fault, links};

pub(crate) struct DeleteUser;

impl Operation for DeleteUser {
    const NAME: &'static str = "DeleteUser";
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[Audited::member("UserName")];

    type Input = DeleteUserRequest;
    type Output = ();
    type Target = UserTarget;

    fn target(input: &DeleteUserRequest) -> Result<UserTarget, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a DeleteUserRequest, user: &'a Found<UserEntry>) -> Vec<Demand<'a>> {
        vec![input.demand(user)]
    }

    async fn execute(
        _: &DeleteUserRequest,
        found: &Permit<Found<UserEntry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let user = found.stored()?;
        let keys = PathRange::access_keys(&Owner::user(user.account, user.id));
        if !links::suffixes(keys, context).await?.is_empty() {
            return Err(fault::conflict("Cannot delete entity, must delete access keys first."));
        }
        if !user.groups.is_empty() {
            return Err(fault::conflict("Cannot delete entity, must remove users from group first."));
        }
        let mut changes = Changes::default();
        delete::holder(found, &mut changes)?;
        links::unbound(user, context, &mut changes).await?;
        Ok(Outcome::write((), changes))
    }
}
