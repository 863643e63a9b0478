//! ListAttachedUserPolicies, ListAttachedGroupPolicies, ListAttachedRolePolicies: managed policies, by
//! name.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{
    AttachedPolicy, ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse,
    ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse, ListAttachedUserPoliciesRequest,
    ListAttachedUserPoliciesResponse,
};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Holder};
use crate::iam::shared::managed::{self, Managed, marker_name};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::page;

pub(crate) struct ListAttachedPolicies<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait List: About<Entry: Entity<Stored: Holder>> {
    fn page(&self) -> (Option<i32>, Option<&str>);
    fn prefix(&self) -> Option<&str>;
    fn answer(policies: Vec<AttachedPolicy>, marker: Option<String>) -> Self::Answer;
}

macro_rules! list {
    ($($input:ident, $output:ident);+) => {$(
        impl List for $input {
            fn page(&self) -> (Option<i32>, Option<&str>) {
                (self.max_items, self.marker.as_deref())
            }
            fn prefix(&self) -> Option<&str> {
                self.path_prefix.as_deref()
            }
            fn answer(policies: Vec<AttachedPolicy>, marker: Option<String>) -> $output {
                $output { attached_policies: Some(policies), is_truncated: Some(marker.is_some()), marker }
            }
        }
    )+};
}
list!(
    ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse;
    ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse;
    ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse
);

impl<I: List> Operation for ListAttachedPolicies<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] =
        &[I::MEMBER, Audited::member("PathPrefix"), Audited::member("Marker"), Audited::member("MaxItems")];

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
        let prefix = input.prefix().unwrap_or("/");
        let markers = context.markers(I::NAME, &format!("{}\n{prefix}", found.arn));
        let page = page::new(max_items, marker, markers)?;
        let mut policies = managed::held(found.stored()?.policies(), context).await?;
        policies.retain(|policy| policy.path().as_str().starts_with(prefix));
        let (policies, marker) = page::cut(page, policies, marker_name);
        Ok(Outcome::read(I::answer(policies.iter().map(Managed::as_attached).collect(), marker)))
    }
}
