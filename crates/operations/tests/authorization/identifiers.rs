//! How operations take each form of key identifier, for keys of the caller's own account and for keys
//! of another.
//!
//! Keys belong to one account. Some are open to all identities of both accounts, as far as their own
//! policies allow; others to those of their own account alone. In either account one user may do
//! everything, and one nothing but what the rest of a call takes. `identifiers.txt` says what each is
//! told.

use serde_json::{Value, json};
use trent_domain::AccountId;
use trent_model::kms::OPERATIONS;
use trent_operations::kms_catalog;
use trent_testkit::{ACCOUNT, Credentials, REGION, Trent};

use crate::cases::{AWAY, Fixture, furnish, input};

const TABLE: &str = include_str!("../identifiers.txt");
/// The account that the keys do not belong to.
const OTHER: &str = "111122223333";
/// A key that is not there.
const NO_KEY: &str = "1234abcd-12ab-34cd-56ef-1234567890ab";

/// The forms, in the order of the table's columns.
const FORMS: [Form; 4] = [Form::KeyId, Form::KeyArn, Form::AliasName, Form::AliasArn];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    KeyId,
    KeyArn,
    AliasName,
    AliasArn,
}

/// Who asks for what, in the order of the letters of a cell.
const SITUATIONS: [(Who, What); 8] = [
    (Who::OwnMay, What::Open),
    (Who::OwnMayNot, What::Open),
    (Who::OwnMay, What::Missing),
    (Who::OtherMay, What::Open),
    (Who::OtherMayNot, What::Open),
    (Who::OtherMay, What::Closed),
    (Who::OtherMayNot, What::Closed),
    (Who::OtherMay, What::Missing),
];

#[derive(Clone, Copy)]
enum Who {
    OwnMay,
    OwnMayNot,
    OtherMay,
    OtherMayNot,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum What {
    /// A key whose policy admits both accounts.
    Open,
    /// A key whose policy admits its own account only.
    Closed,
    Missing,
}

/// A user, and what of its own account it may use whatever its policies say.
struct Asker {
    account: &'static str,
    arn: String,
    credentials: Credentials,
    /// Signs for its account's root user.
    root: Credentials,
    key: String,
    ciphertext: Value,
}

/// Every member of an input that names a key or alias, by the model.
fn members() -> Vec<(&'static str, &'static str)> {
    let catalog = kms_catalog();
    let there = OPERATIONS.iter().filter(|operation| catalog.names().any(|name| name == operation.name));
    let named = |shape| matches!(shape, "KeyIdType" | "AliasNameType");
    there
        .flat_map(|operation| {
            let members = operation.input.members().iter();
            members.filter(|member| named(member.shape.name)).map(|member| (operation.name, member.name))
        })
        .collect()
}

fn allow(principal: Option<Value>, resource: &str) -> String {
    let mut statement = json!({ "Effect": "Allow", "Action": "kms:*", "Resource": resource });
    if let Some(principal) = principal {
        statement["Principal"] = principal;
    }
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

fn root_of(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

async fn asker(trent: &Trent, root: &Credentials, account: &'static str, may: bool) -> Asker {
    let name = if may { "may" } else { "may-not" };
    let policy = allow(None, if may { "*" } else { "arn:aws:kms:*:*:alias/spare-*" });
    let furnish = |user: &mut trent_domain::User| {
        user.policies.inline.insert("p".to_owned(), policy);
    };
    let (user, credentials) = trent.user(account.parse().unwrap(), name, furnish).await.unwrap();
    let everyone = json!({ "Policy": allow(Some(json!("*")), "*") });
    let key = trent.call_as(root, "CreateKey", &everyone).await.unwrap().text("/KeyMetadata/Arn");
    let encrypt = json!({ "KeyId": key, "Plaintext": "QUJD" });
    let ciphertext = trent.call_as(root, "Encrypt", &encrypt).await.unwrap().body["CiphertextBlob"].clone();
    let arn = format!("arn:aws:iam::{account}:user/{}", user.name);
    Asker { account, arn, credentials, root: root.clone(), key, ciphertext }
}

struct World {
    trent: Trent,
    own: [Asker; 2],
    other: [Asker; 2],
    number: usize,
}

impl World {
    async fn start() -> Self {
        let trent = Trent::start_in(&[REGION, AWAY]).await.unwrap();
        let root = Credentials::root();
        trent.account(ACCOUNT.parse::<AccountId>().unwrap()).await.unwrap();
        let other_root = trent.account(OTHER.parse::<AccountId>().unwrap()).await.unwrap();
        let own = [asker(&trent, &root, ACCOUNT, true).await, asker(&trent, &root, ACCOUNT, false).await];
        let other =
            [asker(&trent, &other_root, OTHER, true).await, asker(&trent, &other_root, OTHER, false).await];
        Self { trent, own, other, number: 0 }
    }

    fn asker(&self, who: Who) -> &Asker {
        match who {
            Who::OwnMay => &self.own[0],
            Who::OwnMayNot => &self.own[1],
            Who::OtherMay => &self.other[0],
            Who::OtherMayNot => &self.other[1],
        }
    }

    /// A key for `operation`, open to both accounts or closed to the other one. Whom a grant names
    /// decides about its retirement, not the key policy.
    async fn furnish(&mut self, operation: &str, what: What) -> Fixture {
        self.number += 1;
        let open = what == What::Open;
        let admitted = if open { vec![root_of(ACCOUNT), root_of(OTHER)] } else { vec![root_of(ACCOUNT)] };
        let policy = allow(Some(json!({ "AWS": admitted })), "*");
        let more = match operation {
            "RetireGrant" if open => json!({ "RetiringPrincipal": root_of(OTHER) }),
            _ => json!({}),
        };
        furnish(&self.trent, self.number, operation, &policy, more).await
    }

    /// An input whose `member` is `named`; what else it names is the caller's own.
    async fn input(
        &mut self,
        (operation, member): (&str, &str),
        fixture: &Fixture,
        who: Who,
        named: &str,
    ) -> Value {
        self.number += 1;
        let (spare, asker) = (format!("alias/spare-{}", self.number), self.asker(who));
        let mut input = input(operation, fixture);
        match (operation, member) {
            ("ReEncrypt", "SourceKeyId") => input["DestinationKeyId"] = asker.key.as_str().into(),
            ("ReEncrypt", _) => input["CiphertextBlob"] = asker.ciphertext.clone(),
            ("CreateAlias" | "UpdateAlias", "AliasName") => input["TargetKeyId"] = asker.key.as_str().into(),
            ("CreateAlias", _) => input["AliasName"] = spare.into(),
            ("UpdateAlias", _) => {
                let create = json!({ "AliasName": spare, "TargetKeyId": asker.key });
                let made = self.trent.call_as(&asker.root, "CreateAlias", &create).await.unwrap();
                assert_eq!(made.status, 200);
                input["AliasName"] = spare.into();
            }
            _ => {}
        }
        input[member] = named.into();
        input
    }
}

/// What an identifier says, and the ARNs of the key and the alias it means.
struct Named {
    text: String,
    key: String,
    alias: String,
}

/// A key of the first account under one of its names, as somebody in `caller` would mean it.
fn named(form: Form, id: &str, alias: &str, caller: &str) -> Named {
    let bare = matches!(form, Form::KeyId | Form::AliasName);
    let account = if bare { caller } else { ACCOUNT };
    let arn = |resource: &str| format!("arn:aws:kms:{REGION}:{account}:{resource}");
    let (key, alias_arn) = (arn(&format!("key/{id}")), arn(alias));
    let text = match form {
        Form::KeyId => id,
        Form::KeyArn => &key,
        Form::AliasName => alias,
        Form::AliasArn => &alias_arn,
    };
    Named { text: text.to_owned(), key, alias: alias_arn }
}

/// The letter of an outcome, from the list below the table; `?` for one that is not on it.
fn letter(code: &str, message: &str, unknown: &mut Vec<String>) -> char {
    let outcome = format!("{code} {message}").trim_end().to_owned();
    let lines = TABLE.lines().skip_while(|line| !line.is_empty()).skip(1);
    let found = lines.filter_map(|line| line.split_once(' ')).find(|(_, known)| {
        let mut words = known.split_whitespace();
        outcome.split(' ').all(|word| words.next() == Some(word)) && words.next().is_none()
    });
    match found {
        Some((letter, _)) => letter.chars().next().unwrap(),
        None => {
            if !unknown.contains(&outcome) {
                unknown.push(outcome);
            }
            '?'
        }
    }
}

async fn ask(
    world: &mut World,
    (operation, member): (&str, &str),
    (fixture, missing): (&Fixture, bool),
    (who, form): (Who, Form),
    unknown: &mut Vec<String>,
) -> char {
    let gone = format!("alias/gone-{operation}");
    let (id, alias) = match missing {
        true => (NO_KEY, gone.as_str()),
        false => (fixture.key.rsplit('/').next().unwrap(), fixture.alias.as_str()),
    };
    let named = named(form, id, alias, world.asker(who).account);
    let input = world.input((operation, member), fixture, who, &named.text).await;
    let asker = world.asker(who);
    let answer = world.trent.call_as(&asker.credentials, operation, &input).await.unwrap();
    let action = match (operation, member) {
        ("ReEncrypt", "SourceKeyId") => "kms:ReEncryptFrom".to_owned(),
        ("ReEncrypt", _) => "kms:ReEncryptTo".to_owned(),
        _ => format!("kms:{operation}"),
    };
    let message = answer.message().unwrap_or_default();
    let message = message.replace(&asker.arn, "CALLER").replace(&action, "ACTION");
    let message = message.replace(&named.key, "KEY").replace(&named.alias, "ALIAS");
    // Refusals name the key by its ARN, whatever the request called it.
    let message = if missing { message } else { message.replace(&fixture.key, "KEY") };
    letter(answer.error().unwrap_or("ok"), &message, unknown)
}

async fn row(world: &mut World, operation: &str, member: &str, unknown: &mut Vec<String>) -> String {
    let reads = kms_catalog().audited(operation).unwrap().1;
    let mut fixtures =
        [world.furnish(operation, What::Open).await, world.furnish(operation, What::Closed).await];
    let mut row = format!("{:<37}{member:<18}", operation);
    for form in FORMS {
        for (place, (who, what)) in SITUATIONS.into_iter().enumerate() {
            let which = usize::from(what == What::Closed);
            let asked = (&fixtures[which], what == What::Missing);
            let letter = ask(world, (operation, member), asked, (who, form), unknown).await;
            if letter == '+' && !reads {
                fixtures[which] = world.furnish(operation, what).await;
            }
            row.push_str(if place == 3 { " " } else { "" });
            row.push(letter);
        }
        row.push_str("   ");
    }
    row.trim_end().to_owned()
}

#[tokio::test]
async fn each_form_of_identifier_means_what_it_should() {
    let mut world = World::start().await;
    let (mut table, mut unknown) = (String::new(), Vec::new());
    for (operation, member) in members() {
        table.push_str(&row(&mut world, operation, member, &mut unknown).await);
        table.push('\n');
    }
    let expected = TABLE.lines().skip_while(|line| line.starts_with('#')).take_while(|line| !line.is_empty());
    let expected: String = expected.map(|line| format!("{line}\n")).collect();
    assert!(unknown.is_empty(), "outcomes that are not on the list: {unknown:#?}\n{table}");
    assert_eq!(table, expected, "the table under review differs:\n{table}");
}
