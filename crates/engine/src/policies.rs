//! Parsed key policies, shared by all keys whose policy has the same text.

use std::sync::Arc;

use quick_cache::sync::Cache;
use trent_policy::{Document, DocumentKind, PolicyError};

/// How many distinct policy texts are kept parsed.
const CAPACITY: usize = 10_000;

/// A bounded cache from policy text to its parsed form.
pub struct Policies(Cache<String, Arc<Document>>);

impl Default for Policies {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

impl Policies {
    /// The parsed form of a key policy.
    ///
    /// # Errors
    /// When the text is not one.
    pub fn key_policy(&self, text: &str) -> Result<Arc<Document>, PolicyError> {
        if let Some(found) = self.0.get(text) {
            return Ok(found);
        }
        let document = Arc::new(Document::parse(text, DocumentKind::KeyPolicy)?);
        self.0.insert(text.to_owned(), Arc::clone(&document));
        Ok(document)
    }
}
