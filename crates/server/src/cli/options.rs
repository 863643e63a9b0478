//! Everything that can be set, by flag, by variable or in the file, and which of them wins.

use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, de};
use trent_domain::{AccountId, Network, RateQuota, Region, ResourceQuota};

use crate::failure::Failure;

/// How log lines look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

/// What was set in one place. Field names are flag names and, in kebab case, those of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct Options {
    /// Where everything durable lies [default: ./trent-data]
    #[arg(long, env = "TRENT_DATA_DIR", value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) data_dir: Option<PathBuf>,
    /// An address to listen on; may be repeated [default: 127.0.0.1:4599]
    #[arg(long, env = "TRENT_LISTEN", value_name = "ADDR:PORT", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) listen: Vec<SocketAddr>,
    /// The URL that clients are told to use, when it is not that of the first address
    #[arg(long, env = "TRENT_ENDPOINT", value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) endpoint: Option<String>,
    /// A Region to serve; may be repeated, the first is the default of clients [default: us-east-1]
    #[arg(long, env = "TRENT_REGION", value_name = "REGION", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) region: Vec<Region>,
    /// The account that is made at the first start [default: 000000000000]
    #[arg(long, env = "TRENT_ACCOUNT", value_name = "ID")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) account: Option<AccountId>,
    /// The store: `embedded` [default: embedded]
    #[arg(long, env = "TRENT_STORE", value_name = "STORE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) store: Option<String>,
    /// What opens the store: `file:PATH` [default: file:DIR/seal.key]
    #[arg(long, env = "TRENT_SEAL", value_name = "SEAL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seal: Option<String>,
    /// A certificate chain, PEM; read again when it changes
    #[arg(long, env = "TRENT_TLS_CERT", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The private key of --tls-cert, PEM; read again when it changes
    #[arg(long, env = "TRENT_TLS_KEY", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Certificates that clients need to trust --tls-cert, PEM; only told to clients
    #[arg(long, env = "TRENT_TLS_CA", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_ca: Option<PathBuf>,
    /// TLS by a certificate authority of Trent's own, which is written to DIR/ca.pem
    #[arg(long, env = "TRENT_TLS_AUTO", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tls_auto: Option<bool>,
    /// A further name or address for the certificate of --tls-auto; may be repeated
    #[arg(long, env = "TRENT_TLS_NAME", value_name = "NAME", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) tls_name: Vec<String>,
    /// A proxy, by address or range, that is believed about whom it asks for; may be repeated [default: none]
    #[arg(long, env = "TRENT_TRUSTED_PROXY", value_name = "CIDR", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) trusted_proxy: Vec<Network>,
    /// Root certificates that attestation documents may lead to beside AWS's own, PEM; may be repeated
    #[arg(long, env = "TRENT_ATTESTATION_ROOT", value_name = "FILE", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) attestation_root: Vec<PathBuf>,
    /// Certificates that identity providers may lead to beside those this machine trusts, PEM; may be repeated
    #[arg(long, env = "TRENT_OIDC_CA", value_name = "FILE", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) oidc_ca: Vec<PathBuf>,
    /// Where to serve metrics and health, always plain HTTP [default: nowhere]
    #[arg(long, env = "TRENT_ADMIN_LISTEN", value_name = "ADDR:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) admin_listen: Option<SocketAddr>,
    /// For tests only, and on loopback only: lets anyone move the clock and remove all keys
    #[arg(long, env = "TRENT_DEV", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dev: Option<bool>,
    /// Threads that serve requests [default: one for each core]
    #[arg(long, env = "TRENT_WORKERS", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) workers: Option<NonZeroUsize>,
    /// How log lines look [default: text]
    #[arg(long, env = "TRENT_LOG_FORMAT", value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_format: Option<LogFormat>,
    /// What is logged: a level, or levels by module as in `info,trent_store=debug` [default: info]
    #[arg(long, env = "TRENT_LOG_LEVEL", value_name = "LEVEL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) log_level: Option<String>,
    /// How many connections may be open; more wait to be accepted [default: 4096]
    #[arg(long, env = "TRENT_MAX_CONNECTIONS", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_connections: Option<NonZeroUsize>,
    /// How many bytes a request's body may have [default: 1048576]
    #[arg(long, env = "TRENT_MAX_BODY_BYTES", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max_body_bytes: Option<NonZeroUsize>,
    /// Seconds a connection may take until the head of its next request is whole [default: 60]
    #[arg(long, env = "TRENT_HEAD_TIMEOUT", value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) head_timeout: Option<NonZeroUsize>,
    /// Seconds a request's body may take [default: 60]
    #[arg(long, env = "TRENT_BODY_TIMEOUT", value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) body_timeout: Option<NonZeroUsize>,
    /// Seconds a TLS handshake may take [default: 10]
    #[arg(long, env = "TRENT_HANDSHAKE_TIMEOUT", value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) handshake_timeout: Option<NonZeroUsize>,
    /// Seconds that requests in flight get at the end [default: 30]
    #[arg(long, env = "TRENT_DRAIN_TIMEOUT", value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) drain_timeout: Option<NonZeroUsize>,
    /// How many records are kept in memory, decoded [default: 100000]
    #[arg(long, env = "TRENT_CACHE_RECORDS", value_name = "N")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_records: Option<NonZeroUsize>,
    /// Requests a second and account: `aws` for the service's quotas, or CLASS=N; may be repeated [default: any number]
    #[arg(long, env = "TRENT_RATE_QUOTA", value_name = "QUOTA", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) rate_quota: Vec<RateQuota>,
    /// How many there may be: `keys=N` of an account in a Region, `aliases-per-key=N`, `grants-per-key=N`; may be repeated [default: the service's numbers]
    #[arg(long, env = "TRENT_RESOURCE_QUOTA", value_name = "NAME=N", value_delimiter = ',')]
    #[serde(skip_serializing_if = "Vec::is_empty", deserialize_with = "one_or_many")]
    pub(crate) resource_quota: Vec<ResourceQuota>,
    /// A YAML file of accounts, identities and keys that the store is to hold
    #[arg(long, env = "TRENT_SEED", value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed: Option<PathBuf>,
    /// Lets the file of --seed hold key material and secret access keys without --dev
    #[arg(long, env = "TRENT_SEED_MATERIAL", num_args = 0..=1, require_equals = true,
        default_missing_value = "true", value_parser = BoolishValueParser::new())]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) seed_material: Option<bool>,
}

impl Options {
    /// These options, and where they are silent, those of the file.
    pub(crate) fn over(self, file: Option<&Path>) -> Result<Self, Failure> {
        let Some(path) = file else { return Ok(self) };
        let refused =
            |reason: String| Failure::configuration(format!("the file `{}`: {reason}", path.display()));
        let text = std::fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
        self.over_text(&text).map_err(refused)
    }

    fn over_text(self, text: &str) -> Result<Self, String> {
        let one_line = |error: &toml::de::Error| error.message().lines().collect::<Vec<_>>().join(" ");
        // Read as options first, so that a mistake is told with its place.
        let _: Self = toml::from_str(text).map_err(|error| match line(text, error.span()) {
            Some(line) => format!("line {line}: {}", one_line(&error)),
            None => one_line(&error),
        })?;
        let mut table: toml::Table = toml::from_str(text).map_err(|error| one_line(&error))?;
        table.extend(toml::Table::try_from(&self).map_err(|error| error.to_string())?);
        table.try_into().map_err(|error| one_line(&error))
    }
}

fn line(text: &str, span: Option<std::ops::Range<usize>>) -> Option<usize> {
    let before = text.get(..span?.start)?;
    Some(before.matches('\n').count() + 1)
}

/// A list, or the one thing it would hold.
fn one_or_many<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_any(OneOrMany(std::marker::PhantomData))
}

struct OneOrMany<T>(std::marker::PhantomData<T>);

impl<'de, T: FromStr<Err: fmt::Display>> Visitor<'de> for OneOrMany<T> {
    type Value = Vec<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a list of strings")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Vec<T>, E> {
        let item = text.parse().map_err(|error| E::custom(format!("`{text}`: {error}")))?;
        Ok(vec![item])
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<T>, A::Error> {
        let mut list = Vec::new();
        while let Some(text) = items.next_element::<String>()? {
            list.extend(OneOrMany(std::marker::PhantomData).visit_str(&text)?);
        }
        Ok(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "data-dir = '/file'\nlisten = ['127.0.0.1:1', '[::1]:2']\nregion = 'eu-west-1'\n\
                        dev = true\nworkers = 3\naccount = '111122223333'\nlog-format = 'json'\n";

    #[test]
    fn a_flag_wins_over_the_file() {
        let flags = Options {
            data_dir: Some("/flag".into()),
            listen: vec!["127.0.0.1:9".parse().unwrap()],
            dev: Some(false),
            ..Options::default()
        };
        let options = flags.over_text(FILE).unwrap();
        assert_eq!(options.data_dir.unwrap(), Path::new("/flag"));
        assert_eq!(options.listen, ["127.0.0.1:9".parse().unwrap()]);
        assert_eq!(options.dev, Some(false));
        assert_eq!(options.workers.unwrap().get(), 3);
        assert_eq!(options.region, ["eu-west-1".parse().unwrap()]);
        assert_eq!(options.log_format, Some(LogFormat::Json));
    }

    #[test]
    fn the_file_fills_what_is_not_set() {
        let options = Options::default().over_text(FILE).unwrap();
        assert_eq!(options.data_dir.unwrap(), Path::new("/file"));
        assert_eq!(options.listen.len(), 2);
        assert_eq!(options.account, Some("111122223333".parse().unwrap()));
    }

    #[test]
    fn a_mistake_in_the_file_is_told_in_one_line() {
        for (text, expected) in [
            ("dev = true\nlisten = 'nowhere'\n", "line 2: `nowhere`"),
            ("colour = 1\n", "colour"),
            ("workers = 0\n", "line 1"),
            ("workers =\n", "line 1"),
        ] {
            let error = Options::default().over_text(text).unwrap_err();
            assert!(error.contains(expected) && !error.contains('\n'), "{error}");
        }
    }
}
