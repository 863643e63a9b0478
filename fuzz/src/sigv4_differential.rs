//! Whatever is signed here, `scratchstack-aws-signature` verifies, and so do we; with a bit of the
//! body turned over, neither does.

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS, SignatureOptions,
    service_for_signing_key_fn, sigv4_validate_request,
};
use trent_sigv4::{RequestParts, SecretAccessKey, SignParams, SigningKey, parse, sign};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct Request {
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Makes a request of `data`: path, query and a header to a line, then the body.
pub(crate) fn run(data: &[u8]) {
    let mut lines = data.splitn(4, |byte| *byte == b'\n');
    let [path, query, value, body] = [(); 4].map(|()| lines.next().unwrap_or_default());
    let mut headers = HeaderMap::new();
    headers.insert("host", http::HeaderValue::from_static("localhost:4599"));
    // HTTP takes outer white space off, and the oracle leaves tabs where it finds them.
    if let Ok(value) = http::HeaderValue::from_bytes(value.trim_ascii()) {
        headers.insert("my-header", value);
    }
    let mut request =
        Request { path: shaped_path(path), query: shaped_query(query), headers, body: body.to_vec() };
    let secret = SecretAccessKey::from(SECRET.to_owned());
    let params = SignParams {
        access_key_id: "AKIAIOSFODNN7EXAMPLE",
        secret: &secret,
        session_token: None,
        region: "us-east-1",
        service: "kms",
        time: now(),
    };
    sign(&params, "POST", &request.path, &request.query, &mut request.headers, &request.body).expect("signs");
    assert!(ours(&request, &secret), "what is signed here is not verified here");
    assert!(theirs(&request), "what is signed here is not verified elsewhere");
    request.body.push(0);
    assert!(!ours(&request, &secret) && !theirs(&request), "a changed body was verified");
}

/// A path that both encode alike: the oracle encodes once where the service encodes twice.
fn shaped_path(bytes: &[u8]) -> String {
    let plain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'~' | b'-');
    bytes.iter().filter(plain).fold("/".to_owned(), |path, byte| path + &char::from(*byte).to_string())
}

/// Pairs that both sort alike: the oracle sorts `a=` behind `a-=`.
fn shaped_query(bytes: &[u8]) -> String {
    let mut query = String::new();
    for pair in bytes.split(|byte| *byte == b'&') {
        let (name, value) = pair.split_at(pair.iter().position(|byte| *byte == b'=').unwrap_or(pair.len()));
        query.extend(name.iter().filter(|byte| byte.is_ascii_alphabetic()).map(|byte| char::from(*byte)));
        query.push('=');
        query.extend(value.iter().skip(1).map(|byte| format!("%{byte:02x}")));
        query.push('&');
    }
    query.pop();
    query
}

fn now() -> Timestamp {
    Timestamp::from_second(1_795_521_600).expect("a time")
}

fn ours(request: &Request, secret: &SecretAccessKey) -> bool {
    let parts = RequestParts {
        method: "POST",
        path: &request.path,
        query: &request.query,
        headers: &request.headers,
        authority: None,
        body: &request.body,
    };
    let timely = parse(&parts).and_then(|unverified| unverified.check_time(now(), SignedDuration::ZERO));
    let scoped = timely.and_then(|timely| timely.check_scope(|_| true, "kms"));
    scoped.is_ok_and(|scoped| {
        let key = SigningKey::derive(secret, scoped.scope().date, "us-east-1", "kms");
        scoped.verify(&key).is_ok()
    })
}

fn theirs(request: &Request) -> bool {
    let uri = format!("http://localhost:4599{}?{}", request.path, request.query);
    let mut sent = http::Request::post(uri).body(request.body.clone()).expect("a request");
    *sent.headers_mut() = request.headers.clone();
    let key = |asked: GetSigningKeyRequest| async move {
        let secret: KSecretKey = SECRET.parse()?;
        let key = secret.to_ksigning(asked.request_date(), asked.region(), asked.service());
        Ok(GetSigningKeyResponse::builder().signing_key(key).build()?)
    };
    let mut keys = service_for_signing_key_fn(key);
    let verdict = sigv4_validate_request(
        sent,
        "us-east-1",
        "kms",
        &mut keys,
        now().to_string().parse().expect("a time"),
        &NO_ADDITIONAL_SIGNED_HEADERS,
        SignatureOptions::default(),
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(verdict).is_ok()
}
