//! Verification seen from outside: what is taken, what is refused, and in which words.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "helpers of tests panic as tests do")]

mod differential;
mod refusals;
mod request;
