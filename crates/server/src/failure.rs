//! Why the program ends, for the person who started it.

use std::fmt::Display;
use std::process::ExitCode;

/// The reason of an end that was not asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// What was configured cannot be done; starting again changes nothing.
    #[error("{0}")]
    Configuration(String),
    /// Something else went wrong.
    #[error("{0}")]
    Broken(String),
}

impl Failure {
    /// A fault in what was configured.
    pub(crate) fn configuration(reason: impl Display) -> Self {
        Self::Configuration(reason.to_string())
    }

    /// A fault in anything else.
    pub(crate) fn broken(reason: impl Display) -> Self {
        Self::Broken(reason.to_string())
    }

    /// 2 for bad configuration, else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Configuration(_) => ExitCode::from(2),
            Self::Broken(_) => ExitCode::FAILURE,
        }
    }
}
