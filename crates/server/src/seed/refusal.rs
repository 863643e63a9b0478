//! Why a seed file is not taken, and where in it. Nothing that stands in the file beside names is ever
//! shown: it may be a secret in the wrong place.

use std::fmt;

use serde_saphyr::{Error, Location};

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    line: u64,
    column: u64,
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self { line: location.line(), column: location.column() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A fault in the file, or something that it contradicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    place: Option<Place>,
    reason: String,
}

impl Refusal {
    /// A fault at a place.
    pub(super) fn at(place: impl Into<Place>, reason: impl fmt::Display) -> Self {
        Self { place: Some(place.into()), reason: reason.to_string() }
    }

    /// A fault of the file as a whole.
    pub(super) fn of_file(reason: impl fmt::Display) -> Self {
        Self { place: None, reason: reason.to_string() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.reason)
    }
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        let error = error.without_snippet();
        let place = error.location().filter(|location| location.line() > 0).map(Place::from);
        Self { place, reason: reason(error) }
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::SerdeUnknownField { field, expected, .. } => {
            format!("there is no `{field}` here, but {}", listed(expected))
        }
        Error::SerdeMissingField { field, .. } => format!("`{field}` is missing"),
        Error::SerdeInvalidType { expected, .. } | Error::SerdeInvalidValue { expected, .. } => {
            format!("this is not {expected}")
        }
        Error::Unexpected { expected, .. } => format!("this is not {expected}"),
        Error::InvalidScalar { ty, .. } => format!("this is not of the type {ty}"),
        Error::InvalidBooleanStrict { .. } => "this is neither true nor false".to_owned(),
        Error::NullIntoString { .. } => "a text is missing".to_owned(),
        Error::DuplicateMappingKey { .. } => "this is here twice".to_owned(),
        Error::Message { msg, .. } => msg.clone(),
        Error::MultipleDocuments { .. } => "only one document may be in the file".to_owned(),
        Error::Budget { .. } => "the file is too large or too deep".to_owned(),
        Error::Eof { .. } => "the file is empty".to_owned(),
        _ => "this is not YAML".to_owned(),
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
