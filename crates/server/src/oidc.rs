//! Asking identity providers for their keys: the only connections that Trent opens to anywhere.
//!
//! They are TLS connections to servers whose certificates lead to an authority that this machine
//! trusts, or to one in a file that the configuration names. Thumbprints of providers are kept and
//! shown, and trusted by nobody: they are SHA-1, and the service, too, prefers authorities. With
//! `--dev` a provider on this machine may do without TLS.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ::http::uri::{Authority, Scheme};
use ::http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use trent_engine::{FetchError, IdentityProviders};

use crate::failure::Failure;
use crate::tls;

/// How long a document may take, from the look-up of the host's name to the last byte; what the
/// service is known to allow.
const TIMEOUT: Duration = Duration::from_secs(5);

/// Fetches documents over the network.
pub(crate) struct Providers {
    tls: TlsConnector,
    /// Whether plain HTTP is good enough on this machine.
    plain_loopback: bool,
}

impl Providers {
    /// Reads the certificates that this machine trusts, and those in `files`, once.
    ///
    /// # Errors
    /// When one of the files cannot be read, or has no certificate of an authority in it.
    pub(crate) fn new(files: &[PathBuf], dev: bool) -> Result<Self, Failure> {
        let mut roots = RootCertStore::empty();
        // A machine may have none: only whoever has providers needs any.
        let native = rustls_native_certs::load_native_certs();
        let (trusted, _) = roots.add_parsable_certificates(native.certs);
        tracing::debug!(trusted, errors = native.errors.len(), "read the certificates this machine trusts");
        for file in files {
            trust(&mut roots, file)?;
        }
        let config: ClientConfig = tls::client_config(roots).map_err(Failure::broken)?;
        Ok(Self { tls: TlsConnector::from(Arc::new(config)), plain_loopback: dev })
    }

    async fn get(&self, url: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        let place = Place::of(url).filter(|place| self.is_admitted(place));
        let place = place.ok_or_else(|| unusable("the URL is not one that may be asked"))?;
        let stream = TcpStream::connect((place.host(), place.port())).await.map_err(unreachable)?;
        if !place.secure {
            return converse(stream, &place, most).await;
        }
        let name = ServerName::try_from(place.host().to_owned()).map_err(unusable)?;
        let stream = self.tls.connect(name, stream).await.map_err(|error| refused_by_tls(&error))?;
        converse(stream, &place, most).await
    }

    fn is_admitted(&self, place: &Place) -> bool {
        place.secure || (self.plain_loopback && place.is_loopback())
    }
}

#[async_trait::async_trait]
impl IdentityProviders for Providers {
    fn admits(&self, url: &str) -> bool {
        Place::of(url).is_some_and(|place| self.is_admitted(&place))
    }

    async fn fetch(&self, url: &str, most: usize) -> Result<Vec<u8>, FetchError> {
        match tokio::time::timeout(TIMEOUT, self.get(url, most)).await {
            Ok(answer) => answer,
            Err(_) => Err(unreachable("it took too long")),
        }
    }
}

/// An address of a document.
struct Place {
    secure: bool,
    authority: Authority,
    uri: Uri,
}

impl Place {
    /// The place that a URL of http or https names; none with a user in it.
    fn of(url: &str) -> Option<Self> {
        let uri: Uri = url.parse().ok()?;
        let secure = match uri.scheme()? {
            scheme if *scheme == Scheme::HTTPS => true,
            scheme if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let authority = uri.authority().filter(|authority| !authority.as_str().contains('@'))?.clone();
        (!authority.host().is_empty()).then_some(Self { secure, authority, uri })
    }

    /// The host as look-ups and certificates have it.
    fn host(&self) -> &str {
        self.authority.host().trim_matches(['[', ']'])
    }

    fn port(&self) -> u16 {
        self.authority.port_u16().unwrap_or(if self.secure { 443 } else { 80 })
    }

    fn is_loopback(&self) -> bool {
        let host = self.host();
        host == "localhost"
            || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
    }

    fn request(&self) -> Result<Request<Empty<Bytes>>, ::http::Error> {
        let target = self.uri.path_and_query().map_or("/", ::http::uri::PathAndQuery::as_str);
        Request::builder()
            .method(Method::GET)
            .uri(target)
            .header(header::HOST, self.authority.as_str())
            .header(header::ACCEPT, HeaderValue::from_static("application/json"))
            .header(
                header::USER_AGENT,
                HeaderValue::from_static(concat!("trent/", env!("CARGO_PKG_VERSION"))),
            )
            .body(Empty::new())
    }
}

/// One request and its answer; the connection ends with them.
async fn converse<S>(stream: S, place: &Place, most: usize) -> Result<Vec<u8>, FetchError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(unreachable)?;
    let answer = async move {
        let answer = sender.send_request(place.request().map_err(unusable)?).await.map_err(unreachable)?;
        let status = answer.status();
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(unreachable(format!("status {status}")));
        }
        if status != StatusCode::OK {
            return Err(unusable(format!("status {status}")));
        }
        let body = Limited::new(answer.into_body(), most).collect().await;
        let body = body.map_err(|error| match error.downcast::<hyper::Error>() {
            Ok(broken) => unreachable(broken),
            Err(_) => unusable(format!("it is larger than {most} bytes")),
        })?;
        Ok(body.to_bytes().to_vec())
    };
    // The connection makes no progress of its own, and is dropped when there is an answer.
    tokio::pin!(answer);
    tokio::select! {
        biased;
        answer = &mut answer => answer,
        end = connection => match end {
            Ok(()) => answer.await,
            Err(error) => Err(unreachable(error)),
        },
    }
}

fn trust(roots: &mut RootCertStore, file: &Path) -> Result<(), Failure> {
    let refused = |reason: String| {
        Failure::Configuration(format!(
            "the certificates for identity providers in `{}`: {reason}",
            file.display()
        ))
    };
    let pem = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
    let mut count = 0;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| refused(error.to_string()))?;
        roots.add(certificate).map_err(|error| refused(error.to_string()))?;
        count += 1;
    }
    if count == 0 { Err(refused("there is no certificate in it".to_owned())) } else { Ok(()) }
}

/// A certificate that is not trusted will not be the next time either.
fn refused_by_tls(error: &std::io::Error) -> FetchError {
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref::<rustls::Error>());
    match cause {
        Some(rustls::Error::InvalidCertificate(_)) => unusable(error),
        _ => unreachable(error),
    }
}

fn unreachable(error: impl ToString) -> FetchError {
    FetchError::Unreachable(error.to_string())
}

fn unusable(error: impl ToString) -> FetchError {
    FetchError::Unusable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn providers(dev: bool) -> Providers {
        Providers::new(&[], dev).unwrap()
    }

    #[test]
    fn only_tls_is_good_enough() {
        let (usual, dev) = (providers(false), providers(true));
        for url in
            ["https://a.example", "https://a.example:8443/x/y?z=1", "https://127.0.0.1", "https://[::1]:1/"]
        {
            assert!(usual.admits(url) && dev.admits(url), "{url}");
        }
        for url in ["http://127.0.0.1:8080/x", "http://localhost", "http://[::1]:80", "http://127.9.9.9"] {
            assert!(!usual.admits(url) && dev.admits(url), "{url}");
        }
        for url in [
            "http://a.example",
            "http://localhost.a.example",
            "http://127.0.0.1.a.example",
            "http://192.0.2.1",
            "http://0.0.0.0",
            "ftp://localhost",
            "file:///etc/passwd",
            "https://user@a.example",
            "http://localhost@a.example",
            "https://",
            "https:///x",
            "a.example",
            "/x",
            "",
            "https://a b",
        ] {
            assert!(!usual.admits(url) && !dev.admits(url), "{url}");
        }
    }

    #[tokio::test]
    async fn what_is_not_admitted_is_not_fetched() {
        let error = providers(false).fetch("http://127.0.0.1:9/", 10).await.unwrap_err();
        assert!(matches!(error, FetchError::Unusable(_)), "{error}");
    }

    #[test]
    fn a_file_without_authorities_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        for text in ["", "nonsense", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            std::fs::write(&file, text).unwrap();
            let refused = Providers::new(std::slice::from_ref(&file), false).err().unwrap();
            assert!(matches!(refused, Failure::Configuration(_)), "{refused}");
        }
        assert!(Providers::new(&[dir.path().join("none.pem")], false).is_err());
    }
}
