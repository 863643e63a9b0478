//! DeleteUserPolicy, DeleteGroupPolicy, DeleteRolePolicy: takes an inline policy away.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{DeleteGroupPolicyRequest, DeleteRolePolicyRequest, DeleteUserPolicyRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Holder};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{fault, update};

pub(crate) struct DeletePolicy<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Delete: About<Answer = (), Entry: Entity<Stored: Holder>> {
    fn policy_name(&self) -> &str;
}

macro_rules! delete {
    ($($input:ident),+) => {$(
        impl Delete for $input {
            fn policy_name(&self) -> &str {
                &self.policy_name
            }
        }
    )+};
}
delete!(DeleteUserPolicyRequest, DeleteGroupPolicyRequest, DeleteRolePolicyRequest);

impl<I: Delete> Operation for DeletePolicy<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("PolicyName")];

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
        input: &I,
        found: &Permit<Found<I::Entry>>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let name = input.policy_name();
        let mut changes = Changes::default();
        update::record(found, &mut changes, |holder| {
            let removed = holder.policies_mut().inline.remove(name);
            removed.map(drop).ok_or_else(|| fault::no_such_inline::<<I::Entry as Entity>::Stored>(name))
        })?;
        Ok(Outcome::write((), changes))
    }
}
