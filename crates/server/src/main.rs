//! The binary `trent`.

use std::process::ExitCode;

fn main() -> ExitCode {
    trent_server::cli::run()
}
