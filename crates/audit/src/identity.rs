//! `userIdentity`: who called, and in which session.

use trent_domain::{AccountId, FederatingUser, Principal, PrincipalKind};
use trent_engine::{Event, Session};

use crate::record::{INTERNAL, member, text_member};
use crate::text;

/// Appends the object.
pub(crate) fn render(event: &Event, out: &mut Vec<u8>) {
    if let Some(service) = &event.service {
        return internal(service.account, out);
    }
    let Some(principal) = event.principal.as_deref() else {
        out.extend_from_slice(br#"{"type":"Unknown""#);
        access_key(event, out);
        out.push(b'}');
        return;
    };
    match &principal.kind {
        PrincipalKind::Root => root(principal.account, out),
        PrincipalKind::User { .. } => named(b"IAMUser", principal, out),
        PrincipalKind::Session { .. } => named(b"AssumedRole", principal, out),
        PrincipalKind::FederatedUser { .. } => named(b"FederatedUser", principal, out),
        PrincipalKind::WebIdentity { provider, subject, .. } => {
            // Nobody of any account yet: no account, no ARN, no access key.
            text_member(out, br#"{"type":"WebIdentityUser","principalId":"#, &principal.user_id());
            text_member(out, br#","userName":"#, subject);
            text_member(out, br#","identityProvider":"#, provider);
            out.push(b'}');
            return;
        }
    }
    access_key(event, out);
    if let Some(name) = principal.user_name() {
        text_member(out, br#","userName":"#, name);
    }
    if let Some(session) = &event.session {
        context(principal, session, out);
    }
    if let Some(service) = event.invoked_by {
        member(out, br#","invokedBy":""#, service.as_bytes());
    }
    out.push(b'}');
}

/// The service itself, on behalf of an account.
fn internal(account: AccountId, out: &mut Vec<u8>) {
    member(out, br#"{"accountId":""#, &text::digits(account));
    member(out, br#","invokedBy":""#, INTERNAL);
    out.push(b'}');
}

fn access_key(event: &Event, out: &mut Vec<u8>) {
    if let Some(key) = &event.access_key_id {
        text_member(out, br#","accessKeyId":"#, key);
    }
}

fn root(account: AccountId, out: &mut Vec<u8>) {
    let account = text::digits(account);
    member(out, br#"{"type":"Root","principalId":""#, &account);
    out.extend_from_slice(br#","arn":"arn:aws:iam::"#);
    out.extend_from_slice(&account);
    member(out, br#":root","accountId":""#, &account);
}

fn named(kind: &[u8], principal: &Principal, out: &mut Vec<u8>) {
    member(out, br#"{"type":""#, kind);
    text_member(out, br#","principalId":"#, &principal.user_id());
    text_member(out, br#","arn":"#, &principal.arn());
    member(out, br#","accountId":""#, &text::digits(principal.account));
}

/// `sessionContext`, which records of temporary credentials have.
fn context(principal: &Principal, session: &Session, out: &mut Vec<u8>) {
    out.extend_from_slice(br#","sessionContext":{"#);
    let issued = issuer(principal, out);
    if issued {
        federation(session, out);
    }
    let mfa: &[u8] = if session.mfa.is_some() { b"true" } else { b"false" };
    let seconds = jiff::Timestamp::from_second(session.issued.as_second()).unwrap_or(session.issued);
    out.extend_from_slice(br#""attributes":{"creationDate":"#);
    text::display(out, seconds);
    member(out, br#","mfaAuthenticated":""#, mfa);
    out.push(b'}');
    if let Some(source) = &session.source_identity {
        text_member(out, br#","sourceIdentity":"#, source);
    }
    out.push(b'}');
}

/// Who the session was begun with; a session of one's own has no issuer.
fn issuer(principal: &Principal, out: &mut Vec<u8>) -> bool {
    let account = principal.account;
    match &principal.kind {
        PrincipalKind::Session { role_id, role_name, .. } => {
            out.extend_from_slice(br#""sessionIssuer":{"type":"Role""#);
            issued_by(role_id.as_str(), &principal.policy_arn(), account, out);
            text_member(out, br#","userName":"#, role_name.as_str());
        }
        PrincipalKind::FederatedUser { user: Some(user), .. } => {
            out.extend_from_slice(br#""sessionIssuer":{"type":"IAMUser""#);
            let FederatingUser { id, name, .. } = user;
            issued_by(id.as_str(), &user.arn(account), account, out);
            text_member(out, br#","userName":"#, name.as_str());
        }
        PrincipalKind::FederatedUser { user: None, .. } => {
            out.extend_from_slice(br#""sessionIssuer":{"type":"Root""#);
            issued_by(&account.to_string(), &account.root_arn(), account, out);
        }
        PrincipalKind::Root | PrincipalKind::User { .. } | PrincipalKind::WebIdentity { .. } => {
            return false;
        }
    }
    out.extend_from_slice(b"},");
    true
}

fn issued_by(id: &str, arn: &str, account: AccountId, out: &mut Vec<u8>) {
    text_member(out, br#","principalId":"#, id);
    text_member(out, br#","arn":"#, arn);
    member(out, br#","accountId":""#, &text::digits(account));
}

fn federation(session: &Session, out: &mut Vec<u8>) {
    out.extend_from_slice(br#""webIdFederationData":{"#);
    if let Some(provider) = &session.provider {
        text_member(out, br#""federatedProvider":"#, provider);
        out.extend_from_slice(br#","attributes":{}"#);
    }
    out.extend_from_slice(b"},");
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::testing::event;

    fn identity(kind: PrincipalKind, session: Option<Session>) -> Value {
        let principal = Principal { account: AccountId::from_number(42).unwrap(), kind };
        let event = Event { principal: Some(Arc::new(principal)), session: session.map(Arc::new), ..event() };
        let mut out = Vec::new();
        render(&event, &mut out);
        serde_json::from_slice(&out).unwrap()
    }

    fn user() -> FederatingUser {
        FederatingUser {
            id: "AIDAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            name: "Alice".parse().unwrap(),
            path: "/team/".parse().unwrap(),
        }
    }

    fn session(kind: &PrincipalKind) -> Session {
        let principal = Principal { account: AccountId::from_number(42).unwrap(), kind: kind.clone() };
        let issued = event().time;
        Session::new(principal, issued, issued)
    }

    #[test]
    fn a_service_on_behalf_of_a_user() {
        let kind = PrincipalKind::Root;
        let principal = Principal { account: AccountId::from_number(42).unwrap(), kind };
        let invoked_by = Some("kms.amazonaws.com");
        let event = Event { principal: Some(Arc::new(principal)), invoked_by, ..event() };
        let mut out = Vec::new();
        render(&event, &mut out);
        let shown: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!((&shown["type"], &shown["invokedBy"]), (&json!("Root"), &json!("kms.amazonaws.com")));
    }

    const ATTRIBUTES: (&str, &str) = ("2026-01-01T00:00:00Z", "false");

    fn attributes() -> Value {
        json!({"creationDate": ATTRIBUTES.0, "mfaAuthenticated": ATTRIBUTES.1})
    }

    #[test]
    fn a_user() {
        let FederatingUser { id, name, path } = user();
        let kind = PrincipalKind::User { id, name, path };
        let mut expected = json!({
            "type": "IAMUser",
            "principalId": "AIDAAAAAAAAAAAAAAAAAA",
            "arn": "arn:aws:iam::000000000042:user/team/Alice",
            "accountId": "000000000042",
            "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
            "userName": "Alice",
        });
        assert_eq!(identity(kind.clone(), None), expected);
        expected["sessionContext"] = json!({"attributes": attributes()});
        let own = session(&kind);
        assert_eq!(identity(kind, Some(own)), expected);
    }

    #[test]
    fn a_session_of_a_role() {
        let kind = PrincipalKind::Session {
            role_id: "AROAAAAAAAAAAAAAAAAAA".parse().unwrap(),
            role_name: "Admin".parse().unwrap(),
            role_path: "/a/".parse().unwrap(),
            session_name: "s1".to_owned(),
        };
        let mut begun = session(&kind);
        begun.source_identity = Some("alice".to_owned());
        begun.mfa = Some(begun.issued);
        assert_eq!(
            identity(kind, Some(begun)),
            json!({
                "type": "AssumedRole",
                "principalId": "AROAAAAAAAAAAAAAAAAAA:s1",
                "arn": "arn:aws:sts::000000000042:assumed-role/Admin/s1",
                "accountId": "000000000042",
                "accessKeyId": "AKIAIOSFODNN7EXAMPLE",
                "sessionContext": {
                    "sessionIssuer": {
                        "type": "Role",
                        "principalId": "AROAAAAAAAAAAAAAAAAAA",
                        "arn": "arn:aws:iam::000000000042:role/a/Admin",
                        "accountId": "000000000042",
                        "userName": "Admin",
                    },
                    "webIdFederationData": {},
                    "attributes": {"creationDate": "2026-01-01T00:00:00Z", "mfaAuthenticated": "true"},
                    "sourceIdentity": "alice",
                },
            })
        );
    }

    #[test]
    fn federated_users() {
        let kind = PrincipalKind::FederatedUser { name: "f".to_owned(), user: Some(user()) };
        let shown = identity(kind.clone(), Some(session(&kind)));
        assert_eq!(shown["principalId"], "000000000042:f");
        let issuer = &shown["sessionContext"]["sessionIssuer"];
        assert_eq!((&issuer["type"], &issuer["userName"]), (&json!("IAMUser"), &json!("Alice")));
        let kind = PrincipalKind::FederatedUser { name: "f".to_owned(), user: None };
        let shown = identity(kind.clone(), Some(session(&kind)));
        assert_eq!(shown["sessionContext"]["sessionIssuer"]["type"], "Root");
    }

    #[test]
    fn a_web_identity() {
        let kind = PrincipalKind::WebIdentity {
            provider: "arn:aws:iam::000000000042:oidc-provider/example.com".to_owned(),
            audience: "trent".to_owned(),
            subject: "repo:\"x\"".to_owned(),
        };
        assert_eq!(
            identity(kind, None),
            json!({
                "type": "WebIdentityUser",
                "principalId": "arn:aws:iam::000000000042:oidc-provider/example.com:trent:repo:\"x\"",
                "userName": "repo:\"x\"",
                "identityProvider": "arn:aws:iam::000000000042:oidc-provider/example.com",
            })
        );
    }
}
