//! Two independent implementations as oracles: what `aws-sigv4` signs verifies here, what is
//! signed here verifies with `scratchstack-aws-signature` (which reads no presigned request: it does
//! not decode the credential), and nothing verifies once it is touched.

use std::time::SystemTime;

use crate::request::{ID, Request, SECRET, now};
use aws_credential_types::Credentials;
use aws_sigv4::http_request::{self, SignableBody, SignableRequest, SignatureLocation, SigningSettings};
use aws_sigv4::sign::v4;
use http::HeaderValue;
use proptest::prelude::*;
use proptest::sample::Index;
use scratchstack_aws_signature::{
    GetSigningKeyRequest, GetSigningKeyResponse, KSecretKey, NO_ADDITIONAL_SIGNED_HEADERS, SignatureOptions,
    service_for_signing_key_fn, sigv4_validate_request,
};
use tokio::runtime::Runtime;

/// Path segments and query names that all three implementations treat alike. `scratchstack` encodes
/// a path once where the service does it twice, refuses to climb above the root, and sorts `a=`
/// behind `a-=`.
const COMMON: [&str; 2] = ["[a-zA-Z0-9_~-]{1,6}", "[a-zA-Z_~]{1,4}"];
/// Those that clients may send.
const ANY: [&str; 2] = ["[a-zA-Z0-9._~-]{0,6}|%[2-7][0-9A-F]|\\.\\.|\\.", "[a-zA-Z0-9_.~-]{1,4}"];

/// Requests of many shapes. A plus sign in a query means different things to different signers, and
/// is left out.
fn requests([segment, name]: [&'static str; 2]) -> impl Strategy<Value = Request> {
    let path = prop::collection::vec(segment, 0..4).prop_map(|segments| format!("/{}", segments.join("/")));
    let pairs = prop::collection::vec((name, ".{0,6}"), 0..4);
    let headers = prop::collection::vec(("my-[a-z0-9-]{1,8}", "[ -~]{0,12}"), 0..4);
    let body = prop::collection::vec(any::<u8>(), 0..80);
    ("GET|POST|PUT|DELETE", path, pairs, headers, body).prop_map(|(method, path, pairs, headers, body)| {
        let mut request = Request::unsigned();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect();
        request.query = pairs.join("&");
        for (name, value) in headers {
            request.headers.append(name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap());
        }
        Request { method, path, body, ..request }
    })
}

fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    let each = |byte: u8| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") };
    text.bytes().map(each).collect()
}

fn to_http(request: &Request) -> http::Request<Vec<u8>> {
    let uri = format!("http://localhost:4599{}?{}", request.path, request.query);
    let builder = http::Request::builder().method(request.method.as_str()).uri(uri.trim_end_matches('?'));
    let mut out = builder.body(request.body.clone()).unwrap();
    *out.headers_mut() = request.headers.clone();
    out
}

/// The request as `aws-sigv4` signs it.
fn signed_by_aws(request: &Request, token: Option<String>, location: SignatureLocation) -> Request {
    let identity = Credentials::new(ID, SECRET, token, None, "test").into();
    let mut settings = SigningSettings::default();
    settings.signature_location = location;
    settings.expires_in = matches!(settings.signature_location, SignatureLocation::QueryParams)
        .then_some(std::time::Duration::from_secs(900));
    let params = v4::SigningParams::builder().identity(&identity).region("us-east-1").name("kms");
    let params = params.time(SystemTime::from(now())).settings(settings).build().unwrap().into();
    let mut signed = to_http(request);
    let uri = signed.uri().to_string();
    let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
    let signable = SignableRequest::new(&request.method, uri, headers, SignableBody::Bytes(&request.body));
    let (instructions, _) = http_request::sign(signable.unwrap(), &params).unwrap().into_parts();
    instructions.apply_to_request_http1x(&mut signed);
    Request {
        path: signed.uri().path().to_owned(),
        query: signed.uri().query().unwrap_or_default().to_owned(),
        headers: signed.headers().clone(),
        ..request.clone()
    }
}

/// Whether `scratchstack-aws-signature` takes the request.
fn scratchstack(request: &Request) -> Result<(), String> {
    let key = |asked: GetSigningKeyRequest| async move {
        let secret: KSecretKey = SECRET.parse()?;
        let key = secret.to_ksigning(asked.request_date(), asked.region(), asked.service());
        Ok(GetSigningKeyResponse::builder().signing_key(key).build()?)
    };
    let mut keys = service_for_signing_key_fn(key);
    let verdict = sigv4_validate_request(
        to_http(request),
        "us-east-1",
        "kms",
        &mut keys,
        now().to_string().parse().unwrap(),
        &NO_ADDITIONAL_SIGNED_HEADERS,
        SignatureOptions::default(),
    );
    Runtime::new().unwrap().block_on(verdict).map(drop).map_err(|error| error.to_string())
}

/// Every place of a signed request where a byte can be changed. A path without its first slash
/// never gets here.
fn bytes(request: &Request) -> Vec<(&'static str, usize)> {
    let signed =
        ["authorization", "x-amz-date", "x-amz-target", "x-amz-security-token", "content-type", "host"];
    let mut places = Vec::new();
    let parts = [("method", &request.method), ("path", &request.path), ("query", &request.query)];
    for (part, text) in parts {
        places.extend((usize::from(part == "path")..text.len()).map(|at| (part, at)));
    }
    for name in signed {
        let length = request.headers.get(name).map_or(0, HeaderValue::len);
        places.extend((0..length).map(|at| (name, at)));
    }
    places.extend((0..request.body.len()).map(|at| ("body", at)));
    places
}

/// The request with one bit of one byte turned over, if it still is one.
fn changed(request: &Request, (part, at): (&'static str, usize)) -> Option<Request> {
    let mut request = request.clone();
    let turn = |text: &str| {
        let mut bytes = text.as_bytes().to_vec();
        bytes[at] ^= 1;
        String::from_utf8(bytes).ok()
    };
    match part {
        "method" => request.method = turn(&request.method)?,
        "path" => request.path = turn(&request.path)?,
        "query" => request.query = turn(&request.query)?,
        "body" => request.body[at] ^= 1,
        name => {
            let value = turn(request.headers[name].to_str().ok()?)?;
            request.headers.insert(name, value.parse().ok()?);
        }
    }
    Some(request)
}

fn location(presigned: bool) -> SignatureLocation {
    if presigned { SignatureLocation::QueryParams } else { SignatureLocation::Headers }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_aws_signs_verifies(
        request in requests(ANY),
        token in prop::option::of("[a-zA-Z0-9+/=]{8,40}"),
        presigned: bool,
    ) {
        let signed = signed_by_aws(&request, token, location(presigned));
        prop_assert_eq!(signed.verify(now()).map(drop), Ok(()), "{:?}", signed);
    }

    #[test]
    fn what_is_signed_here_verifies_elsewhere(
        request in requests(COMMON),
        token in prop::option::of("[a-zA-Z0-9+/=]{8,40}"),
    ) {
        let signed = request.signed(token.as_deref());
        prop_assert_eq!(signed.verify(now()).map(drop), Ok(()));
        prop_assert_eq!(scratchstack(&signed), Ok(()), "{:?}", signed);
    }

    #[test]
    fn no_signed_byte_may_change(
        request in requests(COMMON),
        token in prop::option::of("[a-zA-Z0-9]{8,12}"),
        presigned: bool,
        at: Index,
    ) {
        let signed = signed_by_aws(&request, token, location(presigned));
        let places = bytes(&signed);
        let place = places[at.index(places.len())];
        if let Some(bad) = changed(&signed, place) {
            prop_assert!(bad.verify(now()).is_err(), "{place:?} {bad:?}");
        }
    }
}

#[test]
fn no_byte_of_a_usual_request_may_change() {
    for presigned in [false, true] {
        let signed = signed_by_aws(&Request::unsigned(), Some("token".to_owned()), location(presigned));
        signed.verify(now()).unwrap();
        let bad: Vec<_> =
            bytes(&signed).into_iter().filter_map(|place| Some((place, changed(&signed, place)?))).collect();
        assert!(bad.len() > 300, "{} bytes were changed", bad.len());
        for (place, bad) in bad {
            assert!(bad.verify(now()).is_err(), "{place:?}");
        }
    }
}
