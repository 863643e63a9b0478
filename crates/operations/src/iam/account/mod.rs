//! What can be asked about an account as a whole.

mod authorization_details;
mod summary;

pub(crate) use authorization_details::GetAccountAuthorizationDetails;
pub(crate) use summary::GetAccountSummary;
