//! When access keys and roles were last used: told, written down, and forgotten with them.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::{SignedDuration, Timestamp};
use trent_domain::{AccountId, PathRange, Principal, PrincipalKind, Role};
use trent_engine::{Clock as _, Session, Store as _};
use trent_testkit::{ACCOUNT, Credentials, Trent};

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

async fn ask(trent: &Trent, who: &Credentials, form: &str) -> String {
    let request = trent.form(who, "iam", &format!("Version=2010-05-08&Action={form}")).unwrap();
    let response = trent.handle(request).await;
    String::from_utf8(response.body().to_vec()).unwrap()
}

/// What stands in an element of the answer to the root user.
async fn told(trent: &Trent, form: &str, element: &str) -> Option<String> {
    let body = ask(trent, &Credentials::root(), form).await;
    let (_, rest) = body.split_once(&format!("<{element}>"))?;
    Some(rest.split_once('<')?.0.to_owned())
}

fn session(trent: &Trent, role: &Role) -> Credentials {
    let kind = PrincipalKind::Session {
        role_id: role.id,
        role_name: role.name.clone(),
        role_path: role.path.clone(),
        session_name: "s".to_owned(),
    };
    let now = trent.clock.now();
    let session =
        Session::new(Principal { account: account(), kind }, now, now + SignedDuration::from_hours(1));
    trent.session(&session).unwrap()
}

fn shown(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// How many records of last uses there are.
async fn written(trent: &Trent) -> usize {
    let all = trent.store.scan(&PathRange::all(), 1000).await.unwrap();
    all.iter().filter(|stored| stored.path.as_str().contains("/last-signed/")).count()
}

#[tokio::test]
async fn an_access_key_was_last_used_when_it_signed() {
    let trent = Trent::start().await.unwrap();
    let (_, alice) = trent.user(account(), "alice", |_| {}).await.unwrap();
    let form = format!("GetAccessKeyLastUsed&AccessKeyId={}", alice.access_key_id);
    let last = async |element| told(&trent, &form, element).await;
    assert_eq!(last("LastUsedDate").await, None);
    assert_eq!(last("ServiceName").await.as_deref(), Some("N/A"));
    assert_eq!(last("Region").await.as_deref(), Some("N/A"));

    let revision = trent.store.revision().await.unwrap();
    for (seconds, service) in [(60, "kms"), (5, "iam")] {
        trent.clock.advance(seconds);
        match service {
            // Who is refused has used it, too.
            "kms" => drop(trent.call_as(&alice, "ListKeys", &serde_json::json!({})).await.unwrap()),
            _ => drop(ask(&trent, &alice, "ListUsers").await),
        }
        assert_eq!(last("LastUsedDate").await, Some(shown(trent.clock.now())), "{service}");
        assert_eq!(last("ServiceName").await.as_deref(), Some(service));
        assert_eq!(last("Region").await.as_deref(), Some("us-east-1"));
    }
    assert_eq!(trent.store.revision().await.unwrap(), revision, "a use is not a write");
    let used = trent.clock.now();
    trent.worker.write_usage().await;
    // Hers and the root user's.
    assert_eq!(written(&trent).await, 2);
    trent.clock.advance(3600);
    assert_eq!(last("LastUsedDate").await, Some(shown(used)));

    // A wrong signature proves nothing.
    let wrong = Credentials { secret: "not hers".to_owned(), ..alice.clone() };
    assert!(ask(&trent, &wrong, "ListUsers").await.contains("SignatureDoesNotMatch"));
    assert_eq!(last("LastUsedDate").await, Some(shown(used)));

    let form = format!("DeleteAccessKey&UserName=alice&AccessKeyId={}", alice.access_key_id);
    ask(&trent, &alice, "ListUsers").await;
    assert!(ask(&trent, &Credentials::root(), &form).await.contains("<RequestId>"));
    // What was noted of it since is not written down any more.
    trent.worker.write_usage().await;
    assert_eq!(written(&trent).await, 1);
}

#[tokio::test]
async fn a_role_was_last_used_when_a_session_signed() {
    let trent = Trent::start().await.unwrap();
    let role = trent.role(account(), "r", |_| {}).await.unwrap();
    let last = async || told(&trent, "GetRole&RoleName=r", "LastUsedDate").await;
    let body = ask(&trent, &Credentials::root(), "GetRole&RoleName=r").await;
    assert!(body.contains("<RoleLastUsed/>") || body.contains("<RoleLastUsed></RoleLastUsed>"), "{body}");

    let mine = session(&trent, &role);
    assert_eq!(last().await, None, "a session that signs nothing uses nothing");
    trent.clock.advance(60);
    ask(&trent, &mine, "ListUsers").await;
    let used = shown(trent.clock.now());
    assert_eq!(last().await.as_ref(), Some(&used));
    trent.worker.write_usage().await;
    assert_eq!(last().await.as_ref(), Some(&used));
    assert_eq!(told(&trent, "GetRole&RoleName=r", "Region").await.as_deref(), Some("us-east-1"));
    assert!(!ask(&trent, &Credentials::root(), "ListRoles").await.contains("RoleLastUsed"));
    assert_eq!(told(&trent, "GetAccountAuthorizationDetails", "LastUsedDate").await, Some(used.clone()));

    // The service looks back 400 days.
    trent.clock.advance(400 * 86_400);
    assert_eq!(last().await.as_ref(), Some(&used));
    trent.clock.advance(1);
    assert_eq!(last().await, None);

    trent.worker.write_usage().await;
    assert_eq!(written(&trent).await, 2);
    assert!(ask(&trent, &Credentials::root(), "DeleteRole&RoleName=r").await.contains("<RequestId>"));
    assert_eq!(written(&trent).await, 1);
}
