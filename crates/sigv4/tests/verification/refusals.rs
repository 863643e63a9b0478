//! Every refusal with its text, as the service words it.

use crate::request::{Request, TARGET, now};
use trent_sigv4::AuthErrorKind::{self, Incomplete, InvalidSignature, MissingToken};
use trent_sigv4::parse;

/// What is done to a good request, and what is said of it then.
type Row = (&'static str, fn(&mut Request), AuthErrorKind, &'static str);

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
     Secret Access Key and signing method. Consult the service documentation for details.";

const FORM: [Row; 10] = [
    (
        "nothing",
        |r| drop(r.headers.remove("authorization")),
        MissingToken,
        "Request is missing Authentication Token",
    ),
    (
        "algorithm",
        |r| r.edit("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        Incomplete,
        "Unsupported AWS 'algorithm': 'AWS4-ECDSA-P256-SHA256'.",
    ),
    (
        "other scheme",
        |r| r.set("authorization", "Basic Zm9v"),
        Incomplete,
        "Unsupported AWS 'algorithm': 'Basic'.",
    ),
    (
        "no pair",
        |r| r.set("authorization", "AWS4-HMAC-SHA256 Credential"),
        Incomplete,
        "'Credential' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4-HMAC-SHA256 Credential'",
    ),
    (
        "no credential",
        |r| r.set("authorization", "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0"),
        Incomplete,
        "Authorization header requires 'Credential' parameter. Authorization=AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0",
    ),
    (
        "all parts",
        |r| {
            r.set("authorization", "AWS4-HMAC-SHA256");
            r.headers.remove("x-amz-date");
        },
        Incomplete,
        "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. Authorization=AWS4-HMAC-SHA256",
    ),
    (
        "date",
        |r| r.set("x-amz-date", "2026-11-24T12:00:00Z"),
        Incomplete,
        "Date must be in ISO-8601 'basic format'. Got '2026-11-24T12:00:00Z'. See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    (
        "date in another form",
        |r| r.set("x-amz-date", "Tue, 24 Nov 2026 12:00:00 GMT"),
        Incomplete,
        "Date must be in ISO-8601 'basic format'. Got 'Tue, 24 Nov 2026 12:00:00 GMT'. See http://en.wikipedia.org/wiki/ISO_8601",
    ),
    (
        "four parts",
        |r| r.edit("/kms/aws4_request", "/kms"),
        Incomplete,
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/kms'",
    ),
    (
        "six parts",
        |r| r.edit("/kms/", "/kms/kms/"),
        Incomplete,
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got 'AKIAIOSFODNN7EXAMPLE/20261124/us-east-1/kms/kms/aws4_request'",
    ),
];

const COVERAGE: [Row; 5] = [
    (
        "host",
        |r| r.edit("host;", ""),
        InvalidSignature,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    (
        "host in capitals",
        |r| r.edit("host;", "Host;"),
        InvalidSignature,
        "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    (
        "target",
        |r| r.edit(";x-amz-target", ""),
        InvalidSignature,
        "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    (
        "date",
        |r| r.edit(";x-amz-date", ""),
        InvalidSignature,
        "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
    ),
    (
        "token",
        |r| r.set("x-amz-security-token", "foreign"),
        InvalidSignature,
        "'x-amz-security-token' must be a 'SignedHeader' in the AWS Authorization.",
    ),
];

const SCOPE: [Row; 7] = [
    (
        "old",
        |r| r.set("x-amz-date", "20261124T115459Z"),
        InvalidSignature,
        "Signature expired: 20261124T115459Z is now earlier than 20261124T115500Z (20261124T120000Z - 5 min.)",
    ),
    (
        "early",
        |r| r.set("x-amz-date", "20261124T120501Z"),
        InvalidSignature,
        "Signature not yet current: 20261124T120501Z is still later than 20261124T120500Z (20261124T120000Z + 5 min.)",
    ),
    (
        "region",
        |r| r.edit("us-east-1", "mars-1"),
        InvalidSignature,
        "Credential should be scoped to a valid region, not 'mars-1'.",
    ),
    (
        "service",
        |r| r.edit("/kms/", "/s3/"),
        InvalidSignature,
        "Credential should be scoped to correct service: 'kms'.",
    ),
    (
        "terminator",
        |r| r.edit("aws4_request", "aws5"),
        InvalidSignature,
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.",
    ),
    (
        "day",
        |r| r.edit("/20261124/", "/20261123/"),
        InvalidSignature,
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20261123' != '20261124', from '20261124T120000Z'.",
    ),
    (
        "all of it",
        |r| r.edit("/20261124/us-east-1/kms/aws4_request", "/1/2/3/4"),
        InvalidSignature,
        "Credential should be scoped to a valid region, not '2'. Credential should be scoped to correct service: 'kms'. Credential should be scoped with a valid terminator: 'aws4_request', not '4'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '1' != '20261124', from '20261124T120000Z'.",
    ),
];

const SIGNATURE: [Row; 13] = [
    ("time within reach", |r| r.set("x-amz-date", "20261124T115500Z"), InvalidSignature, MISMATCH),
    ("body", |r| r.body.push(b' '), InvalidSignature, MISMATCH),
    ("signature in capitals", |r| r.set("authorization", &capitals(r)), InvalidSignature, MISMATCH),
    ("empty signature", |r| r.set("authorization", &cut(r, 0)), InvalidSignature, MISMATCH),
    ("short signature", |r| r.set("authorization", &cut(r, 63)), InvalidSignature, MISMATCH),
    ("a signed header less", |r| drop(r.headers.remove("content-type")), InvalidSignature, MISMATCH),
    ("both kinds", |r| r.query = "X-Amz-Signature=0".to_owned(), InvalidSignature, MISMATCH),
    ("two authorities", |r| r.authority = Some("elsewhere:4599".to_owned()), InvalidSignature, MISMATCH),
    (
        "two hosts",
        |r| r.add("host", "elsewhere"),
        InvalidSignature,
        "The request has more than one 'host' header.",
    ),
    (
        "two targets",
        |r| r.add("x-amz-target", TARGET),
        InvalidSignature,
        "The request has more than one 'x-amz-target' header.",
    ),
    (
        "two dates",
        |r| r.add("x-amz-date", "20261124T120000Z"),
        InvalidSignature,
        "The request has more than one 'x-amz-date' header.",
    ),
    (
        "two authorizations",
        |r| r.add("authorization", "Basic Zm9v"),
        InvalidSignature,
        "The request has more than one 'authorization' header.",
    ),
    (
        "two content types",
        |r| r.add("content-type", "text/plain"),
        InvalidSignature,
        "The request has more than one 'content-type' header.",
    ),
];

/// A presigned request that lacks only its signature, whose absence is noticed first.
const PRESIGNED: [Row; 9] = [
    (
        "wrong algorithm",
        |r| presign(r, "X-Amz-Algorithm=AWS4&X-Amz-Signature=0"),
        MissingToken,
        "Request is missing Authentication Token",
    ),
    (
        "all parts",
        |r| presign(r, "X-Amz-Algorithm=AWS4-HMAC-SHA256"),
        Incomplete,
        "AWS query-string parameters must include 'X-Amz-Credential'. AWS query-string parameters must include 'X-Amz-Signature'. AWS query-string parameters must include 'X-Amz-SignedHeaders'. AWS query-string parameters must include 'X-Amz-Date'. Re-examine the query-string parameters.",
    ),
    (
        "no lifetime",
        |r| presign(r, &good("")),
        Incomplete,
        "X-Amz-Expires must be a number between 1 and 604800 seconds",
    ),
    (
        "no time at all",
        |r| presign(r, &good("&X-Amz-Expires=0")),
        Incomplete,
        "X-Amz-Expires must be a number between 1 and 604800 seconds",
    ),
    (
        "over a week",
        |r| presign(r, &good("&X-Amz-Expires=604801")),
        Incomplete,
        "X-Amz-Expires must be a number between 1 and 604800 seconds",
    ),
    (
        "run out",
        |r| presign(r, &good("&X-Amz-Expires=60")),
        InvalidSignature,
        "Signature expired: 20261124T120000Z is now later than 20261124T115100Z",
    ),
    ("mismatch", |r| presign(r, &good("&X-Amz-Expires=604800")), InvalidSignature, MISMATCH),
    (
        "two tokens",
        |r| {
            presign(r, &good("&X-Amz-Expires=604800&X-Amz-Security-Token=a"));
            r.set("x-amz-security-token", "b");
        },
        InvalidSignature,
        MISMATCH,
    ),
    (
        "unsigned target",
        |r| {
            presign(r, &good("&X-Amz-Expires=604800"));
            r.set("x-amz-target", TARGET);
        },
        InvalidSignature,
        "'x-amz-target' must be a 'SignedHeader' in the AWS Authorization.",
    ),
];

fn capitals(request: &Request) -> String {
    let value = request.headers["authorization"].to_str().unwrap();
    let (head, signature) = value.split_at(value.len() - 64);
    format!("{head}{}", signature.to_uppercase())
}

fn cut(request: &Request, length: usize) -> String {
    let value = request.headers["authorization"].to_str().unwrap();
    value[..value.len() - 64 + length].to_owned()
}

fn presign(request: &mut Request, query: &str) {
    for name in ["authorization", "x-amz-date", "x-amz-target"] {
        request.headers.remove(name);
    }
    request.query = query.to_owned();
}

fn good(more: &str) -> String {
    format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20261124%2Fus-east-1%2Fkms\
         %2Faws4_request&X-Amz-Date=20261124T115000Z&X-Amz-SignedHeaders=host%3Bx-amz-security-token&\
         X-Amz-Signature=00{more}"
    )
}

#[test]
fn every_refusal_is_worded_as_the_service_words_it() {
    for (name, spoil, kind, text) in
        FORM.iter().chain(&COVERAGE).chain(&SCOPE).chain(&SIGNATURE).chain(&PRESIGNED)
    {
        let mut request = Request::unsigned().signed(None);
        request.verify(now()).unwrap();
        spoil(&mut request);
        let error = request.verify(now()).expect_err(name);
        assert_eq!((error.kind(), error.to_string().as_str()), (*kind, *text), "{name}");
    }
}

#[test]
fn the_time_is_judged_before_the_form_of_the_credential() {
    let mut request = Request::unsigned().signed(None);
    request.edit("/kms/aws4_request", "/kms");
    let late = now() + jiff::SignedDuration::from_mins(6);
    assert!(request.verify(late).unwrap_err().to_string().starts_with("Signature expired"));
}

#[test]
fn skew_reaches_five_minutes_and_no_second_further() {
    let request = Request::unsigned().signed(None);
    for (seconds, good) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] {
        let verdict = request.verify(now() + jiff::SignedDuration::from_secs(seconds));
        assert_eq!(verdict.is_ok(), good, "{seconds}: {verdict:?}");
    }
}

#[test]
fn a_payload_is_hashed_and_nothing_else_is_taken_for_it() {
    let hash = "c4c5f5e9b1b8f4f4b8e6f5c4c5f5e9b1b8f4f4b8e6f5c4c5f5e9b1b8f4f4b8e6";
    for declared in ["UNSIGNED-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "", hash] {
        let mut request = Request::unsigned();
        request.set("x-amz-content-sha256", declared);
        assert_eq!(request.signed(None).verify(now()).unwrap_err().to_string(), MISMATCH, "{declared}");
    }
    let mut request = Request::unsigned();
    request.body = Vec::new();
    request.set("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    request.signed(None).verify(now()).unwrap();
}

#[test]
fn a_session_token_is_signed_and_handed_over() {
    let mut request = Request::unsigned().signed(Some("the token"));
    request.verify(now()).unwrap();
    let parts = request.parts();
    let timely = parse(&parts).unwrap().check_time(now(), jiff::SignedDuration::ZERO).unwrap();
    let scoped = timely.check_scope(|_| true, "kms").unwrap();
    assert_eq!(scoped.session_token(), Some("the token"));
    drop(scoped);
    request.set("x-amz-security-token", "another");
    assert_eq!(request.verify(now()).unwrap_err().to_string(), MISMATCH);
}

#[test]
fn the_authority_stands_for_the_host_under_either_name() {
    for (from, to) in [("host", "host"), ("host;", ":authority;")] {
        let mut request = Request::unsigned().signed(None);
        request.edit(from, to);
        request.headers.remove("host");
        request.authority = Some("localhost:4599".to_owned());
        let verdict = request.verify(now());
        assert_eq!(verdict.is_ok(), from == to, "only what was signed counts");
        request.authority = Some("elsewhere:4599".to_owned());
        assert_eq!(request.verify(now()).unwrap_err().to_string(), MISMATCH);
    }
}

#[test]
fn headers_that_clients_add_after_signing_may_change() {
    let mut request = Request::unsigned().signed(None);
    request.set("amz-sdk-request", "attempt=2; max=3");
    request.set("user-agent", "Boto3/1.42.0");
    request.add("via", "one");
    request.add("via", "two");
    request.verify(now()).unwrap();
}
