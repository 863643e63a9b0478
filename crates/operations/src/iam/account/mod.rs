//! What can be asked about an account as a whole.

mod summary;

pub(crate) use summary::GetAccountSummary;
