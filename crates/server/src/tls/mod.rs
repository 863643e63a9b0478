//! TLS 1.2 and 1.3 with certificates that can change while the server runs.

mod auto;
mod files;

use std::sync::Arc;

use arc_swap::ArcSwap;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{
    CipherSuite, ClientConfig, NamedGroup, ProtocolVersion, RootCertStore, ServerConfig, ServerConnection,
};
use trent_engine::TlsDetails;

pub(crate) use auto::{Authority, host_name, usual_names};
pub(crate) use files::Files;

/// Why there is no certificate to serve with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    /// A file cannot be read or written.
    #[error("`{path}`: {reason}")]
    File { path: String, reason: String },
    /// The certificate cannot be used.
    #[error("the certificate cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made: {0}")]
    Making(#[from] rcgen::Error),
}

/// Where a certificate comes from, and comes from again when it is time for another.
pub(crate) trait Source: Send + Sync {
    /// The certificate to serve with now, when it is not the one that was given last.
    fn renewed(&mut self) -> Result<Option<CertifiedKey>, TlsError>;
}

/// The certificate that is served; changing it touches new connections only.
#[derive(Debug)]
pub(crate) struct Served(ArcSwap<CertifiedKey>);

impl Served {
    pub(crate) fn new(first: CertifiedKey) -> Arc<Self> {
        Arc::new(Self(ArcSwap::from_pointee(first)))
    }

    pub(crate) fn replace(&self, next: CertifiedKey) {
        self.0.store(Arc::new(next));
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load_full())
    }
}

/// What both ends agree on before a byte of HTTP is read. The library's defaults are what is
/// wanted and a test holds them: only ECDHE with AEAD suites, and X25519MLKEM768 first.
pub(crate) fn server_config(served: Arc<Served>) -> Result<Arc<ServerConfig>, TlsError> {
    let builder = ServerConfig::builder_with_provider(Arc::new(provider()));
    let mut config = builder
        .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?
        .with_no_client_auth()
        .with_cert_resolver(served);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}

/// What connections of our own demand of the other end.
pub(crate) fn client_config(roots: RootCertStore) -> Result<ClientConfig, TlsError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(provider()));
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

fn certified(
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<CertifiedKey, TlsError> {
    Ok(CertifiedKey::from_der(chain, key, &provider())?)
}

/// What the audit trail says of a connection; names are IANA's.
pub(crate) fn details(connection: &ServerConnection) -> Option<TlsDetails> {
    let version = match connection.protocol_version()? {
        ProtocolVersion::TLSv1_3 => "TLSv1.3",
        _ => "TLSv1.2",
    };
    let cipher_suite = suite_name(connection.negotiated_cipher_suite()?.suite());
    let key_exchange = connection.negotiated_key_exchange_group().and_then(|group| group_name(group.name()));
    Some(TlsDetails { version, cipher_suite, key_exchange })
}

fn suite_name(suite: CipherSuite) -> &'static str {
    match suite {
        CipherSuite::TLS13_AES_128_GCM_SHA256 => "TLS_AES_128_GCM_SHA256",
        CipherSuite::TLS13_AES_256_GCM_SHA384 => "TLS_AES_256_GCM_SHA384",
        CipherSuite::TLS13_CHACHA20_POLY1305_SHA256 => "TLS_CHACHA20_POLY1305_SHA256",
        other => other.as_str().unwrap_or("unknown"),
    }
}

fn group_name(group: NamedGroup) -> Option<&'static str> {
    match group {
        NamedGroup::X25519 => Some("x25519"),
        other => other.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_forward_secret_authenticated_encryption_is_offered() {
        let provider = provider();
        for suite in &provider.cipher_suites {
            let name = suite_name(suite.suite());
            assert!(name.starts_with("TLS_ECDHE_") || suite.tls13().is_some(), "{name}");
            assert!(name.contains("_GCM_") || name.contains("_POLY1305_"), "{name}");
            assert!(!name.starts_with("TLS13"), "{name} is not a name of IANA's");
        }
        let groups = provider.kx_groups.iter().map(|group| group.name()).collect::<Vec<_>>();
        assert_eq!(groups.first(), Some(&NamedGroup::X25519MLKEM768), "{groups:?}");
    }
}
