//! Chores of the workspace.
//!
//! `cargo run -p xtask -- model` writes the shapes of `crates/model` anew from the pinned API
//! models; with `--check` it only says whether they differ. `cargo run -p xtask -- pin FILE` takes
//! a published model (JSON) and pins it, without its documentation.

mod generate;
mod model;
mod names;
mod pin;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// What can go wrong with a chore; the text is the whole story.
type Failure = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments.as_slice() {
        ["model"] => generate::write(&root()),
        ["model", "--check"] => generate::check(&root()),
        ["pin", file] => pin::pin(Path::new(file), &root()),
        _ => Err("usage: xtask model [--check] | xtask pin FILE".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// The workspace's root.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    /// The generated shapes are those of the pinned model.
    #[test]
    fn the_shapes_are_up_to_date() {
        super::generate::check(&super::root()).unwrap();
    }
}
