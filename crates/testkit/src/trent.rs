//! The in-process Trent.

use std::error::Error;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts as Head;
use http::{HeaderValue, Method};
use jiff::Timestamp;
use serde_json::Value;
use trent_crypto::{Keyring, RootKey, fill_random};
use trent_domain::{
    AccountId, Credential, CredentialStatus, Owner, Path, RateQuotas, Region, ResourceQuotas,
};
use trent_engine::{
    Changes, Clock as _, CredentialEntry, Engine, Metrics, Parts, Records, Request, Rng, RngError, Service,
    Worker,
};
use trent_sigv4::{SecretAccessKey, SignParams, sign};
use trent_store::MemoryStore;

use crate::compute::Threads;
use crate::{Issuers, Recorded, TestClock, attested};

/// The account of the one caller.
pub const ACCOUNT: &str = "000000000000";
/// The Region that requests are signed for.
pub const REGION: &str = "us-east-1";

const ACCESS_KEY_ID: &str = "AKIATESTKITTESTKIT00";
const SECRET: &str = "a secret that only tests know";
const HOST: &str = "localhost:4599";
const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

pub(crate) type Failure = Box<dyn Error + Send + Sync>;

/// Trent in this process.
pub struct Trent {
    engine: Engine,
    /// Its time.
    pub clock: Arc<TestClock>,
    /// Its audit trail.
    pub audit: Arc<Recorded>,
    /// The identity providers that it can reach.
    pub issuers: Arc<Issuers>,
    /// Its store, below the engine.
    pub store: Arc<MemoryStore>,
    /// Its records, as operations see them.
    pub records: Arc<Records>,
    /// What does what is due; it does nothing unless a test says so.
    pub worker: Arc<Worker>,
    /// What it counts.
    pub metrics: Metrics,
}

/// What a request was answered with.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body; null when there is none.
    pub body: Value,
}

impl Answer {
    /// The error's name, when it is one.
    #[must_use]
    pub fn error(&self) -> Option<&str> {
        self.body.get("__type").and_then(Value::as_str)
    }

    /// The error's message, when there is one.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.body.get("message").or_else(|| self.body.get("Message")).and_then(Value::as_str)
    }

    /// A text member of the body, named by a JSON pointer; empty when it is not there.
    #[must_use]
    pub fn text(&self, pointer: &str) -> String {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    }
}

/// What requests are signed with.
#[derive(Debug, Clone)]
pub struct Credentials {
    /// `AKIA…` or `ASIA…`.
    pub access_key_id: String,
    /// The secret.
    pub secret: String,
    /// The token that goes with temporary ones.
    pub token: Option<String>,
}

impl Credentials {
    /// Those of the root user of [`ACCOUNT`].
    #[must_use]
    pub fn root() -> Self {
        Self { access_key_id: ACCESS_KEY_ID.to_owned(), secret: SECRET.to_owned(), token: None }
    }
}

/// The crypto crate's generator behind the engine's port.
struct OsRng;

impl Rng for OsRng {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RngError> {
        fill_random(bytes).map_err(|_| RngError)
    }
}

impl Trent {
    /// A Trent with an empty store and the root user's access key.
    ///
    /// # Errors
    /// When it cannot be put together.
    pub async fn start() -> Result<Self, Failure> {
        Self::start_with(&[REGION], ResourceQuotas::default()).await
    }

    /// As [`Trent::start`], serving these Regions.
    ///
    /// # Errors
    /// As [`Trent::start`].
    pub async fn start_in(regions: &[&str]) -> Result<Self, Failure> {
        Self::start_with(regions, ResourceQuotas::default()).await
    }

    /// As [`Trent::start_in`], with other quotas than the service's.
    ///
    /// # Errors
    /// As [`Trent::start`].
    pub async fn start_with(regions: &[&str], resource_quotas: ResourceQuotas) -> Result<Self, Failure> {
        let store = Arc::new(MemoryStore::default());
        let (keyring, _) = Keyring::create(&RootKey::generate()?)?;
        let (clock, audit, metrics) =
            (Arc::new(TestClock::default()), Arc::new(Recorded::default()), Metrics::default());
        let records = Arc::new(Records::new(store.clone(), keyring, 10_000, metrics.store.clone()));
        tokio::spawn(Arc::clone(&records).follow().await?);
        create_credential(&records, &clock).await?;
        let issuers = Arc::new(Issuers::default());
        let engine = Engine::new(Parts {
            regions: regions.iter().map(|region| region.parse::<Region>()).collect::<Result<_, _>>()?,
            services: vec![
                Service::kms(trent_operations::kms_catalog()),
                Service::iam(trent_operations::iam_catalog()),
                Service::sts(trent_operations::sts_catalog()),
                Service::organizations(trent_operations::organizations_catalog()),
            ],
            records: Arc::clone(&records),
            audit: audit.clone(),
            clock: clock.clone(),
            rng: Arc::new(OsRng),
            compute: Arc::new(Threads),
            identity_providers: issuers.clone(),
            attestation_roots: Arc::new(attested::roots()?),
            rate_quotas: RateQuotas::default(),
            resource_quotas,
            metrics: metrics.clone(),
        })?;
        let worker = Worker::new(Arc::clone(&records), audit.clone(), clock.clone(), Arc::new(OsRng));
        Ok(Self { engine, clock, audit, issuers, store, records, worker: Arc::new(worker), metrics })
    }

    /// Moves time forward and does what is due by then; answers when something is due next.
    ///
    /// # Errors
    /// As [`Worker::round`].
    pub async fn pass(&self, seconds: i64) -> Result<Option<Timestamp>, Failure> {
        self.clock.advance(seconds);
        Ok(self.worker.round().await?)
    }

    /// Asks for `operation` with `input`, signed.
    ///
    /// # Errors
    /// When the request cannot be made, or the answer is not JSON.
    pub async fn call(&self, operation: &str, input: &Value) -> Result<Answer, Failure> {
        self.call_raw(operation, input.to_string().into_bytes()).await
    }

    /// As [`Trent::call`], signed with these credentials.
    ///
    /// # Errors
    /// As [`Trent::call`].
    pub async fn call_as(
        &self,
        credentials: &Credentials,
        operation: &str,
        input: &Value,
    ) -> Result<Answer, Failure> {
        let head = kms_head(operation)?;
        let scope = (REGION, "kms");
        self.send(self.sign(credentials, scope, head, input.to_string().into_bytes())?).await
    }

    /// As [`Trent::call`], in another Region than [`REGION`].
    ///
    /// # Errors
    /// As [`Trent::call`].
    pub async fn call_in(&self, region: &str, operation: &str, input: &Value) -> Result<Answer, Failure> {
        let (head, body) = (kms_head(operation)?, input.to_string().into_bytes());
        self.send(self.sign(&Credentials::root(), (region, "kms"), head, body)?).await
    }

    /// As [`Trent::call`], with a body of any bytes.
    ///
    /// # Errors
    /// As [`Trent::call`].
    pub async fn call_raw(&self, operation: &str, body: Vec<u8>) -> Result<Answer, Failure> {
        self.send(self.request(operation, body)?).await
    }

    /// A signed request of the root user.
    ///
    /// # Errors
    /// When a text cannot be a header.
    pub fn request(&self, operation: &str, body: Vec<u8>) -> Result<Request, Failure> {
        self.sign(&Credentials::root(), (REGION, "kms"), kms_head(operation)?, body)
    }

    /// A request to a service that is spoken to in forms, signed.
    ///
    /// # Errors
    /// When a text cannot be a header.
    pub fn form(&self, credentials: &Credentials, service: &str, form: &str) -> Result<Request, Failure> {
        let head = head(HeaderValue::from_static(FORM))?;
        self.sign(credentials, (REGION, service), head, form.as_bytes().to_vec())
    }

    /// A form that nobody signed.
    ///
    /// # Errors
    /// When a text cannot be a header.
    pub fn unsigned_form(&self, form: &str) -> Result<Request, Failure> {
        let head = head(HeaderValue::from_static(FORM))?;
        let body = Bytes::from(form.to_owned());
        Ok(Request { head, body, peer: IpAddr::V4(Ipv4Addr::LOCALHOST), tls: None, secure: false })
    }

    /// A request to a service that is spoken to in JSON, signed.
    ///
    /// # Errors
    /// As [`Trent::form`].
    pub fn json(
        &self,
        credentials: &Credentials,
        service: &str,
        target: &str,
        input: &Value,
    ) -> Result<Request, Failure> {
        self.sign(credentials, (REGION, service), json_head(target)?, input.to_string().into_bytes())
    }

    fn sign(
        &self,
        credentials: &Credentials,
        (region, service): (&str, &str),
        mut head: Head,
        body: Vec<u8>,
    ) -> Result<Request, Failure> {
        let secret = SecretAccessKey::from(credentials.secret.clone());
        let params = SignParams {
            access_key_id: &credentials.access_key_id,
            secret: &secret,
            session_token: credentials.token.as_deref(),
            region,
            service,
            time: self.clock.wall(),
        };
        sign(&params, "POST", "/", "", &mut head.headers, &body)?;
        Ok(Request {
            head,
            body: Bytes::from(body),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tls: None,
            secure: false,
        })
    }

    /// Sends a request that was made elsewhere.
    ///
    /// # Errors
    /// When the answer is not JSON.
    pub async fn send(&self, request: Request) -> Result<Answer, Failure> {
        let response = self.handle(request).await;
        let status = response.status().as_u16();
        let body = match response.body() {
            body if body.is_empty() => Value::Null,
            body => serde_json::from_slice(body)?,
        };
        Ok(Answer { status, body })
    }

    /// The answer as it would go to the socket.
    pub async fn handle(&self, request: Request) -> http::Response<Bytes> {
        self.engine.handle(request).await
    }

    /// Makes a symmetric key; answers its ARN.
    ///
    /// # Errors
    /// As [`Trent::call`].
    pub async fn create_key(&self) -> Result<String, Failure> {
        let answer = self.call("CreateKey", &serde_json::json!({})).await?;
        match answer.text("/KeyMetadata/Arn") {
            arn if arn.is_empty() => Err(format!("CreateKey answered {answer:?}").into()),
            arn => Ok(arn),
        }
    }
}

fn head(content_type: HeaderValue) -> Result<Head, Failure> {
    let (mut head, ()) = http::Request::builder().method(Method::POST).uri("/").body(())?.into_parts();
    head.headers.insert("host", HeaderValue::from_static(HOST));
    head.headers.insert("content-type", content_type);
    Ok(head)
}

fn kms_head(operation: &str) -> Result<Head, Failure> {
    json_head(&format!("TrentService.{operation}"))
}

fn json_head(target: &str) -> Result<Head, Failure> {
    let mut head = head(HeaderValue::from_static("application/x-amz-json-1.1"))?;
    head.headers.insert("x-amz-target", target.parse()?);
    Ok(head)
}

pub(crate) fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    fill_random(&mut bytes)?;
    Ok(bytes)
}

async fn create_credential(records: &Records, clock: &TestClock) -> Result<(), Failure> {
    let credential = Credential {
        access_key_id: ACCESS_KEY_ID.to_owned(),
        owner: Owner::root(ACCOUNT.parse::<AccountId>()?),
        status: CredentialStatus::Active,
        created: clock.now(),
    };
    let path = Path::credential(ACCESS_KEY_ID).ok_or("not an access key id")?;
    let entry = CredentialEntry::new(credential, SecretAccessKey::from(SECRET.to_owned()));
    let record = entry.to_record().map_err(|fault| fault.wire().code)?;
    let mut changes = Changes::default();
    changes.create(path, record);
    Ok(records.commit(changes).await?)
}
