//! Whom grants reach: users, roles, sessions and accounts, of the key's account and of others.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::{AccountId, Principal, PrincipalKind, Role, User};
use trent_engine::{Clock as _, Session};
use trent_testkit::{ACCOUNT, Answer, Credentials, Trent};

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

fn other() -> AccountId {
    "111122223333".parse().unwrap()
}

fn statement(effect: &str, action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})
        .to_string()
}

fn inline(user: &mut User, policy: &str) {
    user.policies.inline.insert("p".to_owned(), policy.to_owned());
}

/// Makes a grant as the root user of the key's account; answers its id and token.
async fn grant(
    trent: &Trent,
    key: &str,
    grantee: &str,
    operations: &[&str],
    more: Value,
) -> (String, String) {
    let mut input = json!({"KeyId": key, "GranteePrincipal": grantee, "Operations": operations});
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = trent.call("CreateGrant", &input).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.text("/GrantId"), answer.text("/GrantToken"))
}

async fn encrypt(trent: &Trent, caller: &Credentials, key: &str) -> Answer {
    trent.call_as(caller, "Encrypt", &json!({"KeyId": key, "Plaintext": "QUJD"})).await.unwrap()
}

async fn may_encrypt(trent: &Trent, caller: &Credentials, key: &str) -> bool {
    let answer = encrypt(trent, caller, key).await;
    match answer.error() {
        None => true,
        Some(code) => {
            assert_eq!(code, "AccessDeniedException", "{answer:?}");
            false
        }
    }
}

fn session(role: &Role, name: &str, trent: &Trent) -> Credentials {
    let now = trent.clock.now();
    let kind = PrincipalKind::Session {
        role_id: role.id,
        role_name: role.name.clone(),
        role_path: role.path.clone(),
        session_name: name.to_owned(),
    };
    let expires = now + jiff::SignedDuration::from_secs(3600);
    trent.session(&Session::new(Principal { account: role.account, kind }, now, expires)).unwrap()
}

async fn grantee_shown(trent: &Trent, key: &str) -> String {
    trent.call("ListGrants", &json!({"KeyId": key})).await.unwrap().text("/Grants/0/GranteePrincipal")
}

#[tokio::test]
async fn a_user_needs_no_policy_beside_its_grant_but_may_be_denied() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, alice) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    let (_, bob) = trent.user(account(), "Bob", |_| {}).await.unwrap();
    assert!(!may_encrypt(&trent, &alice, &key).await);
    grant(&trent, &key, &user.arn(), &["Encrypt"], json!({})).await;
    assert!(may_encrypt(&trent, &alice, &key).await);
    assert!(!may_encrypt(&trent, &bob, &key).await);
    assert_eq!(grantee_shown(&trent, &key).await, user.arn());
    trent.edit_user(&user, |user| inline(user, &statement("Deny", "kms:Encrypt"))).await.unwrap();
    let refused = encrypt(&trent, &alice, &key).await;
    assert!(refused.message().unwrap().ends_with("with an explicit deny in an identity-based policy"));
}

#[tokio::test]
async fn a_namesake_inherits_no_grant() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, _) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    let arn = user.arn();
    grant(&trent, &key, &arn, &["Encrypt"], json!({"RetiringPrincipal": arn})).await;
    trent.remove_user(&user).await.unwrap();
    let (_, namesake) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    assert!(!may_encrypt(&trent, &namesake, &key).await);
    assert_eq!(grantee_shown(&trent, &key).await, user.id.to_string());
    let retirable = trent.call("ListRetirableGrants", &json!({"RetiringPrincipal": arn})).await.unwrap();
    assert_eq!(retirable.body["Grants"], json!([]));
}

#[tokio::test]
async fn a_user_of_another_account_is_reached_by_a_grant_alone() {
    let trent = Trent::start().await.unwrap();
    trent.account(other()).await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, carol) = trent.user(other(), "Carol", |_| {}).await.unwrap();
    grant(&trent, &key, &user.arn(), &["Encrypt"], json!({})).await;
    assert!(may_encrypt(&trent, &carol, &key).await);
    let data_key = json!({"KeyId": key, "KeySpec": "AES_256"});
    let refused = trent.call_as(&carol, "GenerateDataKey", &data_key).await.unwrap();
    assert!(refused.message().unwrap().contains("on this resource because the resource does not exist"));
}

#[tokio::test]
async fn an_account_stands_for_its_identities_as_far_as_their_policies_go() {
    let trent = Trent::start().await.unwrap();
    let root = trent.account(other()).await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, carol) = trent.user(other(), "Carol", |_| {}).await.unwrap();
    grant(&trent, &key, &other().to_string(), &["Encrypt"], json!({})).await;
    assert!(may_encrypt(&trent, &root, &key).await);
    assert!(!may_encrypt(&trent, &carol, &key).await);
    trent.edit_user(&user, |user| inline(user, &statement("Allow", "kms:Encrypt"))).await.unwrap();
    assert!(may_encrypt(&trent, &carol, &key).await);
}

#[tokio::test]
async fn a_role_is_reached_in_every_session_and_a_session_in_itself() {
    let trent = Trent::start().await.unwrap();
    let (key, second) = (trent.create_key().await.unwrap(), trent.create_key().await.unwrap());
    let role = trent.role(account(), "app", |_| {}).await.unwrap();
    let (one, two) = (session(&role, "one", &trent), session(&role, "two", &trent));
    grant(&trent, &key, &role.arn(), &["Encrypt"], json!({})).await;
    let only = format!("arn:aws:sts::{ACCOUNT}:assumed-role/app/one");
    grant(&trent, &second, &only, &["Encrypt"], json!({})).await;
    assert!(may_encrypt(&trent, &one, &key).await && may_encrypt(&trent, &two, &key).await);
    assert!(may_encrypt(&trent, &one, &second).await && !may_encrypt(&trent, &two, &second).await);
}

#[tokio::test]
async fn a_grant_is_retired_by_those_it_names_and_by_its_issuer() {
    let trent = Trent::start().await.unwrap();
    trent.account(other()).await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (carol, as_carol) = trent.user(other(), "Carol", |_| {}).await.unwrap();
    let (bob, as_bob) = trent.user(account(), "Bob", |_| {}).await.unwrap();
    let retire = async |caller: &Credentials, token: &str| {
        let answer = trent.call_as(caller, "RetireGrant", &json!({"GrantToken": token})).await.unwrap();
        answer.error().map(str::to_owned)
    };
    let denied = Some("AccessDeniedException".to_owned());
    // The retiring principal, of another account and without any policy.
    let retiring = json!({"RetiringPrincipal": carol.arn()});
    let (_, token) = grant(&trent, &key, &bob.arn(), &["Encrypt"], retiring.clone()).await;
    let listed = json!({"RetiringPrincipal": carol.arn()});
    let refused = trent.call_as(&as_carol, "ListRetirableGrants", &listed).await.unwrap();
    assert_eq!(refused.error(), Some("AccessDeniedException"));
    let all = statement("Allow", "kms:ListRetirableGrants");
    trent.edit_user(&carol, |user| inline(user, &all)).await.unwrap();
    let listed = trent.call_as(&as_carol, "ListRetirableGrants", &listed).await.unwrap();
    assert_eq!(listed.text("/Grants/0/KeyId"), key);
    assert_eq!(retire(&as_bob, &token).await, denied);
    assert_eq!(retire(&as_carol, &token).await, None);
    // The grantee, if it is granted that.
    let (_, token) = grant(&trent, &key, &bob.arn(), &["Encrypt", "RetireGrant"], json!({})).await;
    assert_eq!(retire(&as_carol, &token).await, denied);
    assert_eq!(retire(&as_bob, &token).await, None);
    // The account that made it, through identity policies; which may also forbid all of this.
    let (_, token) = grant(&trent, &key, &carol.arn(), &["Encrypt"], json!({})).await;
    assert_eq!(retire(&as_bob, &token).await, denied);
    let bob =
        trent.edit_user(&bob, |user| inline(user, &statement("Allow", "kms:RetireGrant"))).await.unwrap();
    assert_eq!(retire(&as_bob, &token).await, None);
    let (_, token) = grant(&trent, &key, &bob.arn(), &["RetireGrant"], json!({})).await;
    trent.edit_user(&bob, |user| inline(user, &statement("Deny", "kms:RetireGrant"))).await.unwrap();
    assert_eq!(retire(&as_bob, &token).await, denied);
}

#[tokio::test]
async fn nobody_learns_of_grants_on_keys_of_others() {
    let trent = Trent::start().await.unwrap();
    let stranger = trent.account(other()).await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, _) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    let (id, _) = grant(&trent, &key, &user.arn(), &["Encrypt"], json!({})).await;
    let missing = key.replace(key.rsplit('/').next().unwrap(), "12345678-1234-4234-8234-123456789012");
    let mut messages = Vec::new();
    for (key, id) in [(&key, id), (&key, "0".repeat(64)), (&missing, "0".repeat(64))] {
        let input = json!({"KeyId": key, "GrantId": id});
        let refused = trent.call_as(&stranger, "RetireGrant", &input).await.unwrap();
        assert_eq!(refused.error(), Some("AccessDeniedException"));
        messages.push(refused.message().unwrap().to_owned());
    }
    messages.dedup();
    assert_eq!(messages.len(), 1, "{messages:?}");
}
