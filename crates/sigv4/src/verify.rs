//! Holding credentials against the clock, the scope and the key.

use jiff::{SignedDuration, Timestamp};
use subtle::ConstantTimeEq as _;

use crate::canonical::{Canonical, hex_sha256};
use crate::parse::{Scope, SignedRequest};
use crate::{AuthError, SigningKey, TERMINATOR, time};

/// Proof that a request was signed with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified(());

impl SignedRequest<'_> {
    /// The access key the request says it was signed with.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The scope it says it was signed for.
    #[must_use]
    pub fn scope(&self) -> Scope<'_> {
        Scope { date: &self.date, region: &self.region, service: &self.service, terminator: &self.terminator }
    }

    /// The session token, if there is one; it is among the signed headers or parameters.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Whether the signature is in the query.
    #[must_use]
    pub const fn is_presigned(&self) -> bool {
        self.expires.is_some()
    }

    /// Whether the request is of now, give or take `skew`; a presigned one lives as long as it says.
    ///
    /// # Errors
    /// When it is too old or of the future.
    pub fn check_time(&self, now: Timestamp, skew: SignedDuration) -> Result<(), AuthError> {
        let minutes = u64::try_from(skew.as_mins()).unwrap_or_default();
        let (request, text) = (self.time_text.clone(), time::basic(now));
        let latest = now.saturating_add(skew).unwrap_or(now);
        if self.time > latest {
            let limit = time::basic(latest);
            return Err(AuthError::NotYetCurrent { request, limit, now: text, minutes });
        }
        if let Some(seconds) = self.expires {
            let end =
                self.time.saturating_add(SignedDuration::from_secs(seconds.into())).unwrap_or(self.time);
            let over = now > end;
            return if over {
                Err(AuthError::PresignedExpired { now: text, limit: time::basic(end) })
            } else {
                Ok(())
            };
        }
        let earliest = now.saturating_sub(skew).unwrap_or(now);
        if self.time < earliest {
            let limit = time::basic(earliest);
            return Err(AuthError::Expired { request, limit, now: text, minutes });
        }
        Ok(())
    }

    /// Whether the scope is one of this service, in a Region it knows, of the request's own day.
    ///
    /// # Errors
    /// All that is wrong with it, in one message.
    pub fn check_scope(&self, region_known: impl Fn(&str) -> bool, service: &str) -> Result<(), AuthError> {
        let Scope { date, region, service: named, terminator } = self.scope();
        let mut wrong = Vec::new();
        if !region_known(region) {
            wrong.push(format!("Credential should be scoped to a valid region, not '{region}'. "));
        }
        if named != service {
            wrong.push(format!("Credential should be scoped to correct service: '{service}'. "));
        }
        if terminator != TERMINATOR {
            wrong.push(format!(
                "Credential should be scoped with a valid terminator: '{TERMINATOR}', not '{terminator}'. "
            ));
        }
        let day = self.time_text.get(..8).unwrap_or_default();
        if date != day {
            wrong.push(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{date}' \
                 != '{day}', from '{}'.",
                self.time_text
            ));
        }
        if wrong.is_empty() { Ok(()) } else { Err(AuthError::Scope(wrong.concat().trim_end().to_owned())) }
    }

    /// Whether the signature is the one that `key` makes.
    ///
    /// # Errors
    /// [`AuthError::Mismatch`], also when the payload is not the one that was declared.
    pub fn verify(self, key: &SigningKey) -> Result<Verified, AuthError> {
        let hash = hex_sha256(self.parts.body);
        let declared = self.parts.headers.get("x-amz-content-sha256");
        // Unsigned and streamed payloads are constructs of another service.
        let consistent = declared.is_none_or(|declared| declared.as_bytes() == hash.as_bytes());
        let expected = key.sign(&self.string_to_sign(&hash));
        let equal = bool::from(expected.as_bytes().ct_eq(self.signature.as_bytes()));
        if equal && consistent { Ok(Verified(())) } else { Err(AuthError::Mismatch) }
    }

    fn string_to_sign(&self, payload_hash: &str) -> String {
        let signed: Vec<&str> = self.signed_headers.split(';').collect();
        let query: Vec<_> =
            self.query.iter().filter(|(name, _)| **name != *b"X-Amz-Signature").cloned().collect();
        let canonical = Canonical {
            method: self.parts.method,
            path: self.parts.path,
            query: &query,
            headers: self.parts.headers,
            authority: self.parts.authority,
            signed: &signed,
            payload_hash,
        };
        canonical.string_to_sign(&self.time_text, &self.scope())
    }
}
