//! OpenID Connect providers.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AccountId, PARTITION, Tags};

/// The stored record of an OpenID Connect provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// The account it belongs to.
    pub account: AccountId,
    /// Its URL without the scheme, which is always https.
    pub url: String,
    /// The audiences its tokens may have.
    pub client_ids: Vec<String>,
    /// SHA-1 hashes of its certificates, 40 hexadecimal digits each.
    pub thumbprints: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// Its tags.
    pub tags: Tags,
}

impl OidcProvider {
    /// Its ARN.
    #[must_use]
    pub fn arn(&self) -> String {
        format!("arn:{PARTITION}:iam::{}:oidc-provider/{}", self.account, self.url)
    }
}
