//! UpdateUser, UpdateGroup: another name, another path, or both.

use std::marker::PhantomData;

use trent_engine::{
    Audited, Changes, Context, Demand, Fault, NameEntry, Operation, Outcome, Permit, Resource, encode,
};
use trent_model::iam::{UpdateGroupRequest, UpdateUserRequest};

use crate::iam::shared::about::About;
use crate::iam::shared::entity::{Entity as _, Stored as _};
use crate::iam::shared::rename::{RenameTarget, Renamed};
use crate::iam::shared::update;

pub(crate) struct Rename<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait NewName: About<Answer = ()> {
    const NAME_MEMBER: &'static str;
    fn new_name(&self) -> Option<&str>;
    fn new_path(&self) -> Option<&str>;
}

macro_rules! new_name {
    ($($input:ident, $name:literal, $member:ident);+) => {$(
        impl NewName for $input {
            const NAME_MEMBER: &'static str = $name;

            fn new_name(&self) -> Option<&str> {
                self.$member.as_deref()
            }
            fn new_path(&self) -> Option<&str> {
                self.new_path.as_deref()
            }
        }
    )+};
}
new_name!(
    UpdateUserRequest, "NewUserName", new_user_name;
    UpdateGroupRequest, "NewGroupName", new_group_name
);

impl<I: NewName> Operation for Rename<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = false;
    const AUDITED: &'static [Audited] =
        &[I::MEMBER, Audited::member("NewPath"), Audited::member(I::NAME_MEMBER)];

    type Input = I;
    type Output = ();
    type Target = RenameTarget<I::Entry>;

    fn target(input: &I) -> Result<Self::Target, Fault> {
        let (name, path) = (input.new_name(), input.new_path());
        Ok(RenameTarget {
            entity: input.target(),
            name: name.map(str::to_owned),
            path: path.map(str::to_owned),
        })
    }

    /// It is allowed on what it is called now and on what it will be called, so that nobody is
    /// renamed out of, or into, what policies say of paths.
    fn demands<'a>(input: &'a I, renamed: &'a Renamed<I::Entry>) -> Vec<Demand<'a>> {
        let new = renamed.new.iter().map(|new| Demand::new(I::ACTION, Resource::Arn(&new.arn)));
        [input.demand(&renamed.found)].into_iter().chain(new).collect()
    }

    async fn execute(
        _: &I,
        renamed: &Permit<Renamed<I::Entry>>,
        _: &Context<'_>,
    ) -> Result<Outcome<()>, Fault> {
        let Renamed { found, new } = &**renamed;
        let mut changes = Changes::default();
        let Some(new) = new else { return Ok(Outcome::write((), changes)) };
        if !found.is_called(new) {
            new.require_free()?;
            found.unlist(&mut changes);
            let id = *found.entry()?.stored().id();
            changes.create(new.listing.clone(), encode(&NameEntry::of(id))?);
        }
        update::record(found, &mut changes, |stored| {
            stored.rename(new.name.clone());
            stored.refile(new.path.clone());
            Ok(())
        })?;
        Ok(Outcome::write((), changes))
    }
}
