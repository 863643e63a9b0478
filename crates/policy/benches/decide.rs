//! What one decision costs, from the shortest policies to the longest that may be attached.
#![expect(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use trent_policy::{
    Caller, Decision, Document, DocumentKind, Facts, Identity, PolicySet, Question, Values, decide,
};

const KEY: &str = "arn:aws:kms:us-east-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const USER: &str = "arn:aws:iam::111111111111:user/team/alice";
const KEY_POLICY_BYTES: usize = 32_768;
const MANAGED_POLICY_BYTES: usize = 6_144;
const ATTACHED: usize = 10;

/// The condition keys that the long policies ask for.
struct Request;

impl Facts for Request {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        match key {
            "kms:encryptioncontext:app" => Some(Values::one("shop-1")),
            "aws:sourceip" => Some(Values::one("10.1.2.3")),
            _ => None,
        }
    }
}

fn caller(identity: Identity) -> Caller {
    Caller { account: "111111111111".parse().unwrap(), identity }
}

fn parse(statements: &[Value], kind: DocumentKind) -> Document {
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    Document::parse(&policy.to_string(), kind).unwrap()
}

/// As many statements of `each` as fit into `limit` bytes, and one more.
fn filled(limit: usize, last: Value, each: impl Fn(usize) -> Value) -> Vec<Value> {
    let mut statements = Vec::new();
    let mut length = last.to_string().len() + 64;
    for number in 0.. {
        let statement = each(number);
        length += statement.to_string().len() + 1;
        if length > limit {
            break;
        }
        statements.push(statement);
    }
    statements.push(last);
    statements
}

fn default_key_policy() -> Document {
    let root = json!({"Sid": "Enable IAM User Permissions", "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111111111111:root"}, "Action": "kms:*", "Resource": "*"});
    parse(&[root], DocumentKind::KeyPolicy)
}

/// Statements for other roles, then the one that admits the user.
fn long_key_policy(bytes: usize) -> Document {
    let last =
        json!({"Effect": "Allow", "Principal": {"AWS": USER}, "Action": "kms:Encrypt", "Resource": "*"});
    let statements = filled(bytes, last, |number| {
        json!({"Sid": format!("Allow use by service {number}"), "Effect": "Allow",
            "Principal": {"AWS": format!("arn:aws:iam::111111111111:role/service-{number}")},
            "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*",
            "Condition": {"StringLike": {"kms:EncryptionContext:App": format!("shop-{number}*")}}})
    });
    parse(&statements, DocumentKind::KeyPolicy)
}

/// Statements for other actions and keys, some that ask for conditions, and at last one that allows.
fn long_identity_policy(seed: usize, allows: bool) -> Document {
    let last = if allows {
        json!({"Effect": "Allow", "Action": "kms:Enc*", "Resource": "arn:aws:kms:*:111111111111:key/*"})
    } else {
        json!({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    };
    let statements = filled(MANAGED_POLICY_BYTES, last, |number| match number % 3 {
        0 => json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:Put*", "s3:List*"],
            "Resource": format!("arn:aws:s3:::bucket-{seed}-{number}/*")}),
        1 => json!({"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt"],
            "Resource": format!("arn:aws:kms:us-east-1:111111111111:key/{seed:08}-{number:04}")}),
        _ => json!({"Effect": "Deny", "Action": "kms:*", "Resource": "*",
            "Condition": {"IpAddress": {"aws:SourceIp": format!("192.0.{seed}.{number}/32")}}}),
    });
    parse(&statements, DocumentKind::Managed)
}

struct Setting {
    name: &'static str,
    caller: Caller,
    key_policy: Document,
    identity: Vec<Arc<Document>>,
}

fn settings() -> Vec<Setting> {
    let user = || caller(Identity::User { arn: USER.to_owned(), id: "AIDAALICEALICEALICE01".to_owned() });
    let one = json!({"Effect": "Allow", "Action": ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey*"], "Resource": KEY});
    let ten = (0..ATTACHED).map(|seed| Arc::new(long_identity_policy(seed, seed + 1 == ATTACHED))).collect();
    vec![
        Setting {
            name: "default key policy, root",
            caller: caller(Identity::Root),
            key_policy: default_key_policy(),
            identity: Vec::new(),
        },
        Setting {
            name: "default key policy, user with one identity policy",
            caller: user(),
            key_policy: default_key_policy(),
            identity: vec![Arc::new(parse(&[one], DocumentKind::Identity))],
        },
        Setting {
            name: "key policy of 32 KB",
            caller: user(),
            key_policy: long_key_policy(KEY_POLICY_BYTES),
            identity: Vec::new(),
        },
        Setting {
            name: "default key policy, user with ten identity policies of 6 KB",
            caller: user(),
            key_policy: default_key_policy(),
            identity: ten,
        },
    ]
}

fn decisions(c: &mut Criterion) {
    for setting in settings() {
        let question =
            Question { caller: &setting.caller, action: "kms:Encrypt", resource: KEY, facts: &Request };
        let set = PolicySet {
            key_policy: Some(&setting.key_policy),
            identity: &setting.identity,
            ..PolicySet::default()
        };
        assert!(matches!(decide(&question, &set), Decision::Allow(_)), "{}", setting.name);
        c.bench_function(setting.name, |b| b.iter(|| decide(black_box(&question), black_box(&set))));
    }
}

fn parsing(c: &mut Criterion) {
    let roles: Vec<Value> = (0..100)
        .map(|n| json!({"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::111111111111:role/{n}")},
            "Action": ["kms:Encrypt", "kms:Decrypt"], "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}))
        .collect();
    let text = json!({"Version": "2012-10-17", "Statement": roles}).to_string();
    c.bench_function(&format!("parse a key policy of {} bytes", text.len()), |b| {
        b.iter(|| Document::parse(black_box(&text), DocumentKind::KeyPolicy).unwrap());
    });
}

criterion_group!(benches, decisions, parsing);
criterion_main!(benches);
