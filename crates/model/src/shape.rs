//! What an API model says of its shapes, as data.

use crate::Pattern;

/// An operation of an API.
#[derive(Debug)]
pub struct Operation {
    /// Its name.
    pub name: &'static str,
    /// Its input, always a structure.
    pub input: &'static Shape,
    /// Its output; `None` when success says all.
    pub output: Option<&'static Shape>,
    /// The names of the errors it declares.
    pub errors: &'static [&'static str],
}

/// A shape and its constraints.
#[derive(Debug)]
pub struct Shape {
    /// The name in the model.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// Whether values must not be shown.
    pub sensitive: bool,
}

/// The kinds of shape.
#[derive(Debug)]
pub enum Kind {
    /// Named members.
    Structure(&'static [Member]),
    /// Items of one shape.
    List {
        /// The shape of every item.
        member: &'static Shape,
        /// How many there may be.
        bounds: Bounds,
    },
    /// Pairs.
    Map {
        /// The shape of every name.
        key: &'static Shape,
        /// The shape of every value.
        value: &'static Shape,
        /// How many there may be.
        bounds: Bounds,
    },
    /// A text.
    Text {
        /// Its length in characters.
        bounds: Bounds,
        /// What it must match as a whole.
        pattern: Option<Pattern>,
    },
    /// One of these texts.
    Enum(&'static [&'static str]),
    /// Bytes, in base64 on the wire.
    Blob {
        /// Their number.
        bounds: Bounds,
    },
    /// A 32-bit number.
    Integer {
        /// Its value.
        bounds: Bounds,
    },
    /// A truth value.
    Boolean,
    /// Seconds since 1970 with a fraction.
    Timestamp,
}

/// A smallest and a largest length or value, inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// The smallest.
    pub min: Option<i64>,
    /// The largest.
    pub max: Option<i64>,
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// The name on the wire.
    pub name: &'static str,
    /// The name in messages and in the audit trail: the first letter in lower case.
    pub path: &'static str,
    /// Its shape.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub required: bool,
}

impl Shape {
    /// The members of a structure; none for other kinds.
    #[must_use]
    pub const fn members(&self) -> &'static [Member] {
        match &self.kind {
            Kind::Structure(members) => members,
            _ => &[],
        }
    }
}
