//! ListUserTags, ListRoleTags: tags, oldest first.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{
    ListRoleTagsRequest, ListRoleTagsResponse, ListUserTagsRequest, ListUserTagsResponse, Tag,
};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Stored as _, Tagged};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{page, tags};

pub(crate) struct ListTags<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait List: About<Entry: Entity<Stored: Tagged>> {
    fn page(&self) -> (Option<i32>, Option<&str>);
    fn answer(tags: Vec<Tag>, marker: Option<String>) -> Self::Answer;
}

macro_rules! list {
    ($($input:ident, $output:ident);+) => {$(
        impl List for $input {
            fn page(&self) -> (Option<i32>, Option<&str>) {
                (self.max_items, self.marker.as_deref())
            }
            fn answer(tags: Vec<Tag>, marker: Option<String>) -> $output {
                $output { is_truncated: Some(marker.is_some()), marker, tags }
            }
        }
    )+};
}
list!(ListUserTagsRequest, ListUserTagsResponse; ListRoleTagsRequest, ListRoleTagsResponse);

impl<I: List> Operation for ListTags<I> {
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
        let (tags, marker) = tags::cut(page, found.entry()?.stored().tags());
        Ok(Outcome::read(I::answer(tags, marker)))
    }
}
