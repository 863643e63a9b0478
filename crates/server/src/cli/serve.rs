//! `trent serve`.

use std::path::PathBuf;

use clap::Args;

use crate::cli::Options;
use crate::config::Config;
use crate::failure::Failure;

#[derive(Args)]
pub(super) struct Arguments {
    /// A TOML file with any of the other flags; flags and variables win over it
    #[arg(long, env = "TRENT_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

pub(super) fn run(arguments: Arguments) -> Result<(), Failure> {
    let options = arguments.options.over(arguments.config.as_deref())?;
    crate::serve::serve(Config::new(options)?)
}
