//! Seeding: a file says what a store is to hold, and at each start what is missing of it is added.
//!
//! The file (`format.rs`) is read and taken apart into steps (`steps.rs`) before anything else of a
//! start is done. The steps are done by the operations that clients use (`people.rs`), and by three
//! that no client reaches where ids, material and secrets are chosen (`trent_operations::seed`). First
//! they are done on top of the store and forgotten (`sower.rs`): so whatever a file contradicts is found
//! while nothing of it was written.

mod format;
mod input;
mod material;
mod people;
mod refusal;
mod sower;
mod steps;

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use trent_domain::Region;
use zeroize::Zeroizing;

pub(crate) use sower::{Ground, Sower};

use crate::failure::Failure;
use refusal::Refusal;
use steps::{Act, Step};

/// The most bytes a file may have: enough for thousands of keys.
const LARGEST: u64 = 16 << 20;

/// A file that was read, and what is to be done for it.
pub(crate) struct Seed {
    file: PathBuf,
    steps: Vec<Step>,
}

/// How much a file is trusted with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trust {
    /// With nothing secret.
    Public,
    /// With secrets, if not everybody on the machine can read it.
    Guarded,
    /// With secrets, whoever can read it: they are for tests.
    Test,
}

impl Seed {
    /// Reads a file, for a server of these Regions.
    ///
    /// # Errors
    /// What is wrong in it, with the place.
    pub(crate) fn read(file: &Path, trust: Trust, regions: &[Region]) -> Result<Self, Failure> {
        let refused = |refusal: Refusal| refused(file, &refusal);
        let (text, is_open) = text(file).map_err(|error| refused(Refusal::of_file(error)))?;
        let steps = parse(&text, regions).map_err(refused)?;
        let seed = Self { file: file.to_owned(), steps };
        seed.check(trust, is_open).map_err(refused)?;
        Ok(seed)
    }

    /// Whether the file may hold the secrets that it holds.
    fn check(&self, trust: Trust, is_open: bool) -> Result<(), Refusal> {
        let Some(secret) = self.steps.iter().find(|step| step.act.is_secret()) else { return Ok(()) };
        match trust {
            Trust::Public => Err(Refusal::at(
                secret.place,
                "key material and secret access keys are for --dev, or for --seed-material",
            )),
            Trust::Guarded if is_open => {
                Err(Refusal::of_file("it holds secrets, and everybody can read it: chmod 600"))
            }
            Trust::Test if is_open => {
                tracing::warn!(file = %self.file.display(), "everybody can read the secrets of the seed");
                Ok(())
            }
            Trust::Guarded | Trust::Test => Ok(()),
        }
    }
}

impl Act {
    const fn is_secret(&self) -> bool {
        match self {
            Self::AccessKey(_) => true,
            Self::Key(key) => key.seed.material.is_some(),
            _ => false,
        }
    }
}

fn refused(file: &Path, refusal: &Refusal) -> Failure {
    Failure::configuration(format!("the seed `{}`: {refusal}", file.display()))
}

/// The text of a file, and whether others than its owner and group can read it.
fn text(path: &Path) -> std::io::Result<(Zeroizing<String>, bool)> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(std::io::Error::other("it is no file, or larger than 16 MiB"));
    }
    // Room for all of it at once, so that no outgrown copy is left behind.
    let length = usize::try_from(metadata.len()).unwrap_or_default();
    let mut text = Zeroizing::new(String::with_capacity(length + 1));
    file.take(LARGEST).read_to_string(&mut text)?;
    Ok((text, metadata.permissions().mode() & 0o007 != 0))
}

fn parse(text: &str, regions: &[Region]) -> Result<Vec<Step>, Refusal> {
    let options = serde_saphyr::options! {
        with_snippet: false,
        strict_booleans: true,
        reject_unsupported_tags: true,
        leading_zero_numbers_as_strings: true,
    };
    let file = serde_saphyr::from_str_with_options(text, options).map_err(|error| Refusal::from(&error))?;
    steps::of(file, regions)
}

#[cfg(test)]
mod tests;
