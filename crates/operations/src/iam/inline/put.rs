//! PutUserPolicy, PutGroupPolicy, PutRolePolicy: sets one inline policy.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{PutGroupPolicyRequest, PutRolePolicyRequest, PutUserPolicyRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Holder};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{policy, update};

pub(crate) struct PutPolicy<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Put: About<Answer = (), Entry: Entity<Stored: Holder>> {
    fn policy_name(&self) -> &str;
    fn document(&self) -> &str;
}

macro_rules! put {
    ($($input:ident),+) => {$(
        impl Put for $input {
            fn policy_name(&self) -> &str {
                &self.policy_name
            }
            fn document(&self) -> &str {
                &self.policy_document
            }
        }
    )+};
}
put!(PutUserPolicyRequest, PutGroupPolicyRequest, PutRolePolicyRequest);

impl<I: Put> Operation for PutPolicy<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[I::MEMBER, Audited::member("PolicyName"), Audited::member("PolicyDocument")];

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
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        policy::check_identity(input.document(), context)?;
        let mut changes = Changes::default();
        update::record(found, &mut changes, |holder| {
            let (name, document) = (input.policy_name().to_owned(), input.document().to_owned());
            holder.policies_mut().inline.insert(name, document);
            policy::check_inline_size(holder)
        })?;
        Ok(Outcome::write((), changes))
    }
}
