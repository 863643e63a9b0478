//! The services that one endpoint serves, and how each is spoken.
//!
//! A request belongs to the service its credential is scoped to: that is how clients address
//! services that share an endpoint.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use jiff::SignedDuration;
use trent_domain::Region;

use crate::catalog::{Catalog, Found, Handler};
use crate::{Fault, Request, WireError};

/// How requests and answers are put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON 1.1: the target header names the operation behind this prefix.
    Json(&'static str),
    /// AWS Query: a form names the operation; answers are XML.
    Query {
        /// The version of the API.
        version: &'static str,
        /// Of the answers.
        namespace: &'static str,
    },
}

/// A service: its names, its protocol, its operations.
pub struct Service {
    /// What credentials are scoped to, and actions are prefixed with.
    pub(crate) name: &'static str,
    /// What the audit trail calls it.
    pub(crate) source: &'static str,
    pub(crate) protocol: Protocol,
    /// How far a request's time may be off, either way.
    pub(crate) skew: SignedDuration,
    /// What it calls an error of its own.
    pub(crate) internal_error: &'static str,
    reach: Reach,
    catalog: Catalog,
}

/// The Regions a service may be asked in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Those that are served.
    Regional,
    /// It has one place for all Regions, which signs as us-east-1.
    Global,
    /// Both.
    Either,
}

const JSON: &str = "application/x-amz-json-1.1";
const GLOBAL: &str = "us-east-1";

impl Service {
    /// The key management service.
    #[must_use]
    pub const fn kms(catalog: Catalog) -> Self {
        Self {
            name: "kms",
            source: "kms.amazonaws.com",
            protocol: Protocol::Json("TrentService."),
            skew: SignedDuration::from_mins(5),
            internal_error: "KMSInternalException",
            reach: Reach::Regional,
            catalog,
        }
    }

    /// Identity and access management.
    #[must_use]
    pub const fn iam(catalog: Catalog) -> Self {
        Self {
            name: "iam",
            source: "iam.amazonaws.com",
            protocol: Protocol::Query {
                version: "2010-05-08",
                namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
            },
            skew: SignedDuration::from_mins(15),
            internal_error: "ServiceFailure",
            reach: Reach::Global,
            catalog,
        }
    }

    /// The security token service.
    #[must_use]
    pub const fn sts(catalog: Catalog) -> Self {
        Self {
            name: "sts",
            source: "sts.amazonaws.com",
            protocol: Protocol::Query {
                version: "2011-06-15",
                namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
            },
            skew: SignedDuration::from_mins(15),
            internal_error: "InternalFailure",
            reach: Reach::Either,
            catalog,
        }
    }

    /// Organizations: accounts.
    #[must_use]
    pub const fn organizations(catalog: Catalog) -> Self {
        Self {
            name: "organizations",
            source: "organizations.amazonaws.com",
            protocol: Protocol::Json("AWSOrganizationsV20161128."),
            skew: SignedDuration::from_mins(15),
            internal_error: "ServiceException",
            reach: Reach::Global,
            catalog,
        }
    }

    /// The Region of that name, if the service can be asked there.
    pub(crate) fn region<'a>(
        &self,
        name: &str,
        served: &'a [Region],
        global: &'a Region,
    ) -> Option<&'a Region> {
        let here = || served.iter().find(|region| region.as_str() == name);
        let everywhere = || (global.as_str() == name).then_some(global);
        match self.reach {
            Reach::Regional => here(),
            Reach::Global => everywhere(),
            Reach::Either => here().or_else(everywhere),
        }
    }

    /// The Region of services that have one place only.
    pub(crate) fn global_region() -> Option<Region> {
        GLOBAL.parse().ok()
    }

    /// Where a request has its input.
    pub(crate) fn input<'a>(&self, request: &'a Request) -> &'a [u8] {
        match self.protocol {
            // Some clients hand a signed URL to others, who fetch it: all is in the query then.
            Protocol::Query { .. } if request.head.method == http::Method::GET => {
                request.head.uri.query().unwrap_or_default().as_bytes()
            }
            Protocol::Query { .. } | Protocol::Json(_) => &request.body,
        }
    }

    /// The operation a request names, and the verdict on that.
    pub(crate) fn find(&self, request: &Request) -> Receipt<'_> {
        let name = match self.protocol {
            Protocol::Json(prefix) => named_by_target(request, prefix),
            Protocol::Query { version, .. } => named_by_form(request, self.input(request), version),
        };
        match name {
            Err(fault) => Receipt { name: "", handler: Err(fault) },
            Ok(name) => match self.catalog.find(&name) {
                Found::Operation(name, handler) => {
                    let handler =
                        if self.speaks(&request.head) { Ok(handler) } else { Err(self.unknown(name)) };
                    Receipt { name, handler }
                }
                Found::Missing(name) => Receipt { name, handler: Err(Fault::NotImplemented(name)) },
                Found::Unknown => Receipt { name: "", handler: Err(self.unknown(&name)) },
            },
        }
    }

    /// An operation by its name, when there is such a one.
    pub(crate) fn called(&self, name: &str) -> Option<(&'static str, &dyn Handler)> {
        match self.catalog.find(name) {
            Found::Operation(name, handler) => Some((name, handler)),
            Found::Missing(_) | Found::Unknown => None,
        }
    }

    /// A fault in the words of this service.
    pub(crate) fn wording(&self, fault: &Fault) -> WireError {
        let error = fault.wire();
        let error = match (self.protocol, fault) {
            // Named by the service itself.
            (_, Fault::Named { .. }) | (Protocol::Json(_), _) => error,
            (Protocol::Query { .. }, _) => in_query(error),
        };
        match error.code {
            "KMSInternalException" => WireError { code: self.internal_error, ..error },
            _ => error,
        }
    }

    fn unknown(&self, name: &str) -> Fault {
        match self.protocol {
            Protocol::Json(_) => Fault::UnknownOperation,
            Protocol::Query { version, .. } => no_such_action(name, version),
        }
    }

    fn speaks(&self, head: &http::request::Parts) -> bool {
        match self.protocol {
            Protocol::Json(_) => is_of_type(&head.headers, JSON),
            Protocol::Query { .. } => {
                head.method == http::Method::GET
                    || is_of_type(&head.headers, "application/x-www-form-urlencoded")
            }
        }
    }
}

/// The names that the Query services have for what befalls all services alike.
fn in_query(error: WireError) -> WireError {
    let (code, status) = match error.code {
        "MissingAuthenticationTokenException" => ("MissingAuthenticationToken", 403),
        "IncompleteSignatureException" => ("IncompleteSignature", 400),
        "UnrecognizedClientException" => ("InvalidClientTokenId", 403),
        "ExpiredTokenException" => ("ExpiredToken", 403),
        "InvalidSignatureException" => ("SignatureDoesNotMatch", 403),
        "AccessDeniedException" => ("AccessDenied", 403),
        "ThrottlingException" => ("Throttling", 400),
        "UnknownOperationException" | "UnsupportedOperationException" => ("InvalidAction", 400),
        "ValidationException" => ("ValidationError", 400),
        "SerializationException" => ("MalformedInput", 400),
        "MalformedPolicyDocumentException" => ("MalformedPolicyDocument", 400),
        "LimitExceededException" => ("LimitExceeded", 409),
        code => (code, error.status),
    };
    WireError { code, status, ..error }
}

/// What a request asks for.
pub(crate) struct Receipt<'a> {
    /// The operation; empty when there is none such.
    pub(crate) name: &'static str,
    pub(crate) handler: Result<&'a dyn Handler, Fault>,
}

/// The services of an endpoint; the first is the one that a request means that names none.
pub(crate) struct Services(Vec<Service>);

impl Services {
    pub(crate) const fn new(services: Vec<Service>) -> Self {
        Self(services)
    }

    /// The service with this name.
    pub(crate) fn named(&self, name: &str) -> Option<&Service> {
        self.0.iter().find(|service| service.name == name)
    }

    /// The service a request is for: what its credential is scoped to; without one, whose
    /// operation it names.
    pub(crate) fn of(&self, request: &Request) -> Option<&Service> {
        let scope = claimed_service(request);
        let scoped = scope.and_then(|name| self.named(&name));
        scoped.or_else(|| self.0.iter().find(|service| service.is_meant(request))).or_else(|| self.0.first())
    }
}

impl Service {
    fn is_meant(&self, request: &Request) -> bool {
        match self.protocol {
            Protocol::Json(prefix) => named_by_target(request, prefix).is_ok(),
            Protocol::Query { version, .. } => {
                !request.head.headers.contains_key("x-amz-target")
                    && form_value(self.input(request), "Version") == Some(version)
            }
        }
    }
}

/// The service that a request's credential says it is for. Nothing is believed here: the signature
/// covers it, and is checked for the service that is found.
fn claimed_service(request: &Request) -> Option<Cow<'_, str>> {
    let header = request.head.headers.get(AUTHORIZATION);
    if let Some(header) = header.and_then(|value| value.to_str().ok()) {
        let credential = header.split_once("Credential=")?.1.split(',').next()?;
        return credential.split('/').nth(3).map(Cow::Borrowed);
    }
    let credential = form_value(request.head.uri.query()?.as_bytes(), "X-Amz-Credential")?;
    let credential = credential.replace("%2F", "/").replace("%2f", "/");
    credential.split('/').nth(3).map(|name| Cow::Owned(name.to_owned()))
}

fn named_by_target<'a>(request: &'a Request, prefix: &str) -> Result<Cow<'a, str>, Fault> {
    let target =
        request.head.headers.get("x-amz-target").filter(|_| request.head.method == http::Method::POST);
    let target = target.ok_or(Fault::NotAnOperation)?.to_str().map_err(|_| Fault::UnknownOperation)?;
    target.strip_prefix(prefix).map(Cow::Borrowed).ok_or(Fault::UnknownOperation)
}

fn named_by_form<'a>(
    request: &Request,
    form: &'a [u8],
    version: &'static str,
) -> Result<Cow<'a, str>, Fault> {
    if !matches!(request.head.method, http::Method::GET | http::Method::POST) {
        return Err(Fault::named("MissingAction", 400, "Missing Action"));
    }
    let action = form_value(form, "Action").filter(|action| !action.is_empty());
    let action = action.ok_or_else(|| Fault::named("MissingAction", 400, "Missing Action"))?;
    match form_value(form, "Version") {
        Some(given) if given != version => Err(no_such_action(action, given)),
        _ => Ok(Cow::Borrowed(action)),
    }
}

fn no_such_action(action: &str, version: &str) -> Fault {
    Fault::named("InvalidAction", 400, format!("Could not find operation {action} for version {version}"))
}

/// A member of a form, as it is written: the names and values asked for here need no escapes.
fn form_value<'a>(form: &'a [u8], name: &str) -> Option<&'a str> {
    let pairs = std::str::from_utf8(form).ok()?.split('&');
    pairs.filter_map(|pair| pair.split_once('=')).find(|(known, _)| *known == name).map(|(_, value)| value)
}

fn is_of_type(headers: &HeaderMap, expected: &str) -> bool {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let media = value.and_then(|value| value.split(';').next());
    media.is_some_and(|media| media.trim().eq_ignore_ascii_case(expected))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use proptest::prelude::*;

    use super::*;

    fn services() -> Services {
        let catalog = Catalog::default;
        Services::new(vec![
            Service::kms(catalog()),
            Service::iam(catalog()),
            Service::sts(catalog()),
            Service::organizations(catalog()),
        ])
    }

    fn request(method: &str, uri: &str, headers: &[(&str, &str)], body: &str) -> Request {
        let builder = http::Request::builder().method(method).uri(uri);
        let builder = headers.iter().fold(builder, |builder, (name, value)| builder.header(*name, *value));
        let (head, ()) = builder.body(()).unwrap().into_parts();
        Request {
            head,
            body: Bytes::from(body.to_owned()),
            peer: [127, 0, 0, 1].into(),
            tls: None,
            secure: false,
        }
    }

    fn service_of(request: &Request) -> &'static str {
        services().of(request).unwrap().name
    }

    const SCOPED: &str = "AWS4-HMAC-SHA256 Credential=AKIA/20260101/us-east-1/iam/aws4_request, Signature=0";

    #[test]
    fn the_scope_says_whose_a_request_is() {
        assert_eq!(service_of(&request("POST", "/", &[("authorization", SCOPED)], "Action=X")), "iam");
        let presigned =
            "/?Action=GetCallerIdentity&X-Amz-Credential=AKIA%2F20260101%2Feu-west-1%2Fsts%2Faws4_request";
        assert_eq!(service_of(&request("GET", presigned, &[], "")), "sts");
        let other = SCOPED.replace("/iam/", "/s3/");
        let target = ("x-amz-target", "AWSOrganizationsV20161128.ListAccounts");
        assert_eq!(
            service_of(&request("POST", "/", &[("authorization", &other), target], "{}")),
            "organizations"
        );
    }

    #[test]
    fn without_a_scope_it_is_what_is_asked_for() {
        let form = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15";
        assert_eq!(service_of(&request("POST", "/", &[], form)), "sts");
        assert_eq!(service_of(&request("POST", "/", &[], "{}")), "kms");
        let target = ("x-amz-target", "TrentService.Encrypt");
        assert_eq!(service_of(&request("POST", "/", &[target], form)), "kms");
    }

    #[test]
    fn forms_name_their_operation() {
        let fault = |body: &str| {
            let request = request("POST", "/", &[("authorization", SCOPED)], body);
            services().of(&request).unwrap().find(&request).handler.err().unwrap().wire()
        };
        assert_eq!(fault("Version=2010-05-08").code, "MissingAction");
        let unknown = fault("Action=Fly&Version=2010-05-08");
        assert_eq!(unknown.message.as_deref(), Some("Could not find operation Fly for version 2010-05-08"));
        let other = fault("Version=2011-06-15&Action=GetUser");
        assert_eq!((other.code, other.status), ("InvalidAction", 400));
        assert!(other.message.unwrap().ends_with("GetUser for version 2011-06-15"));
    }

    #[test]
    fn global_services_are_asked_in_one_place() {
        let (served, global) = (["eu-west-1".parse().unwrap()], Service::global_region().unwrap());
        let reached = |service: &Service| {
            ["eu-west-1", "us-east-1", "us-west-2"]
                .map(|name| service.region(name, &served, &global).is_some())
        };
        let services = services();
        let reached: Vec<_> = services.0.iter().map(reached).collect();
        assert_eq!(
            reached,
            [[true, false, false], [false, true, false], [true, true, false], [false, true, false]]
        );
    }

    #[test]
    fn authentication_has_other_names_in_query_services() {
        let sts = Service::sts(Catalog::default());
        let told = |fault: Fault| {
            let error = sts.wording(&fault);
            (error.code, error.status)
        };
        assert_eq!(told(Fault::UnrecognizedClient), ("InvalidClientTokenId", 403));
        assert_eq!(told(Fault::ExpiredToken), ("ExpiredToken", 403));
        assert_eq!(
            told(Fault::Authentication(trent_sigv4::AuthError::Mismatch)),
            ("SignatureDoesNotMatch", 403)
        );
        assert_eq!(told(Fault::AccessDenied(String::new())), ("AccessDenied", 403));
        assert_eq!(told(Fault::named("NoSuchEntity", 404, "x")), ("NoSuchEntity", 404));
        // An error of one operation, which happens to be called like what befalls all.
        let token = Fault::named("ExpiredTokenException", 400, "x");
        assert_eq!(told(token), ("ExpiredTokenException", 400));
        assert_eq!(told(Fault::Internal(String::new())), ("InternalFailure", 500));
    }

    proptest! {
        #[test]
        fn no_request_breaks_the_routing(
            authorization in "[ -~]{0,60}",
            query in "[a-zA-Z0-9=&%/-]{0,60}",
            body in any::<String>(),
        ) {
            let request = request("POST", &format!("/?{query}"), &[("authorization", &authorization)], &body);
            let services = services();
            let _ = services.of(&request).unwrap().find(&request).name;
        }
    }
}
