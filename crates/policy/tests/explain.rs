//! What simulators tell: the outcome, the statements and where they stand, missing condition keys.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::sync::Arc;

use trent_policy::{
    Caller, Document, DocumentKind, Effect, Explanation, Facts, Identity, Outcome, PolicyRef, PolicySet,
    Position, Question, Values, explain,
};

/// As in the service's documentation of its simulator.
const AFTER: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}"#;

const LISTED: &str = r#"{
    "Version": "2012-10-17",
    "Statement": [
        {
            "Sid": "e",
            "Effect": "Allow",
            "Action": "kms:*",
            "Resource": "*"
        }, {"Effect": "Deny", "Action": "kms:Decrypt", "Resource": "*"}
    ]
}"#;

struct Known(&'static [(&'static str, &'static str)]);

impl Facts for Known {
    fn get(&self, key: &str) -> Option<Values<'_>> {
        self.0.iter().find(|(known, _)| *known == key).map(|(_, value)| Values::one(*value))
    }
}

fn ask(text: &str, action: &str, facts: &Known, boundary: Option<&str>) -> Explanation {
    let parse = |text: &str| Document::parse(text, DocumentKind::Identity).unwrap();
    let identity = [Arc::new(parse(text))];
    let boundary = boundary.map(parse);
    let user = Identity::User {
        arn: "arn:aws:iam::111111111111:user/a".to_owned(),
        id: "AIDAALICEALICEALICE01".to_owned(),
    };
    let caller = Caller { account: "111111111111".parse().unwrap(), identity: user };
    let question = Question { caller: &caller, action, resource: "*", facts };
    explain(
        &question,
        &PolicySet { identity: &identity, boundary: boundary.as_ref(), ..PolicySet::default() },
    )
}

fn position(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn an_allowing_statement_is_told_with_its_place() {
    let facts = Known(&[("aws:currenttime", "2019-04-25T11:00:00Z")]);
    let found = ask(AFTER, "dynamodb:CreateBackup", &facts, None);
    assert_eq!(found.decision.outcome().as_str(), "allowed");
    let matched: Vec<_> = found.matched().collect();
    assert_eq!(matched.len(), 1);
    assert_eq!(matched.first().unwrap().at.policy, PolicyRef::Identity(0));
    assert_eq!(matched.first().unwrap().span.start, position(1, 38));
    assert_eq!(matched.first().unwrap().span.end, position(1, 167));
    assert!(found.missing.is_empty());
}

#[test]
fn nothing_matches_what_is_implicitly_denied() {
    let facts = Known(&[("aws:currenttime", "2014-04-25T11:00:00Z")]);
    let found = ask(AFTER, "dynamodb:CreateBackup", &facts, None);
    assert_eq!(found.decision.outcome(), Outcome::ImplicitDeny);
    assert_eq!(found.matched().count(), 0);
    assert!(found.missing.is_empty());
}

#[test]
fn a_denying_statement_is_the_only_one_told() {
    let found = ask(LISTED, "kms:Decrypt", &Known(&[]), None);
    assert_eq!(found.decision.outcome().as_str(), "explicitDeny");
    assert_eq!(found.applied.len(), 2);
    assert_eq!(found.matched().map(|applied| applied.effect).collect::<Vec<_>>(), [Effect::Deny]);
    let span = found.matched().next().unwrap().span;
    assert_eq!((span.start, span.end), (position(9, 10), position(9, 72)));
}

#[test]
fn statements_of_a_list_begin_after_what_is_before_them() {
    let found = ask(LISTED, "kms:Encrypt", &Known(&[]), None);
    let span = found.matched().next().unwrap().span;
    assert_eq!((span.start, span.end), (position(3, 19), position(9, 10)));
}

#[test]
fn columns_count_characters() {
    let text =
        r#"{"Id":"ééé","Statement":{"Effect":"Allow","Action":"kms:*","Principal":"*","Resource":"*"}}"#;
    let document = Document::parse(text, DocumentKind::KeyPolicy).unwrap();
    let caller = Caller { account: "111111111111".parse().unwrap(), identity: Identity::Root };
    let question = Question { caller: &caller, action: "kms:Encrypt", resource: "*", facts: &Known(&[]) };
    let found = explain(&question, &PolicySet { key_policy: Some(&document), ..PolicySet::default() });
    assert_eq!(found.applied.first().unwrap().span.start, position(1, 26));
}

#[test]
fn keys_that_are_missing_are_told_once_and_as_written() {
    let text = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Action":"kms:*","Resource":"arn:aws:kms:*:*:key/${aws:UserName}","Condition":{
            "StringEquals":{"aws:PrincipalTag/Team":["${AWS:username}","${aws:PrincipalTag/x, 'd'}"]},
            "Null":{"kms:ViaService":"true"}}},
        {"Effect":"Deny","Action":"kms:Decrypt","Resource":"*","Condition":{"Bool":{"aws:Other":"true"}}}]}"#;
    let found = ask(text, "kms:Encrypt", &Known(&[("kms:viaservice", "a")]), None);
    assert_eq!(found.missing, ["aws:UserName", "aws:PrincipalTag/Team"]);
    let document = Document::parse(text, DocumentKind::Managed).unwrap();
    assert_eq!(
        document.context_keys(),
        ["aws:UserName", "aws:PrincipalTag/Team", "aws:PrincipalTag/x", "kms:ViaService", "aws:Other"]
    );
    assert_eq!(document.weight(), 2 + 6);
}

#[test]
fn the_boundary_is_told_apart() {
    let narrow = r#"{"Statement":{"Effect":"Allow","Action":"kms:Decrypt","Resource":"*"}}"#;
    let wide = r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#;
    let outcome = |boundary| {
        let found = ask(LISTED, "kms:Encrypt", &Known(&[]), boundary);
        (found.decision.outcome(), found.boundary_allows)
    };
    assert_eq!(outcome(None), (Outcome::Allowed, None));
    assert_eq!(outcome(Some(wide)), (Outcome::Allowed, Some(true)));
    assert_eq!(outcome(Some(narrow)), (Outcome::ImplicitDeny, Some(false)));
}

#[test]
fn the_policies_are_told_apart() {
    let found = ask(
        LISTED,
        "kms:Decrypt",
        &Known(&[]),
        Some(r#"{"Statement":{"Effect":"Allow","Action":"kms:*","Resource":"*"}}"#),
    );
    assert_eq!(found.outcome_of(|policy| policy == PolicyRef::Boundary), Outcome::Allowed);
    assert_eq!(found.outcome_of(|policy| policy == PolicyRef::Identity(0)), Outcome::ExplicitDeny);
    assert_eq!(found.outcome_of(|policy| policy == PolicyRef::Resource), Outcome::ImplicitDeny);
    assert_eq!(found.outcome_of(|_| true), Outcome::ExplicitDeny);
}

#[test]
fn only_a_resource_that_trusts_its_owner_leaves_it_to_identity_policies() {
    let silent =
        r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":"222222222222"},"Action":"*","Resource":"*"}}"#;
    let silent = Document::parse(silent, DocumentKind::KeyPolicy).unwrap();
    let all = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;
    let identity = [Arc::new(Document::parse(all, DocumentKind::Identity).unwrap())];
    let user = Identity::User { arn: "arn:aws:iam::111111111111:user/a".to_owned(), id: String::new() };
    let caller = Caller { account: "111111111111".parse().unwrap(), identity: user };
    let question = Question { caller: &caller, action: "s3:GetObject", resource: "*", facts: &Known(&[]) };
    let outcome = |owner: &str, trusts_owner| {
        let set = PolicySet {
            key_policy: Some(&silent),
            key_account: Some(owner.parse().unwrap()),
            cross_account: true,
            trusts_owner,
            identity: &identity,
            ..PolicySet::default()
        };
        explain(&question, &set).decision.outcome()
    };
    assert_eq!(outcome("111111111111", true), Outcome::Allowed);
    assert_eq!(outcome("111111111111", false), Outcome::ImplicitDeny);
    assert_eq!(outcome("333333333333", true), Outcome::ImplicitDeny);
}

#[test]
fn a_policy_covers_the_resources_it_names() {
    let text = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::a/${aws:username}"},
        {"Effect":"Allow","Principal":"*","Action":"s3:*"}]}"#;
    let document = Document::parse(text, DocumentKind::KeyPolicy).unwrap();
    let caller = Caller { account: "111111111111".parse().unwrap(), identity: Identity::Root };
    let facts = Known(&[("aws:username", "x")]);
    let covers =
        |resource| document.covers(&Question { caller: &caller, action: "kms:Any", resource, facts: &facts });
    assert!(covers("arn:aws:s3:::a/x"));
    assert!(!covers("arn:aws:s3:::a/y") && !covers("*"));
}
