//! HTTP, TLS, configuration and wiring: the binary `trent`.
//!
//! Begin with `serve.rs`, which starts and ends a server; `http/mod.rs` carries one request from
//! its socket to the engine and back. `wire.rs` is the one place that names the store, the audit
//! sink and the catalog that this binary is built of.

pub mod bootstrap;
pub mod cli;
pub mod clock;
pub mod floor;
pub mod rng;

mod admin;
mod attestation;
mod background;
mod compute;
mod config;
mod dev;
mod drain;
mod failure;
mod files;
mod health;
mod http;
mod instance;
mod logs;
mod oidc;
mod seed;
mod serve;
mod tls;
mod wire;
