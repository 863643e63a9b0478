//! What is run, what is not and why, and what went wrong.

use std::collections::BTreeMap;
use std::io::Write as _;

/// Why a case is not run: the one list for all families. Not read at all are the files of functions
/// that Trent does not have: DSA, X9.31, key wrap with the inverse cipher (`_inv`) or triple DES, HMAC
/// with MD5, SHA-1 or RIPEMD, and ECDSA of FIPS 186-2, which is all with SHA-1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Excluded {
    /// KMS has no such curve.
    Curve,
    /// KMS keys of this algorithm have another length, and wrapping keys, too.
    KeyLength,
    /// KMS does not offer the hash, or not with that curve; or the derivation uses another function.
    Hash,
    /// Trent encrypts with 96-bit IVs and 128-bit tags.
    IvOrTagLength,
    /// Trent's derivations count in 32 bits before the fixed input.
    CounterForm,
    /// The salt is shorter than the hash, so the signature is invalid to us whatever else it is.
    SaltLength,
}

/// What a family came to.
#[derive(Default)]
pub(crate) struct Tally {
    run: usize,
    excluded: BTreeMap<Excluded, usize>,
    wrong: Vec<String>,
}

impl Tally {
    pub(crate) fn excluded(&mut self, reason: Excluded) {
        *self.excluded.entry(reason).or_default() += 1;
    }

    /// What was found must be what is right.
    pub(crate) fn check(&mut self, what: &str, expected: bool, found: bool) {
        self.run += 1;
        if found != expected {
            self.wrong.push(format!("{what}, case {}: {found}, not {expected}", self.run));
        }
    }

    /// Fails when a case went wrong, or when fewer were run than there once were.
    pub(crate) fn report(self, family: &str, at_least: usize) {
        print(&format!("{family}: {} run, excluded: {:?}", self.run, self.excluded));
        assert!(self.wrong.is_empty(), "{} wrong: {:#?}", self.wrong.len(), self.wrong);
        assert!(self.run >= at_least, "only {} cases of {family} were run, not {at_least}", self.run);
    }
}

/// A line that is seen even when the test passes.
pub(crate) fn print(line: &str) {
    writeln!(std::io::stderr(), "nist: {line}").unwrap();
}
