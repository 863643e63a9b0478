//! Where requests go, and how a connection is opened there.

use std::sync::Arc;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Failure;

/// A byte stream to an endpoint, protected or not.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// An endpoint, taken apart.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// `host:port`, as the `Host` header has it.
    pub(crate) authority: String,
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
}

impl Endpoint {
    /// An endpoint by its URL; certificates are checked against `AWS_CA_BUNDLE`.
    pub(crate) fn parse(url: &str) -> Result<Self, Failure> {
        let uri: http::Uri = url.parse()?;
        let authority = uri.authority().ok_or("the endpoint has no host")?;
        let (tls, default_port) = match uri.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => (Some(connector()?), 443),
            _ => return Err("the endpoint must start with http:// or https://".into()),
        };
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        let port = authority.port_u16().unwrap_or(default_port);
        Ok(Self { authority: authority.as_str().to_owned(), host, port, tls })
    }

    /// Opens a connection.
    pub(crate) async fn connect(&self) -> Result<Box<dyn Stream>, Failure> {
        let stream = TcpStream::connect((self.host.as_str(), self.port)).await?;
        stream.set_nodelay(true)?;
        match &self.tls {
            None => Ok(Box::new(stream)),
            Some(connector) => {
                let name = ServerName::try_from(self.host.clone())?;
                Ok(Box::new(connector.connect(name, stream).await?))
            }
        }
    }
}

fn connector() -> Result<TlsConnector, Failure> {
    let bundle = std::env::var_os("AWS_CA_BUNDLE").ok_or("an https endpoint needs AWS_CA_BUNDLE")?;
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(bundle)? {
        roots.add(certificate?)?;
    }
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
