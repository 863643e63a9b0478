//! DetachUserPolicy, DetachGroupPolicy, DetachRolePolicy: takes a managed policy away.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};

use super::NamesPolicy;
use crate::iam::shared::entity::Holder;
use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{fault, links, update};

pub(crate) struct DetachPolicy<I>(PhantomData<fn() -> I>);

impl<I: NamesPolicy> Operation for DetachPolicy<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("PolicyArn")];

    type Input = I;
    type Output = ();
    type Target = (Named<I::Entry>, PolicyTarget);

    fn target(input: &I) -> Result<Self::Target, Fault> {
        Ok((input.target(), PolicyTarget::new(input.arn())?))
    }

    fn demands<'a>(input: &'a I, (holder, policy): &'a (Found<I::Entry>, FoundPolicy)) -> Vec<Demand<'a>> {
        vec![input.demand(holder).fact("iam:policyarn", policy.arn.as_str())]
    }

    async fn execute(
        _: &I,
        permit: &Permit<(Found<I::Entry>, FoundPolicy)>,
        context: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (holder, policy) = (&permit.0, permit.1.managed()?);
        let mut changes = Changes::default();
        update::record(holder, &mut changes, |holder| {
            holder.policies_mut().attached.retain(|known| known != policy.arn());
            Ok(())
        })?;
        if changes.is_empty() {
            return Err(fault::no_such_policy(policy.arn()));
        }
        links::detach(policy, holder.stored()?, context, &mut changes).await?;
        Ok(Outcome::write((), changes))
    }
}
