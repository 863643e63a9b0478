//! The command line: one file per verb.

mod env;
mod options;
mod serve;

use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{Parser, Subcommand};

pub(crate) use env::quote as quoted;
pub(crate) use options::{LogFormat, Options};

use crate::failure::Failure;

#[derive(Parser)]
#[command(name = "trent", version, about = "A key management service that speaks the AWS KMS API")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Box<serve::Arguments>),
    /// Print what a shell needs to use a running Trent: `eval "$(trent env)"`.
    Env(env::Arguments),
}

/// Does what the command line asks for. Every failure is one line on standard error.
#[must_use]
pub fn run() -> ExitCode {
    let outcome = match Cli::try_parse() {
        Ok(Cli { command: Command::Serve(arguments) }) => serve::run(*arguments),
        Ok(Cli { command: Command::Env(arguments) }) => env::run(arguments),
        Err(error) => refused(&error),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("trent: {failure}");
            failure.exit_code()
        }
    }
}

/// Asking for help is not a failure; what is one gets a line and not a page.
fn refused(error: &clap::Error) -> Result<(), Failure> {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => error.print().map_err(Failure::broken),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Err(Failure::configuration("what to do is missing, such as `trent serve`; see `trent --help`"))
        }
        _ => Err(Failure::configuration(first_paragraph(&error.render().to_string()))),
    }
}

fn first_paragraph(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let lines = text.lines().take_while(|line| !line.trim().is_empty()).map(str::trim);
    lines.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_refusal_is_one_line() {
        let Err(error) = Cli::try_parse_from(["trent", "serve", "--listen", "nonsense"]) else {
            panic!("nonsense is no address");
        };
        let Err(failure) = refused(&error) else { panic!("it is a failure") };
        let text = failure.to_string();
        assert!(text.contains("nonsense") && text.contains("--listen") && !text.contains('\n'), "{text}");
        assert_eq!(failure.exit_code(), ExitCode::from(2));
    }

    #[test]
    fn every_flag_has_a_variable() {
        let command = Cli::command();
        for verb in command.get_subcommands() {
            for argument in verb.get_arguments().filter(|argument| argument.get_long() != Some("help")) {
                let long = argument.get_long().unwrap();
                let expected = format!("TRENT_{}", long.replace('-', "_").to_uppercase());
                assert_eq!(argument.get_env().unwrap().to_str(), Some(expected.as_str()));
            }
        }
    }
}
