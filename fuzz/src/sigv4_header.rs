//! Any request: nothing panics, every refusal has its text, and only what was signed is verified.

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};
use trent_sigv4::{AuthError, RequestParts, SecretAccessKey, SigningKey, Verified, parse};

/// Requests that are signed with the secret of [`verify`]. None else can be found by chance.
const SIGNED: [&[u8]; 2] =
    [include_bytes!("../seeds/sigv4_header/signed"), include_bytes!("../seeds/sigv4_header/presigned")];

/// Takes `data` for the lines of a request: method, path, query, headers, nothing, body.
pub(crate) fn run(data: &[u8]) {
    let (head, body) = match data.windows(2).position(|pair| pair == b"\n\n") {
        Some(end) => (&data[..end], &data[end + 2..]),
        None => (data, &[][..]),
    };
    let Ok(head) = std::str::from_utf8(head) else { return };
    let mut lines = head.split('\n');
    let [method, path, query] = [(); 3].map(|()| lines.next().unwrap_or_default());
    let mut headers = HeaderMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value.trim())) {
            headers.append(name, value);
        }
    }
    let authority = headers.remove("authority");
    let authority = authority.as_ref().and_then(|value| value.to_str().ok());
    match verify(&RequestParts { method, path, query, headers: &headers, authority, body }) {
        Ok(_) => assert!(is_known(method, body), "a signature was forged"),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Whether a request is as one of the seeds, in what one can tell without trusting the verifier.
fn is_known(method: &str, body: &[u8]) -> bool {
    SIGNED.iter().any(|seed| seed.starts_with(method.as_bytes()) && seed.ends_with(&[b"\n\n", body].concat()))
}

fn verify(parts: &RequestParts<'_>) -> Result<Verified, AuthError> {
    let now = Timestamp::from_second(1_795_521_600).expect("a time");
    let unverified = parse(parts)?;
    assert!(!unverified.access_key_id().contains('/'));
    let timely = unverified.check_time(now, SignedDuration::from_mins(5))?;
    let scoped = timely.check_scope(|region| region == "us-east-1", "kms")?;
    let secret = SecretAccessKey::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned());
    let key = SigningKey::derive(&secret, scoped.scope().date, scoped.scope().region, "kms");
    scoped.verify(&key)
}
