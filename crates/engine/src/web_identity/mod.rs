//! Those who come with the token of an identity provider and no signature: who they are, and how that
//! is found out.
//!
//! ```text
//! token ── issuer ──▶ provider of the account ── its keys, cached ──▶ signature, times, audience
//! ```
//! Nothing is asked of an issuer that no account has registered.

mod conditions;
mod key_sets;
mod providers;

use std::sync::Arc;

use jiff::Timestamp;
use trent_crypto::{UnverifiedWebToken, WebTokenClaims, WebTokenError};
use trent_domain::{AccountId, Path, Principal, PrincipalKind};

use crate::identity::ProviderEntry;
use crate::{Clock, Fault, Records};
pub use conditions::FederationKeys;
use key_sets::KeySets;
pub use providers::{FetchError, IdentityProviders};

/// How far a provider's clock may be ahead of ours. For how long a token lives it says itself, and
/// that is kept to the second.
const SKEW: i64 = 60;

/// Somebody whom an identity provider vouches for.
#[derive(Debug)]
pub struct WebIdentity {
    /// As a principal of the provider's account.
    pub principal: Principal,
    /// The ARN of the provider.
    pub provider: String,
    /// Which audience of the provider the token is for.
    pub audience: String,
    /// What the token says.
    pub claims: WebTokenClaims,
    /// What of that policies may ask for.
    pub keys: FederationKeys,
}

/// Verifies tokens of identity providers.
pub(crate) struct WebIdentities {
    source: Arc<dyn IdentityProviders>,
    key_sets: KeySets,
}

impl WebIdentities {
    pub(crate) fn new(source: Arc<dyn IdentityProviders>, clock: Arc<dyn Clock>) -> Self {
        Self { key_sets: KeySets::new(Arc::clone(&source), clock), source }
    }

    /// Whom `token` is about, if a provider of `account` made it for one of the provider's
    /// audiences.
    ///
    /// # Errors
    /// `InvalidIdentityToken`, `ExpiredTokenException`, `IDPCommunicationError`.
    pub(crate) async fn identify(
        &self,
        token: &str,
        account: AccountId,
        records: &Records,
        wall: Timestamp,
    ) -> Result<WebIdentity, Fault> {
        let unverified = UnverifiedWebToken::parse(token).map_err(refused)?;
        let issuer = unverified.issuer();
        self.provider(issuer, account, records).await?;
        let keys = self.key_sets.with_key_of(&unverified).await?;
        let claims = unverified.verify(&keys).map_err(refused)?;
        require_current(&claims, wall.as_second())?;
        // It may have been changed, or be gone, since its keys were asked for.
        let entry = self.provider(issuer, account, records).await?;
        let audience = audience(&claims, &entry.provider.client_ids)
            .ok_or_else(|| invalid("Incorrect token audience"))?
            .to_owned();
        let provider = entry.provider.arn();
        let kind = PrincipalKind::WebIdentity {
            provider: provider.clone(),
            audience: audience.clone(),
            subject: claims.subject.clone(),
        };
        let keys = FederationKeys::of(&entry.provider.url, &audience, &claims);
        Ok(WebIdentity { principal: Principal { account, kind }, provider, audience, claims, keys })
    }

    /// The provider of `account` that `issuer` is the URL of.
    async fn provider(
        &self,
        issuer: &str,
        account: AccountId,
        records: &Records,
    ) -> Result<Arc<ProviderEntry>, Fault> {
        let found = match issuer.split_once("://") {
            Some((_, url)) if self.source.admits(issuer) => {
                records.get::<ProviderEntry>(&Path::provider(account, url)).await?
            }
            _ => None,
        };
        found.ok_or_else(|| invalid(format!("No OpenIDConnect provider found in your account for {issuer}")))
    }
}

/// A token that is not believed.
fn invalid(message: impl Into<String>) -> Fault {
    Fault::named("InvalidIdentityToken", 400, message)
}

/// The service's texts, where they are known.
fn refused(error: WebTokenError) -> Fault {
    match error {
        WebTokenError::Malformed => invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)",
        ),
        WebTokenError::MissingClaim(name) => invalid(format!("Missing a required claim: {name}")),
        WebTokenError::InvalidClaim(name) => invalid(format!("Invalid claim: {name}")),
        WebTokenError::Signature => invalid("Token signature invalid"),
        WebTokenError::UnknownKey | WebTokenError::KeySet => no_key(),
    }
}

fn no_key() -> Fault {
    invalid(
        "Couldn't retrieve verification key from your identity provider,  please reference \
         AssumeRoleWithWebIdentity documentation for requirements",
    )
}

fn require_current(claims: &WebTokenClaims, now: i64) -> Result<(), Fault> {
    let WebTokenClaims { expires, issued, not_before, .. } = claims;
    if now >= *expires {
        let message = format!(
            "Token expired: current date/time {now} must be before the expiration date/time {expires}"
        );
        return Err(Fault::named("ExpiredTokenException", 400, message));
    }
    let begins = (*issued).max(not_before.unwrap_or(*issued));
    if begins > now.saturating_add(SKEW) {
        // The service's text is not published.
        return Err(invalid(format!(
            "Token not yet valid: current date/time {now} must not be before {begins}"
        )));
    }
    Ok(())
}

/// The audience of the provider that a token is for. Where a token names the party it was given to,
/// that counts instead, as it does for the service.
fn audience<'a>(claims: &'a WebTokenClaims, known: &[String]) -> Option<&'a String> {
    let named = match &claims.authorized_party {
        Some(party) => std::slice::from_ref(party),
        None => &claims.audience,
    };
    named.iter().find(|audience| known.contains(audience))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(edit: impl FnOnce(&mut WebTokenClaims)) -> WebTokenClaims {
        let mut claims = WebTokenClaims {
            issuer: "https://i.example".to_owned(),
            subject: "s".to_owned(),
            audience: vec!["a".to_owned(), "b".to_owned()],
            authorized_party: None,
            expires: 2000,
            issued: 1000,
            not_before: None,
            all: serde_json::Map::new(),
        };
        edit(&mut claims);
        claims
    }

    fn verdict(claims: &WebTokenClaims, now: i64) -> Option<&'static str> {
        require_current(claims, now).err().map(|fault| fault.wire().code)
    }

    #[test]
    fn a_token_has_its_time() {
        let token = claims(|_| {});
        assert_eq!(verdict(&token, 1000), None);
        assert_eq!(verdict(&token, 1999), None);
        assert_eq!(verdict(&token, 2000), Some("ExpiredTokenException"));
        assert_eq!(verdict(&token, 1000 - SKEW), None);
        assert_eq!(verdict(&token, 999 - SKEW), Some("InvalidIdentityToken"));
        let later = claims(|claims| claims.not_before = Some(1500));
        assert_eq!(verdict(&later, 1500 - SKEW), None);
        assert_eq!(verdict(&later, 1499 - SKEW), Some("InvalidIdentityToken"));
        let endless = claims(|claims| (claims.issued, claims.expires) = (i64::MIN, i64::MAX));
        assert_eq!(verdict(&endless, 0), None);
        assert_eq!(verdict(&claims(|claims| claims.issued = i64::MAX), 0), Some("InvalidIdentityToken"));
    }

    #[test]
    fn an_expired_token_is_told_in_the_services_words() {
        let error = require_current(&claims(|_| {}), 2001).unwrap_err().wire();
        assert_eq!(
            error.message.unwrap(),
            "Token expired: current date/time 2001 must be before the expiration date/time 2000"
        );
        assert_eq!(error.status, 400);
    }

    #[test]
    fn the_party_a_token_was_given_to_counts_before_its_audience() {
        let known = ["b".to_owned(), "c".to_owned()];
        assert_eq!(audience(&claims(|_| {}), &known).unwrap(), "b");
        let given_to = |party: &str| claims(|claims| claims.authorized_party = Some(party.to_owned()));
        assert_eq!(audience(&given_to("c"), &known).unwrap(), "c");
        assert_eq!(audience(&given_to("a"), &known), None);
        assert_eq!(audience(&claims(|_| {}), &[]), None);
    }
}
