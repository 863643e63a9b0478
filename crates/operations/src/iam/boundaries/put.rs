//! PutUserPermissionsBoundary, PutRolePermissionsBoundary: bounds what a user or role may do.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{PutRolePermissionsBoundaryRequest, PutUserPermissionsBoundaryRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Bounded, Entity};
use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{links, update};

pub(crate) struct PutBoundary<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Put: About<Answer = (), Entry: Entity<Stored: Bounded>> {
    fn boundary(&self) -> &str;
}

macro_rules! put {
    ($($input:ident),+) => {$(
        impl Put for $input {
            fn boundary(&self) -> &str {
                &self.permissions_boundary
            }
        }
    )+};
}
put!(PutUserPermissionsBoundaryRequest, PutRolePermissionsBoundaryRequest);

impl<I: Put> Operation for PutBoundary<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("PermissionsBoundary")];

    type Input = I;
    type Output = ();
    type Target = (Named<I::Entry>, PolicyTarget);

    fn target(input: &I) -> Result<Self::Target, Fault> {
        Ok((input.target(), PolicyTarget::to_bound(input.boundary())?))
    }

    /// The boundary that counts is the one to be set.
    fn demands<'a>(_: &'a I, (bounded, policy): &'a (Found<I::Entry>, FoundPolicy)) -> Vec<Demand<'a>> {
        vec![bounded.demand(I::ACTION).fact("iam:permissionsboundary", policy.arn.as_str())]
    }

    async fn execute(
        _: &I,
        permit: &Permit<(Found<I::Entry>, FoundPolicy)>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (bounded, policy) = (&permit.0, permit.1.managed()?);
        let mut changes = Changes::default();
        update::record(bounded, &mut changes, |bounded| {
            *bounded.boundary_mut() = Some(policy.arn().to_owned());
            Ok(())
        })?;
        if !changes.is_empty() {
            let before = bounded.stored()?;
            links::unbound(before, context, &mut changes).await?;
            links::bound(policy, before, &mut changes)?;
        }
        Ok(Outcome::write((), changes))
    }
}
