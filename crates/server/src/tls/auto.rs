//! A certificate authority of Trent's own, for those who have none.
//!
//! The authority's key and certificate are made once and kept in the data directory; clients
//! trust `DIR/ca.pem`. The certificate that is served lives in memory only, is made anew at every
//! start, and again long before it expires.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::sign::CertifiedKey;
use trent_engine::Clock;
use zeroize::Zeroizing;

use super::{Source, TlsError, certified};
use crate::files::replace;

const CA_FILE: &str = "ca.pem";
const CA_KEY_FILE: &str = "ca.key";
const CA_YEARS: i64 = 20;
const LEAF_DAYS: i64 = 90;
const RENEW_AFTER: Duration = Duration::from_secs(30 * 86_400);

/// The authority, and what it certifies.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    ca_file: PathBuf,
    names: Vec<String>,
    clock: Arc<dyn Clock>,
    made: Option<Timestamp>,
}

impl Authority {
    /// The authority of a data directory, made when there is none. It certifies `names`.
    pub(crate) fn open(dir: &Path, names: Vec<String>, clock: Arc<dyn Clock>) -> Result<Self, TlsError> {
        let key = key(&dir.join(CA_KEY_FILE))?;
        let ca_file = dir.join(CA_FILE);
        let params = ca_params(&key, today(&*clock))?;
        // The certificate says nothing that the key does not determine, but for its dates. So one
        // that was lost can be made again, and what was issued before still fits it.
        if !ca_file.exists() {
            let pem = params.self_signed(&key)?.pem();
            replace(&ca_file, pem.as_bytes()).map_err(|error| failed(&ca_file, &error))?;
        }
        Ok(Self { issuer: Issuer::new(params, key), ca_file, names, clock, made: None })
    }

    /// What clients are to trust.
    pub(crate) fn ca_file(&self) -> &Path {
        &self.ca_file
    }

    fn issue(&self) -> Result<CertifiedKey, TlsError> {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        let leaf = leaf_params(&self.names, today(&*self.clock))?.signed_by(&key, &self.issuer)?;
        let key = PrivateKeyDer::try_from(key.serialize_der())
            .map_err(|reason| rustls::Error::General(reason.to_owned()))?;
        certified(vec![leaf.der().clone()], key)
    }
}

impl Source for Authority {
    fn renewed(&mut self) -> Result<Option<CertifiedKey>, TlsError> {
        let now = self.clock.wall();
        let fresh = |made: Timestamp| now.duration_since(made).unsigned_abs() < RENEW_AFTER;
        if self.made.is_some_and(fresh) {
            return Ok(None);
        }
        let issued = self.issue()?;
        self.made = Some(now);
        Ok(Some(issued))
    }
}

/// The names that a server can be expected to be called by.
pub(crate) fn usual_names(
    listen: impl IntoIterator<Item = IpAddr>,
    others: impl IntoIterator<Item = String>,
) -> Vec<String> {
    let mut names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).to_vec();
    let addresses = listen.into_iter().filter(|address| !address.is_unspecified());
    names.extend(addresses.map(|address| address.to_canonical().to_string()));
    names.extend(others.into_iter().filter(|name| !name.is_empty()));
    let mut known = std::collections::BTreeSet::new();
    names.retain(|name| known.insert(name.clone()));
    names
}

/// The name of this machine, where it has one that a certificate can bear.
pub(crate) fn host_name() -> Option<String> {
    let name = rustix::system::uname().nodename().to_str().ok()?.to_ascii_lowercase();
    let legal = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.');
    (legal && name != "(none)").then_some(name)
}

fn key(path: &Path) -> Result<KeyPair, TlsError> {
    match fs::read_to_string(path).map(Zeroizing::new) {
        Ok(pem) => Ok(KeyPair::from_pem(&pem)?),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
            let pem = Zeroizing::new(key.serialize_pem());
            replace(path, pem.as_bytes()).map_err(|error| failed(path, &error))?;
            Ok(key)
        }
        Err(error) => Err(failed(path, &error)),
    }
}

fn failed(path: &Path, error: &std::io::Error) -> TlsError {
    TlsError::File { path: path.display().to_string(), reason: error.to_string() }
}

fn today(clock: &dyn Clock) -> Date {
    TimeZone::UTC.to_datetime(clock.wall()).date()
}

/// The subject carries the key's fingerprint, so that the authorities of two directories can be
/// told apart, by people as by clients that trust both.
fn ca_params(key: &KeyPair, today: Date) -> Result<CertificateParams, TlsError> {
    let mut params = valid(CertificateParams::default(), today, today.saturating_add(CA_YEARS.years()));
    let fingerprint = hex::encode(params.key_identifier(key).get(..8).unwrap_or_default());
    params.distinguished_name = named(format!("Trent CA {fingerprint}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    Ok(params)
}

fn leaf_params(names: &[String], today: Date) -> Result<CertificateParams, TlsError> {
    let params = CertificateParams::new(names)?;
    let mut params = valid(params, today, today.saturating_add(LEAF_DAYS.days()));
    params.distinguished_name = named("Trent".to_owned());
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn named(name: String) -> DistinguishedName {
    let mut distinguished = DistinguishedName::new();
    distinguished.push(DnType::CommonName, name);
    distinguished
}

/// From the day before `from`, since clocks differ, to `until`.
fn valid(mut params: CertificateParams, from: Date, until: Date) -> CertificateParams {
    let day = |date: Date| {
        let part = |number: i8| u8::try_from(number).unwrap_or(1);
        rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
    };
    params.not_before = day(from.saturating_sub(1.day()));
    params.not_after = day(until);
    params
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::Mutex;

    use rustls::pki_types::pem::PemObject as _;
    use rustls::pki_types::{CertificateDer, ServerName};

    use super::*;

    struct Hand(Mutex<Timestamp>);

    impl Clock for Hand {
        fn now(&self) -> Timestamp {
            self.wall()
        }

        fn wall(&self) -> Timestamp {
            *self.0.lock().unwrap()
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
    }

    fn hand() -> Arc<Hand> {
        Arc::new(Hand(Mutex::new(Timestamp::now())))
    }

    fn names() -> Vec<String> {
        usual_names(["192.0.2.7".parse().unwrap(), "::".parse().unwrap()], ["box".to_owned()])
    }

    /// Whether a client that trusts `ca` accepts the certificate for `name`.
    fn accepted(ca: &Path, served: &CertifiedKey, name: &str) -> bool {
        use rustls::client::danger::ServerCertVerifier as _;
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(ca).unwrap()).unwrap();
        let builder = rustls::client::WebPkiServerVerifier::builder_with_provider(
            Arc::new(roots),
            Arc::new(super::super::provider()),
        );
        let name = ServerName::try_from(name.to_owned()).unwrap();
        let now = rustls::pki_types::UnixTime::now();
        builder.build().unwrap().verify_server_cert(&served.cert[0], &[], &name, &[], now).is_ok()
    }

    #[test]
    fn the_names_are_those_one_expects() {
        assert_eq!(names(), ["localhost", "127.0.0.1", "::1", "192.0.2.7", "box"]);
    }

    #[test]
    fn clients_that_trust_the_authority_accept_every_name() {
        let dir = tempfile::tempdir().unwrap();
        let mut authority = Authority::open(dir.path(), names(), hand()).unwrap();
        let ca = authority.ca_file().to_owned();
        let served = authority.renewed().unwrap().unwrap();
        for name in names() {
            assert!(accepted(&ca, &served, &name), "{name}");
        }
        assert!(!accepted(&ca, &served, "other"));
        let mode = |name| fs::metadata(dir.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(CA_KEY_FILE), 0o600);

        // A later start has the same authority.
        let mut again = Authority::open(dir.path(), names(), hand()).unwrap();
        assert!(accepted(&ca, &again.renewed().unwrap().unwrap(), "localhost"));
        // Another directory has another one.
        let other = tempfile::tempdir().unwrap();
        let mut other = Authority::open(other.path(), names(), hand()).unwrap();
        assert!(!accepted(&ca, &other.renewed().unwrap().unwrap(), "localhost"));
    }

    #[test]
    fn a_certificate_is_renewed_long_before_it_expires() {
        let dir = tempfile::tempdir().unwrap();
        let clock = hand();
        let mut authority = Authority::open(dir.path(), names(), clock.clone()).unwrap();
        assert!(authority.renewed().unwrap().is_some());
        assert!(authority.renewed().unwrap().is_none());
        let later = Timestamp::now() + RENEW_AFTER;
        *clock.0.lock().unwrap() = later + Duration::from_secs(1);
        assert!(authority.renewed().unwrap().is_some());
        assert!(authority.renewed().unwrap().is_none());
    }
}
