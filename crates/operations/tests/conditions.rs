//! Condition keys, by the whole pipeline: which of them a request has, and with what values.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use trent_domain::{Account, AccountId, AccountStatus, Path, Tags, User};
use trent_engine::{Changes, Clock as _, Session, encode};
use trent_testkit::{ACCOUNT, Answer, Credentials, Trent};

fn account() -> AccountId {
    ACCOUNT.parse().unwrap()
}

fn statement(effect: &str, action: &str, condition: &Value) -> Value {
    json!({"Effect": effect, "Action": action, "Resource": "*", "Condition": condition})
}

fn policy(statements: &Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A caller whom a policy allows everything under a condition.
struct Asker {
    trent: Trent,
    user: User,
    key: Credentials,
}

impl Asker {
    async fn new() -> Self {
        let trent = Trent::start().await.unwrap();
        let (user, key) = trent.user(account(), "alice", |_| {}).await.unwrap();
        Self { trent, user, key }
    }

    /// With an organization that the account manages.
    async fn in_an_organization() -> Self {
        let asker = Self::new().await;
        let record = Account {
            id: account(),
            name: "first".to_owned(),
            email: "first@example.com".to_owned(),
            status: AccountStatus::Active,
            created: asker.trent.clock.now(),
            management: true,
            tags: Tags::default(),
        };
        let mut changes = Changes::default();
        changes.create(Path::account(account()), encode(&record).unwrap());
        asker.trent.records.commit(changes).await.unwrap();
        asker
    }

    /// Whether the condition holds for a call.
    async fn holds(&self, condition: &Value, operation: &str, input: &Value) -> bool {
        let text = policy(&json!([statement("Allow", "*", condition)]));
        let edit = |user: &mut User| drop(user.policies.inline.insert("p".to_owned(), text));
        self.trent.edit_user(&self.user, edit).await.unwrap();
        let answer = self.trent.call_as(&self.key, operation, input).await.unwrap();
        let refused = answer.error().is_some();
        if refused {
            assert_eq!(answer.error(), Some("AccessDeniedException"), "{condition} {operation}: {answer:?}");
        }
        !refused
    }

    async fn is(&self, key: &str, value: &str, operation: &str, input: &Value) -> bool {
        self.holds(&json!({"StringEquals": {key: value}}), operation, input).await
    }

    async fn has(&self, key: &str, operation: &str, input: &Value) -> bool {
        self.holds(&json!({"Null": {key: "false"}}), operation, input).await
    }
}

#[tokio::test]
async fn an_organization_is_known_to_policies() {
    let asker = Asker::in_an_organization().await;
    let key = json!({"KeyId": asker.trent.create_key().await.unwrap()});
    for (name, value) in [
        ("aws:PrincipalOrgID", "o-000000000000"),
        ("aws:ResourceOrgID", "o-000000000000"),
        ("aws:PrincipalOrgPaths", "o-000000000000/r-000000000000/"),
        ("aws:ResourceOrgPaths", "o-000000000000/r-000000000000/"),
    ] {
        assert!(asker.is(name, value, "DescribeKey", &key).await, "{name}");
        assert!(asker.is(name, value, "ListKeys", &json!({})).await, "{name}");
        assert!(!asker.is(name, "o-111122223333", "DescribeKey", &key).await, "{name}");
    }
    let any = |pattern| json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [pattern]}});
    assert!(asker.holds(&any("o-000000000000/*"), "DescribeKey", &key).await);
    assert!(!asker.holds(&any("o-000000000000/ou-*"), "DescribeKey", &key).await);
    // A variable asks as a condition does.
    let variable = json!({"StringLike": {"aws:PrincipalOrgPaths": "${aws:PrincipalOrgID}/*"}});
    assert!(asker.holds(&variable, "DescribeKey", &key).await);
}

#[tokio::test]
async fn without_an_organization_there_is_none_to_know() {
    let asker = Asker::new().await;
    let key = json!({"KeyId": asker.trent.create_key().await.unwrap()});
    for name in ["aws:PrincipalOrgID", "aws:ResourceOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgPaths"] {
        assert!(!asker.has(name, "DescribeKey", &key).await, "{name}");
    }
}

/// The usual statement that opens a key to a whole organization.
#[tokio::test]
async fn a_key_policy_may_name_an_organization() {
    let asker = Asker::in_an_organization().await;
    let opened_to = |organization: &str| {
        let mut opened = statement(
            "Allow",
            "kms:DescribeKey",
            &json!({
                "StringEquals": {"aws:PrincipalOrgID": organization},
            }),
        );
        opened["Principal"] = json!("*");
        policy(&json!([opened]))
    };
    for (organization, expected) in [("o-000000000000", None), ("o-other", Some("AccessDeniedException"))] {
        let input = json!({"Policy": opened_to(organization), "BypassPolicyLockoutSafetyCheck": true});
        let made = asker.trent.call("CreateKey", &input).await.unwrap();
        let key = json!({"KeyId": made.text("/KeyMetadata/KeyId")});
        let answer = asker.trent.call_as(&asker.key, "DescribeKey", &key).await.unwrap();
        assert_eq!(answer.error(), expected, "{organization}");
    }
    // The caller must be able to change the policy again, under the policy's own condition.
    let own = |organization| opened_to(organization).replace("kms:DescribeKey", "kms:*");
    let created =
        async |policy: String| asker.trent.call("CreateKey", &json!({"Policy": policy})).await.unwrap();
    assert_eq!(created(own("o-000000000000")).await.error(), None);
    assert_eq!(created(own("o-other")).await.error(), Some("MalformedPolicyDocumentException"));
}

#[tokio::test]
async fn every_resource_has_an_owner() {
    let asker = Asker::new().await;
    let key = asker.trent.create_key().await.unwrap();
    let created = json!({"AliasName": "alias/a", "TargetKeyId": key});
    for (operation, input) in [
        ("DescribeKey", json!({"KeyId": key})),
        ("ListKeys", json!({})),
        ("CreateKey", json!({})),
        ("CreateAlias", created),
    ] {
        let ours = json!({"StringEquals": {"aws:ResourceAccount": ACCOUNT, "aws:PrincipalAccount": ACCOUNT}});
        assert!(asker.holds(&ours, operation, &input).await, "{operation}");
    }
    let input = json!({"KeyId": key});
    assert!(!asker.is("aws:ResourceAccount", "111122223333", "DescribeKey", &input).await);
}

#[tokio::test]
async fn the_account_of_the_caller_is_told_of_keys_only() {
    let asker = Asker::new().await;
    let key = asker.trent.create_key().await.unwrap();
    for (operation, input, told) in [
        ("DescribeKey", json!({"KeyId": key}), true),
        ("CreateKey", json!({}), true),
        ("ListKeys", json!({}), false),
        ("ListAliases", json!({}), false),
        ("GenerateRandom", json!({"NumberOfBytes": 8}), false),
    ] {
        assert_eq!(asker.is("kms:CallerAccount", ACCOUNT, operation, &input).await, told, "{operation}");
    }
}

/// What a request with a long-term access key knows of itself.
#[tokio::test]
async fn a_request_has_these_keys_and_no_others() {
    let asker = Asker::new().await;
    let key = json!({"KeyId": asker.trent.create_key().await.unwrap()});
    let (now, user) = (asker.trent.clock.now(), &asker.user);
    for (name, value) in [
        ("aws:EpochTime", now.as_second().to_string()),
        ("aws:SecureTransport", "false".to_owned()),
        ("aws:SourceIp", "127.0.0.1".to_owned()),
        ("aws:RequestedRegion", "us-east-1".to_owned()),
        ("aws:PrincipalArn", user.arn()),
        ("aws:PrincipalType", "User".to_owned()),
        ("aws:userid", user.id.to_string()),
        ("aws:username", "alice".to_owned()),
        ("aws:PrincipalIsAWSService", "false".to_owned()),
        ("aws:ViaAWSService", "false".to_owned()),
        ("kms:KeySpec", "SYMMETRIC_DEFAULT".to_owned()),
        ("kms:KeyUsage", "ENCRYPT_DECRYPT".to_owned()),
        ("kms:KeyOrigin", "AWS_KMS".to_owned()),
        ("kms:MultiRegion", "false".to_owned()),
        ("kms:CustomerMasterKeySpec", "SYMMETRIC_DEFAULT".to_owned()),
        ("kms:CustomerMasterKeyUsage", "ENCRYPT_DECRYPT".to_owned()),
    ] {
        assert!(asker.is(name, &value, "DescribeKey", &key).await, "{name}");
    }
    assert!(asker.has("aws:CurrentTime", "DescribeKey", &key).await);
    for name in [
        "aws:CalledVia",
        "aws:CalledViaFirst",
        "aws:CalledViaLast",
        "aws:FederatedProvider",
        "aws:MultiFactorAuthAge",
        "aws:MultiFactorAuthPresent",
        "aws:PrincipalServiceName",
        "aws:PrincipalServiceNamesList",
        "aws:PrincipalTag/a",
        "aws:RequestTag/a",
        "aws:ResourceTag/a",
        "aws:SourceAccount",
        "aws:SourceArn",
        "aws:SourceIdentity",
        "aws:SourceVpc",
        "aws:SourceVpce",
        "aws:TagKeys",
        "aws:TokenIssueTime",
        "aws:VpcSourceIp",
        "kms:BypassPolicyLockoutSafetyCheck",
        "kms:EncryptionContextKeys",
        "kms:GrantIsForAWSResource",
        "kms:MultiRegionKeyType",
        "kms:RequestAlias",
        "kms:ResourceAliases",
        "kms:ViaService",
    ] {
        assert!(!asker.has(name, "DescribeKey", &key).await, "{name}");
    }
}

/// A session knows when it began, and whether a second factor was shown.
#[tokio::test]
async fn temporary_credentials_say_more() {
    let asker = Asker::new().await;
    let Asker { trent, user, .. } = &asker;
    let now = trent.clock.now();
    let principal = trent_domain::Principal {
        account: account(),
        kind: trent_domain::PrincipalKind::User {
            id: user.id,
            name: user.name.clone(),
            path: user.path.clone(),
        },
    };
    let session = |mfa: Option<i64>| {
        let mut session = Session::new(principal.clone(), now, now + jiff::SignedDuration::from_secs(3600));
        session.mfa = mfa.map(|before| now - jiff::SignedDuration::from_secs(before));
        trent.session(&session).unwrap()
    };
    let (plain, strong) = (session(None), session(Some(60)));
    for (session, name, expected) in [
        (&plain, "aws:MultiFactorAuthPresent", Some("false")),
        (&strong, "aws:MultiFactorAuthPresent", Some("true")),
        (&plain, "aws:MultiFactorAuthAge", None),
        (&strong, "aws:MultiFactorAuthAge", Some("60")),
        (&plain, "aws:TokenIssueTime", Some(now.to_string().as_str())),
    ] {
        let operator = if expected.is_some() { "StringEquals" } else { "Null" };
        let condition = json!({operator: {name: expected.unwrap_or("true")}});
        let text = policy(&json!([statement("Allow", "*", &condition)]));
        let edit = |user: &mut User| drop(user.policies.inline.insert("p".to_owned(), text));
        trent.edit_user(user, edit).await.unwrap();
        let answer: Answer = trent.call_as(session, "ListKeys", &json!({})).await.unwrap();
        assert_eq!(answer.error(), None, "{name} {answer:?}");
    }
}

/// `kms:TrailingDaysWithoutKeyUsage`: whole days since the last use, or since the key was made.
#[tokio::test]
async fn a_key_that_is_used_is_not_put_away() {
    const DAY: i64 = 86_400;
    let asker = Asker::new().await;
    let (trent, unused) = (
        &asker.trent,
        |days: i64| json!({"NumericGreaterThanEquals": {"kms:TrailingDaysWithoutKeyUsage": days}}),
    );
    let key = trent.create_key().await.unwrap();
    let input = json!({"KeyId": key});
    let ask = async |days| asker.holds(&unused(days), "DisableKey", &input).await;
    assert!(ask(0).await && !ask(1).await);
    trent.pass(90 * DAY - 1).await.unwrap();
    assert!(ask(89).await && !ask(90).await);
    trent.pass(1).await.unwrap();
    assert!(ask(90).await);
    trent.call("EnableKey", &input).await.unwrap();
    let encrypt = json!({"KeyId": key, "Plaintext": "eA=="});
    assert_eq!(trent.call("Encrypt", &encrypt).await.unwrap().status, 200);
    for written in [false, true] {
        if written {
            trent.worker.write_usage().await;
        }
        trent.pass(DAY).await.unwrap();
        assert_eq!((ask(1).await, ask(3).await), (true, false), "{written}");
        assert!(!asker.holds(&unused(3), "ScheduleKeyDeletion", &input).await);
    }
    assert!(asker.holds(&unused(2), "ScheduleKeyDeletion", &input).await);
    assert!(!asker.has("kms:TrailingDaysWithoutKeyUsage", "DescribeKey", &input).await);
}
