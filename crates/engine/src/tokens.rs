//! Grant tokens: opaque texts that name a grant.
//!
//! A token is sealed with the store's keys, so that none can be made up, and carries a nonce, so that
//! no two are alike. It proves nothing: grants count at once here, with or without their tokens, so
//! all that is left to do with one is to see that it is one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use trent_domain::{AccountId, Grant, GrantId, KeyArn, KeyId, Path, Region};

use crate::grants::GrantEntry;
use crate::{Fault, Records};

/// No record lies here, so no sealed record passes as a token, nor a token as a record.
const PLACE: &str = "/token/grant";
const VERSION: u64 = 1;

/// What a token names.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantToken {
    account: AccountId,
    region: Region,
    key: KeyId,
    grant: GrantId,
}

impl GrantToken {
    /// A new token of a grant.
    ///
    /// # Errors
    /// When the random source fails.
    pub fn make(records: &Records, grant: &Grant) -> Result<String, Fault> {
        let Grant { account, region, key, id, .. } = grant;
        let named = Self { account: *account, region: region.clone(), key: *key, grant: *id };
        let text = serde_json::to_vec(&named).map_err(|error| Fault::Internal(error.to_string()))?;
        Ok(URL_SAFE_NO_PAD.encode(records.keyring().seal(PLACE, VERSION, &text)?))
    }

    /// What a token names, in the Region of the request.
    ///
    /// # Errors
    /// [`Fault::InvalidGrantToken`] unless it was made here.
    pub fn read(records: &Records, region: &Region, token: &str) -> Result<Self, Fault> {
        let sealed = URL_SAFE_NO_PAD.decode(token).map_err(|_| Fault::InvalidGrantToken)?;
        let text = records.keyring().open_record(PLACE, VERSION, &sealed);
        let text = text.map_err(|_| Fault::InvalidGrantToken)?;
        let named: Self = serde_json::from_slice(text.expose()).map_err(|_| Fault::InvalidGrantToken)?;
        if named.region == *region { Ok(named) } else { Err(Fault::InvalidGrantToken) }
    }

    /// The key of the grant.
    #[must_use]
    pub fn key(&self) -> KeyArn {
        KeyArn { region: self.region.clone(), account: self.account, id: self.key }
    }

    /// The grant.
    #[must_use]
    pub const fn grant(&self) -> &GrantId {
        &self.grant
    }
}

/// Refuses tokens that name no grant. One that names a grant on another key, or for somebody else, is
/// passed over: whether the service refuses those is not published.
pub(crate) async fn verify(records: &Records, region: &Region, tokens: &[String]) -> Result<(), Fault> {
    for token in tokens {
        let named = GrantToken::read(records, region, token)?;
        let path = Path::grant(&named.key(), named.grant());
        records.get::<GrantEntry>(&path).await?.ok_or(Fault::InvalidGrantToken)?;
    }
    Ok(())
}
