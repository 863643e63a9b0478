//! ListUserPolicies, ListGroupPolicies, ListRolePolicies: the names of inline policies.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{
    ListGroupPoliciesRequest, ListGroupPoliciesResponse, ListRolePoliciesRequest, ListRolePoliciesResponse,
    ListUserPoliciesRequest, ListUserPoliciesResponse,
};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Holder};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::page;

pub(crate) struct ListPolicies<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait List: About<Entry: Entity<Stored: Holder>> {
    fn page(&self) -> (Option<i32>, Option<&str>);
    fn answer(names: Vec<String>, marker: Option<String>) -> Self::Answer;
}

macro_rules! list {
    ($($input:ident, $output:ident);+) => {$(
        impl List for $input {
            fn page(&self) -> (Option<i32>, Option<&str>) {
                (self.max_items, self.marker.as_deref())
            }
            fn answer(policy_names: Vec<String>, marker: Option<String>) -> $output {
                $output { is_truncated: Some(marker.is_some()), marker, policy_names }
            }
        }
    )+};
}
list!(
    ListUserPoliciesRequest, ListUserPoliciesResponse;
    ListGroupPoliciesRequest, ListGroupPoliciesResponse;
    ListRolePoliciesRequest, ListRolePoliciesResponse
);

impl<I: List> Operation for ListPolicies<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("Marker"), Audited::member("MaxItems")];

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
        context: &Context<'_>,
    ) -> Result<Outcome<I::Answer>, Fault> {
        let (max_items, marker) = input.page();
        let page = page::new(max_items, marker, context.markers(I::NAME, &found.arn))?;
        let names = found.stored()?.policies().inline.keys().cloned();
        let (names, marker) = page::cut(page, names, Clone::clone);
        Ok(Outcome::read(I::answer(names, marker)))
    }
}
