//! Who may do what, by the whole pipeline: identity policies, boundaries, sessions, deletion.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

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

fn allow(action: &str) -> String {
    statement("Allow", action)
}

fn statement(effect: &str, action: &str) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": effect, "Action": action, "Resource": "*"}]})
        .to_string()
}

fn inline(user: &mut User, policy: &str) {
    user.policies.inline.insert("p".to_owned(), policy.to_owned());
}

/// A key whose policy is these statements, whatever the caller may do later.
async fn key(trent: &Trent, statements: Value) -> String {
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    let input = json!({"Policy": policy, "BypassPolicyLockoutSafetyCheck": true});
    let answer = trent.call("CreateKey", &input).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.text("/KeyMetadata/Arn")
}

fn names(principal: &str, action: &str) -> Value {
    json!([{"Effect": "Allow", "Principal": {"AWS": principal}, "Action": action, "Resource": "*"}])
}

async fn describe(trent: &Trent, caller: &Credentials, key: &str) -> Answer {
    trent.call_as(caller, "DescribeKey", &json!({"KeyId": key})).await.unwrap()
}

fn denied(answer: &Answer) -> &str {
    assert_eq!(answer.error(), Some("AccessDeniedException"), "{answer:?}");
    answer.message().unwrap()
}

fn role_session(role: &Role, trent: &Trent) -> Session {
    let now = trent.clock.now();
    let kind = PrincipalKind::Session {
        role_id: role.id,
        role_name: role.name.clone(),
        role_path: role.path.clone(),
        session_name: "s1".to_owned(),
    };
    let expires = now + jiff::SignedDuration::from_secs(3600);
    Session::new(Principal { account: role.account, kind }, now, expires)
}

#[tokio::test]
async fn the_default_key_policy_leaves_it_to_identity_policies() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, alice) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    let answer = describe(&trent, &alice, &key).await;
    assert_eq!(
        denied(&answer),
        format!(
            "User: arn:aws:iam::000000000000:user/Alice is not authorized to perform: kms:DescribeKey on \
             resource: {key} because no identity-based policy allows the kms:DescribeKey action"
        )
    );
    let user = trent.edit_user(&user, |user| inline(user, &allow("kms:Describe*"))).await.unwrap();
    assert_eq!(describe(&trent, &alice, &key).await.status, 200);
    trent.edit_user(&user, |user| inline(user, &statement("Deny", "kms:*"))).await.unwrap();
    let answer = describe(&trent, &alice, &key).await;
    assert!(denied(&answer).ends_with("with an explicit deny in an identity-based policy"));
}

#[tokio::test]
async fn groups_and_managed_policies_count_and_cease_to() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let group = trent.group(account(), "g", &allow("kms:DescribeKey")).await.unwrap();
    let policy = trent.managed_policy(account(), "m", &allow("kms:ListKeys")).await.unwrap();
    let member = trent.user(account(), "u", |user| {
        user.groups.insert(group.id);
        user.policies.attached.push(policy.arn());
        user.policies.attached.push("arn:aws:iam::aws:policy/AWSKeyManagementServicePowerUser".to_owned());
    });
    let (_, user) = member.await.unwrap();
    let call = async |operation, input: Value| trent.call_as(&user, operation, &input).await.unwrap();
    assert_eq!(describe(&trent, &user, &key).await.status, 200);
    assert_eq!(call("ListKeys", json!({})).await.status, 200);
    assert_eq!(call("CreateKey", json!({})).await.error(), Some("MalformedPolicyDocumentException"));
    trent.edit_group(&group, &statement("Deny", "kms:DescribeKey")).await.unwrap();
    denied(&describe(&trent, &user, &key).await);
    trent.edit_policy(&policy, &statement("Deny", "kms:ListKeys")).await.unwrap();
    denied(&call("ListKeys", json!({})).await);
}

#[tokio::test]
async fn a_boundary_and_session_policies_limit() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let bound = trent.managed_policy(account(), "b", &allow("kms:ListKeys")).await.unwrap();
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess".to_owned();
    let (_, user) = trent
        .user(account(), "u", |user| {
            user.policies.attached.push(admin.clone());
            user.boundary = Some(bound.arn());
        })
        .await
        .unwrap();
    let answer = describe(&trent, &user, &key).await;
    assert!(denied(&answer).contains("because no permissions boundary allows"));
    assert_eq!(trent.call_as(&user, "ListKeys", &json!({})).await.unwrap().status, 200);

    let role = trent.role(account(), "r", |role| role.policies.attached.push(admin)).await.unwrap();
    let session = role_session(&role, &trent);
    let whole = trent.session(&session).unwrap();
    assert_eq!(describe(&trent, &whole, &key).await.status, 200);
    let limited = Session { policies: vec![allow("kms:ListKeys")], ..session.clone() };
    let limited = trent.session(&limited).unwrap();
    let answer = describe(&trent, &limited, &key).await;
    assert!(denied(&answer).contains("because no session policy allows"), "{answer:?}");
    let managed = Session { policy_arns: vec![bound.arn()], ..session };
    let managed = trent.session(&managed).unwrap();
    denied(&describe(&trent, &managed, &key).await);
    assert_eq!(trent.call_as(&managed, "ListKeys", &json!({})).await.unwrap().status, 200);
}

#[tokio::test]
async fn a_deleted_user_is_shut_out_and_a_namesake_gains_nothing() {
    let trent = Trent::start().await.unwrap();
    let (user, alice) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    let arn = "arn:aws:iam::000000000000:user/Alice";
    let mut statements = names(arn, "kms:DescribeKey");
    let root = names(&account().root_arn(), "kms:*");
    statements.as_array_mut().unwrap().extend(root.as_array().unwrap().clone());
    let key = key(&trent, statements).await;
    assert_eq!(describe(&trent, &alice, &key).await.status, 200);

    let policy = async || {
        let answer = trent.call("GetKeyPolicy", &json!({"KeyId": key})).await.unwrap();
        answer.text("/Policy")
    };
    assert!(policy().await.contains(arn));
    let renamed = trent.edit_user(&user, |user| user.name = "Bob".parse().unwrap()).await.unwrap();
    assert!(policy().await.contains("arn:aws:iam::000000000000:user/Bob"));
    assert_eq!(describe(&trent, &alice, &key).await.status, 200, "the access key is the user's still");

    trent.remove_user(&renamed).await.unwrap();
    let answer = describe(&trent, &alice, &key).await;
    assert_eq!(answer.error(), Some("UnrecognizedClientException"));
    let (_, namesake) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    denied(&describe(&trent, &namesake, &key).await);
    let shown = policy().await;
    assert!(shown.contains(&format!("\"{}\"", user.id)) && !shown.contains("Alice"), "{shown}");
    // What is left of the deleted user is no principal any more.
    let again = trent.call("PutKeyPolicy", &json!({"KeyId": key, "Policy": shown})).await.unwrap();
    assert_eq!(again.error(), Some("MalformedPolicyDocumentException"));
}

#[tokio::test]
async fn principals_of_key_policies_must_exist() {
    let trent = Trent::start().await.unwrap();
    trent.account(other()).await.unwrap();
    let role = trent.role(other(), "r", |_| {}).await.unwrap();
    trent.user(account(), "Alice", |_| {}).await.unwrap();
    let put = async |principal: &str| {
        let key = trent.create_key().await.unwrap();
        let policy = json!({"Statement": names(principal, "kms:*")}).to_string();
        let input = json!({"KeyId": key, "Policy": policy, "BypassPolicyLockoutSafetyCheck": true});
        trent.call("PutKeyPolicy", &input).await.unwrap()
    };
    for bad in [
        "arn:aws:iam::000000000000:user/alice",
        "arn:aws:iam::000000000000:user/path/Alice",
        "arn:aws:iam::000000000000:role/Alice",
        "arn:aws:iam::999999999999:root",
        "999999999999",
        "arn:aws:iam::000000000000:group/g",
        "arn:aws:sts::999999999999:assumed-role/r/s",
        "AIDAAAAAAAAAAAAAAAAAA",
    ] {
        let answer = put(bad).await;
        let message = "Policy contains a statement with one or more invalid principals.";
        assert_eq!(answer.error(), Some("MalformedPolicyDocumentException"), "{bad}");
        assert_eq!(answer.message(), Some(message), "{bad}");
    }
    let id = role.id.to_string();
    for good in ["arn:aws:iam::111122223333:role/r", "arn:aws:iam::111122223333:root", id.as_str()] {
        assert_eq!(put(good).await.status, 200, "{good}");
    }
}

#[tokio::test]
async fn a_session_lasts_until_it_expires_or_its_role_goes() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let furnish = |role: &mut Role| {
        role.policies.inline.insert("p".to_owned(), allow("kms:DescribeKey"));
    };
    let role = trent.role(account(), "r", furnish).await.unwrap();
    let session = trent.session(&role_session(&role, &trent)).unwrap();
    assert!(session.token.as_ref().unwrap().len() < 8192);
    trent.clock.advance(3599);
    assert_eq!(describe(&trent, &session, &key).await.status, 200);
    trent.audit.clear();
    trent.clock.advance(1);
    let answer = describe(&trent, &session, &key).await;
    assert_eq!(answer.error(), Some("ExpiredTokenException"));
    assert_eq!(answer.message(), Some("The security token included in the request is expired"));
    assert_eq!(trent.audit.take().remove(0).principal, None);

    let session = trent.session(&role_session(&role, &trent)).unwrap();
    assert_eq!(describe(&trent, &session, &key).await.status, 200);
    trent.remove_role(&role).await.unwrap();
    let namesake = trent.role(account(), "r", furnish).await.unwrap();
    assert_ne!(namesake.id, role.id);
    assert_eq!(describe(&trent, &session, &key).await.error(), Some("UnrecognizedClientException"));
}

#[tokio::test]
async fn a_token_goes_with_its_own_access_key() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let role = trent.role(account(), "r", |_| {}).await.unwrap();
    let [one, two] = [(); 2].map(|()| trent.session(&role_session(&role, &trent)).unwrap());
    // What was opened before is remembered, and must not be taken for something else.
    denied(&describe(&trent, &one, &key).await);
    let mut altered = one.token.clone().unwrap().into_bytes();
    altered[40] ^= 1;
    let altered = String::from_utf8(altered).unwrap();
    for bad in [
        Credentials { token: None, ..one.clone() },
        Credentials { token: two.token.clone(), ..one.clone() },
        Credentials { token: Some(altered), ..one.clone() },
        Credentials { token: Some("AAAA".to_owned()), ..one.clone() },
        Credentials { token: one.token.clone(), ..Credentials::root() },
    ] {
        let answer = describe(&trent, &bad, &key).await;
        assert_eq!(answer.error(), Some("UnrecognizedClientException"), "{bad:?}");
    }
    let stolen = Credentials { secret: two.secret, ..one.clone() };
    assert_eq!(describe(&trent, &stolen, &key).await.error(), Some("InvalidSignatureException"));
    denied(&describe(&trent, &one, &key).await);
}

#[tokio::test]
async fn another_accounts_key_is_denied_as_if_it_were_missing() {
    let trent = Trent::start().await.unwrap();
    trent.account(other()).await.unwrap();
    let (_, bob) = trent.user(other(), "Bob", |user| inline(user, &allow("kms:*"))).await.unwrap();
    let (_, poor) = trent.user(other(), "Poor", |_| {}).await.unwrap();
    let closed = trent.create_key().await.unwrap();
    let open = key(&trent, names("arn:aws:iam::111122223333:root", "kms:*")).await;
    let missing = format!("{}{}", &closed[..closed.len() - 36], "00000000-0000-4000-8000-000000000000");
    let refusal = describe(&trent, &bob, &closed).await;
    assert_eq!(refusal, describe(&trent, &bob, &missing).await);
    assert_eq!(describe(&trent, &bob, &open).await.status, 200);
    // The key's account said yes, the caller's own has not.
    denied(&describe(&trent, &poor, &open).await);
    // Operations that do not cross accounts.
    let answer = trent.call_as(&bob, "GetKeyPolicy", &json!({"KeyId": open})).await.unwrap();
    denied(&answer);

    let encrypt = json!({"KeyId": closed, "Plaintext": "AAAA"});
    let blob = trent.call("Encrypt", &encrypt).await.unwrap().text("/CiphertextBlob");
    let decrypt = json!({"CiphertextBlob": blob});
    let closed_blob = trent.call_as(&bob, "Decrypt", &decrypt).await.unwrap();
    assert!(
        denied(&closed_blob)
            .contains("kms:Decrypt on the resource associated with this ciphertext because the")
    );
    let to = |key: &str| json!({"CiphertextBlob": blob, "DestinationKeyId": key});
    let re_encrypt = async |caller, key: &str| trent.call_as(caller, "ReEncrypt", &to(key)).await.unwrap();
    denied(&re_encrypt(&bob, &open).await);
    let mine = trent.call_as(&bob, "CreateKey", &json!({})).await.unwrap().text("/KeyMetadata/Arn");
    let encrypt = json!({"KeyId": mine, "Plaintext": "AAAA"});
    let own = trent.call_as(&bob, "Encrypt", &encrypt).await.unwrap().text("/CiphertextBlob");
    let refused = async |key: &str| {
        let input = json!({"CiphertextBlob": own, "DestinationKeyId": key});
        trent.call_as(&bob, "ReEncrypt", &input).await.unwrap()
    };
    assert_eq!(refused(&closed).await, refused(&missing).await);
    denied(&refused(&closed).await);
}

#[tokio::test]
async fn the_lockout_check_asks_the_callers_own_policies() {
    let trent = Trent::start().await.unwrap();
    let creator = trent.user(account(), "u", |user| inline(user, &allow("kms:CreateKey")));
    let (user, caller) = creator.await.unwrap();
    let create = async || trent.call_as(&caller, "CreateKey", &json!({})).await.unwrap();
    let answer = create().await;
    assert_eq!(answer.error(), Some("MalformedPolicyDocumentException"));
    assert!(answer.message().unwrap().starts_with("The new key policy will not allow you"));
    trent.edit_user(&user, |user| inline(user, &allow("kms:*"))).await.unwrap();
    assert_eq!(create().await.status, 200);
}

#[tokio::test]
async fn global_condition_keys_tell_who_asks() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let condition = |operator: &str, name: &str, value: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:DescribeKey",
            "Resource": "*", "Condition": {operator: {name: value}}}]})
        .to_string()
    };
    let tags = [("Team".to_owned(), "blue".to_owned())];
    let (user, alice) = trent.user(account(), "Alice", |user| user.tags.set(&tags).unwrap()).await.unwrap();
    let id = user.id.to_string();
    let mut now = user;
    for (operator, name, value, expected) in [
        ("StringEquals", "aws:username", "Alice", 200),
        ("StringEquals", "aws:userid", id.as_str(), 200),
        ("StringEquals", "aws:PrincipalType", "User", 200),
        ("StringEquals", "aws:PrincipalTag/team", "blue", 200),
        ("StringEquals", "aws:PrincipalTag/team", "red", 400),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/Alice", 200),
        ("IpAddress", "aws:SourceIp", "127.0.0.0/8", 200),
        ("Bool", "aws:SecureTransport", "false", 200),
        ("Null", "aws:MultiFactorAuthPresent", "true", 200),
        ("Null", "aws:TokenIssueTime", "true", 200),
        ("StringEquals", "aws:ResourceAccount", ACCOUNT, 200),
        ("StringEquals", "aws:RequestedRegion", "us-east-1", 200),
        ("Bool", "aws:ViaAWSService", "false", 200),
    ] {
        let policy = condition(operator, name, value);
        now = trent.edit_user(&now, |user| inline(user, &policy)).await.unwrap();
        assert_eq!(describe(&trent, &alice, &key).await.status, expected, "{name} {value}");
    }
    for (operator, name, value, expected) in [
        ("StringEquals", "aws:userid", "ROLE:s1", 200),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::000000000000:role/r", 200),
        ("Null", "aws:username", "true", 200),
        ("StringEquals", "aws:PrincipalTag/team", "green", 200),
        ("StringEquals", "aws:PrincipalTag/stage", "test", 200),
        ("StringEquals", "aws:SourceIdentity", "alice", 200),
        ("Bool", "aws:MultiFactorAuthPresent", "false", 200),
        ("Bool", "aws:MultiFactorAuthPresent", "true", 400),
        ("DateEquals", "aws:TokenIssueTime", "2026-01-01T00:00:00Z", 200),
        ("Null", "aws:FederatedProvider", "true", 200),
    ] {
        let role = trent
            .role(account(), "r", |role| {
                let value = value.replace("ROLE", role.id.as_str());
                role.policies.inline.insert("p".to_owned(), condition(operator, name, &value));
                let tags = [("Team", "blue"), ("Stage", "test")];
                role.tags.set(&tags.map(|(k, v)| (k.to_owned(), v.to_owned()))).unwrap();
            })
            .await
            .unwrap();
        let mut session = role_session(&role, &trent);
        session.tags.insert("team".to_owned(), "green".to_owned());
        session.source_identity = Some("alice".to_owned());
        let session = trent.session(&session).unwrap();
        assert_eq!(describe(&trent, &session, &key).await.status, expected, "{name} {value}");
        trent.remove_role(&role).await.unwrap();
    }
}

#[tokio::test]
async fn the_aliases_of_a_key_are_known_to_identity_policies_alone() {
    let trent = Trent::start().await.unwrap();
    let condition = json!({"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/app"}});
    let allowed =
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:DescribeKey",
        "Resource": "*", "Condition": condition}]})
        .to_string();
    let (user, alice) = trent.user(account(), "Alice", |user| inline(user, &allowed)).await.unwrap();
    let closed = trent.create_key().await.unwrap();
    denied(&describe(&trent, &alice, &closed).await);
    let alias = async |name: String| {
        let input = json!({"AliasName": name, "TargetKeyId": closed});
        assert_eq!(trent.call("CreateAlias", &input).await.unwrap().status, 200);
    };
    alias("alias/app".to_owned()).await;
    assert_eq!(describe(&trent, &alice, &closed).await.status, 200);
    trent.edit_user(&user, |user| user.policies.inline.clear()).await.unwrap();
    let mut statements = names("arn:aws:iam::000000000000:user/Alice", "kms:DescribeKey");
    statements[0]["Condition"] = condition;
    let root = names(&account().root_arn(), "kms:*");
    statements.as_array_mut().unwrap().extend(root.as_array().unwrap().clone());
    let open = key(&trent, statements).await;
    let input = json!({"AliasName": "alias/open", "TargetKeyId": open});
    assert_eq!(trent.call("CreateAlias", &input).await.unwrap().status, 200);
    denied(&describe(&trent, &alice, &open).await);
}

#[tokio::test]
async fn federated_users_have_what_their_session_gives_of_their_users() {
    let trent = Trent::start().await.unwrap();
    let key = trent.create_key().await.unwrap();
    let (user, _) = trent.user(account(), "Alice", |user| inline(user, &allow("kms:*"))).await.unwrap();
    let now = trent.clock.now();
    let behind =
        trent_domain::FederatingUser { id: user.id, name: user.name.clone(), path: user.path.clone() };
    let kind = PrincipalKind::FederatedUser { name: "f".to_owned(), user: Some(behind) };
    let expires = now + jiff::SignedDuration::from_secs(900);
    let session = Session::new(Principal { account: account(), kind }, now, expires);
    let nothing = trent.session(&session).unwrap();
    denied(&describe(&trent, &nothing, &key).await);
    let some = Session { policies: vec![allow("kms:DescribeKey")], ..session };
    let some = trent.session(&some).unwrap();
    assert_eq!(describe(&trent, &some, &key).await.status, 200);
    trent.edit_user(&user, |user| inline(user, &allow("kms:ListKeys"))).await.unwrap();
    denied(&describe(&trent, &some, &key).await);
    trent.remove_user(&user).await.unwrap();
    assert_eq!(describe(&trent, &some, &key).await.error(), Some("UnrecognizedClientException"));
}

#[tokio::test]
async fn services_are_told_apart_by_scope_and_answer_in_their_protocol() {
    let trent = Trent::start().await.unwrap();
    let (user, _) = trent.user(account(), "Alice", |_| {}).await.unwrap();
    let answer = async |credentials: &Credentials, service, form| {
        let request = trent.form(credentials, service, form).unwrap();
        let response = trent.handle(request).await;
        let body = String::from_utf8(response.body().to_vec()).unwrap();
        (response.status().as_u16(), body)
    };
    let root = Credentials::root();
    let (status, body) = answer(&root, "iam", "Action=Fly&Version=2010-05-08").await;
    assert_eq!(status, 400);
    assert!(body.contains("<Code>InvalidAction</Code>"), "{body}");
    assert_eq!(trent.audit.take().remove(0).source, "iam.amazonaws.com");
    let unknown = Credentials { access_key_id: "AKIAUNKNOWN000000000".to_owned(), ..root };
    let (status, body) = answer(&unknown, "sts", "Action=Fly&Version=2011-06-15").await;
    assert!(status == 403 && body.contains("<Code>InvalidClientTokenId</Code>"), "{body}");
    assert_eq!(trent.audit.take().remove(0).source, "sts.amazonaws.com");

    // A session of one's own opens no IAM without a second factor.
    let (id, name, path) = (user.id, user.name, user.path);
    let now = trent.clock.now();
    let kind = PrincipalKind::User { id, name, path };
    let expires = now + jiff::SignedDuration::from_secs(900);
    let session = Session::new(Principal { account: account(), kind }, now, expires);
    let form = "Action=Fly&Version=2010-05-08";
    let (status, _) = answer(&trent.session(&session).unwrap(), "iam", form).await;
    assert_eq!(status, 403);
    let strong = Session { mfa: Some(now), ..session };
    let (status, _) = answer(&trent.session(&strong).unwrap(), "iam", form).await;
    assert_eq!(status, 400);
}
