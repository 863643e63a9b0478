//! The stages of a verification, each a type that only the one before it makes.
//!
//! ```text
//! parse ─▶ Unverified ─ check_time ─▶ Timely ─ check_scope ─▶ Scoped ─ verify ─▶ Verified
//! ```
//! Only [`Scoped`] shows the scope that a signing key is derived from, so that no key is derived,
//! or kept, for a day or Region that is nobody's.

use std::borrow::Cow;

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::canonical::{Canonical, Hex, hex_sha256};
use crate::parse::{Proof, Scope};
use crate::{AuthError, SigningKey, TERMINATOR, time};

/// A request with credentials of the right form. Nothing is believed yet.
pub struct Unverified<'a>(pub(crate) Proof<'a>);

/// A request of now. Nothing else is believed yet.
pub struct Timely<'a>(Proof<'a>);

/// A request of now to this service and Region. Who sent it is not proven yet.
pub struct Scoped<'a> {
    proof: Proof<'a>,
    credential: [Cow<'a, str>; 5],
}

/// Proof that a request was signed with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified(());

impl<'a> Unverified<'a> {
    /// The access key the request says it was signed with, for the audit trail of refusals.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.0.credential.split('/').next().unwrap_or_default()
    }

    /// Whether the request is of now, give or take `skew`; a presigned one lives as long as it says.
    ///
    /// # Errors
    /// When it is too old or of the future.
    pub fn check_time(self, now: Timestamp, skew: SignedDuration) -> Result<Timely<'a>, AuthError> {
        let proof = self.0;
        let minutes = u64::try_from(skew.as_mins()).unwrap_or_default();
        let texts = |limit| (proof.time_text.to_string(), time::basic(limit), time::basic(now));
        let latest = now.saturating_add(skew).unwrap_or(now);
        if proof.time > latest {
            let (request, limit, now) = texts(latest);
            return Err(AuthError::NotYetCurrent { request, limit, now, minutes });
        }
        if let Some(seconds) = proof.expires {
            let lifetime = SignedDuration::from_secs(seconds.into());
            let end = proof.time.saturating_add(lifetime).unwrap_or(proof.time);
            if now <= end {
                return Ok(Timely(proof));
            }
            let (_, limit, now) = texts(end);
            return Err(AuthError::PresignedExpired { now, limit });
        }
        let earliest = now.saturating_sub(skew).unwrap_or(now);
        if proof.time < earliest {
            let (request, limit, now) = texts(earliest);
            return Err(AuthError::Expired { request, limit, now, minutes });
        }
        Ok(Timely(proof))
    }
}

impl<'a> Timely<'a> {
    /// Whether the scope is one of this service, in a Region it knows, of the request's own day.
    ///
    /// # Errors
    /// When the credential has no scope, or all that is wrong with it, in one message.
    pub fn check_scope(
        self,
        region_known: impl Fn(&str) -> bool,
        service: &str,
    ) -> Result<Scoped<'a>, AuthError> {
        let credential = five(&self.0.credential)?;
        let scoped = Scoped { proof: self.0, credential };
        let Scope { date, region, service: named, terminator } = scoped.scope();
        let time = &scoped.proof.time_text;
        let mut wrong = Vec::new();
        if !region_known(region) {
            wrong.push(format!("Credential should be scoped to a valid region, not '{region}'."));
        }
        if named != service {
            wrong.push(format!("Credential should be scoped to correct service: '{service}'."));
        }
        if terminator != TERMINATOR {
            wrong.push(format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'."
            ));
        }
        let day = time.get(..8).unwrap_or_default();
        if date != day {
            wrong.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' \
                 != '{day}', from '{time}'."
            ));
        }
        if wrong.is_empty() { Ok(scoped) } else { Err(AuthError::Scope(wrong.join(" "))) }
    }
}

impl Scoped<'_> {
    /// The access key the request says it was signed with.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        let [access_key_id, ..] = &self.credential;
        access_key_id
    }

    /// The scope of its signing key.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        let [_, date, region, service, terminator] = &self.credential;
        Scope { date, region, service, terminator }
    }

    /// The session token, if there is one; it is among the signed headers or parameters.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.proof.token.as_deref()
    }

    /// Whether the signature is the one that `key` makes.
    ///
    /// # Errors
    /// [`AuthError::Mismatch`], also when the payload is not the one that was declared, or a header
    /// that was signed is not there.
    pub fn verify(self, key: &SigningKey) -> Result<Verified, AuthError> {
        let hash = hex_sha256(self.proof.parts.body);
        let declared = self.proof.parts.headers.get("x-amz-content-sha256");
        // Unsigned and streamed payloads are constructs of another service.
        let declared = declared.is_none_or(|declared| declared.as_bytes() == hash);
        let canonical = self.canonical(&hash);
        let expected = key.sign(&canonical.string_to_sign(&self.proof.time_text, &self.scope()));
        let equal = bool::from(expected.ct_eq(self.proof.signature.as_bytes()));
        if equal && declared && canonical.is_complete() { Ok(Verified(())) } else { Err(AuthError::Mismatch) }
    }

    pub(crate) fn canonical<'a>(&'a self, payload_hash: &'a Hex) -> Canonical<'a> {
        let proof = &self.proof;
        Canonical {
            method: proof.parts.method,
            path: proof.parts.path,
            query: &proof.query,
            headers: proof.parts.headers,
            authority: proof.parts.authority,
            signed: &proof.signed_headers,
            payload_hash,
        }
    }
}

/// The five parts of a credential.
fn five<'a>(credential: &Cow<'a, str>) -> Result<[Cow<'a, str>; 5], AuthError> {
    match credential {
        Cow::Borrowed(text) => split(text).map(|parts| parts.map(Cow::Borrowed)),
        Cow::Owned(text) => split(text).map(|parts| parts.map(|part| Cow::Owned(part.to_owned()))),
    }
}

fn split(credential: &str) -> Result<[&str; 5], AuthError> {
    let mut parts = credential.split('/');
    let five = [(); 5].map(|()| parts.next());
    let ([Some(id), Some(date), Some(region), Some(service), Some(terminator)], None) = (five, parts.next())
    else {
        return Err(AuthError::Credential(credential.to_owned()));
    };
    Ok([id, date, region, service, terminator])
}
