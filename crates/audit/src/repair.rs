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
