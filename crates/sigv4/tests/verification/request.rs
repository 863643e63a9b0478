//! A request in one's own hands, to sign, spoil and verify.

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use trent_sigv4::{AuthError, RequestParts, SecretAccessKey, SignParams, SigningKey, Verified, parse, sign};

pub(crate) const ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const TARGET: &str = "TrentService.Encrypt";

pub(crate) fn now() -> Timestamp {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

pub(crate) fn secret() -> SecretAccessKey {
    SecretAccessKey::from(SECRET.to_owned())
}

#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: HeaderMap,
    pub(crate) authority: Option<String>,
    pub(crate) body: Vec<u8>,
}

impl Request {
    /// What boto3 would send, not signed yet.
    pub(crate) fn unsigned() -> Self {
        let mut request = Self {
            method: "POST".to_owned(),
            path: "/".to_owned(),
            query: String::new(),
            headers: HeaderMap::new(),
            authority: None,
            body: br#"{"KeyId":"alias/app","Plaintext":"aGVsbG8="}"#.to_vec(),
        };
        request.set("host", "localhost:4599");
        request.set("content-type", "application/x-amz-json-1.1");
        request.set("x-amz-target", TARGET);
        request
    }

    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.headers.insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    }

    pub(crate) fn add(&mut self, name: &'static str, value: &str) {
        self.headers.append(name, HeaderValue::from_str(value).unwrap());
    }

    /// Replaces `from` by `to` in the Authorization header, which must have it.
    pub(crate) fn edit(&mut self, from: &str, to: &str) {
        let value = self.headers["authorization"].to_str().unwrap().to_owned();
        assert!(value.contains(from), "{value} has no {from}");
        self.set("authorization", &value.replace(from, to));
    }

    #[must_use]
    pub(crate) fn signed(mut self, token: Option<&str>) -> Self {
        let secret = secret();
        let params = SignParams {
            access_key_id: ID,
            secret: &secret,
            session_token: token,
            region: "us-east-1",
            service: "kms",
            time: now(),
        };
        sign(&params, &self.method, &self.path, &self.query, &mut self.headers, &self.body).unwrap();
        self
    }

    pub(crate) fn parts(&self) -> RequestParts<'_> {
        RequestParts {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            authority: self.authority.as_deref(),
            body: &self.body,
        }
    }

    /// Verifies as the engine does, an unknown access key too.
    pub(crate) fn verify(&self, now: Timestamp) -> Result<Verified, AuthError> {
        let parts = self.parts();
        let timely = parse(&parts)?.check_time(now, SignedDuration::from_mins(5))?;
        let scoped = timely.check_scope(|region| region == "us-east-1", "kms")?;
        let known = scoped.access_key_id() == ID;
        let secret = if known { secret() } else { SecretAccessKey::from("decoy".to_owned()) };
        let key = SigningKey::derive(&secret, scoped.scope().date, scoped.scope().region, "kms");
        scoped.verify(&key)
    }
}
