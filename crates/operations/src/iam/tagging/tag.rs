//! TagUser, TagRole: sets tags.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{self, TagRoleRequest, TagUserRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Tagged};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{tags, update};

pub(crate) struct TagEntity<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Tag: About<Answer = (), Entry: Entity<Stored: Tagged>> {
    fn tags(&self) -> &[iam::Tag];
}

macro_rules! tag {
    ($($input:ident),+) => {$(
        impl Tag for $input {
            fn tags(&self) -> &[iam::Tag] {
                &self.tags
            }
        }
    )+};
}
tag!(TagUserRequest, TagRoleRequest);

impl<I: Tag> Operation for TagEntity<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("Tags")];

    type Input = I;
    type Output = ();
    type Target = Named<I::Entry>;

    fn target(input: &I) -> Result<Self::Target, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a I, found: &'a Found<I::Entry>) -> Vec<Demand<'a>> {
        vec![input.demand(found).request_tags(tags::requested(input.tags()))]
    }

    async fn execute(
        input: &I,
        found: &Permit<Found<I::Entry>>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        update::record(found, &mut changes, |stored| tags::set(stored.tags_mut(), input.tags()))?;
        Ok(Outcome::write((), changes))
    }
}
