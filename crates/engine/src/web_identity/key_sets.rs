//! The keys of identity providers, fetched when they are needed and kept for a while.
//!
//! Keys are used for an hour and then fetched again, so that a key that its provider withdraws is
//! soon no longer believed. While that fails, they go on being used for a day: builds do not stand
//! still because a provider is away. A token that names an unknown key has the keys fetched, too, but
//! not more often than every ten seconds, however many such tokens come. Requests that need the same
//! keys wait for one fetch; those whose key is known do not wait.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use serde::Deserialize;
use trent_crypto::{UnverifiedWebToken, WebKeySet};

use super::{FetchError, IdentityProviders, no_key};
use crate::{Clock, Fault};

/// How long keys are used before they are fetched again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long they are used at most.
const USABLE: Duration = Duration::from_secs(24 * 3600);
/// How long a provider is left alone after it was asked.
const PAUSE: Duration = Duration::from_secs(10);
/// Of how many providers keys are kept.
const PROVIDERS: usize = 1000;

/// The largest discovery document that is read.
const MOST_DISCOVERY: usize = 64 << 10;
/// The largest key set that is read.
const MOST_KEYS: usize = 256 << 10;

/// Where a provider says where its keys are (OpenID Connect Discovery §4).
const DISCOVERY: &str = "/.well-known/openid-configuration";

/// The key sets of providers, by issuer.
pub(crate) struct KeySets {
    source: Arc<dyn IdentityProviders>,
    clock: Arc<dyn Clock>,
    slots: Cache<String, Arc<Slot>>,
}

/// What there is of one provider.
#[derive(Default)]
struct Slot {
    known: Mutex<Known>,
    /// Whose turn it is to ask the provider.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Clone, Default)]
struct Known {
    /// Its keys, and when they were fetched.
    keys: Option<(Arc<WebKeySet>, Duration)>,
    /// When it was asked last, and whether it could be reached.
    asked: Option<(Duration, bool)>,
}

impl Known {
    /// The keys, if they are younger than `age` and the token's is among them.
    fn keys_of(
        &self,
        token: &UnverifiedWebToken<'_>,
        now: Duration,
        age: Duration,
    ) -> Option<Arc<WebKeySet>> {
        let (keys, fetched) = self.keys.as_ref()?;
        let current = now.saturating_sub(*fetched) < age && keys.has_key_of(token);
        current.then(|| Arc::clone(keys))
    }

    fn is_paused(&self, now: Duration) -> bool {
        self.asked.is_some_and(|(asked, _)| now.saturating_sub(asked) < PAUSE)
    }
}

impl Slot {
    fn known(&self) -> Known {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, now: Duration, fetched: Result<WebKeySet, FetchError>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.asked = Some((now, !matches!(fetched, Err(FetchError::Unreachable(_)))));
        if let Ok(keys) = fetched {
            known.keys = Some((Arc::new(keys), now));
        }
    }
}

impl KeySets {
    pub(crate) fn new(source: Arc<dyn IdentityProviders>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, slots: Cache::new(PROVIDERS) }
    }

    /// A key set of the token's issuer that has the token's key. The issuer is one of a provider
    /// that somebody registered.
    ///
    /// # Errors
    /// When there is none: `IDPCommunicationError`, which clients try again after, if the provider
    /// could not be reached, else `InvalidIdentityToken`.
    pub(crate) async fn with_key_of(&self, token: &UnverifiedWebToken<'_>) -> Result<Arc<WebKeySet>, Fault> {
        let issuer = token.issuer();
        let slot = self.slot(issuer);
        let (known, now) = (slot.known(), self.clock.monotonic());
        if let Some(keys) = known.keys_of(token, now, FRESH) {
            return Ok(keys);
        }
        let _turn = match (slot.turn.try_lock(), known.keys_of(token, now, USABLE)) {
            (Ok(turn), _) => turn,
            (Err(_), Some(keys)) => return Ok(keys),
            (Err(_), None) => slot.turn.lock().await,
        };
        // Whoever had the turn before may have fetched what is needed.
        let (known, now) = (slot.known(), self.clock.monotonic());
        if known.keys_of(token, now, FRESH).is_none() && !known.is_paused(now) {
            let fetched = self.fetch(issuer).await;
            if let Err(error) = &fetched {
                tracing::warn!(issuer, %error, "the keys of an identity provider could not be fetched");
            }
            slot.note(self.clock.monotonic(), fetched);
        }
        let (known, now) = (slot.known(), self.clock.monotonic());
        known.keys_of(token, now, USABLE).ok_or_else(|| match known.asked {
            Some((_, false)) => unreachable_provider(),
            _ => no_key(),
        })
    }

    fn slot(&self, issuer: &str) -> Arc<Slot> {
        if let Some(slot) = self.slots.get(issuer) {
            return slot;
        }
        let made: Result<_, std::convert::Infallible> =
            self.slots.get_or_insert_with(issuer, || Ok(Arc::default()));
        made.unwrap_or_default()
    }

    /// Asks a provider for its keys.
    async fn fetch(&self, issuer: &str) -> Result<WebKeySet, FetchError> {
        #[derive(Deserialize)]
        struct Discovery {
            issuer: String,
            jwks_uri: String,
        }
        let unusable = |reason: &str| FetchError::Unusable(reason.to_owned());
        let url = format!("{}{DISCOVERY}", issuer.strip_suffix('/').unwrap_or(issuer));
        let discovery = self.source.fetch(&url, MOST_DISCOVERY).await?;
        let discovery: Discovery = serde_json::from_slice(&discovery)
            .map_err(|_| unusable("it is no discovery document with an issuer and a jwks_uri"))?;
        if discovery.issuer != issuer {
            return Err(unusable("its discovery document names another issuer"));
        }
        if !self.source.admits(&discovery.jwks_uri) {
            return Err(unusable("its jwks_uri is not an https URL"));
        }
        let keys = self.source.fetch(&discovery.jwks_uri, MOST_KEYS).await?;
        WebKeySet::parse(&keys).map_err(|error| FetchError::Unusable(error.to_string()))
    }
}

fn unreachable_provider() -> Fault {
    // The service's text is not published.
    Fault::named("IDPCommunicationError", 400, "The identity provider could not be reached. Try again later.")
}

#[cfg(test)]
mod tests;
