//! The roots of attestation: AWS's own, and those in files that the configuration names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use trent_crypto::AttestationRoots;

use crate::failure::Failure;

/// Reads `files`, once.
///
/// # Errors
/// When one cannot be read, or has no root certificate in it: starting without a root that somebody
/// relies on would only be found out later.
pub(crate) fn roots(files: &[PathBuf]) -> Result<Arc<AttestationRoots>, Failure> {
    let mut roots = AttestationRoots::default();
    for file in files {
        let pem = std::fs::read(file).map_err(|error| refused(file, &error.to_string()))?;
        match roots.trust_pem(&pem) {
            Ok(0) => return Err(refused(file, "there is no certificate in it")),
            Ok(_) => {}
            Err(_) => return Err(refused(file, "a certificate in it cannot be a root of attestation")),
        }
        tracing::warn!(file = %file.display(), "attestation documents of a root other than AWS's are accepted");
    }
    Ok(Arc::new(roots))
}

fn refused(file: &Path, reason: &str) -> Failure {
    Failure::Configuration(format!("the attestation root `{}`: {reason}", file.display()))
}
