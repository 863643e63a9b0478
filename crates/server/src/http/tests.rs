//! A server on a socket, and clients that do what clients should not.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::time::Duration;

use ::http::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::timeout;
use trent_engine::TlsDetails;

use super::*;
use crate::clock::SystemClock;
use crate::tls::{Authority, Served, Source as _, server_config, usual_names};

/// Long enough for anything that is going to happen.
const LONG: Duration = Duration::from_secs(20);

/// Echoes bodies. `/slow` says that it has begun, and goes on when it is told to.
struct Echo {
    begun: mpsc::UnboundedSender<()>,
    go: tokio::sync::Mutex<mpsc::UnboundedReceiver<()>>,
    finished: mpsc::UnboundedSender<String>,
    seen: Mutex<Vec<String>>,
}

impl App for Echo {
    fn at_once(&self, head: &Parts) -> Option<Response<Bytes>> {
        (head.uri.path() == "/livez").then(|| text(StatusCode::OK, "ok"))
    }

    fn answer(self: Arc<Self>, request: Request) -> Answer {
        Box::pin(async move {
            let path = request.head.uri.path().to_owned();
            self.seen.lock().unwrap().push(format!("{path} from {}", request.peer));
            if let Some(TlsDetails { version, cipher_suite, key_exchange }) = request.tls {
                let told = format!("{version} {cipher_suite} {}", key_exchange.unwrap_or("none"));
                return text(StatusCode::OK, told);
            }
            if path == "/panic" {
                panic!("as it must not");
            }
            if path == "/slow" {
                self.begun.send(()).unwrap();
                self.go.lock().await.recv().await.unwrap();
            }
            self.finished.send(path).unwrap();
            text(StatusCode::OK, request.body)
        })
    }
}

/// A server, and the other ends of what it says and is told.
struct Fixture {
    address: SocketAddr,
    drain: Drain,
    begun: mpsc::UnboundedReceiver<()>,
    go: mpsc::UnboundedSender<()>,
    finished: mpsc::UnboundedReceiver<String>,
    app: Arc<Echo>,
}

impl Fixture {
    fn new(limits: Limits) -> Self {
        Self::under(limits, None)
    }

    fn under(limits: Limits, tls: Option<Arc<rustls::ServerConfig>>) -> Self {
        let (begun_to, begun) = mpsc::unbounded_channel();
        let (go, go_from) = mpsc::unbounded_channel();
        let (finished_to, finished) = mpsc::unbounded_channel();
        let app = Arc::new(Echo {
            begun: begun_to,
            go: tokio::sync::Mutex::new(go_from),
            finished: finished_to,
            seen: Mutex::default(),
        });
        let listener = listening(bind("127.0.0.1:0".parse().unwrap()).unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let drain = Drain::default();
        let server = Server::new(Arc::clone(&app), limits, tls, drain.clone());
        tokio::spawn(Arc::new(server).run(listener));
        Self { address, drain, begun, go, finished, app }
    }

    async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }
}

struct Client(TcpStream);

impl Client {
    async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// All that comes until the server closes.
    async fn rest(&mut self) -> String {
        let mut text = String::new();
        timeout(LONG, self.0.read_to_string(&mut text)).await.unwrap().unwrap();
        text
    }

    /// What comes until the text ends in `end`.
    async fn until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            text.push(timeout(LONG, self.0.read_u8()).await.unwrap().unwrap());
        }
        String::from_utf8(text).unwrap()
    }
}

fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: t\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn limits() -> Limits {
    Limits { body_bytes: 1000, ..Limits::default() }
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() {
    let fixture = Fixture::new(limits());
    let mut client = fixture.connect().await;
    client.send(&[post("/", "first-"), post("/", "second-"), post("/", "third-")].concat()).await;
    for body in ["first-", "second-", "third-"] {
        let answer = client.until(body).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert!(answer.to_lowercase().contains("\r\ndate: "), "{answer}");
    }
    assert_eq!(*fixture.app.seen.lock().unwrap(), ["/ from 127.0.0.1"; 3]);
}

#[tokio::test]
async fn bodies_in_pieces_are_put_together() {
    let fixture = Fixture::new(limits());
    let mut client = fixture.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n").await;
    client.send("4\r\ndefg\r\n0\r\ntrailer: x\r\n\r\n").await;
    assert!(client.until("abcdefg").await.starts_with("HTTP/1.1 200"));
    client.send("GET /livez HTTP/1.1\r\nhost: t\r\n\r\n").await;
    assert!(client.until("\r\n\r\nok").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_body_up_to_the_limit_is_taken_and_no_larger_one() {
    let fixture = Fixture::new(limits());
    let chunked = |length: usize| {
        let body = "x".repeat(length);
        format!(
            "POST / HTTP/1.1\r\nhost: t\r\ntransfer-encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n"
        )
    };
    let plain = |length: usize| post("/", &"x".repeat(length));
    for (fits, too_large) in [(plain(1000), plain(1001)), (chunked(1000), chunked(1001))] {
        let mut client = fixture.connect().await;
        client.send(&fits).await;
        assert!(client.until(&"x".repeat(1000)).await.starts_with("HTTP/1.1 200"));
        client.send(&too_large).await;
        let answer = client.rest().await;
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains(r#"{"__type":"RequestEntityTooLargeException","message":"#), "{answer}");
        assert!(answer.contains("x-amzn-requestid: "), "{answer}");
    }
}

#[tokio::test]
async fn a_large_body_is_refused_before_it_is_sent() {
    let fixture = Fixture::new(limits());
    let mut client = fixture.connect().await;
    client
        .send("POST / HTTP/1.1\r\nhost: t\r\nexpect: 100-continue\r\ncontent-length: 9999999\r\n\r\n")
        .await;
    assert!(client.rest().await.starts_with("HTTP/1.1 413"));
}

#[tokio::test]
async fn a_large_head_is_refused() {
    let fixture = Fixture::new(limits());
    let mut client = fixture.connect().await;
    let head = |length: usize| format!("GET / HTTP/1.1\r\nhost: t\r\nx: {}\r\n\r\n", "y".repeat(length));
    client.send(&head(30_000)).await;
    client.until("\r\n\r\n").await;
    client.send(&head(34_000)).await;
    // What is closed with bytes unread is reset, and then the refusal may be lost on the way.
    let mut answer = Vec::new();
    let _ = timeout(LONG, client.0.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.is_empty() || answer.starts_with(b"HTTP/1.1 431"));
    assert_eq!(fixture.app.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_slow_head_ends_the_connection() {
    let fixture = Fixture::new(Limits { head: Duration::from_millis(50), ..limits() });
    let mut client = fixture.connect().await;
    client.send("POST / HTTP/1.1\r\nhost:").await;
    assert!(!client.rest().await.contains("200"));
    // One that is idle has no head either.
    assert_eq!(fixture.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_slow_body_is_refused() {
    let fixture = Fixture::new(Limits { body: Duration::from_millis(50), ..limits() });
    let mut client = fixture.connect().await;
    client.send("POST / HTTP/1.1\r\nhost: t\r\ncontent-length: 9\r\n\r\nhalf").await;
    let answer = client.rest().await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(fixture.app.seen.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_request_is_finished_though_its_client_has_gone() {
    let mut fixture = Fixture::new(limits());
    let mut client = fixture.connect().await;
    client.send(&post("/slow", "x")).await;
    timeout(LONG, fixture.begun.recv()).await.unwrap().unwrap();
    drop(client);
    // The server has noticed when no connection is left, and only then is the work let go on.
    timeout(LONG, async {
        while fixture.drain.open_connections() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert!(fixture.finished.try_recv().is_err());
    // The drain waits for it, too.
    let drain = fixture.drain.clone();
    let drained = tokio::spawn(async move { drain.run(LONG).await });
    fixture.drain.begun().await;
    fixture.go.send(()).unwrap();
    assert!(drained.await.unwrap());
    assert_eq!(fixture.finished.try_recv().unwrap(), "/slow");
}

#[tokio::test]
async fn the_drain_lets_requests_finish_and_takes_no_others() {
    let mut fixture = Fixture::new(limits());
    let mut busy = fixture.connect().await;
    let mut idle = fixture.connect().await;
    idle.send(&post("/", "one")).await;
    idle.until("one").await;
    busy.send(&post("/slow", "last words")).await;
    timeout(LONG, fixture.begun.recv()).await.unwrap().unwrap();

    let drain = fixture.drain.clone();
    let drained = tokio::spawn(async move { drain.run(LONG).await });
    assert_eq!(idle.rest().await, "");
    fixture.go.send(()).unwrap();
    let answer = busy.rest().await;
    assert!(answer.ends_with("last words") && answer.contains("connection: close"), "{answer}");
    assert!(drained.await.unwrap());
    assert!(TcpStream::connect(fixture.address).await.is_err());
}

#[tokio::test]
async fn the_drain_does_not_wait_for_ever() {
    let mut fixture = Fixture::new(limits());
    let mut busy = fixture.connect().await;
    busy.send(&post("/slow", "x")).await;
    timeout(LONG, fixture.begun.recv()).await.unwrap().unwrap();
    assert!(!fixture.drain.run(Duration::from_millis(20)).await);
}

#[tokio::test]
async fn a_panic_costs_one_request() {
    let fixture = Fixture::new(limits());
    let mut client = fixture.connect().await;
    client.send(&post("/panic", "x")).await;
    let answer = client.until("}").await;
    assert!(answer.starts_with("HTTP/1.1 500") && answer.contains("InternalFailure"), "{answer}");
    client.send(&post("/", "still there")).await;
    assert!(client.until("still there").await.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn connections_beyond_the_limit_wait() {
    let fixture = Fixture::new(Limits { connections: 1, ..limits() });
    let mut first = fixture.connect().await;
    first.send(&post("/", "first")).await;
    first.until("first").await;
    let mut second = fixture.connect().await;
    second.send(&post("/", "second")).await;
    first.send(&post("/", "again")).await;
    first.until("again").await;
    assert_eq!(fixture.app.seen.lock().unwrap().len(), 2);
    drop(first);
    second.until("second").await;
}

/// An authority in a directory, and what a client says to who has its certificate.
struct Certified {
    authority: Authority,
    dir: tempfile::TempDir,
}

impl Certified {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let names = usual_names([], []);
        let authority = Authority::open(dir.path(), names, Arc::new(SystemClock::default())).unwrap();
        Self { authority, dir }
    }

    fn certificate(&mut self) -> rustls::sign::CertifiedKey {
        self.authority.renewed().unwrap().unwrap()
    }

    /// The answer to a request over TLS, or why there is none.
    async fn ask(&self, address: SocketAddr) -> std::io::Result<String> {
        use rustls::pki_types::pem::PemObject as _;
        let ca = rustls::pki_types::CertificateDer::from_pem_file(self.dir.path().join("ca.pem")).unwrap();
        let mut roots = rustls::RootCertStore::empty();
        roots.add(ca).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = TcpStream::connect(address).await?;
        let mut stream = connector.connect("localhost".try_into().unwrap(), stream).await?;
        stream.write_all(b"GET / HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n").await?;
        let mut text = String::new();
        stream.read_to_string(&mut text).await?;
        Ok(text)
    }
}

#[tokio::test]
async fn tls_is_told_of_and_its_certificate_can_change() {
    let (mut first, mut second) = (Certified::new(), Certified::new());
    let served = Served::new(first.certificate());
    let fixture = Fixture::under(limits(), Some(server_config(Arc::clone(&served)).unwrap()));
    let answer = first.ask(fixture.address).await.unwrap();
    assert!(answer.ends_with("TLSv1.3 TLS_AES_256_GCM_SHA384 X25519MLKEM768"), "{answer}");
    assert!(second.ask(fixture.address).await.is_err());

    served.replace(second.certificate());
    assert!(second.ask(fixture.address).await.unwrap().starts_with("HTTP/1.1 200"));
    assert!(first.ask(fixture.address).await.is_err());
}

#[tokio::test]
async fn a_slow_handshake_ends_the_connection_and_holds_up_nobody() {
    let mut certified = Certified::new();
    let served = Served::new(certified.certificate());
    let config = server_config(served).unwrap();
    let fixture = Fixture::under(limits(), Some(Arc::clone(&config)));
    let silent = fixture.connect().await;
    assert!(certified.ask(fixture.address).await.is_ok());
    drop(silent);
    let hasty = Limits { handshake: Duration::from_millis(50), ..limits() };
    let fixture = Fixture::under(hasty, Some(config));
    assert_eq!(fixture.connect().await.rest().await, "");
}
