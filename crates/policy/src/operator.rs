//! Condition operators: `ForAnyValue:StringNotLikeIfExists` taken apart.

use std::cmp::Ordering;

use crate::PolicyError;
use crate::error::excerpt;
use crate::pattern::Case;

/// A condition operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Operator {
    pub(crate) quantifier: Quantifier,
    pub(crate) family: Family,
    pub(crate) negated: bool,
    pub(crate) if_exists: bool,
}

/// Which values of a multi-valued key count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// No prefix: the key has one value. Should it have more, one of them suffices.
    None,
    /// `ForAllValues:`.
    All,
    /// `ForAnyValue:`.
    Any,
}

/// What is compared, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Text(Case),
    Pattern,
    Arn,
    Number(Order),
    Date(Order),
    Bool,
    Binary,
    Network,
    Null,
}

/// How a value of the request has to lie to one of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Order {
    pub(crate) const fn admits(self, ordering: Ordering) -> bool {
        match self {
            Self::Equal => ordering.is_eq(),
            Self::Less => ordering.is_lt(),
            Self::LessOrEqual => ordering.is_le(),
            Self::Greater => ordering.is_gt(),
            Self::GreaterOrEqual => ordering.is_ge(),
        }
    }
}

impl Operator {
    pub(crate) fn parse(text: &str) -> Result<Self, PolicyError> {
        let invalid = || PolicyError::InvalidOperator(excerpt(text));
        let (quantifier, rest) = quantifier(text);
        let (name, if_exists) = match rest.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (rest, false),
        };
        let (family, negated) = family(name).ok_or_else(invalid)?;
        let bare = quantifier == Quantifier::None && !if_exists;
        // Whether a key is there cannot be asked of a key only if it is there.
        if matches!(family, Family::Null) && !bare {
            return Err(invalid());
        }
        Ok(Self { quantifier, family, negated, if_exists })
    }
}

fn quantifier(text: &str) -> (Quantifier, &str) {
    if let Some(rest) = text.strip_prefix("ForAllValues:") {
        return (Quantifier::All, rest);
    }
    match text.strip_prefix("ForAnyValue:") {
        Some(rest) => (Quantifier::Any, rest),
        None => (Quantifier::None, text),
    }
}

/// The family of an operator, and whether it is a negated one.
fn family(name: &str) -> Option<(Family, bool)> {
    Some(match name {
        "StringEquals" => (Family::Text(Case::Sensitive), false),
        "StringNotEquals" => (Family::Text(Case::Sensitive), true),
        "StringEqualsIgnoreCase" => (Family::Text(Case::Insensitive), false),
        "StringNotEqualsIgnoreCase" => (Family::Text(Case::Insensitive), true),
        "StringLike" => (Family::Pattern, false),
        "StringNotLike" => (Family::Pattern, true),
        "ArnEquals" | "ArnLike" => (Family::Arn, false),
        "ArnNotEquals" | "ArnNotLike" => (Family::Arn, true),
        "Bool" => (Family::Bool, false),
        "BinaryEquals" => (Family::Binary, false),
        "IpAddress" => (Family::Network, false),
        "NotIpAddress" => (Family::Network, true),
        "Null" => (Family::Null, false),
        _ => return ordered(name),
    })
}

fn ordered(name: &str) -> Option<(Family, bool)> {
    let (family, comparison): (fn(Order) -> Family, _) = match name.strip_prefix("Numeric") {
        Some(comparison) => (Family::Number, comparison),
        None => (Family::Date, name.strip_prefix("Date")?),
    };
    let (order, negated): (Order, _) = match comparison {
        "Equals" => (Order::Equal, false),
        "NotEquals" => (Order::Equal, true),
        "LessThan" => (Order::Less, false),
        "LessThanEquals" => (Order::LessOrEqual, false),
        "GreaterThan" => (Order::Greater, false),
        "GreaterThanEquals" => (Order::GreaterOrEqual, false),
        _ => return None,
    };
    Some((family(order), negated))
}
