//! AttachUserPolicy, AttachGroupPolicy, AttachRolePolicy: gives a managed policy.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};

use super::NamesPolicy;
use crate::iam::shared::entity::{Entity, Holder};
use crate::iam::shared::managed::{FoundPolicy, PolicyTarget};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{fault, links, update};

/// How many managed policies one may have.
const MOST: usize = 10;

pub(crate) struct AttachPolicy<I>(PhantomData<fn() -> I>);

impl<I: NamesPolicy> Operation for AttachPolicy<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("PolicyArn")];

    type Input = I;
    type Output = ();
    type Target = (Named<I::Entry>, PolicyTarget);

    fn target(input: &I) -> Result<Self::Target, Fault> {
        Ok((input.target(), PolicyTarget::to_attach(input.arn())?))
    }

    fn demands<'a>(input: &'a I, (holder, policy): &'a (Found<I::Entry>, FoundPolicy)) -> Vec<Demand<'a>> {
        vec![input.demand(holder).fact("iam:policyarn", policy.arn.as_str())]
    }

    async fn execute(
        _: &I,
        permit: &Permit<(Found<I::Entry>, FoundPolicy)>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let (holder, policy) = (&permit.0, permit.1.managed()?);
        let mut changes = Changes::default();
        update::record(holder, &mut changes, |holder| {
            let attached = &mut holder.policies_mut().attached;
            if !attached.iter().any(|known| known == policy.arn()) {
                attached.push(policy.arn().to_owned());
            }
            if attached.len() > MOST {
                return Err(fault::quota(<I::Entry as Entity>::Stored::ATTACHED_QUOTA, MOST));
            }
            Ok(())
        })?;
        if !changes.is_empty() {
            links::attach(policy, holder.stored()?, &mut changes)?;
        }
        Ok(Outcome::write((), changes))
    }
}
