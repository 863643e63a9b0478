//! An event as a CloudTrail record (version 1.11).
//!
//! This runs for every request, so it appends straight into the buffer that is written to the
//! file. Every member is either text that is escaped here or JSON that the event already holds.

use jiff::Timestamp;
use trent_domain::AccountId;
use trent_engine::{Event, EventError, EventResource, Json, TlsDetails};

use crate::{identity, text};

/// What is kept of a user agent, an error's code, its message or a host name.
const TEXT_LIMIT: usize = 1024;
/// What is kept of the parameters and of the response.
const PARAMETERS_LIMIT: usize = 100 * 1024;
/// What is kept of the additional data.
const ADDITIONAL_LIMIT: usize = 28 * 1024;
/// Stands for JSON that is over its limit: a part of it would not be JSON.
const OMITTED: &str = r#"{"omitted":"too long to be recorded"}"#;

/// Who acts, and from where, when it is the service itself.
pub(crate) const INTERNAL: &[u8] = b"AWS Internal";

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
        identity::render(event, out);
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
        let is_call = event.service.as_ref().is_none_or(|service| service.is_call);
        if is_call {
            out.extend_from_slice(br#","requestID":"#);
            text::uuid(out, &event.request_id);
        }
        out.extend_from_slice(br#","eventID":"#);
        text::uuid(out, &event.id);
        out.extend_from_slice(if event.read_only { br#","readOnly":true"# } else { br#","readOnly":false"# });
        resources(&event.resources, out);
        let kind: &[u8] = if is_call { b"AwsApiCall" } else { b"AwsServiceEvent" };
        member(out, br#","eventType":""#, kind);
        out.extend_from_slice(br#","managementEvent":true"#);
        if let Some(account) = recipient(event) {
            member(out, br#","recipientAccountId":""#, &text::digits(account));
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
pub(crate) fn member(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    out.extend_from_slice(name);
    out.extend_from_slice(value);
    out.push(b'"');
}

/// Appends `name` and a text; `name` ends before the quotes.
pub(crate) fn text_member(out: &mut Vec<u8>, name: &[u8], value: &str) {
    out.extend_from_slice(name);
    text::string(out, text::truncated(value, TEXT_LIMIT));
}

fn recipient(event: &Event) -> Option<AccountId> {
    match (&event.service, &event.principal) {
        (Some(service), _) => Some(service.account),
        (None, principal) => principal.as_ref().map(|principal| principal.account),
    }
}

/// From where it came.
fn origin(event: &Event, out: &mut Vec<u8>) {
    if let Some(region) = &event.region {
        member(out, br#","awsRegion":""#, region.as_str().as_bytes());
    }
    if event.service.is_some() {
        member(out, br#","sourceIPAddress":""#, INTERNAL);
        return member(out, br#","userAgent":""#, INTERNAL);
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
    if let Some(details) = event.service.as_ref().and_then(|service| service.details.as_ref()) {
        out.extend_from_slice(br#","serviceEventDetails":"#);
        text::json(out, within(details, PARAMETERS_LIMIT));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::event;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use trent_engine::ServiceFacts;

    fn rendered(event: &Event) -> Value {
        let mut out = Vec::new();
        Renderer::default().render(event, &mut out);
        assert!(!out.contains(&b'\n'), "a record is one line");
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_granted_request_over_tls() {
        let tls = TlsDetails {
            version: "TLSv1.3",
            cipher_suite: "TLS_AES_256_GCM_SHA384",
            key_exchange: Some("X25519MLKEM768"),
        };
        let additional = Some(Json(r#"{"keyMaterialId":"00ff"}"#.to_owned()));
        let event = Event { tls: Some(tls), additional, ..event() };
        assert_eq!(
            rendered(&event),
            json!({
                "eventVersion": "1.11",
                "userIdentity": {
                    "type": "Root",
                    "principalId": "000000000042",
                    "arn": "arn:aws:iam::000000000042:root",
                    "accountId": "000000000042",
                    "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
                },
                "eventTime": "2026-01-01T00:00:00Z",
                "eventSource": "kms.amazonaws.com",
                "eventName": "Encrypt",
                "awsRegion": "eu-west-1",
                "sourceIPAddress": "192.0.2.7",
                "userAgent": "Boto3/1.40.1",
                "requestParameters": {"keyId": "alias/app"},
                "responseElements": null,
                "additionalEventData": {"keyMaterialId": "00ff"},
                "requestID": "fedcba98-7654-4210-8123-456789abcdef",
                "eventID": "12345678-9abc-4def-8123-456789abcdef",
                "readOnly": true,
                "resources": [{
                    "accountId": "000000000042",
                    "type": "AWS::KMS::Key",
                    "ARN": "arn:aws:kms:eu-west-1:000000000042:key/1234abcd-12ab-34cd-56ef-1234567890ab",
                }],
                "eventType": "AwsApiCall",
                "managementEvent": true,
                "recipientAccountId": "000000000042",
                "eventCategory": "Management",
                "tlsDetails": {
                    "tlsVersion": "TLSv1.3",
                    "cipherSuite": "TLS_AES_256_GCM_SHA384",
                    "keyExchange": "X25519MLKEM768",
                    "clientProvidedHostHeader": "localhost:4599",
                },
            })
        );
    }

    #[test]
    fn a_refused_write_without_tls() {
        let error = EventError { code: "AccessDenied", message: Some("not \"you\"".to_owned()) };
        let event = Event {
            name: "CreateAlias",
            error: Some(error),
            parameters: None,
            read_only: false,
            resources: Vec::new(),
            user_agent: None,
            source_ip: "::ffff:192.0.2.7".parse().unwrap(),
            ..event()
        };
        let record = rendered(&event);
        assert_eq!(record["errorCode"], "AccessDenied");
        assert_eq!(record["errorMessage"], "not \"you\"");
        assert_eq!(record["requestParameters"], Value::Null);
        assert_eq!(record["readOnly"], false);
        assert_eq!(record["resources"], json!([]));
        assert_eq!(record["sourceIPAddress"], "192.0.2.7");
        for absent in ["userAgent", "tlsDetails", "additionalEventData"] {
            assert_eq!(record.get(absent), None, "{absent}");
        }
    }

    #[test]
    fn something_the_service_did_by_itself() {
        let account = AccountId::from_number(42).unwrap();
        let details = Some(Json(r#"{"keyId":"a"}"#.to_owned()));
        let service = ServiceFacts { account, details, is_call: false };
        let event = Event {
            name: "RotateKey",
            principal: None,
            access_key_id: None,
            user_agent: None,
            parameters: None,
            read_only: false,
            service: Some(service),
            ..event()
        };
        let record = rendered(&event);
        assert_eq!(record["userIdentity"], json!({"accountId": "000000000042", "invokedBy": "AWS Internal"}));
        for (member, value) in [
            ("sourceIPAddress", json!("AWS Internal")),
            ("userAgent", json!("AWS Internal")),
            ("awsRegion", json!("eu-west-1")),
            ("requestParameters", Value::Null),
            ("responseElements", Value::Null),
            ("serviceEventDetails", json!({"keyId": "a"})),
            ("eventType", json!("AwsServiceEvent")),
            ("recipientAccountId", json!("000000000042")),
            ("readOnly", json!(false)),
        ] {
            assert_eq!(record[member], value, "{member}");
        }
        assert_eq!(record.get("requestID"), None);
        let trail = crate::place::Trail::of(&event);
        assert_eq!(trail, crate::place::Trail::Account(account, "eu-west-1".parse().unwrap()));
        // Some of it is recorded as calls.
        let service = ServiceFacts { account, details: None, is_call: true };
        let record = rendered(&Event { service: Some(service), ..event });
        assert_eq!(record["eventType"], "AwsApiCall");
        assert_eq!(record["requestID"], "fedcba98-7654-4210-8123-456789abcdef");
        assert_eq!(record["userIdentity"]["invokedBy"], "AWS Internal");
        assert_eq!(record.get("serviceEventDetails"), None);
    }

    #[test]
    fn a_caller_that_is_not_known() {
        let event = Event { principal: None, region: None, ..event() };
        let record = rendered(&event);
        assert_eq!(record["userIdentity"], json!({"type": "Unknown", "accessKeyId": "AKIAIOSFODNN7EXAMPLE"}));
        assert_eq!(record.get("recipientAccountId"), None);
        assert_eq!(record.get("awsRegion"), None);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let long = "é".repeat(TEXT_LIMIT);
        let object = |length: usize| Some(Json(format!(r#"{{"a":"{}"}}"#, "x".repeat(length - 8))));
        let error = EventError { code: "ValidationException", message: Some(long.clone()) };
        let event = Event {
            user_agent: Some(format!("x{long}").into()),
            error: Some(error),
            parameters: object(PARAMETERS_LIMIT),
            response: object(PARAMETERS_LIMIT + 1),
            additional: object(ADDITIONAL_LIMIT + 1),
            ..event()
        };
        let record = rendered(&event);
        assert_eq!(record["userAgent"].as_str().unwrap().len(), TEXT_LIMIT - 1);
        assert_eq!(record["errorMessage"].as_str().unwrap().len(), TEXT_LIMIT);
        assert_eq!(record["requestParameters"]["a"].as_str().unwrap().len(), PARAMETERS_LIMIT - 8);
        let omitted: Value = serde_json::from_str(OMITTED).unwrap();
        assert_eq!([&record["responseElements"], &record["additionalEventData"]], [&omitted, &omitted]);
    }

    #[test]
    fn the_remembered_second_is_not_that_of_another_event() {
        let mut renderer = Renderer::default();
        for (time, spelled) in [
            ("2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00Z"),
            ("2026-01-01T00:00:01Z", "2026-01-01T00:00:01Z"),
            ("2026-01-01T00:00:00.9Z", "2026-01-01T00:00:00Z"),
            ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z"),
        ] {
            assert_eq!(renderer.second(time.parse().unwrap()), spelled);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_client_sends_the_record_is_one_line_of_json(
            agent in any::<String>(),
            host in any::<String>(),
            key in any::<String>(),
            message in any::<String>(),
            arn in any::<String>(),
            ip in any::<std::net::IpAddr>(),
            description in any::<String>(),
        ) {
            let mut event = event();
            event.user_agent = Some(agent.as_str().into());
            event.host = Some(host.clone());
            event.access_key_id = Some(key.as_str().into());
            event.error = Some(EventError { code: "ValidationException", message: Some(message.clone()) });
            event.resources[0].arn = arn.as_str().into();
            event.source_ip = ip;
            event.parameters =
                Some(Json(serde_json::to_string_pretty(&json!({"description": description})).unwrap()));
            event.tls =
                Some(TlsDetails { version: "TLSv1.2", cipher_suite: "", key_exchange: None });
            let record = rendered(&event);
            let cut = |text: &str| text::truncated(text, TEXT_LIMIT).to_owned();
            prop_assert_eq!(&record["userAgent"], &cut(&agent));
            prop_assert_eq!(&record["tlsDetails"]["clientProvidedHostHeader"], &cut(&host));
            prop_assert_eq!(&record["userIdentity"]["accessKeyId"], &cut(&key));
            prop_assert_eq!(&record["errorMessage"], &cut(&message));
            prop_assert_eq!(&record["resources"][0]["ARN"], &arn);
            prop_assert_eq!(&record["requestParameters"]["description"], &description);
        }
    }
}
