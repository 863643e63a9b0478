//! What is run, what is not and why, and what went wrong.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::io::Write as _;
use std::ops::AddAssign;

/// Why a case is not run: the one list for all sources. Not read at all are the files of functions
/// that Trent does not have: DSA, X9.31, key wrap with the inverse cipher (`_inv`) or triple DES, HMAC
/// with MD5, SHA-1 or RIPEMD, and ECDSA of FIPS 186-2, which is all with SHA-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Excluded {
    KeyLength,
    Curve,
    Hash,
    IvOrTagLength,
    SaltLength,
    CounterForm,
    BitcoinRule,
    PrivateKeyForm,
    PrescribedRandomness,
}

impl Excluded {
    const fn reason(self) -> &'static str {
        match self {
            Self::KeyLength => "keys of the algorithm, or wrapping keys, have another length in KMS",
            Self::Curve => "KMS has no such curve",
            Self::Hash => "KMS does not offer the hash, or not with that curve, mask or derivation",
            Self::IvOrTagLength => "Trent encrypts with 96-bit IVs and 128-bit tags",
            Self::SaltLength => "the salt is not as long as the hash: invalid to KMS whatever else it is",
            Self::CounterForm => "Trent's derivations count in 32 bits before the fixed input",
            Self::BitcoinRule => "a rule of Bitcoin (low s), which KMS does not impose",
            Self::PrivateKeyForm => "about a private key in a form that KMS has not: expanded, or damaged",
            Self::PrescribedRandomness => "prescribes randomness, which no interface of ours takes",
        }
    }
}

/// What one family of cases came to, or all of them.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) run: usize,
    excluded: BTreeMap<Excluded, usize>,
    pub(crate) wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn excluded(&mut self, reason: Excluded) {
        *self.excluded.entry(reason).or_default() += 1;
    }

    /// What was found must be what is right.
    pub(crate) fn check(&mut self, what: impl Display, expected: bool, found: bool) {
        self.run += 1;
        if found != expected {
            self.wrong.push(format!("{what} (check {}): {found}, not {expected}", self.run));
        }
    }

    /// A case that may go either way and has only not to panic.
    pub(crate) fn survived(&mut self) {
        self.run += 1;
    }

    pub(crate) fn total_excluded(&self) -> usize {
        self.excluded.values().sum()
    }

    /// The list of reasons, with how many cases each keeps out.
    pub(crate) fn print_excluded(&self) {
        for (reason, count) in &self.excluded {
            print(format_args!("{count:>6} excluded: {}", reason.reason()));
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.run += other.run;
        self.wrong.extend(other.wrong);
        for (reason, count) in other.excluded {
            *self.excluded.entry(reason).or_default() += count;
        }
    }
}

/// A line that is seen even when the test passes.
pub(crate) fn print(line: impl Display) {
    writeln!(std::io::stderr(), "vectors: {line}").unwrap();
}
