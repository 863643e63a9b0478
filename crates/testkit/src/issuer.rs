//! Identity providers in this process: what they publish, and tokens of their making.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use trent_crypto::KeyPair;
use trent_domain::{KeySpec, MessageType, SigningAlgorithm};
use trent_engine::{FetchError, IdentityProviders};

use crate::trent::Failure;

/// What can be fetched, by URL.
#[derive(Default)]
pub struct Issuers {
    documents: Mutex<BTreeMap<String, String>>,
    fetches: AtomicUsize,
}

impl Issuers {
    /// Publishes what an issuer has to publish.
    pub fn publish(&self, issuer: &Issuer) {
        let jwks_uri = format!("{}/keys", issuer.url);
        let discovery = json!({ "issuer": issuer.url, "jwks_uri": jwks_uri });
        self.put(&format!("{}/.well-known/openid-configuration", issuer.url), &discovery.to_string());
        self.put(&jwks_uri, &issuer.keys().to_string());
    }

    /// Publishes a document.
    pub fn put(&self, url: &str, document: &str) {
        let mut documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        documents.insert(url.to_owned(), document.to_owned());
    }

    /// How often something was fetched so far.
    #[must_use]
    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl IdentityProviders for Issuers {
    fn admits(&self, url: &str) -> bool {
        url.starts_with("https://")
    }

    async fn fetch(&self, url: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        self.fetches.fetch_add(1, Ordering::SeqCst);
        let documents = self.documents.lock().unwrap_or_else(PoisonError::into_inner);
        let document = documents.get(url).filter(|document| document.len() <= most);
        document
            .map(|document| document.as_bytes().to_vec())
            .ok_or_else(|| FetchError::Unreachable("there is nothing there".to_owned()))
    }
}

/// An identity provider with one Ed25519 key.
pub struct Issuer {
    url: String,
    key: KeyPair,
}

impl Issuer {
    /// A provider at this URL, with a key of its own.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn new(url: &str) -> Result<Self, Failure> {
        Ok(Self { url: url.to_owned(), key: KeyPair::generate(KeySpec::EccNistEdwards25519)? })
    }

    /// Its key set.
    #[must_use]
    pub fn keys(&self) -> Value {
        let spki = self.key.public().spki();
        let raw = spki.split_at(spki.len().saturating_sub(32)).1;
        json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": URL_SAFE_NO_PAD.encode(raw) }] })
    }

    /// A signed token.
    ///
    /// # Errors
    /// When it cannot be signed.
    pub fn token(&self, claims: &Value) -> Result<String, Failure> {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "EdDSA", "kid": "1", "typ": "JWT" }));
        let message = format!("{header}.{}", part(claims));
        let signature =
            self.key.sign(SigningAlgorithm::Ed25519Sha512, MessageType::Raw, message.as_bytes())?;
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}
