//! The published signing suite, as the `aws-sigv4` crate carries it: every intermediate value of
//! every case, in the header and in the query.

use std::path::{Path, PathBuf};

use http::{HeaderMap, HeaderName, HeaderValue};
use jiff::{SignedDuration, Timestamp};

use crate::canonical::hex_sha256;
use crate::{AuthError, RequestParts, SecretAccessKey, SigningKey, Verified, parse};

struct Case {
    method: String,
    path: String,
    query: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Case {
    fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        // A line that begins with white space continues the one before (obsolete since RFC 7230).
        let mut lines: Vec<String> = Vec::new();
        for line in head.lines() {
            match line.strip_prefix(' ') {
                Some(more) => lines.last_mut().unwrap().push_str(&format!(" {}", more.trim())),
                None => lines.push(line.to_owned()),
            }
        }
        let (method, target) = lines[0].split_once(' ').unwrap();
        let target = target.strip_suffix(" HTTP/1.1").unwrap_or(target);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = HeaderMap::new();
        for line in &lines[1..] {
            let (name, value) = line.split_once(':').unwrap();
            let value = HeaderValue::from_bytes(value.trim().as_bytes()).unwrap();
            headers.append(name.parse::<HeaderName>().unwrap(), value);
        }
        let [method, path, query] = [method, path, query].map(str::to_owned);
        Self { method, path, query, headers, body: body.trim_end_matches('\n').into() }
    }

    fn parts(&self) -> RequestParts<'_> {
        RequestParts {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &self.headers,
            authority: None,
            body: &self.body,
        }
    }
}

fn directory() -> PathBuf {
    let metadata = cargo_metadata::MetadataCommand::new().exec().unwrap();
    let package = metadata.packages.iter().find(|package| package.name.as_str() == "aws-sigv4").unwrap();
    package.manifest_path.parent().unwrap().join("aws-signing-test-suite/v4").into()
}

fn field(directory: &Path, name: &str) -> String {
    let context = std::fs::read_to_string(directory.join("context.json")).unwrap();
    let context: serde_json::Value = serde_json::from_str(&context).unwrap();
    let found = context.get(name).or_else(|| context["credentials"].get(name)).unwrap();
    found.as_str().unwrap().to_owned()
}

/// Verifies one form of a case and compares all that is computed on the way.
fn run(directory: &Path, form: &str) -> Result<Verified, AuthError> {
    let read = |name: &str| std::fs::read_to_string(directory.join(format!("{form}-{name}.txt"))).unwrap();
    let case = Case::read(&directory.join(format!("{form}-signed-request.txt")));
    let [secret, region, service, time] =
        ["secret_access_key", "region", "service", "timestamp"].map(|name| field(directory, name));
    let now: Timestamp = time.parse().unwrap();
    let parts = case.parts();
    let timely = parse(&parts)?.check_time(now, SignedDuration::from_mins(5))?;
    let scoped = timely.check_scope(|name| name == region, &service)?;
    let hash = hex_sha256(&case.body);
    let mut canonical = Vec::new();
    scoped.canonical(&hash).write(&mut canonical);
    let to_sign = scoped.canonical(&hash).string_to_sign(&read("string-to-sign")[17..33], &scoped.scope());
    let key = SigningKey::derive(&SecretAccessKey::from(secret), scope_date(&to_sign), &region, &service);
    let signature = key.sign(&to_sign);
    let verdict = scoped.verify(&key)?;
    assert_eq!(String::from_utf8(canonical).unwrap(), read("canonical-request"));
    assert_eq!(String::from_utf8(to_sign).unwrap(), read("string-to-sign"));
    assert_eq!(signature, read("signature").as_bytes());
    Ok(verdict)
}

fn scope_date(to_sign: &[u8]) -> &str {
    std::str::from_utf8(&to_sign[34..42]).unwrap()
}

/// The names of the complete cases; two directories have no parameters and are of single tests.
fn cases() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory()).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|case| case.join("context.json").exists()).collect()
}

/// Whether a case is not to verify. Paths that their signer did not normalize are signed as another
/// service wants it, and a token that is not signed would not be bound to its request.
fn is_refused(name: &str) -> bool {
    let other_service = name.ends_with("-unnormalized") && name != "get-space-unnormalized";
    other_service || name == "post-sts-header-after"
}

#[test]
fn the_published_suite_holds() {
    let mut verified = 0;
    for case in cases() {
        let name = case.file_name().unwrap().to_str().unwrap();
        for form in ["header", "query"] {
            let verdict = run(&case, form);
            assert_eq!(verdict.is_err(), is_refused(name), "{name}, {form}: {verdict:?}");
            verified += usize::from(verdict.is_ok());
        }
    }
    assert_eq!(verified, 62);
}
