//! Targets: OpenID Connect providers, by ARN or by the URL of a new one.

use std::sync::Arc;

use trent_domain::{AccountId, Arn, OidcProvider, PARTITION, Path};
use trent_engine::{
    Changes, Demand, Fault, LoadedKey, Place, ProviderEntry, Resource, Subject, Target, encode,
};

use super::fault;

/// The most characters of a URL, its scheme counted.
const URL_CHARS: usize = 255;
/// The most audiences of a provider.
const CLIENT_IDS: usize = 100;
/// The most thumbprints of a provider.
const THUMBPRINTS: usize = 5;

/// A provider by ARN.
pub(crate) struct ProviderTarget(String);

impl ProviderTarget {
    /// The provider with this ARN.
    pub(crate) fn by_arn(arn: &str) -> Self {
        Self(arn.to_owned())
    }
}

/// A provider that is to be made.
pub(crate) struct NewProvider(String);

impl NewProvider {
    /// The provider at this URL. A slash at its end is part of its name, as it is of the issuer's
    /// that its tokens are to have.
    ///
    /// # Errors
    /// `InvalidInput` when that is no https URL of a host and a path.
    pub(crate) fn new(url: &str) -> Result<Self, Fault> {
        let place = url.strip_prefix("https://").filter(|_| url.len() <= URL_CHARS);
        let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~/:%".contains(&b);
        match place {
            Some(place) if !place.is_empty() && !place.starts_with('/') && place.bytes().all(legal) => {
                Ok(Self(place.to_owned()))
            }
            _ => Err(fault::invalid_input("Invalid Open ID Connect Provider URL")),
        }
    }
}

/// A provider that was looked for.
pub(crate) struct FoundProvider {
    /// Its ARN.
    pub(crate) arn: String,
    /// Its URL, without the scheme.
    pub(crate) url: String,
    account: AccountId,
    /// What is in memory of it, if it exists.
    pub(crate) known: Option<Arc<ProviderEntry>>,
}

impl FoundProvider {
    /// What is in memory of it.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub(crate) fn entry(&self) -> Result<&ProviderEntry, Fault> {
        let missing = || fault::no_such(format!("OpenIDConnect Provider not found for arn {}", self.arn));
        self.known.as_deref().ok_or_else(missing)
    }

    /// Where its record lies.
    pub(crate) fn path(&self) -> Path {
        Path::provider(self.account, &self.url)
    }

    /// The demand for `action` on it.
    pub(crate) fn demand(&self, action: &'static str) -> Demand<'_> {
        let demand = Demand::new(action, Resource::Arn(&self.arn));
        match &self.known {
            Some(entry) => demand.resource_tags(&entry.provider.tags),
            None => demand,
        }
    }

    /// Changes its record.
    ///
    /// # Errors
    /// Those of `change`, limits, and `NoSuchEntity`.
    pub(crate) fn change(
        &self,
        changes: &mut Changes,
        change: impl FnOnce(&mut OidcProvider) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let entry = self.entry()?;
        let mut provider = entry.provider.clone();
        change(&mut provider)?;
        check(&provider)?;
        if provider != entry.provider {
            changes.replace(self.path(), entry.version, encode(&provider)?);
        }
        Ok(())
    }

    async fn load(url: &str, arn: Option<&str>, place: &Place<'_>) -> Result<Self, Fault> {
        let account = place.account();
        let own = format!("arn:{PARTITION}:iam::{account}:oidc-provider/{url}");
        let is_own = arn.is_none_or(|arn| arn == own);
        let path = Path::provider(account, url);
        let known = if is_own { place.records.get::<ProviderEntry>(&path).await? } else { None };
        Ok(Self { arn: arn.map_or(own, str::to_owned), url: url.to_owned(), account, known })
    }
}

/// Holds a provider against its limits.
///
/// # Errors
/// `LimitExceeded`, or `InvalidInput`.
pub(crate) fn check(provider: &OidcProvider) -> Result<(), Fault> {
    if provider.client_ids.len() > CLIENT_IDS {
        return Err(fault::quota("ClientIdsPerOpenIdConnectProvider", CLIENT_IDS));
    }
    if provider.thumbprints.len() > THUMBPRINTS {
        return Err(fault::invalid_input("Thumbprint list must contain no more than 5 entries."));
    }
    if !provider.thumbprints.iter().all(|print| print.bytes().all(|b| b.is_ascii_hexdigit())) {
        return Err(fault::invalid_input("Thumbprints must be 40 hexadecimal digits."));
    }
    Ok(())
}

impl Target for ProviderTarget {
    type Loaded = FoundProvider;

    async fn load(&self, place: &Place<'_>) -> Result<FoundProvider, Fault> {
        let url = Arn::parse(&self.0).ok().and_then(|arn| arn.resource.strip_prefix("oidc-provider/"));
        let url = url.ok_or_else(|| Fault::validation(format!("Invalid ARN: {}", self.0)))?;
        FoundProvider::load(url, Some(&self.0), place).await
    }
}

impl Target for NewProvider {
    type Loaded = FoundProvider;

    async fn load(&self, place: &Place<'_>) -> Result<FoundProvider, Fault> {
        FoundProvider::load(&self.0, None, place).await
    }
}

impl Subject for FoundProvider {
    fn keys<'a>(&'a self, _: &mut dyn FnMut(&'a LoadedKey)) {}

    fn require(&self, changes: &mut Changes) {
        changes.require(self.path(), self.known.as_ref().map_or(0, |entry| entry.version));
    }
}
