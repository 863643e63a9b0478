//! Times as signatures write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const BASIC: &str = "%Y%m%dT%H%M%SZ";

/// Reads `YYYYMMDDTHHMMSSZ`. It is the form of every request, so it is not left to a format
/// string's interpreter.
pub(crate) fn parse_basic(text: &str) -> Option<Timestamp> {
    let shaped = text.len() == 16
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 => b == b'T',
            15 => b == b'Z',
            _ => b.is_ascii_digit(),
        });
    let two = |at| text.get(at..at + 2).and_then(|digits| digits.parse::<i8>().ok());
    let year = shaped.then(|| text.get(..4)?.parse().ok()).flatten()?;
    let time = DateTime::new(year, two(4)?, two(6)?, two(9)?, two(11)?, two(13)?, 0).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// Reads an HTTP date (RFC 9110 §5.6.7), which the Date header may hold instead.
pub(crate) fn parse_http(text: &str) -> Option<Timestamp> {
    jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp())
}

/// Writes `YYYYMMDDTHHMMSSZ`.
pub(crate) fn basic(time: Timestamp) -> String {
    time.strftime(BASIC).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_is_read() {
        assert_eq!(basic(parse_basic("20150830T123600Z").unwrap()), "20150830T123600Z");
        for bad in [
            "",
            "20150830",
            "2015-08-30T12:36:00Z",
            "20151330T123600Z",
            "20150229T123600Z",
            "20150830T246000Z",
            "20150830T1236+1Z",
            "20150830T123600z",
            "20150830T12360éZ",
        ] {
            assert_eq!(parse_basic(bad), None, "{bad}");
        }
        assert_eq!(parse_http("Sun, 30 Aug 2015 12:36:00 GMT"), parse_basic("20150830T123600Z"));
    }
}
