//! What the values of condition keys are, for those who hand them in as text.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::operand::{Decimal, boolean, timestamp};

/// A kind of value of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// Any text.
    Text,
    /// A decimal number.
    Number,
    /// `true` or `false`.
    Bool,
    /// An address.
    Address,
    /// Bytes in base64.
    Binary,
    /// A moment, in ISO 8601 or in seconds since 1970.
    Date,
}

impl ValueKind {
    /// Whether conditions can compare `value` as one of this kind.
    #[must_use]
    pub fn admits(self, value: &str) -> bool {
        match self {
            Self::Text => true,
            Self::Number => Decimal::parse(value).is_some(),
            Self::Bool => boolean(value).is_some(),
            Self::Address => value.parse::<IpAddr>().is_ok(),
            Self::Binary => STANDARD.decode(value).is_ok(),
            Self::Date => timestamp(value).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_of_its_kind_when_conditions_can_compare_it() {
        let cases = [
            (ValueKind::Text, "", true),
            (ValueKind::Number, "-1.50", true),
            (ValueKind::Number, "1e3", false),
            (ValueKind::Bool, "True", true),
            (ValueKind::Bool, "yes", false),
            (ValueKind::Address, "2001:db8::1", true),
            (ValueKind::Address, "10.0.0.0/8", false),
            (ValueKind::Binary, "QUI=", true),
            (ValueKind::Binary, "QUI", false),
            (ValueKind::Date, "2024-06-30T00:00:00Z", true),
            (ValueKind::Date, "1719705600", true),
            (ValueKind::Date, "today", false),
        ];
        for (kind, value, expected) in cases {
            assert_eq!(kind.admits(value), expected, "{kind:?} {value}");
        }
    }
}
