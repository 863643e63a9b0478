//! What conditions compare: numbers and dates.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;

/// A decimal number of any length, compared without rounding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    whole: Box<str>,
    fraction: Box<str>,
}

impl Decimal {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
        let zero = whole.is_empty() && fraction.is_empty();
        Some(Self { negative: negative && !zero, whole: whole.into(), fraction: fraction.into() })
    }

    fn magnitude(&self, other: &Self) -> Ordering {
        let whole = self.whole.len().cmp(&other.whole.len()).then_with(|| self.whole.cmp(&other.whole));
        whole.then_with(|| self.fraction.cmp(&other.fraction))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

/// A moment: epoch seconds, or ISO 8601 as a time with an offset, a time in UTC, a day or a month.
pub(crate) fn timestamp(text: &str) -> Option<Timestamp> {
    if text.len() > 64 {
        return None;
    }
    if Decimal::parse(text).is_some() {
        return epoch(text);
    }
    let utc = |time: DateTime| time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    let day = |text: &str| text.parse::<Date>().ok().and_then(|day| utc(day.at(0, 0, 0, 0)));
    let time = text.parse::<Timestamp>().ok();
    time.or_else(|| if text.contains('T') { utc(text.parse().ok()?) } else { day(text) })
        .or_else(|| if text.len() == 7 { day(&format!("{text}-01")) } else { None })
}

fn epoch(text: &str) -> Option<Timestamp> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let nanos: i32 = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
    let sign = if text.starts_with('-') { -1 } else { 1 };
    Timestamp::new(whole.parse().ok()?, sign * nanos).ok()
}

/// `true` or `false` in any case.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    [true, false].into_iter().find(|value| text.eq_ignore_ascii_case(if *value { "true" } else { "false" }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn dates_come_in_many_forms() {
        let expected = timestamp("2024-06-30T00:00:00Z").unwrap();
        for same in [
            "2024-06-30",
            "2024-06-30T00:00Z",
            "2024-06-30T02:00:00+02:00",
            "2024-06-30T00:00:00",
            "1719705600",
            "1719705600.0",
            "2024-06-30T00:00:00.000Z",
        ] {
            assert_eq!(timestamp(same), Some(expected), "{same}");
        }
        assert_eq!(timestamp("2024-06"), timestamp("2024-06-01"));
        assert!(timestamp("1719705600.5").unwrap() > expected);
        for bad in ["", "yesterday", "2024-13-01", "2024-06-30T25:00:00Z", "99999999999999999999", "é024-06"]
        {
            assert_eq!(timestamp(bad), None, "{bad}");
        }
    }

    #[test]
    fn numbers_have_no_other_spelling() {
        for bad in ["", "-", "1.", ".5", "1e3", "1 ", "0x1", "--1", "1.2.3", "é"] {
            assert_eq!(Decimal::parse(bad), None, "{bad}");
        }
        assert_eq!(Decimal::parse("-0.0"), Decimal::parse("+00"));
        assert!(
            Decimal::parse("123456789012345678901234567891")
                > Decimal::parse("123456789012345678901234567890")
        );
    }

    proptest! {
        #[test]
        fn decimals_are_ordered_like_integers(a in -2000i64..2000, b in -2000i64..2000) {
            let decimal = |n: i64| {
                let sign = if n < 0 { "-" } else { "" };
                Decimal::parse(&format!("{sign}{}.{:02}", n.abs() / 100, n.abs() % 100)).unwrap()
            };
            prop_assert_eq!(decimal(a).cmp(&decimal(b)), a.cmp(&b));
        }
    }
}
