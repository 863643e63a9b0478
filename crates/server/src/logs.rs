//! Structured logs on standard error.
//!
//! No line holds a secret, a plaintext or a request's body; identifiers of requests and keys are
//! fields, never parts of the message.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;

use crate::cli::LogFormat;
use crate::failure::Failure;

/// Starts logging; once a process.
pub(crate) fn start(format: LogFormat, level: &str) -> Result<(), Failure> {
    let refused = |why: String| Failure::configuration(format!("the log level `{level}` is not one: {why}"));
    if let Some(unknown) = level.split(',').find(|part| !is_directive(part)) {
        return Err(refused(format!("`{unknown}` is none of off, error, warn, info, debug, trace")));
    }
    let filter = EnvFilter::try_new(level).map_err(|error| refused(error.to_string()))?;
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let started = match format {
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
        LogFormat::Text => builder.with_ansi(io::stderr().is_terminal()).try_init(),
    };
    started.map_err(Failure::broken)
}

/// Whether a part of the text is a level, or gives a module one. The library takes any other word
/// for the name of a module, and would then be silent about everything else.
fn is_directive(part: &str) -> bool {
    let level = part.rsplit_once('=').map_or(part, |(_, level)| level).trim();
    !level.is_empty() && level.parse::<LevelFilter>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_is_no_level_is_no_directive() {
        for good in ["info", "OFF", "trent_server=debug", " warn"] {
            assert!(is_directive(good), "{good}");
        }
        for bad in ["", "inof", "trent_server", "trent_server=", "a=b"] {
            assert!(!is_directive(bad), "{bad}");
        }
    }
}
