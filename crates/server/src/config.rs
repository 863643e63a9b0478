//! What a server is told to do, checked and with every default filled in.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::time::Duration;

use trent_domain::{AccountId, RateQuotas, Region, ResourceQuotas};

use crate::cli::{LogFormat, Options};
use crate::failure::Failure;
use crate::http::TrustedProxies;

/// Everything a server needs to know.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) data_dir: PathBuf,
    pub(crate) listen: Vec<SocketAddr>,
    /// What clients are told, when it is not made of the first address.
    pub(crate) endpoint: Option<String>,
    /// Never empty.
    pub(crate) regions: Vec<Region>,
    /// The account that must be the store's; a new store is given the usual one when there is none.
    pub(crate) account: Option<AccountId>,
    /// The file of the seal.
    pub(crate) seal: PathBuf,
    pub(crate) tls: TlsMode,
    pub(crate) trusted_proxies: TrustedProxies,
    /// Files of roots that are trusted beside the one that always is.
    pub(crate) attestation_roots: Vec<PathBuf>,
    /// Files of certificates that identity providers may lead to beside those that this machine trusts.
    pub(crate) oidc_ca: Vec<PathBuf>,
    pub(crate) admin_listen: Option<SocketAddr>,
    pub(crate) dev: bool,
    pub(crate) workers: usize,
    pub(crate) log_format: LogFormat,
    pub(crate) log_level: String,
    pub(crate) limits: Limits,
    pub(crate) drain: Duration,
    pub(crate) cache_records: usize,
    pub(crate) rate_quotas: RateQuotas,
    pub(crate) resource_quotas: ResourceQuotas,
    /// A file that says what the store is to hold.
    pub(crate) seed: Option<PathBuf>,
    /// Whether that file may hold secrets without `dev`.
    pub(crate) seed_material: bool,
}

/// Where certificates come from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum TlsMode {
    /// There are none: plain HTTP.
    Off,
    /// From an authority of our own, for these names beside the usual ones.
    Auto(Vec<String>),
    /// From files.
    Files {
        cert: PathBuf,
        key: PathBuf,
        /// What clients are told to trust.
        ca: Option<PathBuf>,
    },
}

/// What a peer may use up before anything is known about it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) connections: usize,
    pub(crate) body_bytes: usize,
    pub(crate) head: Duration,
    pub(crate) body: Duration,
    pub(crate) handshake: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            // Below the descriptors a process usually may have, with room for the store's.
            connections: 4096,
            // Above the largest legal request, a CreateKey with a policy of 131,072 characters.
            body_bytes: 1 << 20,
            head: Duration::from_secs(60),
            body: Duration::from_secs(60),
            handshake: Duration::from_secs(10),
        }
    }
}

const DATA_DIR: &str = "trent-data";
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4599);
const REGION: &str = "us-east-1";
const DRAIN: Duration = Duration::from_secs(30);
const CACHE_RECORDS: usize = 100_000;

/// The data directory, which two verbs need.
pub(crate) fn data_dir(option: Option<PathBuf>) -> PathBuf {
    option.unwrap_or_else(|| PathBuf::from(DATA_DIR))
}

impl Config {
    /// Fills in the defaults.
    ///
    /// # Errors
    /// For what cannot be, or must not be: plain HTTP or `--dev` beyond this machine.
    pub(crate) fn new(options: Options) -> Result<Self, Failure> {
        let limits = limits(&options);
        let data_dir = data_dir(options.data_dir);
        let config = Self {
            seal: seal(options.seal.as_deref(), &data_dir)?,
            data_dir,
            listen: or_default(options.listen, || LISTEN),
            endpoint: options.endpoint.as_deref().map(endpoint).transpose()?,
            regions: regions(options.region)?,
            account: options.account,
            tls: tls(
                options.tls_cert,
                options.tls_key,
                options.tls_ca,
                options.tls_auto.unwrap_or(false),
                options.tls_name,
            )?,
            trusted_proxies: options.trusted_proxy.into(),
            attestation_roots: options.attestation_root,
            oidc_ca: options.oidc_ca,
            admin_listen: options.admin_listen,
            dev: options.dev.unwrap_or(false),
            workers: options.workers.map_or_else(cores, NonZeroUsize::get),
            log_format: options.log_format.unwrap_or_default(),
            log_level: options.log_level.unwrap_or_else(|| "info".to_owned()),
            limits,
            drain: seconds(options.drain_timeout).unwrap_or(DRAIN),
            cache_records: options.cache_records.map_or(CACHE_RECORDS, NonZeroUsize::get),
            rate_quotas: options.rate_quota.into_iter().collect(),
            resource_quotas: options.resource_quota.into_iter().collect(),
            seed: options.seed,
            seed_material: options.seed_material.unwrap_or(false),
        };
        store(options.store.as_deref())?;
        config.check_reach()?;
        Ok(config)
    }

    /// Who can reach what: the two rules that keep a careless start from exposing keys.
    fn check_reach(&self) -> Result<(), Failure> {
        let Some(open) = self.listen.iter().find(|address| !address.ip().to_canonical().is_loopback()) else {
            return Ok(());
        };
        if self.dev {
            return Err(refused(format!("--dev is for loopback addresses only, not for `{open}`")));
        }
        if self.tls == TlsMode::Off {
            return Err(refused(format!(
                "`{open}` can be reached from other machines and needs TLS: give --tls-cert and --tls-key, \
                 or --tls-auto, or listen on 127.0.0.1"
            )));
        }
        Ok(())
    }
}

fn refused(reason: impl Into<String>) -> Failure {
    Failure::Configuration(reason.into())
}

fn or_default<T>(list: Vec<T>, default: impl FnOnce() -> T) -> Vec<T> {
    if list.is_empty() { vec![default()] } else { list }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

fn seconds(option: Option<NonZeroUsize>) -> Option<Duration> {
    // A year is as good as for ever, and can be added to any point in time.
    const YEAR: u64 = 366 * 86_400;
    option.map(|number| Duration::from_secs(u64::try_from(number.get()).unwrap_or(YEAR).min(YEAR)))
}

fn limits(options: &Options) -> Limits {
    let usual = Limits::default();
    Limits {
        connections: options.max_connections.map_or(usual.connections, NonZeroUsize::get),
        body_bytes: options.max_body_bytes.map_or(usual.body_bytes, NonZeroUsize::get),
        head: seconds(options.head_timeout).unwrap_or(usual.head),
        body: seconds(options.body_timeout).unwrap_or(usual.body),
        handshake: seconds(options.handshake_timeout).unwrap_or(usual.handshake),
    }
}

fn seal(option: Option<&str>, data_dir: &Path) -> Result<PathBuf, Failure> {
    match option.map(|seal| (seal, seal.strip_prefix("file:"))) {
        None => Ok(data_dir.join("seal.key")),
        Some((_, Some(path))) if !path.is_empty() => Ok(PathBuf::from(path)),
        Some((seal, _)) => Err(refused(format!("the seal `{seal}` is not of the form file:PATH"))),
    }
}

fn store(option: Option<&str>) -> Result<(), Failure> {
    match option {
        None | Some("embedded") => Ok(()),
        Some(other) => Err(refused(format!("the store `{other}` is not one this version has: `embedded`"))),
    }
}

fn regions(list: Vec<Region>) -> Result<Vec<Region>, Failure> {
    if list.is_empty() {
        return REGION.parse().map(|region| vec![region]).map_err(Failure::configuration);
    }
    let mut regions = Vec::new();
    for region in list {
        if !regions.contains(&region) {
            regions.push(region);
        }
    }
    Ok(regions)
}

/// The text goes into files and shells of clients, so only what a URL needs is let through.
fn endpoint(url: &str) -> Result<String, Failure> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let authority = rest.map(|rest| rest.trim_end_matches('/'));
    let legal = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte))
    };
    match authority {
        Some(authority) if legal(authority) => Ok(url.trim_end_matches('/').to_owned()),
        _ => Err(refused(format!("the endpoint `{url}` is not of the form https://HOST:PORT"))),
    }
}

fn tls(
    cert: Option<PathBuf>,
    key: Option<PathBuf>,
    ca: Option<PathBuf>,
    auto: bool,
    names: Vec<String>,
) -> Result<TlsMode, Failure> {
    match (cert, key, auto) {
        (Some(_), _, true) | (_, Some(_), true) => {
            Err(refused("--tls-auto makes its own certificate: leave out --tls-cert and --tls-key"))
        }
        (Some(cert), Some(key), false) => Ok(TlsMode::Files { cert, key, ca }),
        (None, None, true) => Ok(TlsMode::Auto(names)),
        (None, None, false) if ca.is_none() && names.is_empty() => Ok(TlsMode::Off),
        (None, None, false) => Err(refused("--tls-ca needs --tls-cert, and --tls-name needs --tls-auto")),
        _ => Err(refused("--tls-cert and --tls-key belong together")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(options: Options) -> String {
        match Config::new(options).unwrap_err() {
            Failure::Configuration(reason) => reason,
            Failure::Broken(reason) => panic!("{reason} is not about configuration"),
        }
    }

    #[test]
    fn the_defaults_are_those_that_are_promised() {
        let config = Config::new(Options::default()).unwrap();
        assert_eq!(config.data_dir, Path::new("trent-data"));
        assert_eq!(config.listen, ["127.0.0.1:4599".parse().unwrap()]);
        assert_eq!(config.regions, ["us-east-1".parse().unwrap()]);
        assert_eq!(config.account, None);
        assert_eq!(config.seal, Path::new("trent-data/seal.key"));
        assert_eq!(config.tls, TlsMode::Off);
        assert!(!config.dev && config.admin_listen.is_none());
    }

    #[test]
    fn plain_http_stays_on_this_machine() {
        for open in ["0.0.0.0:4599", "[::]:4599", "192.0.2.1:1", "[::ffff:192.0.2.1]:1"] {
            let listen = vec![LISTEN, open.parse().unwrap()];
            let reason = refusal(Options { listen: listen.clone(), ..Options::default() });
            assert!(reason.contains(open) && reason.contains("TLS"), "{reason}");
            let tls_auto = Some(true);
            Config::new(Options { listen: listen.clone(), tls_auto, ..Options::default() }).unwrap();
            let dev = Some(true);
            let reason = refusal(Options { listen, tls_auto, dev, ..Options::default() });
            assert!(reason.contains("--dev"), "{reason}");
        }
        for closed in ["127.0.0.1:0", "[::1]:4599", "127.9.9.9:1"] {
            let listen = vec![closed.parse().unwrap()];
            Config::new(Options { listen, dev: Some(true), ..Options::default() }).unwrap();
        }
    }

    #[test]
    fn what_does_not_go_together_is_refused() {
        let cert = || Some(PathBuf::from("cert"));
        refusal(Options { tls_cert: cert(), ..Options::default() });
        refusal(Options { tls_key: cert(), ..Options::default() });
        refusal(Options { tls_ca: cert(), ..Options::default() });
        refusal(Options { tls_cert: cert(), tls_key: cert(), tls_auto: Some(true), ..Options::default() });
        refusal(Options { tls_name: vec!["a".to_owned()], ..Options::default() });
        for store in ["etcd://a:1", "memory", ""] {
            refusal(Options { store: Some(store.to_owned()), ..Options::default() });
        }
        for seal in ["", "file:", "seal.key", "pkcs11:x"] {
            refusal(Options { seal: Some(seal.to_owned()), ..Options::default() });
        }
        for url in ["localhost", "ftp://a", "https://", "https://a b", "http://a/b", "http://a\nb"] {
            refusal(Options { endpoint: Some(url.to_owned()), ..Options::default() });
        }
    }
}
