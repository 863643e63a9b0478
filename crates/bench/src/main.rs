//! The binary `trent-bench`: an open-loop load generator for any KMS endpoint.
//!
//! `floor` serves a fixed answer through Trent's own HTTP stack, which is the most any server on
//! that stack could do. `run` loads an endpoint and reports throughput and latency. `compare` sets
//! two endpoints beside each other in one run, alternating, since timings of different runs cannot
//! be compared.

mod compare;
mod connection;
mod endpoint;
mod floor;
mod load;
mod prepare;
mod report;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What can go wrong with a benchmark; the text is the whole story.
pub(crate) type Failure = Box<dyn std::error::Error + Send + Sync>;

#[derive(Parser)]
#[command(name = "trent-bench", version, about = "An open-loop load generator for any KMS endpoint")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve a fixed answer through Trent's HTTP stack.
    Floor(floor::Options),
    /// Load one endpoint.
    Run(load::Options),
    /// Load two endpoints in turns and compare them.
    Compare(compare::Options),
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Floor(options) => floor::serve(&options),
        Command::Run(options) => load::run(&options),
        Command::Compare(options) => compare::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("trent-bench: {failure}");
            ExitCode::FAILURE
        }
    }
}
