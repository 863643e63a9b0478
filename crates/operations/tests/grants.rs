//! Grants, from the making to the end. Callers here are root users, whom a grant reaches through
//! their account; how it reaches others is tested where it is decided.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

use std::sync::Arc;

use serde_json::{Value, json};
use trent_domain::{
    Grant, GrantConstraints, GrantId, GrantOperation, GrantPrincipal, KeyArn, Path, ResourceQuotas,
};
use trent_engine::{Changes, principal_tag};
use trent_testkit::{ACCOUNT, Answer, REGION, Trent};

const DENIED: &str = "AccessDeniedException";
const INVALID: &str = "ValidationException";

async fn start() -> Trent {
    Trent::start().await.unwrap()
}

async fn call(trent: &Trent, operation: &str, input: Value) -> Answer {
    trent.call(operation, &input).await.unwrap()
}

fn root() -> String {
    format!("arn:aws:iam::{ACCOUNT}:root")
}

/// A key whose policy allows its account all but `actions`, which `effect` tells.
async fn key_without(trent: &Trent, actions: &[&str], denied: bool) -> String {
    let key = trent.create_key().await.unwrap();
    let principal = json!({ "AWS": root() });
    let mut statements =
        vec![json!({ "Effect": "Allow", "Principal": principal, "NotAction": actions, "Resource": "*" })];
    if denied {
        statements
            .push(json!({ "Effect": "Deny", "Principal": principal, "Action": actions, "Resource": "*" }));
    }
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    assert_eq!(call(trent, "PutKeyPolicy", json!({ "KeyId": key, "Policy": policy })).await.status, 200);
    key
}

/// Merges the members of `more` into a CreateGrant of `operations` for the account.
fn grant(key: &str, operations: &[&str], more: Value) -> Value {
    let mut input = json!({ "KeyId": key, "GranteePrincipal": root(), "Operations": operations });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    input
}

/// Makes a grant; answers its id and token.
async fn create(trent: &Trent, input: Value) -> (String, String) {
    let answer = call(trent, "CreateGrant", input).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (answer.text("/GrantId"), answer.text("/GrantToken"))
}

async fn encrypt(trent: &Trent, key: &str, context: Value) -> Answer {
    let input = json!({ "KeyId": key, "Plaintext": "QUJD", "EncryptionContext": context });
    call(trent, "Encrypt", input).await
}

#[tokio::test]
async fn a_grant_permits_what_it_lists_until_it_is_revoked() {
    let trent = start().await;
    let key = key_without(&trent, &["kms:Encrypt", "kms:GenerateDataKey"], false).await;
    assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED));
    let (id, _) = create(&trent, grant(&key, &["Encrypt"], json!({}))).await;
    assert_eq!(encrypt(&trent, &key, json!({})).await.status, 200);
    let data_key = json!({ "KeyId": key, "KeySpec": "AES_256" });
    assert_eq!(call(&trent, "GenerateDataKey", data_key).await.error(), Some(DENIED));
    let revoke = json!({ "KeyId": key, "GrantId": id });
    assert_eq!(call(&trent, "RevokeGrant", revoke.clone()).await.status, 200);
    assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED));
    let again = call(&trent, "RevokeGrant", revoke).await;
    assert_eq!(again.error(), Some("NotFoundException"));
    assert_eq!(again.message(), Some(format!("Grant ID {id} not found").as_str()));
}

#[tokio::test]
async fn a_grant_on_one_key_is_none_on_another() {
    let trent = start().await;
    let key = key_without(&trent, &["kms:Encrypt"], false).await;
    let other = key_without(&trent, &["kms:Encrypt"], false).await;
    create(&trent, grant(&key, &["Encrypt"], json!({}))).await;
    assert_eq!(encrypt(&trent, &other, json!({})).await.error(), Some(DENIED));
}

#[tokio::test]
async fn an_explicit_deny_beats_a_grant() {
    let trent = start().await;
    let key = key_without(&trent, &["kms:Encrypt"], true).await;
    create(&trent, grant(&key, &["Encrypt"], json!({}))).await;
    assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED));
}

#[tokio::test]
async fn contexts_are_held_against_constraints() {
    let trent = start().await;
    let key = key_without(&trent, &["kms:Encrypt", "kms:DescribeKey"], false).await;
    let constraints = json!({ "EncryptionContextSubset": { "a": "1" } });
    let made = grant(&key, &["Encrypt", "DescribeKey"], json!({ "Constraints": constraints }));
    create(&trent, made).await;
    assert_eq!(encrypt(&trent, &key, json!({ "a": "1", "b": "2" })).await.status, 200);
    for wrong in [json!({}), json!({ "a": "2" }), json!({ "A": "1" })] {
        assert_eq!(encrypt(&trent, &key, wrong).await.error(), Some(DENIED));
    }
    assert_eq!(call(&trent, "DescribeKey", json!({ "KeyId": key })).await.status, 200);
}

#[tokio::test]
async fn re_encryption_needs_a_grant_for_each_side() {
    let trent = start().await;
    let (from, to) = ("kms:ReEncryptFrom", "kms:ReEncryptTo");
    let key = key_without(&trent, &[from, to], false).await;
    let made = encrypt(&trent, &key, json!({ "a": "1" })).await.body["CiphertextBlob"].clone();
    let input = json!({
        "CiphertextBlob": made, "SourceEncryptionContext": { "a": "1" },
        "DestinationKeyId": key, "DestinationEncryptionContext": { "a": "2" },
    });
    let bound = |operation: &str, value: &str| {
        let constraints = json!({ "EncryptionContextEquals": { "a": value } });
        grant(&key, &[operation], json!({ "Constraints": constraints }))
    };
    create(&trent, bound("ReEncryptFrom", "1")).await;
    create(&trent, bound("ReEncryptTo", "1")).await;
    let refused = call(&trent, "ReEncrypt", input.clone()).await;
    assert!(refused.message().unwrap().contains("to perform: kms:ReEncryptTo on resource"), "{refused:?}");
    create(&trent, bound("ReEncryptTo", "2")).await;
    assert_eq!(call(&trent, "ReEncrypt", input).await.status, 200);
}

#[tokio::test]
async fn under_a_grant_no_more_is_granted_than_it_permits() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let constraints = |value: Value| json!({ "Constraints": { "EncryptionContextSubset": value } });
    let parent = grant(&key, &["CreateGrant", "Encrypt"], constraints(json!({ "a": "1" })));
    create(&trent, parent).await;
    let closed = json!({ "Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": { "AWS": root() }, "NotAction": "kms:CreateGrant", "Resource": "*"
    } });
    let put = json!({ "KeyId": key, "Policy": closed.to_string() });
    assert_eq!(call(&trent, "PutKeyPolicy", put).await.status, 200);
    create(&trent, grant(&key, &["Encrypt"], constraints(json!({ "a": "1", "b": "2" })))).await;
    create(&trent, grant(&key, &["CreateGrant"], constraints(json!({ "a": "1" })))).await;
    for (operations, wider) in [
        (vec!["Encrypt", "Decrypt"], constraints(json!({ "a": "1" }))),
        (vec!["Encrypt"], constraints(json!({ "b": "2" }))),
        (vec!["Encrypt"], json!({})),
    ] {
        let refused = call(&trent, "CreateGrant", grant(&key, &operations, wider)).await;
        assert_eq!(refused.error(), Some(DENIED), "{operations:?}");
    }
}

#[tokio::test]
async fn a_name_finds_the_grant_that_was_made_with_the_same_all_else() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let named = |name: &str, operations: &[&str]| grant(&key, operations, json!({ "Name": name }));
    let (id, token) = create(&trent, named("n", &["Encrypt", "Decrypt"])).await;
    let (again, other_token) = create(&trent, named("n", &["Decrypt", "Encrypt", "Encrypt"])).await;
    assert_eq!(id, again);
    assert_ne!(token, other_token, "every answer has a token of its own");
    assert_ne!(create(&trent, named("n", &["Encrypt"])).await.0, id);
    assert_ne!(create(&trent, named("m", &["Encrypt", "Decrypt"])).await.0, id);
    let unnamed = || grant(&key, &["Encrypt"], json!({}));
    assert_ne!(create(&trent, unnamed()).await.0, create(&trent, unnamed()).await.0);
    call(&trent, "RevokeGrant", json!({ "KeyId": key, "GrantId": id })).await;
    let (new, _) = create(&trent, named("n", &["Encrypt", "Decrypt"])).await;
    assert_ne!(new, id, "an id is never used again");
    assert_eq!(create(&trent, named("n", &["Encrypt", "Decrypt"])).await.0, new);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn retries_that_race_make_one_grant() {
    let trent = Arc::new(start().await);
    let key = trent.create_key().await.unwrap();
    let racers: Vec<_> = (0..16)
        .map(|_| {
            let (trent, input) = (Arc::clone(&trent), grant(&key, &["Encrypt"], json!({ "Name": "n" })));
            tokio::spawn(async move { create(&trent, input).await.0 })
        })
        .collect();
    let mut ids = Vec::new();
    for racer in racers {
        ids.push(racer.await.unwrap());
    }
    ids.dedup();
    assert_eq!(ids.len(), 1, "{ids:?}");
    let listed = call(&trent, "ListGrants", json!({ "KeyId": key })).await;
    assert_eq!(listed.body["Grants"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn tokens_must_be_tokens_and_prove_nothing() {
    let trent = start().await;
    let key = key_without(&trent, &["kms:Encrypt"], false).await;
    let (id, token) = create(&trent, grant(&key, &["DescribeKey"], json!({}))).await;
    let with = |operation: &'static str, token: &str| {
        let input = json!({ "KeyId": key, "Plaintext": "QUJD", "GrantTokens": [token] });
        let trent = &trent;
        async move { call(trent, operation, input).await.error().map(str::to_owned) }
    };
    assert_eq!(with("Encrypt", &token).await.as_deref(), Some(DENIED), "the grant does not list it");
    let other = create(&trent, grant(&key, &["Encrypt"], json!({}))).await.1;
    assert_eq!(with("Encrypt", &token).await, None);
    assert_eq!(with("Encrypt", &other).await, None);
    let mut forged = token.clone();
    let first = if forged.remove(0) == 'A' { 'B' } else { 'A' };
    forged.insert(0, first);
    for bad in [forged.as_str(), "AAAA", "no token!", &id] {
        let refused = with("Encrypt", bad).await;
        assert_eq!(refused.as_deref(), Some("InvalidGrantTokenException"), "{bad}");
    }
    assert_eq!(with("DescribeKey", "AAAA").await, None);
    call(&trent, "RevokeGrant", json!({ "KeyId": key, "GrantId": id })).await;
    assert_eq!(with("Encrypt", &token).await.as_deref(), Some("InvalidGrantTokenException"));
}

#[tokio::test]
async fn what_cannot_be_granted_is_refused() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let mac = json!({ "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC" });
    let mac = call(&trent, "CreateKey", mac).await.text("/KeyMetadata/Arn");
    let nine: Value = (0..9).map(|i| (i.to_string(), json!(""))).collect::<serde_json::Map<_, _>>().into();
    let constraints = |kind: &str, value: Value| json!({ "Constraints": { kind: value } });
    let service = json!({ "GranteePrincipal": null, "GranteeServicePrincipal": "a.amazonaws.com" });
    let source = json!({ "SourceArn": "arn:aws:s3:us-east-1:111122223333:x" });
    let mut without_retiring = service.clone();
    without_retiring["Constraints"] = source;
    let mut without_source = service.clone();
    without_source["RetiringPrincipal"] = json!(root());
    let both_retiring = json!({ "RetiringPrincipal": root(), "RetiringServicePrincipal": "a.amazonaws.com" });
    let cases = [
        (grant(&key, &[], json!({})), INVALID),
        (grant(&key, &["Sign"], json!({})), INVALID),
        (grant(&key, &["PutKeyPolicy"], json!({})), INVALID),
        (grant(&mac, &["Encrypt"], json!({})), INVALID),
        (grant(&mac, &["GenerateMac"], constraints("EncryptionContextEquals", json!({}))), INVALID),
        (grant(&key, &["Encrypt"], constraints("EncryptionContextEquals", nine.clone())), INVALID),
        (grant(&key, &["Encrypt"], constraints("EncryptionContextSubset", nine)), INVALID),
        (grant(&key, &["Encrypt"], json!({ "GranteePrincipal": null })), INVALID),
        (grant(&key, &["Encrypt"], json!({ "GranteeServicePrincipal": "a.amazonaws.com" })), INVALID),
        (grant(&key, &["Encrypt"], without_retiring), INVALID),
        (grant(&key, &["Encrypt"], without_source), INVALID),
        (grant(&key, &["Encrypt"], both_retiring), INVALID),
        (grant(&key, &["Encrypt"], json!({ "Name": "a b" })), INVALID),
        (grant(&key, &["Encrypt"], json!({ "GranteePrincipal": "x" })), "InvalidArnException"),
        (
            grant(&key, &["Encrypt"], json!({ "RetiringPrincipal": "arn:aws:iam::1:root" })),
            "InvalidArnException",
        ),
    ];
    for (input, code) in cases {
        assert_eq!(call(&trent, "CreateGrant", input.clone()).await.error(), Some(code), "{input}");
    }
    let missing = "arn:aws:iam::000000000000:user/nobody";
    let refused =
        call(&trent, "CreateGrant", grant(&key, &["Encrypt"], json!({ "GranteePrincipal": missing }))).await;
    let message = format!("ARN does not refer to a valid principal: {missing}");
    assert_eq!(refused.message(), Some(message.as_str()));
    let listed = call(&trent, "ListGrants", json!({ "KeyId": key })).await;
    assert_eq!(listed.body["Grants"], json!([]));
}

#[tokio::test]
async fn a_grant_is_listed_as_it_was_made() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let constraints = json!({
        "EncryptionContextEquals": { "a": "1" },
        "SourceArn": "arn:aws:backup:us-east-1:111122223333:vault:x",
    });
    let input = json!({
        "KeyId": key, "GranteeServicePrincipal": "backup.amazonaws.com", "Name": "n",
        "RetiringPrincipal": ACCOUNT, "Operations": ["Encrypt", "Decrypt"], "Constraints": constraints,
    });
    let (id, _) = create(&trent, input).await;
    let expected = json!({
        "KeyId": key, "GrantId": id, "Name": "n", "GranteeServicePrincipal": "backup.amazonaws.com",
        "RetiringPrincipal": root(), "IssuingAccount": root(), "Operations": ["Encrypt", "Decrypt"],
        "Constraints": constraints,
    });
    for (operation, input) in [
        ("ListGrants", json!({ "KeyId": key })),
        ("ListGrants", json!({ "KeyId": key, "GrantId": id })),
        ("ListRetirableGrants", json!({ "RetiringPrincipal": root() })),
    ] {
        let mut answer = call(&trent, operation, input).await;
        assert_eq!(answer.body["Truncated"], false);
        let grants = answer.body["Grants"].as_array_mut().unwrap();
        assert_eq!(grants.len(), 1);
        assert!(grants[0].as_object_mut().unwrap().remove("CreationDate").unwrap().is_number());
        assert_eq!(grants[0], expected, "{operation}");
    }
}

/// All ids a list has, page by page.
async fn pages(trent: &Trent, operation: &str, mut input: Value) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let answer = call(trent, operation, input.clone()).await;
        let grants = answer.body["Grants"].as_array().unwrap();
        ids.extend(grants.iter().map(|grant| grant["GrantId"].as_str().unwrap().to_owned()));
        match answer.body.get("NextMarker") {
            Some(marker) => input["Marker"] = marker.clone(),
            None => return ids,
        }
    }
}

#[tokio::test]
async fn lists_come_in_pages_and_can_be_narrowed() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let mut made = Vec::new();
    for _ in 0..7 {
        let retiring = json!({ "RetiringPrincipal": root() });
        made.push(create(&trent, grant(&key, &["Encrypt"], retiring)).await.0);
    }
    let service = json!({
        "GranteePrincipal": null, "GranteeServicePrincipal": "a.amazonaws.com",
        "RetiringServicePrincipal": "a.amazonaws.com",
        "Constraints": { "SourceArn": "arn:aws:s3:us-east-1:111122223333:x" },
    });
    let (of_service, _) = create(&trent, grant(&key, &["Encrypt"], service)).await;
    made.sort();
    for (operation, input) in [
        ("ListGrants", json!({ "KeyId": key, "GranteePrincipal": root(), "Limit": 3 })),
        ("ListGrants", json!({ "KeyId": key, "GranteePrincipal": ACCOUNT, "Limit": 7 })),
        ("ListRetirableGrants", json!({ "RetiringPrincipal": root(), "Limit": 2 })),
    ] {
        let mut listed = pages(&trent, operation, input).await;
        listed.sort();
        assert_eq!(listed, made, "{operation}");
    }
    assert_eq!(pages(&trent, "ListGrants", json!({ "KeyId": key, "Limit": 3 })).await.len(), 8);
    let one = json!({ "KeyId": key, "GrantId": of_service });
    assert_eq!(pages(&trent, "ListGrants", one).await, [of_service.as_str()]);
    let neither = json!({ "KeyId": key, "GrantId": of_service, "GranteePrincipal": root() });
    assert!(pages(&trent, "ListGrants", neither).await.is_empty());
    let first = call(&trent, "ListGrants", json!({ "KeyId": key, "Limit": 3 })).await;
    let foreign = json!({ "KeyId": key, "GranteePrincipal": root(), "Marker": first.body["NextMarker"] });
    assert_eq!(call(&trent, "ListGrants", foreign).await.error(), Some("InvalidMarkerException"));
    for (input, code) in [
        (json!({ "KeyId": key, "GrantId": "x" }), "InvalidGrantIdException"),
        (json!({ "KeyId": key, "GranteeServicePrincipal": "a.amazonaws.com" }), DENIED),
    ] {
        assert_eq!(call(&trent, "ListGrants", input).await.error(), Some(code));
    }
    for (input, code) in [
        (json!({}), INVALID),
        (json!({ "RetiringPrincipal": root(), "RetiringServicePrincipal": "a.amazonaws.com" }), INVALID),
        (json!({ "RetiringServicePrincipal": "a.amazonaws.com" }), DENIED),
        (json!({ "RetiringPrincipal": "arn:aws:iam::111122223333:root" }), "InvalidArnException"),
    ] {
        assert_eq!(call(&trent, "ListRetirableGrants", input).await.error(), Some(code));
    }
}

#[tokio::test]
async fn a_grant_is_retired_by_token_or_id() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let made = || grant(&key, &["Encrypt"], json!({ "RetiringPrincipal": root(), "Name": "n" }));
    let (id, token) = create(&trent, made()).await;
    let dry = json!({ "GrantToken": token, "DryRun": true });
    assert_eq!(call(&trent, "RetireGrant", dry).await.error(), Some("DryRunOperationException"));
    assert_eq!(call(&trent, "RetireGrant", json!({ "GrantToken": token })).await.status, 200);
    let again = call(&trent, "RetireGrant", json!({ "GrantToken": token })).await;
    assert_eq!(again.error(), Some("InvalidGrantTokenException"));
    let bare = key.rsplit('/').next().unwrap();
    for key_id in [key.as_str(), bare] {
        let (id, _) = create(&trent, made()).await;
        let input = json!({ "KeyId": key_id, "GrantId": id });
        assert_eq!(call(&trent, "RetireGrant", input.clone()).await.status, 200);
        assert_eq!(call(&trent, "RetireGrant", input).await.error(), Some("NotFoundException"));
    }
    let listed = call(&trent, "ListRetirableGrants", json!({ "RetiringPrincipal": root() })).await;
    assert_eq!(listed.body["Grants"], json!([]));
    for (input, code) in [
        (json!({}), INVALID),
        (json!({ "KeyId": key }), INVALID),
        (json!({ "GrantId": id }), INVALID),
        (json!({ "GrantToken": token, "KeyId": key, "GrantId": id }), INVALID),
        (json!({ "GrantToken": "AAAA" }), "InvalidGrantTokenException"),
        (json!({ "KeyId": key, "GrantId": "x" }), "InvalidGrantIdException"),
    ] {
        assert_eq!(call(&trent, "RetireGrant", input.clone()).await.error(), Some(code), "{input}");
    }
}

#[tokio::test]
async fn dry_runs_make_and_end_nothing() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let (id, _) = create(&trent, grant(&key, &["Encrypt"], json!({}))).await;
    let dry = "DryRunOperationException";
    let made = grant(&key, &["Encrypt"], json!({ "DryRun": true }));
    assert_eq!(call(&trent, "CreateGrant", made).await.error(), Some(dry));
    let revoke = json!({ "KeyId": key, "GrantId": id, "DryRun": true });
    assert_eq!(call(&trent, "RevokeGrant", revoke).await.error(), Some(dry));
    assert_eq!(pages(&trent, "ListGrants", json!({ "KeyId": key })).await, [id]);
}

#[tokio::test]
async fn the_trail_shows_grants_and_never_tokens() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    let (id, token) = create(&trent, grant(&key, &["Encrypt"], json!({ "Name": "n" }))).await;
    let made = trent.audit.take().pop().unwrap();
    let json = |json: &Option<trent_engine::Json>| -> Value {
        json.as_ref().map_or(Value::Null, |json| serde_json::from_str(&json.0).unwrap())
    };
    let parameters = json!({
        "keyId": key, "granteePrincipal": root(), "operations": ["Encrypt"], "name": "n"
    });
    assert_eq!(json(&made.parameters), parameters);
    assert_eq!(json(&made.response), json!({ "grantId": id, "keyId": key }));
    call(&trent, "RetireGrant", json!({ "GrantToken": token })).await;
    let retired = trent.audit.take().pop().unwrap();
    assert_eq!(json(&retired.parameters), Value::Null);
    assert_eq!(json(&retired.additional), json!({ "grantId": id }));
    assert_eq!(retired.resources.len(), 1);
    assert_eq!(&*retired.resources[0].arn, key);
}

fn key_arn(text: &str) -> KeyArn {
    let id = text.rsplit('/').next().unwrap().parse().unwrap();
    KeyArn { region: REGION.parse().unwrap(), account: ACCOUNT.parse().unwrap(), id }
}

/// Puts `count` grants on a key, for the account and each with a context of its own.
async fn fill(trent: &Trent, key: &str, count: usize) {
    let key = key_arn(key);
    let tag = principal_tag(&trent.records, &root());
    for numbers in (0..count).collect::<Vec<_>>().chunks(5_000) {
        let mut changes = Changes::default();
        for number in numbers {
            let mut unique = [0; 16];
            unique[..8].copy_from_slice(&number.to_be_bytes());
            let pairs = [("n".to_owned(), number.to_string())].into();
            let context_equals = Some(trent_domain::EncryptionContext::new(pairs));
            let grant = Grant {
                id: GrantId::new(unique, tag),
                account: key.account,
                region: key.region.clone(),
                key: key.id,
                grantee: GrantPrincipal::Identity { name: root(), account: key.account },
                retiring: None,
                issuer: key.account,
                name: None,
                operations: vec![GrantOperation::Encrypt],
                constraints: GrantConstraints { context_equals, ..GrantConstraints::default() },
                created: jiff::Timestamp::UNIX_EPOCH,
            };
            changes.create_grant(&trent.records, &grant).unwrap();
        }
        trent.records.commit(changes).await.unwrap();
    }
}

#[tokio::test]
async fn a_key_is_full_at_its_limit() {
    let trent = start().await;
    let key = trent.create_key().await.unwrap();
    fill(&trent, &key, ResourceQuotas::default().grants_per_key - 1).await;
    let (last, _) = create(&trent, grant(&key, &["Decrypt"], json!({}))).await;
    let refused = call(&trent, "CreateGrant", grant(&key, &["Decrypt"], json!({}))).await;
    assert_eq!(refused.error(), Some("LimitExceededException"));
    call(&trent, "RevokeGrant", json!({ "KeyId": key, "GrantId": last })).await;
    create(&trent, grant(&key, &["Decrypt"], json!({}))).await;
}

#[tokio::test]
async fn in_the_steady_state_grants_cost_no_read_of_the_store() {
    let trent = start().await;
    let key = key_without(&trent, &["kms:Encrypt"], false).await;
    let count = || (trent.metrics.store.reads.get(), trent.metrics.store.scans.get());
    // No grant at all is a state like any other.
    assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED));
    let before = count();
    assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED));
    assert_eq!(count(), before);

    fill(&trent, &key, 2_000).await;
    assert_eq!(encrypt(&trent, &key, json!({ "n": "7" })).await.status, 200);
    let before = count();
    for number in [0, 7, 1_999] {
        assert_eq!(encrypt(&trent, &key, json!({ "n": number.to_string() })).await.status, 200);
    }
    assert_eq!(encrypt(&trent, &key, json!({ "n": "2000" })).await.error(), Some(DENIED));
    assert_eq!(count(), before);

    // What changes is read again, and nothing else.
    let (id, _) = create(&trent, grant(&key, &["Encrypt"], json!({}))).await;
    let before = count();
    assert_eq!(encrypt(&trent, &key, json!({})).await.status, 200);
    assert_eq!(count(), (before.0 + 1, before.1));
    call(&trent, "RevokeGrant", json!({ "KeyId": key, "GrantId": id })).await;
    let before = count();
    assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED));
    assert_eq!(count(), (before.0 + 1, before.1));
    let path = Path::grant(&key_arn(&key), &id.parse().unwrap());
    assert!(trent.records.fetch::<trent_engine::GrantEntry>(&path).await.unwrap().is_none());
}

/// Whoever asks after a revocation was acknowledged is refused, however many ask at the same time
/// and whatever state the directory is in.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_permitted_after_the_answer_to_a_revocation() {
    let trent = Arc::new(start().await);
    let key = key_without(&trent, &["kms:Encrypt"], false).await;
    let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| {
            let (trent, key, stop) = (Arc::clone(&trent), key.clone(), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    encrypt(&trent, &key, json!({})).await;
                }
            })
        })
        .collect();
    for round in 0..300 {
        let (id, _) = create(&trent, grant(&key, &["Encrypt"], json!({}))).await;
        assert_eq!(encrypt(&trent, &key, json!({})).await.status, 200, "round {round}");
        call(&trent, "RevokeGrant", json!({ "KeyId": key, "GrantId": id })).await;
        assert_eq!(encrypt(&trent, &key, json!({})).await.error(), Some(DENIED), "round {round}");
    }
    stop.store(true, std::sync::atomic::Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
}
