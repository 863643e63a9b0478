//! Parsed policies, shared by all that have the same text.

use std::sync::Arc;

use quick_cache::sync::Cache;
use trent_policy::{Document, DocumentKind, PolicyError};

/// How many distinct policy texts of each kind are kept parsed.
const CAPACITY: usize = 10_000;

/// Bounded caches from policy text to its parsed form. The kinds are kept apart: what is a key
/// policy need not be an identity policy.
pub struct Policies {
    key: Parsed,
    trust: Parsed,
    identity: Parsed,
}

type Parsed = Cache<String, Arc<Document>>;

impl Default for Policies {
    fn default() -> Self {
        Self { key: Cache::new(CAPACITY), trust: Cache::new(CAPACITY), identity: Cache::new(CAPACITY) }
    }
}

impl Policies {
    /// The parsed form of a key policy.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn key_policy(&self, text: &str) -> Result<Arc<Document>, PolicyError> {
        parsed(&self.key, text, DocumentKind::KeyPolicy)
    }

    /// The parsed form of the trust policy of a role.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn trust(&self, text: &str) -> Result<Arc<Document>, PolicyError> {
        parsed(&self.trust, text, DocumentKind::Trust)
    }

    /// The parsed form of an identity policy, a permissions boundary or a session policy.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn identity(&self, text: &str) -> Result<Arc<Document>, PolicyError> {
        parsed(&self.identity, text, DocumentKind::Identity)
    }
}

fn parsed(cache: &Parsed, text: &str, kind: DocumentKind) -> Result<Arc<Document>, PolicyError> {
    if let Some(found) = cache.get(text) {
        return Ok(found);
    }
    let document = Arc::new(Document::parse(text, kind)?);
    cache.insert(text.to_owned(), Arc::clone(&document));
    Ok(document)
}
