//! An event as a CloudTrail record (version 1.11).
//!
//! This runs for every request, so it appends straight into the buffer that is written to the
//! file. Every member is either text that is escaped here or JSON that the event already holds.

use jiff::Timestamp;
use trent_domain::{AccountId, Principal, PrincipalKind};
use trent_engine::{Event, EventError, EventResource, Json, TlsDetails};

use crate::text;

/// What is kept of a user agent, an error's code, its message or a host name.
const TEXT_LIMIT: usize = 1024;
/// What is kept of the parameters and of the response.
const PARAMETERS_LIMIT: usize = 100 * 1024;
/// What is kept of the additional data.
const ADDITIONAL_LIMIT: usize = 28 * 1024;
/// Stands for JSON that is over its limit: a part of it would not be JSON.
const OMITTED: &str = r#"{"omitted":"too long to be recorded"}"#;

/// Renders events; remembers how the current second is spelled.
#[derive(Debug, Default)]
pub struct Renderer {
    second: Option<i64>,
    spelled: String,
}

impl Renderer {
    /// Appends the record of an event: one JSON object, on one line.
    pub fn render(&mut self, event: &Event, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"eventVersion":"1.11","userIdentity":"#);
        identity(event, out);
        out.extend_from_slice(br#","eventTime":""#);
        out.extend_from_slice(self.second(event.time).as_bytes());
        out.extend_from_slice(br#"","eventSource":""#);
        out.extend_from_slice(event.source.as_bytes());
        out.extend_from_slice(br#"","eventName":""#);
        out.extend_from_slice(event.name.as_bytes());
        out.push(b'"');
        origin(event, out);
        if let Some(error) = &event.error {
            failure(error, out);
        }
        data(event, out);
        out.extend_from_slice(br#","requestID":"#);
        text::uuid(out, &event.request_id);
        out.extend_from_slice(br#","eventID":"#);
        text::uuid(out, &event.id);
        out.extend_from_slice(if event.read_only { br#","readOnly":true"# } else { br#","readOnly":false"# });
        resources(&event.resources, out);
        out.extend_from_slice(br#","eventType":"AwsApiCall","managementEvent":true"#);
        if let Some(principal) = &event.principal {
            member(out, br#","recipientAccountId":""#, &text::digits(principal.account));
        }
        out.extend_from_slice(br#","eventCategory":"Management""#);
        if let Some(tls) = &event.tls {
            connection(tls, event.host.as_deref(), out);
        }
        out.push(b'}');
    }

    /// `YYYY-MM-DDTHH:MM:SSZ`.
    fn second(&mut self, time: Timestamp) -> &str {
        // Whole seconds are rounded down, before 1970 too.
        let second = time.as_millisecond().div_euclid(1000);
        if self.second != Some(second) {
            self.second = Some(second);
            self.spelled = Timestamp::from_second(second).unwrap_or(time).to_string();
        }
        &self.spelled
    }
}

/// Appends `name` and a value that needs no escape; `name` opens the quotes.
fn member(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(value);
    out.push(b'"');
}

/// Appends `name` and a text; `name` ends before the quotes.
fn text_member(out: &mut Vec<u8>, name: &[u8], value: &str) {
    out.extend_from_slice(name);
    text::string(out, text::truncated(value, TEXT_LIMIT));
}

fn identity(event: &Event, out: &mut Vec<u8>) {
    match &event.principal {
        Some(Principal { account, kind: PrincipalKind::Root }) => root(*account, out),
        None => out.extend_from_slice(br#"{"type":"Unknown""#),
    }
    if let Some(key) = &event.access_key_id {
        text_member(out, br#","accessKeyId":"#, key);
    }
    out.push(b'}');
}

fn root(account: AccountId, out: &mut Vec<u8>) {
    let account = text::digits(account);
    member(out, br#"{"type":"Root","principalId":""#, &account);
    out.extend_from_slice(br#","arn":"arn:aws:iam::"#);
    out.extend_from_slice(&account);
    member(out, br#":root","accountId":""#, &account);
}

/// From where it came.
fn origin(event: &Event, out: &mut Vec<u8>) {
    if let Some(region) = &event.region {
        member(out, br#","awsRegion":""#, region.as_str().as_bytes());
    }
    out.extend_from_slice(br#","sourceIPAddress":"#);
    // A listener for both families sees IPv4 peers as mapped addresses.
    text::display(out, event.source_ip.to_canonical());
    if let Some(agent) = &event.user_agent {
        text_member(out, br#","userAgent":"#, agent);
    }
}

fn failure(error: &EventError, out: &mut Vec<u8>) {
    text_member(out, br#","errorCode":"#, error.code);
    if let Some(message) = &error.message {
        text_member(out, br#","errorMessage":"#, message);
    }
}

fn data(event: &Event, out: &mut Vec<u8>) {
    let or_null = |out: &mut Vec<u8>, value: &Option<Json>| match value {
        Some(value) => text::json(out, within(value, PARAMETERS_LIMIT)),
        None => out.extend_from_slice(b"null"),
    };
    out.extend_from_slice(br#","requestParameters":"#);
    or_null(out, &event.parameters);
    out.extend_from_slice(br#","responseElements":"#);
    or_null(out, &event.response);
    if let Some(additional) = &event.additional {
        out.extend_from_slice(br#","additionalEventData":"#);
        text::json(out, within(additional, ADDITIONAL_LIMIT));
    }
}

fn within(json: &Json, limit: usize) -> &str {
    if json.0.len() <= limit { &json.0 } else { OMITTED }
}

fn resources(resources: &[EventResource], out: &mut Vec<u8>) {
    out.extend_from_slice(br#","resources":["#);
    for (n, resource) in resources.iter().enumerate() {
        let open: &[u8] = if n == 0 { br#"{"accountId":""# } else { br#",{"accountId":""# };
        member(out, open, &text::digits(resource.account));
        member(out, br#","type":""#, resource.kind.as_bytes());
        out.extend_from_slice(br#","ARN":"#);
        text::string(out, &resource.arn);
        out.push(b'}');
    }
    out.push(b']');
}

fn connection(tls: &TlsDetails, host: Option<&str>, out: &mut Vec<u8>) {
    member(out, br#","tlsDetails":{"tlsVersion":""#, tls.version.as_bytes());
    member(out, br#","cipherSuite":""#, tls.cipher_suite.as_bytes());
    if let Some(group) = tls.key_exchange {
        member(out, br#","keyExchange":""#, group.as_bytes());
    }
    if let Some(host) = host {
        text_member(out, br#","clientProvidedHostHeader":"#, host);
    }
    out.push(b'}');
}
