//! The organization, as records and policies know it.

use trent_domain::{Account, Organization, PathRange};

use super::AccountEntry;
use crate::{Records, StoreError};

/// The condition keys that only an organization gives a value to.
const KEYS: [&str; 4] =
    ["aws:principalorgid", "aws:principalorgpaths", "aws:resourceorgid", "aws:resourceorgpaths"];

/// Whether a policy asks for the organization.
pub(crate) fn asked_for(document: &trent_policy::Document) -> bool {
    KEYS.iter().any(|key| document.asks_for(key))
}

/// Every account, in the order of their numbers.
///
/// # Errors
/// When records cannot be read.
pub async fn accounts(records: &Records) -> Result<Vec<Account>, StoreError> {
    const BATCH: usize = 500;
    let mut range = PathRange::accounts();
    let mut found = Vec::new();
    loop {
        let batch = records.scan::<AccountEntry>(&range, BATCH).await?;
        let whole = batch.len() == BATCH;
        found.extend(batch.into_iter().map(|(_, entry)| entry.account));
        match found.last() {
            Some(last) if whole => range = range.after(&last.id.to_string()),
            _ => return Ok(found),
        }
    }
}

/// The organization; none in a store whose first account has no record.
///
/// # Errors
/// When records cannot be read.
pub(crate) async fn find(records: &Records) -> Result<Option<Organization>, StoreError> {
    let manages = |account: &Account| account.management;
    let first = accounts(records).await?.into_iter().find(manages);
    Ok(first.map(|account| Organization { management: account.id }))
}
