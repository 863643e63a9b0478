//! ListVirtualMFADevices, ListAccountAliases: an account has none of these.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit, Resource};
use trent_model::iam::{
    ListAccountAliasesRequest, ListAccountAliasesResponse, ListVirtualMFADevicesRequest,
    ListVirtualMFADevicesResponse,
};
use trent_model::query::Call;

pub(crate) struct NoneOfAccount<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait OfAccount: Call {
    const NAME: &'static str;
    const ACTION: &'static str;
    fn nothing() -> Self::Answer;
}

impl OfAccount for ListVirtualMFADevicesRequest {
    const NAME: &'static str = "ListVirtualMFADevices";
    const ACTION: &'static str = "iam:ListVirtualMFADevices";

    fn nothing() -> ListVirtualMFADevicesResponse {
        ListVirtualMFADevicesResponse {
            is_truncated: Some(false),
            marker: None,
            virtual_mfa_devices: Vec::new(),
        }
    }
}

impl OfAccount for ListAccountAliasesRequest {
    const NAME: &'static str = "ListAccountAliases";
    const ACTION: &'static str = "iam:ListAccountAliases";

    fn nothing() -> ListAccountAliasesResponse {
        ListAccountAliasesResponse { account_aliases: Vec::new(), is_truncated: Some(false), marker: None }
    }
}

impl<I: OfAccount> Operation for NoneOfAccount<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = true;
    const AUDITED: &'static [Audited] = &[Audited::member("Marker"), Audited::member("MaxItems")];

    type Input = I;
    type Output = I::Answer;
    type Target = ();

    fn target(_: &I) -> Result<(), Fault> {
        Ok(())
    }

    fn demands<'a>(_: &'a I, (): &'a ()) -> Vec<Demand<'a>> {
        vec![Demand::new(I::ACTION, Resource::Any)]
    }

    async fn execute(_: &I, _: &Permit<()>, _: &Context<'_>) -> Result<Outcome<I::Answer>, Fault> {
        Ok(Outcome::read(I::nothing()))
    }
}
