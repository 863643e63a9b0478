//! NIST's vectors, as the Python package `cryptography_vectors` carries them.
//!
//! `TRENT_NIST_VECTORS` names the package's directory; without it nothing is run. A case is run when
//! its parameters are ones that Trent has; `Excluded` lists all the reasons why one is not. Where
//! the provider takes no such input (an IV, a wrapping key, a short MAC key) the case holds the
//! library, and the very algorithm of it that Trent uses.

#![cfg(test)]

mod asymmetric;
mod der;
mod post_quantum;
mod rsp;
mod symmetric;
mod tally;

use std::path::PathBuf;

use rsp::Case;

/// The cases of some files below a directory of the package; nothing when there is no package. See
/// [`rsp::cases`] for `first`.
fn cases(directory: &str, files: &[&str], first: &str) -> Option<Vec<Case>> {
    let Some(package) = std::env::var_os("TRENT_NIST_VECTORS").map(PathBuf::from) else {
        tally::print(&format!("{directory} skipped: TRENT_NIST_VECTORS is not set"));
        return None;
    };
    let directory = package.join(directory);
    Some(files.iter().flat_map(|file| rsp::cases(&directory.join(file), first)).collect())
}
