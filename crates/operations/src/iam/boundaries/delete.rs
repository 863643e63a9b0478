//! DeleteUserPermissionsBoundary, DeleteRolePermissionsBoundary: its own policies alone count again.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{DeleteRolePermissionsBoundaryRequest, DeleteUserPermissionsBoundaryRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Bounded, Entity, Stored as _};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{fault, links, update};

pub(crate) struct DeleteBoundary<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Delete: About<Answer = (), Entry: Entity<Stored: Bounded>> {}

impl Delete for DeleteUserPermissionsBoundaryRequest {}
impl Delete for DeleteRolePermissionsBoundaryRequest {}

impl<I: Delete> Operation for DeleteBoundary<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER];

    type Input = I;
    type Output = ();
    type Target = Named<I::Entry>;

    fn target(input: &I) -> Result<Self::Target, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a I, found: &'a Found<I::Entry>) -> Vec<Demand<'a>> {
        vec![input.demand(found)]
    }

    async fn execute(
        _: &I,
        found: &Permit<Found<I::Entry>>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        let before = found.stored()?;
        update::record(found, &mut changes, |bounded| {
            let gone = bounded.boundary_mut().take();
            // The service's text is not published.
            gone.map(drop)
                .ok_or_else(|| fault::no_such(format!("{} has no permissions boundary.", before.arn())))
        })?;
        links::unbound(before, context, &mut changes).await?;
        Ok(Outcome::write((), changes))
    }
}
