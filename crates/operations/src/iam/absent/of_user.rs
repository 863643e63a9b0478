//! ListMFADevices, ListSigningCertificates, ListSSHPublicKeys, ListServiceSpecificCredentials: a user
//! has none of these.

use std::marker::PhantomData;

use trent_engine::{Audited, Context, Demand, Fault, Operation, Outcome, Permit};
use trent_model::iam::{
    ListMFADevicesRequest, ListMFADevicesResponse, ListSSHPublicKeysRequest, ListSSHPublicKeysResponse,
    ListServiceSpecificCredentialsRequest, ListServiceSpecificCredentialsResponse,
    ListSigningCertificatesRequest, ListSigningCertificatesResponse,
};
use trent_model::query::Call;

use crate::iam::shared::caller::{FoundOwner, OwnerTarget};

pub(crate) struct NoneOfUser<I>(PhantomData<fn() -> I>);

/// An input of one of these.
pub(crate) trait OfUser: Call {
    const NAME: &'static str;
    const ACTION: &'static str;
    fn user_name(&self) -> Option<&str>;
    fn nothing() -> Self::Answer;
}

macro_rules! of_user {
    ($($name:ident: $input:ident, $nothing:expr);+) => {$(
        impl OfUser for $input {
            const NAME: &'static str = stringify!($name);
            const ACTION: &'static str = concat!("iam:", stringify!($name));

            fn user_name(&self) -> Option<&str> {
                self.user_name.as_deref()
            }
            fn nothing() -> Self::Answer {
                $nothing
            }
        }
    )+};
}
of_user!(
    ListMFADevices: ListMFADevicesRequest, ListMFADevicesResponse {
        is_truncated: Some(false),
        mfa_devices: Vec::new(),
        marker: None
    };
    ListSigningCertificates: ListSigningCertificatesRequest, ListSigningCertificatesResponse {
        certificates: Vec::new(),
        is_truncated: Some(false),
        marker: None
    };
    ListSSHPublicKeys: ListSSHPublicKeysRequest, ListSSHPublicKeysResponse {
        is_truncated: Some(false),
        marker: None,
        ssh_public_keys: Some(Vec::new())
    };
    ListServiceSpecificCredentials: ListServiceSpecificCredentialsRequest,
        ListServiceSpecificCredentialsResponse {
            is_truncated: Some(false),
            marker: None,
            service_specific_credentials: Some(Vec::new())
        }
);

impl<I: OfUser> Operation for NoneOfUser<I> {
    const NAME: &'static str = I::NAME;
    const READ_ONLY: bool = true;
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

    async fn execute(_: &I, _: &Permit<FoundOwner>, _: &Context<'_>) -> Result<Outcome<I::Answer>, Fault> {
        Ok(Outcome::read(I::nothing()))
    }
}
