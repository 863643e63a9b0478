//! The floor: a fixed answer through the very HTTP stack that Trent serves with, which is what
//! `run` is to be measured against.

use std::net::SocketAddr;

use clap::Args;

use crate::Failure;

/// Where to serve, and how much.
#[derive(Args, Clone)]
pub(crate) struct Options {
    /// The address to listen on.
    #[arg(long, default_value = "127.0.0.1:4598")]
    listen: SocketAddr,
    /// Bytes of the fixed answer; the default is that of Encrypt with 1 KiB.
    #[arg(long, default_value_t = 1700)]
    size: usize,
    /// Worker threads.
    #[arg(long, default_value_t = 1)]
    workers: usize,
}

/// `trent-bench floor`.
pub(crate) fn serve(options: &Options) -> Result<(), Failure> {
    Ok(trent_server::floor::serve(options.listen, options.size, options.workers)?)
}
