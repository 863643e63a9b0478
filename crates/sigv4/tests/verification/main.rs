//! Verification seen from outside: what is taken, what is refused, and in which words.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests panic as tests do"
)]

mod differential;
mod refusals;
mod request;
mod seeds;
