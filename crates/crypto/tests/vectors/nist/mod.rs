//! The vectors that the Python package `cryptography_vectors` carries: NIST's above all.

pub(crate) mod asymmetric;
pub(crate) mod post_quantum;
mod rsp;
pub(crate) mod symmetric;

use std::path::PathBuf;

use rsp::Case;

/// The package's directory, if the environment names one. It is not looked at here: a directory that
/// is not there makes every family stop.
pub(crate) fn package() -> Option<PathBuf> {
    std::env::var_os("TRENT_NIST_VECTORS").map(PathBuf::from)
}

fn directory(below: &str) -> PathBuf {
    package().unwrap().join(below)
}

/// The cases of some files below a directory of the package. See [`rsp::cases`] for `first`.
fn cases(below: &str, files: &[&str], first: &str) -> Vec<Case> {
    files.iter().flat_map(|file| rsp::cases(&directory(below).join(file), first)).collect()
}
