//! Signature Version 4: canonical request, key derivation, verification.
//!
//! Verification goes in stages, each a type that only the one before it makes: [`parse`] takes the
//! credentials apart and believes nothing, [`Unverified::check_time`] holds them against the
//! caller's clock, [`Timely::check_scope`] against its Regions, and [`Scoped::verify`] consumes the
//! request and proves it. There is no clock and no key store here; both are handed in.

mod canonical;
mod error;
mod header;
mod key;
mod parse;
mod query;
mod sign;
#[cfg(test)]
mod suite;
mod time;
mod verify;

pub use error::{AuthError, AuthErrorKind};
pub use key::{SecretAccessKey, SigningKey};
pub use parse::{RequestParts, Scope, parse};
pub use sign::{SignError, SignParams, sign};
pub use verify::{Scoped, Timely, Unverified, Verified};

/// The one algorithm.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// What every scope ends with.
pub(crate) const TERMINATOR: &str = "aws4_request";
