//! A certificate and its key from files, read again when they change.

use std::path::{Path, PathBuf};

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use zeroize::Zeroizing;

use super::{Source, TlsError, certified};

/// The two files, and what they held when they were last taken over.
pub(crate) struct Files {
    cert: PathBuf,
    key: PathBuf,
    /// Compared by content: a copy with an old date is a change, too.
    taken: Option<[Zeroizing<Vec<u8>>; 2]>,
}

impl Files {
    pub(crate) const fn new(cert: PathBuf, key: PathBuf) -> Self {
        Self { cert, key, taken: None }
    }

    /// Whether the certificate stands alone. Then it is its own authority, and clients that are to
    /// trust it are given just that.
    pub(crate) fn stands_alone(&self) -> bool {
        CertificateDer::pem_file_iter(&self.cert).is_ok_and(|chain| chain.count() == 1)
    }
}

impl Source for Files {
    /// The two files are not replaced at one moment: a pair that does not fit together is an error
    /// now, and is looked at again the next time.
    fn renewed(&mut self) -> Result<Option<CertifiedKey>, TlsError> {
        let found = [read(&self.cert)?, read(&self.key)?];
        if self.taken.as_ref() == Some(&found) {
            return Ok(None);
        }
        let [cert, key] = &found;
        let chain = CertificateDer::pem_slice_iter(cert)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| unusable(&self.cert, error))?;
        if chain.is_empty() {
            return Err(unusable(&self.cert, "it holds no certificate"));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| unusable(&self.key, error))?;
        let certified = certified(chain, key)?;
        self.taken = Some(found);
        Ok(Some(certified))
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    std::fs::read(path).map(Zeroizing::new).map_err(|error| unusable(path, error))
}

fn unusable(path: &Path, reason: impl std::fmt::Display) -> TlsError {
    TlsError::File { path: path.display().to_string(), reason: reason.to_string() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn pair() -> (String, String) {
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (made.cert.pem(), made.signing_key.serialize_pem())
    }

    #[test]
    fn files_are_taken_over_when_both_have_changed() {
        let dir = tempfile::tempdir().unwrap();
        let (cert, key) = (dir.path().join("cert"), dir.path().join("key"));
        let mut files = Files::new(cert.clone(), key.clone());
        assert!(files.renewed().is_err());

        let (old_cert, old_key) = pair();
        fs::write(&cert, &old_cert).unwrap();
        fs::write(&key, &old_key).unwrap();
        assert!(files.renewed().unwrap().is_some());
        assert!(files.renewed().unwrap().is_none());
        assert!(files.stands_alone());

        let (new_cert, new_key) = pair();
        fs::write(&cert, format!("{new_cert}{old_cert}")).unwrap();
        assert!(files.renewed().is_err(), "the key is still that of the old certificate");
        fs::write(&key, new_key).unwrap();
        assert!(files.renewed().unwrap().is_some());
        assert!(!files.stands_alone());

        fs::write(&cert, "").unwrap();
        assert!(files.renewed().is_err());
    }
}
