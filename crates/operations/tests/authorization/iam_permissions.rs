//! The operations of IAM, STS and Organizations: which permissions, on which resources, each takes.
//!
//! `iam_permissions.txt` says so. A user who has just these is let through. One who has all others, or who
//! has one of these on every other resource, is not.

use serde_json::{Value, json};
use trent_domain::{AccountId, User};
use trent_engine::{Catalog, Request};
use trent_model::{Kind, Member, Operation, iam, organizations, sts};
use trent_operations::{iam_catalog, organizations_catalog, sts_catalog};
use trent_testkit::{ACCOUNT, Credentials, Trent};

use crate::operations::lines;

const TABLE: &str = include_str!("../iam_permissions.txt");
/// Another account of the organization.
const MEMBER: &str = "111122223333";
/// What nobody signs, and nobody has identity policies for: a trust policy alone decides.
const UNSIGNED: &str = "AssumeRoleWithWebIdentity";

/// What is asked, and for what.
struct Row {
    operation: &'static str,
    /// Members of the input that it could do without.
    with: Vec<&'static str>,
    /// Actions on resources.
    permissions: Vec<(&'static str, String)>,
}

fn rows() -> Vec<Row> {
    let row = |words: Vec<&'static str>| {
        let colon = words.iter().position(|word| *word == ":").unwrap();
        let permissions = words[colon + 1..].chunks(2).filter(|permission| permission[0] != "none");
        Row {
            operation: words[0],
            with: words[1..colon].to_vec(),
            permissions: permissions.map(|pair| (pair[0], pair[1].replace("ACCOUNT", ACCOUNT))).collect(),
        }
    };
    lines(TABLE).map(row).collect()
}

/// A service that the operations here are of.
struct Service {
    name: &'static str,
    /// The version of forms; none when it is spoken to in JSON.
    version: Option<&'static str>,
    catalog: fn() -> Catalog,
    model: &'static [Operation],
}

const SERVICES: [Service; 3] = [
    Service { name: "iam", version: Some("2010-05-08"), catalog: iam_catalog, model: iam::OPERATIONS },
    Service { name: "sts", version: Some("2011-06-15"), catalog: sts_catalog, model: sts::OPERATIONS },
    Service {
        name: "organizations",
        version: None,
        catalog: organizations_catalog,
        model: organizations::OPERATIONS,
    },
];

fn find(operation: &str) -> (&'static Service, &'static Operation) {
    let known = |service: &'static Service| {
        let found = service.model.iter().find(|known| known.name == operation)?;
        Some((service, found))
    };
    SERVICES.iter().find_map(known).unwrap_or_else(|| panic!("no operation {operation}"))
}

fn everything() -> String {
    json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } }).to_string()
}

fn trust() -> String {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"];
    json!({ "Statement": { "Effect": "Allow", "Principal": { "AWS": root }, "Action": actions } }).to_string()
}

/// The value of a member. What is to be made is called `new`, what is there has one letter.
fn value(operation: &str, member: &str, key: &str) -> String {
    let made = operation.starts_with("Create");
    match member {
        "UserName" if made && operation != "CreateAccessKey" => "new".to_owned(),
        "GroupName" | "RoleName" | "PolicyName" if made => "new".to_owned(),
        "UserName" => "u".to_owned(),
        "GroupName" => "g".to_owned(),
        "RoleName" => "r".to_owned(),
        "PolicyArn" | "PermissionsBoundary" => format!("arn:aws:iam::{ACCOUNT}:policy/p"),
        "PolicyDocument" if operation == "UpdateAssumeRolePolicy" => trust(),
        "PolicyDocument" => everything(),
        "AssumeRolePolicyDocument" => trust(),
        "VersionId" => "v2".to_owned(),
        "OpenIDConnectProviderArn" => format!("arn:aws:iam::{ACCOUNT}:oidc-provider/id.example"),
        "Url" => "https://new.example".to_owned(),
        "AccessKeyId" => key.to_owned(),
        "Status" => "Inactive".to_owned(),
        "RoleArn" => format!("arn:aws:iam::{ACCOUNT}:role/r"),
        "AccountId" | "ChildId" | "ResourceId" => MEMBER.to_owned(),
        "PolicyInputList" => everything(),
        "PolicySourceArn" => format!("arn:aws:iam::{ACCOUNT}:user/u"),
        "ActionNames" => "iam:GetUser".to_owned(),
        "CreateAccountRequestId" => format!("car-{MEMBER}"),
        "Email" => "new@example.com".to_owned(),
        "NewPath" => "/path/".to_owned(),
        "ThumbprintList" => "0".repeat(40),
        _ => "new".to_owned(),
    }
}

/// The members of an input: the required ones, the user's name wherever there can be one, and `with`.
fn members(operation: &'static Operation, with: &[&str]) -> impl Iterator<Item = &'static Member> {
    let members = operation.input.members().iter();
    members.filter(move |member| member.required || member.name == "UserName" || with.contains(&member.name))
}

fn encoded(text: &str) -> String {
    let byte = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(byte).collect()
}

/// The names and values of a member of a form.
fn fields(operation: &str, member: &Member, key: &str) -> Vec<(String, String)> {
    let name = member.name;
    match &member.shape.kind {
        Kind::List { member: item, .. } if !item.members().is_empty() => vec![
            (format!("{name}.member.1.Key"), "k".to_owned()),
            (format!("{name}.member.1.Value"), "v".to_owned()),
        ],
        Kind::List { .. } => vec![(format!("{name}.member.1"), value(operation, name, key))],
        _ => vec![(name.to_owned(), value(operation, name, key))],
    }
}

/// A member of an input in JSON.
fn field(operation: &str, member: &Member, key: &str) -> (String, Value) {
    let value = || value(operation, member.name, key);
    let value = match &member.shape.kind {
        Kind::List { member: item, .. } if !item.members().is_empty() => {
            json!([{ "Key": "k", "Value": "v" }])
        }
        Kind::List { .. } => json!([value()]),
        _ => json!(value()),
    };
    (member.name.to_owned(), value)
}

/// What must be there first, beside a user, a group, a role, a policy of two versions and a provider.
fn before(operation: &str) -> Option<&'static str> {
    Some(match operation {
        "DeleteUserPolicy" | "GetUserPolicy" => "PutUserPolicy",
        "DeleteGroupPolicy" | "GetGroupPolicy" => "PutGroupPolicy",
        "DeleteRolePolicy" | "GetRolePolicy" => "PutRolePolicy",
        "DetachUserPolicy" => "AttachUserPolicy",
        "DetachGroupPolicy" => "AttachGroupPolicy",
        "DetachRolePolicy" => "AttachRolePolicy",
        "DeleteUserPermissionsBoundary" => "PutUserPermissionsBoundary",
        "DeleteRolePermissionsBoundary" => "PutRolePermissionsBoundary",
        "RemoveUserFromGroup" => "AddUserToGroup",
        "DeletePolicy" => "DeletePolicyVersion",
        "DeleteAccessKey" | "GetAccessKeyInfo" | "GetAccessKeyLastUsed" | "UpdateAccessKey" => {
            "CreateAccessKey"
        }
        _ => return None,
    })
}

/// How an operation fails that is allowed, where what it is about cannot be.
fn fails(operation: &str) -> Option<&'static str> {
    match operation {
        "CreateOrganization" => Some("AlreadyInOrganizationException"),
        "DecodeAuthorizationMessage" => Some("InvalidAuthorizationMessage"),
        "DeleteLoginProfile" | "GetLoginProfile" => Some("NoSuchEntity"),
        _ => None,
    }
}

/// A request for `operation` with those `members` it could do without.
fn request(trent: &Trent, who: &Credentials, operation: &str, with: &[&str], key: &str) -> Request {
    let (service, model) = find(operation);
    let members = members(model, with);
    match service.version {
        Some(version) => {
            let fields = members.flat_map(|member| fields(operation, member, key));
            let fields = fields.map(|(name, value)| format!("&{name}={}", encoded(&value)));
            let form = format!("Version={version}&Action={operation}{}", fields.collect::<String>());
            trent.form(who, service.name, &form).unwrap()
        }
        None => {
            let input: Value = members.map(|member| field(operation, member, key)).collect();
            trent.json(who, service.name, &format!("AWSOrganizationsV20161128.{operation}"), &input).unwrap()
        }
    }
}

/// Status and text of the answer.
async fn answer(trent: &Trent, request: Request) -> (u16, String) {
    let response = trent.handle(request).await;
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

/// What there is before anything is asked.
fn first() -> [String; 6] {
    let (policy, trust) = (encoded(&everything()), encoded(&trust()));
    let arn = encoded(&format!("arn:aws:iam::{ACCOUNT}:policy/p"));
    [
        "CreateUser&UserName=u".to_owned(),
        "CreateGroup&GroupName=g".to_owned(),
        format!("CreateRole&RoleName=r&AssumeRolePolicyDocument={trust}"),
        format!("CreatePolicy&PolicyName=p&PolicyDocument={policy}"),
        format!("CreatePolicyVersion&PolicyArn={arn}&PolicyDocument={policy}"),
        "CreateOpenIDConnectProvider&Url=https%3A%2F%2Fid.example".to_owned(),
    ]
}

/// A Trent with all that `operation` needs; second, the id of an access key if it needs one.
async fn furnish(operation: &str) -> (Trent, String) {
    let (trent, root) = (Trent::start().await.unwrap(), Credentials::root());
    for account in [ACCOUNT, MEMBER] {
        trent.account(account.parse::<AccountId>().unwrap()).await.unwrap();
    }
    let iam = |form: &String| trent.form(&root, "iam", &format!("Version=2010-05-08&Action={form}")).unwrap();
    let mut requests: Vec<_> = first().iter().map(iam).collect();
    requests.extend(before(operation).map(|before| request(&trent, &root, before, &[], "")));
    let mut text = String::new();
    for request in requests {
        let status;
        (status, text) = answer(&trent, request).await;
        assert_eq!(status, 200, "{operation}: {text}");
    }
    let key = text.split_once("<AccessKeyId>").and_then(|(_, rest)| rest.split_once('<'));
    (trent, key.map(|(key, _)| key.to_owned()).unwrap_or_default())
}

/// Whether somebody with no other policy than these statements is let through.
async fn lets_through(row: &Row, statements: Value) -> bool {
    let (trent, key) = furnish(row.operation).await;
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    let furnish = |user: &mut User| {
        user.policies.inline.insert("p".to_owned(), policy);
    };
    let (_, caller) = trent.user(ACCOUNT.parse().unwrap(), "caller", furnish).await.unwrap();
    let (status, text) = answer(&trent, request(&trent, &caller, row.operation, &row.with, &key)).await;
    match (status, fails(row.operation)) {
        (200, None) => true,
        (_, Some(code)) if text.contains(code) => true,
        _ if text.contains("AccessDenied") => false,
        _ => panic!("{}: {text}", row.operation),
    }
}

fn statement(effect: &str, actions: (&str, Value), resources: (&str, Value)) -> Value {
    json!({ "Effect": effect, actions.0: actions.1, resources.0: resources.1 })
}

/// What is otherwise than the table says of `row`.
async fn differences(row: &Row) -> Vec<String> {
    let mut found = Vec::new();
    let mut check = async |statements: Vec<Value>, expected: bool, what: String| {
        if lets_through(row, statements.into()).await != expected {
            found.push(format!("{} {}: {what}", row.operation, row.with.join(" ")));
        }
    };
    let exactly = row.permissions.iter();
    let exactly = exactly
        .map(|(action, on)| statement("Allow", ("Action", json!(action)), ("Resource", json!(on))))
        .collect();
    if row.permissions.is_empty() {
        let nothing = statement("Deny", ("Action", json!("*")), ("Resource", json!("*")));
        check(vec![nothing], true, "it takes a permission".to_owned()).await;
        return found;
    }
    check(exactly, true, "it takes more".to_owned()).await;
    for (action, on) in &row.permissions {
        let others = || statement("Allow", ("NotAction", json!(action)), ("Resource", json!("*")));
        check(vec![others()], false, format!("it does not take {action}")).await;
        // What is asked on nothing in particular is asked on no ARN.
        let arns = ["iam", "sts", "organizations"].map(|service| format!("arn:aws:{service}::*:*"));
        let elsewhere = if on == "*" { ("Resource", json!(arns)) } else { ("NotResource", json!(on)) };
        let elsewhere = statement("Allow", ("Action", json!(action)), elsewhere);
        check(vec![others(), elsewhere], false, format!("it takes {action} elsewhere than on {on}")).await;
    }
    found
}

#[tokio::test]
async fn each_operation_takes_its_permissions_on_its_resources() {
    let mut found = Vec::new();
    for row in rows() {
        found.extend(differences(&row).await);
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_operation_has_a_row() {
    let rows = rows();
    for service in &SERVICES {
        let catalog = (service.catalog)();
        for operation in catalog.names().filter(|name| *name != UNSIGNED) {
            assert!(rows.iter().any(|row| row.operation == operation), "{operation} has no row");
        }
    }
}
