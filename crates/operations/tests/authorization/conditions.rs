//! Each condition key of each operation: a permission that depends on it lets the operation through
//! with the right value and not with another, and a key that does not apply is absent.
//!
//! `operations.txt` says which keys apply, `conditions.txt` what they are. A user has the permission
//! in question under one condition at a time, and all others without any.

use serde_json::{Value, json};
use trent_domain::{AccountId, User};
use trent_operations::kms_catalog;
use trent_testkit::{ACCOUNT, ATTESTED, Credentials, REGION, Trent, recipient};

use crate::cases::{AWAY, Fixture, add, furnish, input, policy};
use crate::operations::{Row, implemented, lines};

const TABLE: &str = include_str!("../conditions.txt");

/// A key policy that leaves nothing to others.
const EVERYONE: &str = r#"{"Statement":{"Effect":"Allow","Principal":"*","Action":"kms:*","Resource":"*"}}"#;

/// How much an input says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What it must.
    Plain,
    /// Whatever policies can ask for.
    Full,
}

/// All keys there are.
fn keys() -> Vec<String> {
    let mut keys: Vec<_> = lines(TABLE).flat_map(|line| line[1].split(',')).map(full_name).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn full_name(key: &str) -> String {
    if key.starts_with("aws:") { key.to_owned() } else { format!("kms:{key}") }
}

/// The value that `key` has for `row`; `None` when it is absent.
fn value(row: &Row, extent: Extent, key: &str, alias: &str) -> Option<String> {
    let name = key.strip_prefix("kms:").unwrap_or(key);
    let named = [
        "*".to_owned(),
        row.action.to_owned(),
        format!("{}@{}", row.action, row.resource),
        format!("{}/{}", row.operation, row.action),
    ];
    let fits = |actions: &str| actions.split(',').any(|action| named.iter().any(|name| name == action));
    let line = lines(TABLE).find(|line| line[1].split(',').any(|known| known == name) && fits(line[2]))?;
    let called = [line[0], name.split('/').next().unwrap_or(name)];
    row.conditions.iter().find(|known| called.contains(known))?;
    match if extent == Extent::Plain { line[3] } else { line[4] } {
        "-" => None,
        value => Some(match value.split_once('*') {
            Some((times, text)) => text.repeat(times.parse().unwrap()),
            None => value.replace("OWNER", ACCOUNT).replace("ALIAS", alias),
        }),
    }
}

/// With what the key makes things beforehand.
fn made_with(operation: &str, extent: Extent) -> Value {
    match operation {
        _ if extent == Extent::Plain => json!({}),
        "Decrypt" | "ReEncrypt" => json!({ "EncryptionContext": { "purpose": "test" } }),
        "Sign" | "Verify" => digest(),
        "RetireGrant" => json!({ "Constraints": { "EncryptionContextEquals": { "purpose": "test" } } }),
        _ => json!({}),
    }
}

fn digest() -> Value {
    json!({ "Message": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWY=", "MessageType": "DIGEST" })
}

/// What a plain input has otherwise than elsewhere. `other` is an SM2 key.
fn plainly(operation: &str, other: &str) -> Value {
    match operation {
        "CreateGrant" => json!({
            "GranteePrincipal": null, "GranteeServicePrincipal": "backup.us-east-1.amazonaws.com",
            "RetiringServicePrincipal": "restore.us-east-1.amazonaws.com",
            "Constraints": { "SourceArn": format!("arn:aws:s3:us-east-1:{ACCOUNT}:b") },
        }),
        "PutKeyPolicy" => json!({ "Policy": EVERYONE }),
        "ReEncrypt" => json!({ "DestinationKeyId": other, "DestinationEncryptionAlgorithm": "SM2PKE" }),
        _ => json!({}),
    }
}

/// What a full input has beside.
fn fully(operation: &str, alias: &str) -> Value {
    let context = json!({ "purpose": "test" });
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    match operation {
        "CreateGrant" => json!({
            "GranteePrincipal": root, "RetiringPrincipal": root, "Operations": ["Decrypt"],
            "Constraints": { "EncryptionContextSubset": context },
        }),
        "CreateKey" => json!({
            "KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC", "Origin": "EXTERNAL",
            "BypassPolicyLockoutSafetyCheck": true, "MultiRegion": true,
            "Tags": [{ "TagKey": "a", "TagValue": "b" }, { "TagKey": "stage", "TagValue": "test" }],
        }),
        "Decrypt" | "GenerateDataKey" => {
            json!({ "KeyId": alias, "EncryptionContext": context, "Recipient": recipient() })
        }
        "Encrypt" | "GenerateDataKeyWithoutPlaintext" => {
            json!({ "KeyId": alias, "EncryptionContext": context })
        }
        "GenerateDataKeyPair" => json!({
            "KeyId": alias, "EncryptionContext": context, "KeyPairSpec": "ECC_NIST_P384",
            "Recipient": recipient(),
        }),
        "GenerateDataKeyPairWithoutPlaintext" => {
            json!({ "KeyId": alias, "EncryptionContext": context, "KeyPairSpec": "ECC_NIST_P384" })
        }
        "DeriveSharedSecret" => json!({ "KeyId": alias, "Recipient": recipient() }),
        "GenerateRandom" => json!({ "Recipient": recipient() }),
        "ReEncrypt" => json!({
            "SourceKeyId": alias, "SourceEncryptionContext": context,
            "DestinationKeyId": alias, "DestinationEncryptionContext": { "purpose": "archive" },
        }),
        "Sign" | "Verify" => {
            let mut named = json!({ "KeyId": alias });
            add(&mut named, digest());
            named
        }
        "Decapsulate" | "DescribeKey" | "Encapsulate" | "GenerateMac" | "GetPublicKey" | "VerifyMac" => {
            json!({ "KeyId": alias })
        }
        "EnableKeyRotation" => json!({ "RotationPeriodInDays": 180 }),
        "GetKeyPolicy" => json!({ "PolicyName": "default" }),
        "ImportKeyMaterial" => {
            json!({ "ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": 1_800_000_000 })
        }
        "PutKeyPolicy" => json!({ "PolicyName": "default", "BypassPolicyLockoutSafetyCheck": true }),
        "ReplicateKey" => json!({
            "Policy": EVERYONE, "BypassPolicyLockoutSafetyCheck": true,
            "Tags": [{ "TagKey": "a", "TagValue": "b" }, { "TagKey": "stage", "TagValue": "test" }],
        }),
        "ScheduleKeyDeletion" => json!({ "PendingWindowInDays": 7 }),
        _ => json!({}),
    }
}

/// A user whose permission depends on one condition at a time.
struct World {
    trent: Trent,
    user: User,
    credentials: Credentials,
    /// A key of another kind.
    other: String,
    number: usize,
}

impl World {
    async fn start() -> Self {
        let trent = Trent::start_in(&[REGION, AWAY]).await.unwrap();
        trent.clock.advance(ATTESTED - trent_engine::Clock::now(&*trent.clock).as_second());
        let account = ACCOUNT.parse::<AccountId>().unwrap();
        let (user, credentials) = trent.user(account, "somebody", |_| {}).await.unwrap();
        let sm2 = json!({ "KeySpec": "SM2", "KeyUsage": "ENCRYPT_DECRYPT" });
        let other = trent.call("CreateKey", &sm2).await.unwrap().text("/KeyMetadata/Arn");
        Self { trent, user, credentials, other, number: 0 }
    }

    async fn furnish(&mut self, operation: &str, extent: Extent) -> Fixture {
        self.number += 1;
        let delegating = policy(&[("Allow", "kms:*")]);
        furnish(&self.trent, self.number, operation, &delegating, made_with(operation, extent)).await
    }

    /// Whether the permission of `row` lets the user through under `condition`.
    async fn allows(&self, row: &Row, condition: &Value, input: &Value) -> bool {
        let document = document(row, condition);
        let edit = |user: &mut User| {
            user.policies.inline.insert("p".to_owned(), document);
        };
        self.trent.edit_user(&self.user, edit).await.unwrap();
        let answer = self.trent.call_as(&self.credentials, row.operation, input).await.unwrap();
        match answer.error() {
            None => true,
            Some("AccessDeniedException") => false,
            Some(_) => panic!("{} {input}: {answer:?}", row.operation),
        }
    }
}

/// Everything is allowed, but the action on the resource of `row` under `condition` only.
fn document(row: &Row, condition: &Value) -> String {
    let action = format!("kms:{}", row.action);
    let resource = match row.resource {
        "key" | "alias" => format!("arn:aws:kms:{REGION}:*:{}/*", row.resource),
        "replica" => format!("arn:aws:kms:{AWAY}:*:key/*"),
        _ => "*".to_owned(),
    };
    let mut statements = vec![
        json!({ "Effect": "Allow", "NotAction": action, "Resource": "*" }),
        json!({ "Effect": "Allow", "Action": action, "Resource": resource, "Condition": condition }),
    ];
    if resource != "*" {
        statements.push(json!({ "Effect": "Allow", "Action": action, "NotResource": resource }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// What is otherwise than the table says of `row`.
async fn differences(world: &mut World, row: &Row, extent: Extent) -> Vec<String> {
    let reads = kms_catalog().audited(row.operation).unwrap().1;
    let mut fixture = world.furnish(row.operation, extent).await;
    let mut found = Vec::new();
    for key in keys() {
        let value = value(row, extent, &key, &fixture.alias);
        let right = match &value {
            Some(value) => json!({ "StringEquals": { &key: value } }),
            None => json!({ "Null": { &key: "true" } }),
        };
        // That it is absent says already that it has no value.
        let wrong = value.as_ref().map(|_| json!({ "StringEquals": { &key: "something else" } }));
        for (condition, expected) in [(Some(right), true), (wrong, false)] {
            let Some(condition) = condition else { continue };
            let mut input = input(row.operation, &fixture);
            add(
                &mut input,
                match extent {
                    Extent::Plain => plainly(row.operation, &world.other),
                    Extent::Full => fully(row.operation, &fixture.alias),
                },
            );
            let allowed = world.allows(row, &condition, &input).await;
            if allowed != expected {
                let value = value.as_deref().unwrap_or("absent");
                found.push(format!("{} on {}, {extent:?}: {key} is not {value}", row.action, row.resource));
            }
            if allowed && !reads {
                fixture = world.furnish(row.operation, extent).await;
            }
        }
    }
    found
}

#[tokio::test]
async fn condition_keys_are_what_they_should_be() {
    let mut world = World::start().await;
    let mut found = Vec::new();
    for row in implemented() {
        for extent in [Extent::Plain, Extent::Full] {
            found.extend(differences(&mut world, &row, extent).await);
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
