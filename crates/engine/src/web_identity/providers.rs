//! The port for what identity providers publish.

use async_trait::async_trait;

/// Fetches documents of identity providers.
#[async_trait]
pub trait IdentityProviders: Send + Sync {
    /// Whether documents may be fetched from this URL, which may be any text. It depends on the URL
    /// alone.
    fn admits(&self, url: &str) -> bool;

    /// The document at `url`, if it has at most `most` bytes. It comes soon or not at all, and from
    /// that very place: redirections are not followed.
    ///
    /// # Errors
    /// [`FetchError`].
    async fn fetch(&self, url: &str, most: usize) -> Result<Vec<u8>, FetchError>;
}

/// A document could not be had. The texts are for the operator.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The provider did not answer, or failed: it may do better another time.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// What it answered is of no use, and will not be the next time.
    #[error("the provider's answer cannot be used: {0}")]
    Unusable(String),
}
