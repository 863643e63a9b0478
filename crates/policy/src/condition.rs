//! Conditions: one operator, one key, its values.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trent_domain::Network;

use crate::arn::ArnPattern;
use crate::error::excerpt;
use crate::json::Node;
use crate::operand::{Decimal, boolean, timestamp};
use crate::operator::{Family, Operator, Order, Quantifier};
use crate::pattern::{Case, Pattern};
use crate::variable::{Template, Variable, Variables};
use crate::{Facts, PolicyError, Values};

/// One key under one operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    name: Box<str>,
    key: Box<str>,
    operator: Operator,
    operands: Operands,
}

/// The values a policy gives, ready to be compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Operands {
    Text(Case, Box<[Template]>),
    Pattern(Box<[Pattern]>),
    Arn(Box<[ArnPattern]>),
    Number(Order, Box<[Decimal]>),
    Date(Order, Box<[jiff::Timestamp]>),
    Bool(Box<[Template]>),
    Binary(Box<[Vec<u8>]>),
    Network(Box<[Network]>),
    Null(Box<[bool]>),
}

/// Reads a `Condition` block.
pub(crate) fn parse(node: Node, variables: Variables) -> Result<Box<[Condition]>, PolicyError> {
    let mut conditions = Vec::new();
    for (operator, keys) in node.object()? {
        let operator = Operator::parse(&operator)?;
        for (key, values) in keys.object()? {
            conditions.push(Condition::new(operator, &key, &values.texts()?, variables)?);
        }
    }
    Ok(conditions.into())
}

impl Condition {
    fn new(
        operator: Operator,
        key: &str,
        values: &[String],
        variables: Variables,
    ) -> Result<Self, PolicyError> {
        if !key.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty()) {
            return Err(PolicyError::MissingVendor);
        }
        let operands = Operands::parse(operator.family, values, variables)?;
        Ok(Self { name: key.into(), key: key.to_lowercase().into(), operator, operands })
    }

    /// The condition key as it is written.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The variables of the values.
    pub(crate) fn variables(&self) -> Vec<&Variable> {
        match &self.operands {
            Operands::Text(_, operands) | Operands::Bool(operands) => {
                operands.iter().flat_map(Template::variables).collect()
            }
            Operands::Pattern(operands) => operands.iter().flat_map(Pattern::variables).collect(),
            Operands::Arn(operands) => operands.iter().flat_map(ArnPattern::variables).collect(),
            Operands::Number(..)
            | Operands::Date(..)
            | Operands::Binary(_)
            | Operands::Network(_)
            | Operands::Null(_) => Vec::new(),
        }
    }

    /// The condition key, in lower case.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Whether this is of the form `ForAllValues`.
    pub(crate) fn is_for_all(&self) -> bool {
        self.operator.quantifier == Quantifier::All
    }

    /// Whether the request satisfies this.
    pub(crate) fn holds(&self, facts: &dyn Facts) -> bool {
        let found = facts.get(&self.key);
        let values = found.as_ref().map_or(&[][..], Values::as_slice);
        if let Operands::Null(wanted) = &self.operands {
            return wanted.contains(&values.is_empty());
        }
        if values.is_empty() {
            return self.holds_without_value();
        }
        let meets = |value: &Cow<'_, str>| {
            // A value that is none of its kind, such as a number with letters, meets nothing.
            self.operands.compare(value, facts).is_some_and(|equal| equal != self.operator.negated)
        };
        match self.operator.quantifier {
            Quantifier::All => values.iter().all(meets),
            Quantifier::None | Quantifier::Any => values.iter().any(meets),
        }
    }

    const fn holds_without_value(&self) -> bool {
        match self.operator.quantifier {
            Quantifier::All => true,
            Quantifier::Any => self.operator.if_exists,
            Quantifier::None => self.operator.if_exists || self.operator.negated,
        }
    }
}

impl Operands {
    fn parse(family: Family, values: &[String], variables: Variables) -> Result<Self, PolicyError> {
        Ok(match family {
            Family::Text(case) => Self::Text(case, each(values, |v| Template::parse(v, variables))?),
            Family::Pattern => {
                Self::Pattern(each(values, |v| Pattern::parse(v, variables, Case::Sensitive))?)
            }
            Family::Arn => Self::Arn(each(values, |v| ArnPattern::parse(v, variables))?),
            Family::Number(order) => Self::Number(order, known(values, "a number", Decimal::parse)?),
            Family::Date(order) => Self::Date(order, known(values, "a date", timestamp)?),
            Family::Bool => Self::Bool(each(values, |v| bool_template(v, variables))?),
            Family::Binary => Self::Binary(known(values, "base64", |v| STANDARD.decode(v).ok())?),
            Family::Network => Self::Network(known(values, "an IP address range", |v| v.parse().ok())?),
            Family::Null => Self::Null(known(values, "true or false", boolean)?),
        })
    }

    /// Whether a value of the request is like any of these; none when it cannot be compared.
    fn compare(&self, value: &str, facts: &dyn Facts) -> Option<bool> {
        Some(match self {
            Self::Text(case, operands) => {
                operands.iter().any(|o| o.resolve(facts).is_some_and(|text| same(*case, &text, value)))
            }
            Self::Pattern(operands) => operands.iter().any(|o| o.matches(value, facts)),
            Self::Arn(operands) => operands.iter().any(|o| o.matches(value, facts)),
            Self::Number(order, operands) => {
                let value = Decimal::parse(value)?;
                operands.iter().any(|operand| order.admits(value.cmp(operand)))
            }
            Self::Date(order, operands) => {
                let value = timestamp(value)?;
                operands.iter().any(|operand| order.admits(value.cmp(operand)))
            }
            Self::Bool(operands) => {
                let value = boolean(value)?;
                operands.iter().any(|o| o.resolve(facts).and_then(|text| boolean(&text)) == Some(value))
            }
            Self::Binary(operands) => operands.contains(&STANDARD.decode(value).ok()?),
            Self::Network(operands) => {
                let value = value.parse().ok()?;
                operands.iter().any(|operand| operand.contains(value))
            }
            Self::Null(_) => return None,
        })
    }
}

fn each<T>(
    values: &[String],
    parse: impl Fn(&str) -> Result<T, PolicyError>,
) -> Result<Box<[T]>, PolicyError> {
    values.iter().map(|value| parse(value)).collect()
}

fn known<T>(
    values: &[String],
    expected: &'static str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Box<[T]>, PolicyError> {
    let invalid = |value: &str| PolicyError::InvalidOperand { expected, value: excerpt(value) };
    each(values, |value| parse(value).ok_or_else(|| invalid(value)))
}

/// A truth value that is written down, or a variable that holds one.
fn bool_template(value: &str, variables: Variables) -> Result<Template, PolicyError> {
    let template = Template::parse(value, variables)?;
    match &template {
        Template::Literal(text) if boolean(text).is_none() => {
            Err(PolicyError::InvalidOperand { expected: "true or false", value: excerpt(value) })
        }
        Template::Literal(_) | Template::Composed(_) => Ok(template),
    }
}

fn same(case: Case, a: &str, b: &str) -> bool {
    match case {
        Case::Sensitive => a == b,
        Case::Insensitive => a.eq_ignore_ascii_case(b) || a.chars().map(folded).eq(b.chars().map(folded)),
    }
}

/// A character without its case, whatever stands around it: both forms of a small sigma are one.
fn folded(character: char) -> char {
    let upper = only(character.to_uppercase()).unwrap_or(character);
    only(upper.to_lowercase()).unwrap_or(upper)
}

fn only(mut mapped: impl Iterator<Item = char>) -> Option<char> {
    let first = mapped.next();
    if mapped.next().is_some() { None } else { first }
}
