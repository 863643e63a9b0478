//! What can be saved of a file that a crash left open.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Write};
use std::path::Path;

use rustix::fs::FlockOperation;
use serde::de::IgnoredAny;

use crate::file::{FOOT, HEAD, SEPARATOR};

/// What became of a leftover.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// How many records are whole.
    pub(crate) records: u64,
    /// How many bytes were not.
    pub(crate) dropped: u64,
}

/// The leftover at `path`; `None` when somebody still writes to it or it is gone.
pub(crate) fn claim(path: &Path) -> io::Result<Option<File>> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(Some(file)),
        Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes a whole document of the whole lines of a leftover. A killed process tears at most the last
/// one; after a power cut, lines in the middle may be missing too, and those after them still count.
pub(crate) fn copy_whole_records(leftover: impl io::Read, out: &mut dyn Write) -> io::Result<Outcome> {
    let mut lines = BufReader::with_capacity(128 << 10, leftover);
    let mut outcome = Outcome { records: 0, dropped: 0 };
    let mut line = Vec::new();
    out.write_all(HEAD)?;
    while lines.read_until(b'\n', &mut line)? > 0 {
        match kind(&line) {
            Line::Record(record) => {
                let separator = if outcome.records == 0 { SEPARATOR.get(1..) } else { Some(SEPARATOR) };
                out.write_all(separator.unwrap_or_default())?;
                out.write_all(record)?;
                outcome.records += 1;
            }
            Line::Frame => {}
            Line::Damaged => outcome.dropped += line.len() as u64,
        }
        line.clear();
    }
    out.write_all(FOOT)?;
    Ok(outcome)
}

enum Line<'a> {
    Record(&'a [u8]),
    /// The beginning or the end of the document.
    Frame,
    Damaged,
}

fn kind(line: &[u8]) -> Line<'_> {
    let text = line.strip_suffix(b"\n").unwrap_or(line);
    if text == HEAD || text.is_empty() || b"]}".starts_with(text) {
        return Line::Frame;
    }
    let record = text.strip_suffix(b",").unwrap_or(text);
    if is_object(record) { Line::Record(record) } else { Line::Damaged }
}

fn is_object(text: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(text) else { return false };
    text.starts_with('{') && serde_json::from_str::<IgnoredAny>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    const WHOLE: &str = "{\"Records\":[\n{\"n\":1},\n{\"n\":\"zwei\",\"l\":[{}]},\n{\"n\":3}\n]}\n";

    fn repaired(leftover: &[u8]) -> (Value, Outcome) {
        let mut out = Vec::new();
        let outcome = copy_whole_records(leftover, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        (serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}")), outcome)
    }

    #[test]
    fn a_file_torn_anywhere_keeps_every_whole_record() {
        let records: Vec<Value> =
            serde_json::from_str::<Value>(WHOLE).unwrap()["Records"].as_array().unwrap().clone();
        // Where each record ends.
        let ends: Vec<_> = ["1}", "}]}", "3}"].map(|end| WHOLE.find(end).unwrap() + end.len()).to_vec();
        for length in 0..=WHOLE.len() {
            let (document, outcome) = repaired(&WHOLE.as_bytes()[..length]);
            let whole = ends.iter().filter(|&&end| end <= length).count();
            assert_eq!(document, json!({ "Records": records[..whole] }), "torn at {length}");
            assert_eq!(outcome.records, whole as u64);
        }
    }

    #[test]
    fn a_hole_costs_only_the_lines_it_touches() {
        let holed = WHOLE.replace("wei\",", "\0\0\0\0\0");
        let (document, outcome) = repaired(holed.as_bytes());
        assert_eq!(document, json!({ "Records": [{"n": 1}, {"n": 3}] }));
        assert!(outcome.dropped > 0);
        let binary =
            WHOLE.as_bytes().iter().map(|&byte| if byte == b'z' { 0xff } else { byte }).collect::<Vec<_>>();
        assert_eq!(repaired(&binary).1.records, 2);
    }

    #[test]
    fn a_whole_file_is_not_changed() {
        let mut out = Vec::new();
        let outcome = copy_whole_records(WHOLE.as_bytes(), &mut out).unwrap();
        assert_eq!((String::from_utf8(out).unwrap().as_str(), outcome.dropped), (WHOLE, 0));
    }
}
