//! GetUserPolicy, GetGroupPolicy, GetRolePolicy: the text of one inline policy.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{
    GetGroupPolicyRequest, GetGroupPolicyResponse, GetRolePolicyRequest, GetRolePolicyResponse,
    GetUserPolicyRequest, GetUserPolicyResponse,
};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Holder, Stored as _};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{fault, policy};

pub(crate) struct GetPolicy<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Get: About<Entry: Entity<Stored: Holder>> {
    fn policy_name(&self) -> &str;
    fn answer(holder: String, policy_name: String, document: String) -> Self::Answer;
}

macro_rules! get {
    ($($input:ident, $output:ident, $member:ident);+) => {$(
        impl Get for $input {
            fn policy_name(&self) -> &str {
                &self.policy_name
            }
            fn answer($member: String, policy_name: String, policy_document: String) -> $output {
                $output { $member, policy_name, policy_document }
            }
        }
    )+};
}
get!(
    GetUserPolicyRequest, GetUserPolicyResponse, user_name;
    GetGroupPolicyRequest, GetGroupPolicyResponse, group_name;
    GetRolePolicyRequest, GetRolePolicyResponse, role_name
);

impl<I: Get> Operation for GetPolicy<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("PolicyName")];

    type Input = I;
    type Output = I::Answer;
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
    ) -> Result<Outcome<I::Answer>, Fault> {
        let (holder, name) = (found.stored()?, input.policy_name());
        let text = holder.policies().inline.get(name);
        let text = text.ok_or_else(|| fault::no_such_inline::<<I::Entry as Entity>::Stored>(name))?;
        Ok(Outcome::read(I::answer(holder.name().to_string(), name.to_owned(), policy::shown(text))))
    }
}
