//! A server from its start to its end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use rustls::ServerConfig;
use rustls::sign::CertifiedKey;
use socket2::Socket;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{Signal, SignalKind, signal};
use trent_engine::Metrics;

use crate::admin::Admin;
use crate::clock::SystemClock;
use crate::config::{Config, Limits, TlsMode};
use crate::drain::Drain;
use crate::failure::Failure;
use crate::health::Health;
use crate::http::{self, Server};
use crate::instance::{Instance, Opened, Opening};
use crate::seed::{Seed, Trust};
use crate::tls::{self, Served, Source};
use crate::wire::Durable;
use crate::{background, files, logs};

/// Serves until the process is told to end.
pub(crate) fn serve(config: Config) -> Result<(), Failure> {
    logs::start(config.log_format, &config.log_level)?;
    prepare_process()?;
    let runtime = runtime(config.workers).map_err(Failure::broken)?;
    let outcome = runtime.block_on(run(&config));
    // Whatever did not end in time is cut off here.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// Threads that serve. One of them is still a multi-threaded runtime: the thread that waits for
/// signals stays free to be woken.
pub(crate) fn runtime(workers: usize) -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(workers.max(1)).thread_name("trent").enable_all().build()
}

fn prepare_process() -> Result<(), Failure> {
    let hardening = trent_crypto::harden_process();
    if !hardening.undumpable {
        tracing::warn!("core dumps could not be forbidden");
    }
    if !hardening.locked {
        tracing::warn!(
            "memory is not locked and may be written to swap: raise the limit on locked memory to unlimited \
             (`LimitMEMLOCK=infinity`, `--ulimit memlock=-1`) or run without swap"
        );
    }
    trent_crypto::known_answer_tests().map_err(Failure::broken)?;
    // Each connection takes a descriptor, and the limit given by default is low for old reasons.
    let files = getrlimit(Resource::Nofile);
    if setrlimit(Resource::Nofile, Rlimit { current: files.maximum, ..files }).is_err() {
        tracing::warn!("the limit on open files could not be raised");
    }
    Ok(())
}

/// Everything that listens, bound before anything is made, so that a start that must fail fails
/// early.
struct Sockets {
    api: Vec<Socket>,
    addresses: Vec<SocketAddr>,
    admin: Option<Socket>,
}

impl Sockets {
    fn bind(config: &Config) -> Result<Self, Failure> {
        let bind = |address: &SocketAddr| http::bind(*address).map_err(|error| unbound(*address, &error));
        let api = config.listen.iter().map(bind).collect::<Result<Vec<_>, _>>()?;
        let addresses = api.iter().map(|socket| socket.local_addr().map(|address| address.as_socket()));
        let addresses = addresses.collect::<Result<Option<Vec<_>>, _>>().map_err(Failure::broken)?;
        let addresses = addresses.ok_or_else(|| Failure::broken("a socket has no address"))?;
        let admin = config.admin_listen.as_ref().map(bind).transpose()?;
        Ok(Self { api, addresses, admin })
    }
}

fn unbound(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::configuration(format!("`{address}` cannot be listened on: {error}"))
}

async fn run(config: &Config) -> Result<(), Failure> {
    let mut signals = Signals::listen().map_err(Failure::broken)?;
    let seed = seed(config)?;
    let sockets = Sockets::bind(config)?;
    files::make_dir(&config.data_dir).map_err(|error| {
        Failure::configuration(format!("`{}` cannot be made: {error}", config.data_dir.display()))
    })?;
    let clock = Arc::new(SystemClock::default());
    let (drain, admin_drain) = (Drain::default(), Drain::default());
    let protection = Protection::open(config, &sockets.addresses, Arc::clone(&clock))?;
    let client_view = ClientView::new(config, &sockets.addresses, &protection)?;

    let durable = Durable::open(&config.data_dir, clock.clone())?;
    let metrics = Metrics::default();
    let health = Arc::new(Health::new(metrics.audit_errors.clone(), drain.clone()));
    let opening = Opening {
        config,
        seed,
        durable: &durable,
        clock: Arc::clone(&clock),
        metrics: metrics.clone(),
        health: Arc::clone(&health),
    };
    let Opened { instance, records, worker, first_start } = Instance::open(opening).await?;
    client_view.write(config)?;

    let tls = protection.start(&drain)?;
    tokio::spawn(background::verify(records, drain.clone()));
    tokio::spawn(background::work(Arc::clone(&worker), clock, drain.clone()));
    tokio::spawn(background::tick(durable.clone(), drain.clone()));
    tokio::spawn(background::watch_health(durable.store(), Arc::clone(&health), drain.clone()));
    let server = Server::new(Arc::new(instance), config.limits, tls, drain.clone());
    let server = Arc::new(server.trusting(config.trusted_proxies.clone()));
    for (socket, address) in sockets.api.into_iter().zip(&sockets.addresses) {
        let listener = http::listening(socket).map_err(|error| unbound(*address, &error))?;
        tokio::spawn(Arc::clone(&server).run(listener));
    }
    if let Some(socket) = sockets.admin {
        let admin = Admin::new(&metrics, durable.collector(), health, drain.clone());
        serve_admin(socket, admin, admin_drain.clone())?;
    }

    client_view.announce(config, first_start);
    signals.ended().await;
    end(config, &mut signals, &drain, &admin_drain).await;
    worker.write_usage().await;
    durable.close().await;
    tracing::info!("stopped");
    Ok(())
}

/// What the store is to hold, read before anything is made.
fn seed(config: &Config) -> Result<Option<Seed>, Failure> {
    let Some(file) = &config.seed else { return Ok(None) };
    let trust = match (config.dev, config.seed_material) {
        (true, _) => Trust::Test,
        (false, true) => Trust::Guarded,
        (false, false) => Trust::Public,
    };
    Seed::read(file, trust, &config.regions).map(Some)
}

fn serve_admin(socket: Socket, admin: Admin, drain: Drain) -> Result<(), Failure> {
    let listener = http::listening(socket).map_err(Failure::configuration)?;
    let address = listener.local_addr().map_err(Failure::broken)?;
    if !address.ip().is_loopback() {
        tracing::warn!(%address, "metrics can be read by anyone who reaches this address");
    }
    tracing::info!(%address, "serving metrics");
    tokio::spawn(Arc::new(Server::new(Arc::new(admin), Limits::default(), None, drain)).run(listener));
    Ok(())
}

/// Finishes what is under way. The admin listener goes on till the end, to tell of it.
async fn end(config: &Config, signals: &mut Signals, drain: &Drain, admin_drain: &Drain) {
    tracing::info!(connections = drain.open_connections(), "stopping: finishing what is under way");
    let finished = tokio::select! {
        finished = drain.run(config.drain) => finished,
        () = signals.ended() => false,
    };
    if !finished {
        tracing::warn!(connections = drain.open_connections(), "not all requests were finished in time");
    }
    admin_drain.run(Duration::from_millis(100)).await;
}

/// How connections are protected, before it is put to work.
struct Protection {
    certificates: Option<(CertifiedKey, Box<dyn Source>)>,
    /// What clients are told to trust.
    ca_bundle: Option<PathBuf>,
}

impl Protection {
    fn open(config: &Config, addresses: &[SocketAddr], clock: Arc<SystemClock>) -> Result<Self, Failure> {
        match &config.tls {
            TlsMode::Off => Ok(Self { certificates: None, ca_bundle: None }),
            TlsMode::Auto(names) => {
                let listen = addresses.iter().map(SocketAddr::ip);
                let told = config.endpoint.as_deref().and_then(host_of);
                let own = [told, tls::host_name()].into_iter().flatten();
                let names = tls::usual_names(listen, own.chain(names.iter().cloned()));
                let authority = tls::Authority::open(&config.data_dir, names, clock);
                let authority = authority.map_err(Failure::configuration)?;
                let ca_bundle = Some(authority.ca_file().to_owned());
                Self::from(authority, ca_bundle)
            }
            TlsMode::Files { cert, key, ca } => {
                let files = tls::Files::new(cert.clone(), key.clone());
                let alone = files.stands_alone().then(|| cert.clone());
                Self::from(files, ca.clone().or(alone))
            }
        }
    }

    fn from(mut source: impl Source + 'static, ca_bundle: Option<PathBuf>) -> Result<Self, Failure> {
        let first = source.renewed().map_err(Failure::configuration)?;
        let first = first.ok_or_else(|| Failure::broken("there is no certificate"))?;
        Ok(Self { certificates: Some((first, Box::new(source))), ca_bundle })
    }

    /// Serves the first certificate and sees to those that follow.
    fn start(self, drain: &Drain) -> Result<Option<Arc<ServerConfig>>, Failure> {
        let Some((first, source)) = self.certificates else { return Ok(None) };
        let served = Served::new(first);
        let config = tls::server_config(Arc::clone(&served)).map_err(Failure::broken)?;
        let hangup = signal(SignalKind::hangup()).map_err(Failure::broken)?;
        tokio::spawn(background::renew_certificates(source, served, hangup, drain.clone()));
        Ok(Some(config))
    }
}

/// The host of an endpoint that was checked before.
fn host_of(endpoint: &str) -> Option<String> {
    let uri = endpoint.parse::<::http::Uri>().ok()?;
    Some(uri.host()?.trim_matches(['[', ']']).to_owned())
}

/// What clients need to know.
struct ClientView {
    endpoint: String,
    ca_bundle: Option<PathBuf>,
}

impl ClientView {
    fn new(config: &Config, addresses: &[SocketAddr], protection: &Protection) -> Result<Self, Failure> {
        let scheme = if config.tls == TlsMode::Off { "http" } else { "https" };
        let address = addresses.first().copied().map(reachable);
        let made = address.map(|address| format!("{scheme}://{address}"));
        let endpoint = config.endpoint.clone().or(made).ok_or_else(|| Failure::broken("nothing listens"))?;
        // Clients do not run in our working directory.
        let absolute = |path: &PathBuf| {
            std::path::absolute(path)
                .map_err(|error| Failure::configuration(format!("{}: {error}", path.display())))
        };
        let ca_bundle = protection.ca_bundle.as_ref().map(absolute).transpose()?;
        Ok(Self { endpoint, ca_bundle })
    }

    fn write(&self, config: &Config) -> Result<(), Failure> {
        let region = config.regions.first().ok_or_else(|| Failure::broken("no region"))?;
        files::write_config(&config.data_dir, region, &self.endpoint, self.ca_bundle.as_deref())
            .map_err(|error| Failure::configuration(format!("`{}`: {error}", config.data_dir.display())))
    }

    /// One line on standard output for programs that wait for it; the rest is for people.
    fn announce(&self, config: &Config, first_start: bool) {
        if config.dev {
            tracing::warn!(
                "--dev: ANYONE on this machine can move the clock and REMOVE ALL KEYS; never use it for data that matters"
            );
        }
        let dir = config.data_dir.display();
        if first_start {
            eprintln!(
                "\nThis was the first start of `{dir}`. It holds the root user's access key (`{dir}/credentials`),\n\
                 and `{}` opens it: keep a copy of that file elsewhere.\n\
                 Next, in another shell:\n\n    \
                 eval \"$(trent env --data-dir {})\" && aws kms create-key\n",
                config.seal.display(),
                crate::cli::quoted(&dir.to_string())
            );
        }
        println!("trent: ready at {}", self.endpoint);
    }
}

/// Where a listener on all addresses can be reached from this machine.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        });
    }
    address
}

/// What tells the process to end.
pub(crate) struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// From here on neither signal ends the process by itself.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Returns when the process is told to end.
    pub(crate) async fn ended(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
