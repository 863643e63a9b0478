//! Tokens of identity providers: signed JSON Web Tokens (RFC 7519), and the key sets (RFC 7517) that
//! they are verified with.
//!
//! What a token says is handed out by [`UnverifiedWebToken::verify`] and by nothing else, save its
//! issuer, which tells whose keys to ask for. Signatures are asymmetric ones only: with a shared
//! secret, whoever knows the public key could sign. No time is read here, and whom a token is for is
//! not known: both are left to the caller.

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Why a token or a key set is not believed. Nothing of either is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebTokenError {
    /// Not a token in compact form that is signed with an algorithm of those that are taken.
    #[error("the token is not a signed JSON Web Token")]
    Malformed,
    /// A claim that every token must have is not there.
    #[error("the token has no claim `{0}`")]
    MissingClaim(&'static str),
    /// A claim is not of the type it must be of.
    #[error("the token's claim `{0}` is not what it must be")]
    InvalidClaim(&'static str),
    /// The key set has no key for the token, or several where the token does not name one.
    #[error("no key is known for the token")]
    UnknownKey,
    /// The signature is not one of the token by the key.
    #[error("the token's signature is wrong")]
    Signature,
    /// Not a key set, one without any key that can be used, or one with too many.
    #[error("the keys are not a key set that can be used")]
    KeySet,
}

/// The most keys of one kind in a set, as the service has it.
const MOST_KEYS: usize = 100;

/// The public keys of an identity provider.
#[derive(Debug)]
pub struct WebKeySet(Vec<WebKey>);

/// A key, and what it is good for.
#[derive(Debug)]
struct WebKey {
    id: Option<String>,
    algorithms: &'static [Algorithm],
    /// The one algorithm that the provider uses it with, if it says so.
    only: Option<KeyAlgorithm>,
    key: DecodingKey,
}

impl WebKeySet {
    /// Reads a key set. Keys that are not understood, or are for something else, are passed over, as
    /// RFC 7517 §5 asks.
    ///
    /// # Errors
    /// [`WebTokenError::KeySet`].
    pub fn parse(document: &[u8]) -> Result<Self, WebTokenError> {
        #[derive(Deserialize)]
        struct Document {
            keys: Vec<Value>,
        }
        let document: Document = serde_json::from_slice(document).map_err(|_| WebTokenError::KeySet)?;
        let keys: Vec<WebKey> = document.keys.into_iter().filter_map(WebKey::read).collect();
        let most = |algorithms| keys.iter().filter(|key| key.algorithms == algorithms).count() <= MOST_KEYS;
        let fits = [RSA, P256, P384, ED25519].into_iter().all(most);
        if keys.is_empty() || !fits { Err(WebTokenError::KeySet) } else { Ok(Self(keys)) }
    }

    /// Whether there is a key for this token.
    #[must_use]
    pub fn has_key_of(&self, token: &UnverifiedWebToken<'_>) -> bool {
        self.key_of(token).is_some()
    }

    /// The key that the token names. One that names none can only mean the one there is (OpenID
    /// Connect Core §10.1).
    fn key_of(&self, token: &UnverifiedWebToken<'_>) -> Option<&WebKey> {
        let mut suitable = self.0.iter().filter(|key| key.suits(token.algorithm));
        match &token.key_id {
            Some(id) => suitable.find(|key| key.id.as_ref() == Some(id)),
            None => suitable.next().filter(|_| suitable.next().is_none()),
        }
    }
}

const RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];
const P256: &[Algorithm] = &[Algorithm::ES256];
const P384: &[Algorithm] = &[Algorithm::ES384];
const ED25519: &[Algorithm] = &[Algorithm::EdDSA];

impl WebKey {
    fn read(value: Value) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        let algorithms = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => RSA,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => P256,
            AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P384 => P384,
            AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => ED25519,
            // Shared secrets among them.
            _ => return None,
        };
        let common = &jwk.common;
        let signs = common.public_key_use.as_ref().is_none_or(|purpose| *purpose == PublicKeyUse::Signature);
        let verify = |operations: &Vec<_>| operations.contains(&KeyOperations::Verify);
        if !signs || !common.key_operations.as_ref().is_none_or(verify) {
            return None;
        }
        let key = DecodingKey::from_jwk(&jwk).ok()?;
        Some(Self { id: jwk.common.key_id, algorithms, only: jwk.common.key_algorithm, key })
    }

    fn suits(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
            && self.only.is_none_or(|only| only == KeyAlgorithm::from(algorithm))
    }
}

/// A token of which nothing is believed yet.
#[derive(Debug)]
pub struct UnverifiedWebToken<'a> {
    token: &'a str,
    algorithm: Algorithm,
    key_id: Option<String>,
    issuer: String,
}

impl<'a> UnverifiedWebToken<'a> {
    /// Takes a token apart.
    ///
    /// # Errors
    /// When it is malformed, is signed in a way that is not taken, or does not name its issuer.
    pub fn parse(token: &'a str) -> Result<Self, WebTokenError> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| WebTokenError::Malformed)?;
        if ![RSA, P256, P384, ED25519].iter().any(|known| known.contains(&header.alg)) {
            return Err(WebTokenError::Malformed);
        }
        let claims: Map<String, Value> =
            jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| WebTokenError::Malformed)?;
        let issuer = text(&claims, "iss")?;
        Ok(Self { token, algorithm: header.alg, key_id: header.kid, issuer })
    }

    /// Who it says to be from.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// What the token says, if it is signed with one of these keys.
    ///
    /// # Errors
    /// [`WebTokenError`].
    pub fn verify(&self, keys: &WebKeySet) -> Result<WebTokenClaims, WebTokenError> {
        let key = keys.key_of(self).ok_or(WebTokenError::UnknownKey)?;
        let mut validation = Validation::new(self.algorithm);
        validation.required_spec_claims.clear();
        // By our own clock, and the records of the provider.
        validation.validate_exp = false;
        validation.validate_nbf = false;
        validation.validate_aud = false;
        let token = jsonwebtoken::decode(self.token, &key.key, &validation);
        let token = token.map_err(|error| match error.kind() {
            ErrorKind::InvalidSignature => WebTokenError::Signature,
            _ => WebTokenError::Malformed,
        })?;
        WebTokenClaims::read(token.claims)
    }
}

/// What a token says, its signature verified. Whether it is still valid, and for whom, is to be
/// judged by it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebTokenClaims {
    /// `iss`: who made it.
    pub issuer: String,
    /// `sub`: whom it is about.
    pub subject: String,
    /// `aud`: whom it is for; at least one.
    pub audience: Vec<String>,
    /// `azp`: whom it was given to.
    pub authorized_party: Option<String>,
    /// `exp`: when it ends, in seconds of the epoch.
    pub expires: i64,
    /// `iat`: when it was made.
    pub issued: i64,
    /// `nbf`: when it begins.
    pub not_before: Option<i64>,
    /// All of its claims.
    pub all: Map<String, Value>,
}

impl WebTokenClaims {
    fn read(all: Map<String, Value>) -> Result<Self, WebTokenError> {
        Ok(Self {
            issuer: text(&all, "iss")?,
            subject: text(&all, "sub")?,
            audience: audience(&all)?,
            authorized_party: member(&all, "azp").map(|_| text(&all, "azp")).transpose()?,
            expires: seconds(&all, "exp")?,
            issued: seconds(&all, "iat")?,
            not_before: member(&all, "nbf").map(|_| seconds(&all, "nbf")).transpose()?,
            all,
        })
    }
}

/// A claim; null is as good as none.
fn member<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Option<&'a Value> {
    claims.get(name).filter(|value| !value.is_null())
}

fn required<'a>(claims: &'a Map<String, Value>, name: &'static str) -> Result<&'a Value, WebTokenError> {
    member(claims, name).ok_or(WebTokenError::MissingClaim(name))
}

fn text(claims: &Map<String, Value>, name: &'static str) -> Result<String, WebTokenError> {
    match required(claims, name)?.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(WebTokenError::InvalidClaim(name)),
    }
}

/// Whole seconds, as the service demands.
fn seconds(claims: &Map<String, Value>, name: &'static str) -> Result<i64, WebTokenError> {
    required(claims, name)?.as_i64().ok_or(WebTokenError::InvalidClaim(name))
}

fn audience(claims: &Map<String, Value>) -> Result<Vec<String>, WebTokenError> {
    const NAME: &str = "aud";
    let Value::Array(several) = required(claims, NAME)? else { return Ok(vec![text(claims, NAME)?]) };
    let texts: Option<Vec<String>> = several.iter().map(|one| one.as_str().map(str::to_owned)).collect();
    texts.filter(|texts| !texts.is_empty()).ok_or(WebTokenError::InvalidClaim(NAME))
}

#[cfg(test)]
mod tests;
