//! UntagUser, UntagRole: removes tags.

use std::marker::PhantomData;

use trent_engine::{Audited, Changes, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{UntagRoleRequest, UntagUserRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity, Tagged};
use crate::iam::shared::named::{Found, Named};
use crate::iam::shared::{tags, update};

pub(crate) struct UntagEntity<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait Untag: About<Answer = (), Entry: Entity<Stored: Tagged>> {
    fn keys(&self) -> &[String];
}

macro_rules! untag {
    ($($input:ident),+) => {$(
        impl Untag for $input {
            fn keys(&self) -> &[String] {
                &self.tag_keys
            }
        }
    )+};
}
untag!(UntagUserRequest, UntagRoleRequest);

impl<I: Untag> Operation for UntagEntity<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] = &[I::MEMBER, Audited::member("TagKeys")];

    type Input = I;
    type Output = ();
    type Target = Named<I::Entry>;

    fn target(input: &I) -> Result<Self::Target, Fault> {
        Ok(input.target())
    }

    fn demands<'a>(input: &'a I, found: &'a Found<I::Entry>) -> Vec<Demand<'a>> {
        vec![input.demand(found).request_tags(tags::named(input.keys()))]
    }

    async fn execute(
        input: &I,
        found: &Permit<Found<I::Entry>>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let mut changes = Changes::default();
        update::record(found, &mut changes, |stored| tags::remove(stored.tags_mut(), input.keys()))?;
        Ok(Outcome::write((), changes))
    }
}
