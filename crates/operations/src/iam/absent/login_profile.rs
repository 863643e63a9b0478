//! GetLoginProfile, DeleteLoginProfile: nobody has a password.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{DeleteLoginProfileRequest, GetLoginProfileRequest};
use trent_model::query::Call;

use crate::iam::shared::caller::{FoundOwner, OwnerTarget};
use crate::iam::shared::fault;

pub(crate) struct LoginProfile<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait OfLoginProfile: Call {
    const NAME: &'static str;
    const ACTION: &'static str;
    const READ_ONLY: bool;
    fn user_name(&self) -> Option<&str>;
}

macro_rules! of_login_profile {
    ($($name:ident: $input:ident, $read_only:literal);+) => {$(
        impl OfLoginProfile for $input {
            const NAME: &'static str = stringify!($name);
            const ACTION: &'static str = concat!("iam:", stringify!($name));
            const READ_ONLY: bool = $read_only;

            fn user_name(&self) -> Option<&str> {
                self.user_name.as_deref()
            }
        }
    )+};
}
of_login_profile!(GetLoginProfile: GetLoginProfileRequest, true; DeleteLoginProfile: DeleteLoginProfileRequest, false);

impl<I: OfLoginProfile> Operation for LoginProfile<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = I::READ_ONLY;
    const AUDITED: &'static [Audited] = &[Audited::member("UserName")];

    type Input = I;
    type Output = I::Answer;
    type Target = OwnerTarget;

    fn target(input: &I) -> Result<OwnerTarget, Fault> {
        Ok(OwnerTarget::new(input.user_name()))
    }

    fn demands<'a>(_: &'a I, owner: &'a FoundOwner) -> Vec<Demand<'a>> {
        vec![owner.demand(I::ACTION)]
    }

    async fn execute(
        _: &I,
        owner: &Permit<FoundOwner>,
        _: &Context<'_>,
    ) -> Result<Outcome<I::Answer>, Fault> {
        let name = owner.user_name()?.unwrap_or_default();
        Err(fault::no_such(format!("Login Profile for User {name} cannot be found.")))
    }
}
