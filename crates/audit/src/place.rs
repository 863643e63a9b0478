//! Where the files of a trail lie and what they are called.

use std::hash::{BuildHasher as _, RandomState};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use trent_domain::{AccountId, Region};
use trent_engine::Event;

/// The suffix of a finished file.
pub(crate) const PLAIN: &str = ".json";
/// What is appended while a file is being written to.
pub(crate) const OPEN: &str = ".open";
/// What is appended when a file is compressed.
pub(crate) const COMPRESSED: &str = ".gz";
/// What is appended to the name of a file that is being made from another.
pub(crate) const TEMPORARY: &str = ".tmp";

/// Which files a record belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Trail {
    /// The trail of an account in a Region.
    Account(AccountId, Region),
    /// Requests of unknown callers; no account's business.
    Security,
}

impl Trail {
    /// The trail that an event belongs to.
    pub(crate) fn of(event: &Event) -> Self {
        let caller = event.principal.as_ref().map(|principal| principal.account);
        let account = event.service.as_ref().map(|service| service.account).or(caller);
        match (account, &event.region) {
            (Some(account), Some(region)) => Self::Account(account, region.clone()),
            _ => Self::Security,
        }
    }

    /// A new name, under `root`, for a file begun at `time`: `….json`.
    pub(crate) fn new_path(&self, root: &Path, time: Timestamp) -> PathBuf {
        let time = time.to_zoned(TimeZone::UTC);
        let (day, minute) = (time.strftime("%Y/%m/%d"), time.strftime("%Y%m%dT%H%MZ"));
        let unique = unique();
        root.join(match self {
            Self::Account(account, region) => format!(
                "AWSLogs/{account}/CloudTrail/{region}/{day}/\
                 {account}_CloudTrail_{region}_{minute}_{unique}{PLAIN}"
            ),
            Self::Security => format!("security/{day}/security_{minute}_{unique}{PLAIN}"),
        })
    }
}

/// The path with a suffix more.
pub(crate) fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

/// The path with a suffix less, if it ends in it.
pub(crate) fn without(path: &Path, suffix: &str) -> Option<PathBuf> {
    path.to_str()?.strip_suffix(suffix).map(PathBuf::from)
}

/// 16 letters and digits that no other file has. Nothing depends on their being secret, so the
/// standard library's random hash keys will do.
fn unique() -> String {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let random = RandomState::new();
    let bits = [random.hash_one(0_u8), random.hash_one(1_u8)];
    let digits = bits.into_iter().flat_map(|half| (0..8).map(move |n| (half >> (5 * n)) & 31));
    digits.filter_map(|digit| ALPHABET.get(usize::try_from(digit).ok()?)).map(|&b| char::from(b)).collect()
}
