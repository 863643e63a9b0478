//! What each condition operator compares.

use std::net::IpAddr;

use crate::glob;
use crate::text::{Facts, Piece, expand, expanded, segments};

/// An operator without set prefix and `IfExists`.
pub(crate) struct Family {
    pub(crate) kind: &'static str,
    pub(crate) negated: bool,
    relation: &'static str,
}

impl Family {
    pub(crate) fn of(name: &str) -> Self {
        let negated = name.contains("Not");
        let positive = name.replace("Not", "");
        let family = |kind, relation| Self { kind, negated, relation };
        for kind in ["Numeric", "Date"] {
            if let Some(relation) = positive.strip_prefix(kind) {
                let known = ["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"];
                return family(kind, known.into_iter().find(|known| *known == relation).unwrap());
            }
        }
        match positive.as_str() {
            "StringEquals" => family("text", ""),
            "StringEqualsIgnoreCase" => family("folded", ""),
            "StringLike" => family("glob", ""),
            "ArnEquals" | "ArnLike" => family("arn", ""),
            "Bool" => family("bool", ""),
            "BinaryEquals" => family("binary", ""),
            "IpAddress" => family("network", ""),
            other => panic!("no such operator: {other}"),
        }
    }

    fn relates(&self, value: i128, operand: i128) -> bool {
        match self.relation {
            "Equals" => value == operand,
            "LessThan" => value < operand,
            "LessThanEquals" => value <= operand,
            "GreaterThan" => value > operand,
            _ => value >= operand,
        }
    }
}

/// Whether a value of the request is of the kind that an operator compares.
pub(crate) fn is_comparable(family: &Family, value: &str) -> bool {
    match family.kind {
        "Numeric" => number(value).is_some(),
        "Date" => date(value).is_some(),
        "bool" => truth(value).is_some(),
        "binary" => base64(value).is_some(),
        "network" => value.parse::<IpAddr>().is_ok(),
        _ => true,
    }
}

/// Whether a value of the request is like one of the policy; none when it is of another kind.
pub(crate) fn compare(family: &Family, value: &str, operand: &str, facts: &Facts<'_>) -> Option<bool> {
    Some(match family.kind {
        "text" => expanded(operand, facts).is_some_and(|operand| operand == value),
        "folded" => expanded(operand, facts).is_some_and(|operand| folded(&operand) == folded(value)),
        "glob" => {
            expand(operand, facts).is_some_and(|pieces| glob::matches(&glob::steps(&pieces), value, false))
        }
        "arn" => arn(value, operand, facts),
        "Numeric" => family.relates(number(value)?, number(operand).unwrap()),
        "Date" => family.relates(date(value)?, date(operand).unwrap()),
        "bool" => {
            let value = truth(value)?;
            expanded(operand, facts).is_some_and(|operand| truth(&operand) == Some(value))
        }
        "binary" => base64(value)? == base64(operand).unwrap(),
        _ => network(value, operand)?,
    })
}

/// Every character in upper case and then in lower case, where that is one character.
fn folded(text: &str) -> Vec<char> {
    let one = |original: char, mapped: Vec<char>| if mapped.len() == 1 { mapped[0] } else { original };
    let upper = |c: char| one(c, c.to_uppercase().collect());
    let lower = |c: char| one(c, c.to_lowercase().collect());
    text.chars().map(upper).map(lower).collect()
}

fn arn(value: &str, operand: &str, facts: &Facts<'_>) -> bool {
    let wanted = segments(operand, facts.variables);
    if wanted.len() < 6 {
        // A variable may stand for a whole ARN; written wildcards need the six segments.
        let Some(pieces) = expand(operand, facts) else { return false };
        let wild = pieces.iter().any(|piece| matches!(piece, Piece::Written('*' | '?')));
        return !wild && pieces.into_iter().map(Piece::char).collect::<String>() == value;
    }
    let found: Vec<&str> = value.splitn(6, ':').collect();
    found.len() == 6
        && wanted.iter().zip(found).all(|(wanted, found)| {
            expand(wanted, facts).is_some_and(|pieces| glob::matches(&glob::steps(&pieces), found, false))
        })
}

/// A decimal number in units of 10^-9.
pub(crate) fn number(text: &str) -> Option<i128> {
    let (sign, digits) = match text.chars().next()? {
        '-' => (-1, &text[1..]),
        '+' => (1, &text[1..]),
        _ => (1, text),
    };
    let (whole, fraction) = match digits.find('.') {
        Some(dot) => (&digits[..dot], &digits[dot + 1..]),
        None => (digits, "0"),
    };
    let is_digits = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let fraction = format!("{fraction:0<9}");
    assert_eq!(fraction.len(), 9, "a longer fraction was generated");
    Some(sign * format!("{whole}{fraction}").parse::<i128>().unwrap())
}

/// A moment in nanoseconds since 1970.
fn date(text: &str) -> Option<i128> {
    if let Some(nanoseconds) = number(text) {
        // Seconds beyond the year 9999 are no date.
        return (nanoseconds.abs() < 253_000_000_000_000_000_000).then_some(nanoseconds);
    }
    let (day, time) = text.split_once('T').map_or((text, None), |(day, time)| (day, Some(time)));
    let mut fields = day.split('-').map(|field| field.parse::<i128>().ok());
    let (year, month) = (fields.next()??, fields.next()??);
    let in_month = fields.next().unwrap_or(Some(1))?;
    if !(1..=12).contains(&month) || !(1..=31).contains(&in_month) {
        return None;
    }
    let days =
        days_before_year(year) - days_before_year(1970) + days_before_month(year, month) + in_month - 1;
    Some(days * 86_400_000_000_000 + time.map_or(Some(0), time_of_day)?)
}

const fn days_before_year(year: i128) -> i128 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_before_month(year: i128, month: i128) -> i128 {
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let february = if leap { 29 } else { 28 };
    let lengths = [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    lengths.iter().take(usize::try_from(month).unwrap() - 1).sum()
}

fn time_of_day(text: &str) -> Option<i128> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) if &text[at..] == "Z" => (&text[..at], 0),
        Some(at) => {
            let minutes = minutes(&text[at + 1..])?;
            (&text[..at], if text[at..].starts_with('-') { -minutes } else { minutes })
        }
        None => (text, 0),
    };
    let mut parts = clock.splitn(3, ':');
    let minutes = minutes(&format!("{}:{}", parts.next()?, parts.next()?))? - offset;
    let seconds = parts.next().map_or(Some(0), number)?;
    (seconds < 60_000_000_000).then_some(minutes * 60_000_000_000 + seconds)
}

fn minutes(text: &str) -> Option<i128> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i128, i128) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn base64(text: &str) -> Option<Vec<u8>> {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.trim_end_matches('=');
    let valid = text.len().is_multiple_of(4) && text.len() - digits.len() <= 2;
    let bits: Option<String> =
        digits.chars().map(|c| ALPHABET.find(c).map(|value| format!("{value:06b}"))).collect();
    let bits = bits.filter(|_| valid)?;
    Some((0..bits.len() / 8).map(|i| u8::from_str_radix(&bits[i * 8..i * 8 + 8], 2).unwrap()).collect())
}

/// Whether an address is in a range, bit by bit as text.
fn network(value: &str, operand: &str) -> Option<bool> {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(v4) => format!("4{:032b}", u32::from(v4)),
        IpAddr::V6(v6) => match v6.to_ipv4_mapped() {
            Some(v4) => format!("4{:032b}", u32::from(v4)),
            None => format!("6{:0128b}", u128::from(v6)),
        },
    };
    let (address, length) = operand.split_once('/').unwrap_or((operand, "999"));
    let range = bits(address.parse().unwrap());
    let kept = (length.parse::<usize>().unwrap() + 1).min(range.len());
    Some(bits(value.parse().ok()?).starts_with(&range[..kept]))
}
